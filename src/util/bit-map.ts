/**
 * Sets of numbers as bits in words of a shared array: which bytes of a stream's window are there (stream/window.ts),
 * which units of a fragmented datagram (dispatch/fragment-store.ts).
 *
 * A set is named by its first word. Ranges are [from, to) and cost a word's work for 32 numbers. Nothing here
 * allocates.
 */

const ALL = 0xffffffff;

/** Bits `from % 32` and up of a word; those below `to % 32`, all where that is 0. */
const upFrom = (from: number): number => (ALL << (from & 31)) >>> 0;
const upTo = (to: number): number => ((to & 31) === 0 ? ALL : ALL >>> (32 - (to & 31)));

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export function hasBit(words: Uint32Array, set: number, bit: number): boolean {
  return ((words[set + (bit >>> 5)] >>> (bit & 31)) & 1) !== 0;
}

export function setBit(words: Uint32Array, set: number, bit: number): void {
  words[set + (bit >>> 5)] |= 1 << (bit & 31);
}

export function setBits(words: Uint32Array, set: number, from: number, to: number): void {
  if (to <= from) return;
  const first = set + (from >>> 5);
  const last = set + ((to - 1) >>> 5);
  if (first === last) {
    words[first] |= upFrom(from) & upTo(to);
    return;
  }
  words[first] |= upFrom(from);
  for (let word = first + 1; word < last; word++) words[word] = ALL;
  words[last] |= upTo(to);
}

export function clearBits(words: Uint32Array, set: number, from: number, to: number): void {
  if (to <= from) return;
  const first = set + (from >>> 5);
  const last = set + ((to - 1) >>> 5);
  if (first === last) {
    words[first] &= ~(upFrom(from) & upTo(to));
    return;
  }
  words[first] &= ~upFrom(from);
  for (let word = first + 1; word < last; word++) words[word] = 0;
  words[last] &= ~upTo(to);
}

/** The first number of the range that is in the set, or `to`. */
export function nextSet(words: Uint32Array, set: number, from: number, to: number): number {
  return next(words, set, from, to, 0);
}

/** The first number of the range that is not in the set, or `to`. */
export function nextClear(words: Uint32Array, set: number, from: number, to: number): number {
  return next(words, set, from, to, ALL);
}

function next(words: Uint32Array, set: number, from: number, to: number, flip: number): number {
  if (from >= to) return to;
  let at = from >>> 5;
  let word = ((words[set + at] ^ flip) & upFrom(from)) >>> 0;
  const last = (to - 1) >>> 5;
  while (word === 0 && at < last) word = (words[set + ++at] ^ flip) >>> 0;
  return word === 0 ? to : Math.min(to, 32 * at + lowestBit(word));
}

/** The last number of the range that is in the set, or `from` - 1. */
export function lastSet(words: Uint32Array, set: number, from: number, to: number): number {
  if (from >= to) return from - 1;
  const first = from >>> 5;
  let at = (to - 1) >>> 5;
  let word = (words[set + at] & upTo(to)) >>> 0;
  while (word === 0 && at > first) word = words[set + --at];
  return word === 0 ? from - 1 : Math.max(from - 1, 32 * at + 31 - Math.clz32(word));
}

/** How many numbers of the range are in the set. */
export function countBits(words: Uint32Array, set: number, from: number, to: number): number {
  if (to <= from) return 0;
  const first = from >>> 5;
  const last = (to - 1) >>> 5;
  if (first === last) return bitCount(words[set + first] & upFrom(from) & upTo(to));
  let count = bitCount(words[set + first] & upFrom(from)) + bitCount(words[set + last] & upTo(to));
  for (let at = first + 1; at < last; at++) count += bitCount(words[set + at]);
  return count;
}
