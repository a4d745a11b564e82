/** A number with what is counted: `1 rule`, `2 rules`. The plural ends in s. */
export const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
