/** Random rules over the keywords of a protocol: contents of buffers, and numbers. */
import { directionOf, stepsOf, type Chance } from './chance.js';

/** A buffer and what may be in it, or an option and its value. */
export type Keyword =
  | readonly [buffer: string, sample: (chance: Chance) => string]
  | readonly [option: string, value: (chance: Chance) => string, isOption: true];

/** Rules of one condition or two; `direction`: what all of them say of it. */
export const rulesOver =
  (application: string, keywords: readonly Keyword[], direction?: string) =>
  (chance: Chance, sid: number): string => {
    const condition = (): string => {
      const [name, make, isOption] = chance.one(keywords);
      return isOption === true ? `${name}:${make(chance)};` : `${name}; ${stepsOf(chance, make(chance))}`;
    };
    const conditions = [condition(), ...(chance.often(25) ? [condition()] : [])];
    return `alert ${application} any any -> any any (${direction ?? directionOf(chance)}${conditions.join(' ')} sid:${sid};)`;
  };

export const oneOf =
  (...samples: readonly string[]) =>
  (chance: Chance): string =>
    chance.one(samples);
export const upTo =
  (limit: number) =>
  (chance: Chance): string =>
    `${chance.one(['', '>', '<'])}${1 + chance.below(limit)}`;
