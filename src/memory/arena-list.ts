/**
 * Short lists of numbers in arena blocks, for what few flows have a few of: bits, integers, tags. Stage: memory.
 *
 *   block   | count (4) | unused (4) | entry | entry …      entries are words of 4, or doubles of 8 bytes
 *
 * The owner keeps the block's offset, 0 for an empty list, and puts back what `append` returns: a list that outgrows
 * its block moves to a larger one.
 */
import { BLOCK_BYTES, type Arena } from './arena.js';

const HEAD_BYTES = 8;

/** Where the entries of a list begin: an index into the arena's words (twice the one into its doubles). */
export const firstWord = (list: number): number => (list + HEAD_BYTES) >>> 2;
export const firstDouble = (list: number): number => (list + HEAD_BYTES) >>> 3;

export const listCount = (arena: Arena, list: number): number => (list === 0 ? 0 : arena.words[list >>> 2]);

export function setListCount(arena: Arena, list: number, count: number): void {
  arena.words[list >>> 2] = count;
}

/**
 * Makes room for one more entry of `entryBytes` and counts it in.
 * @returns the list, which may have moved, or 0 when the arena has no block for it: the list is then as it was.
 */
export function appendEntry(arena: Arena, list: number, entryBytes: number): number {
  const count = listCount(arena, list);
  const size = list === 0 ? -1 : arena.sizeOf(list);
  const needed = HEAD_BYTES + (count + 1) * entryBytes;
  let target = list;
  if (size < 0 || needed > BLOCK_BYTES[size]) {
    target = size + 1 < BLOCK_BYTES.length ? arena.allocate(size + 1) : 0;
    if (target === 0) return 0;
    if (list !== 0) {
      arena.words.copyWithin(target >>> 2, list >>> 2, (list + HEAD_BYTES + count * entryBytes) >>> 2);
      arena.free(list);
    }
  }
  arena.words[target >>> 2] = count + 1;
  return target;
}
