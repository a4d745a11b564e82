/**
 * How a comparison of a number is packed, and what it means. Known to what packs and indexes such tests and to what
 * runs them. Numbers are exact up to 2^53.
 *
 *   | mask (2) | low (2), high (2) of each range |        in words, the high one first; a mask of 0 is none
 */
import type { Compared } from './terms.js';

const WORD = 0x100000000;
const MASK_WORDS = 2;
const RANGE_WORDS = 4;

export function packCompared({ ranges, mask = 0 }: Compared): number[] {
  const words: number[] = wide(mask);
  for (let i = 0; i < ranges.length; i++) {
    const low = wide(ranges[i][0]);
    const high = wide(ranges[i][1]);
    words.push(low[0], low[1], high[0], high[1]);
  }
  return words;
}

/** A number up to 2^53 as two words, the high one first; open ranges end there. */
export function wide(value: number): [high: number, low: number] {
  const bounded = Math.min(Math.max(value, 0), Number.MAX_SAFE_INTEGER);
  return [Math.floor(bounded / WORD), (bounded % WORD) | 0];
}

/** Whether the comparison in `code[at, end)` holds of a number. */
export function comparedHolds(code: Int32Array, at: number, end: number, value: number): boolean {
  const left = masked(value, code[at], code[at + 1]);
  for (let range = at + MASK_WORDS; range < end; range += RANGE_WORDS) {
    const low = code[range] * WORD + (code[range + 1] >>> 0);
    const high = code[range + 2] * WORD + (code[range + 3] >>> 0);
    if (left >= low && left <= high) return true;
  }
  return false;
}

/** The same of one that is not packed. */
export function holds({ ranges, mask = 0 }: Compared, value: number): boolean {
  const left = masked(value, ...wide(mask));
  return ranges.some(([low, high]) => left >= low && left <= high);
}

/** Whether it holds of each number from `least` on: a range without an end begins there or before. */
export function holdsFrom(code: Int32Array, at: number, end: number, least: number): boolean {
  const last = end - RANGE_WORDS;
  if ((code[at] | code[at + 1]) !== 0 || last < at + MASK_WORDS) return false;
  const low = code[last] * WORD + (code[last + 1] >>> 0);
  const high = code[last + 2] * WORD + (code[last + 3] >>> 0);
  return high === Number.MAX_SAFE_INTEGER && low <= least;
}

function masked(value: number, high: number, low: number): number {
  if ((high | low) === 0) return value;
  return ((Math.floor(value / WORD) & high) >>> 0) * WORD + (((value % WORD) & low) >>> 0);
}
