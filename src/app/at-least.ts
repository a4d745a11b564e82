/**
 * Numbers of which the least that they can be is known, as the size of a file that broke off: a negative number stands
 * for them where numbers are compared (detect/verify/number-step.ts). Stage: app.
 */
export const atLeast = (least: number): number => -1 - least;
export const isAtLeast = (number: number): boolean => number < 0;
/** The least that it can be. */
export const leastOf = (number: number): number => -1 - number;
