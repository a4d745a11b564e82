/**
 * Short lists of numbers in arena blocks, for what few flows have a few of: bits, integers, tags. Stage: memory.
 *
 *   block   | count (4) | annex (4) | entry | entry …       entries are words of 4, or doubles of 8 bytes
 *
 * The owner keeps the block's offset, 0 for an empty list, and puts back what `append` returns: a list that outgrows
 * its block moves to a larger one. The annex is a block of the same owner for which it has no place of its own, 0 for
 * none; whoever frees the list frees that first.
 */
import { BLOCK_BYTES, type Arena } from './arena.js';

const HEAD_BYTES = 8;

/** Where the entries of a list begin: an index into the arena's words (twice the one into its doubles). */
export const firstWord = (list: number): number => (list + HEAD_BYTES) >>> 2;
export const firstDouble = (list: number): number => (list + HEAD_BYTES) >>> 3;

export const listCount = (arena: Arena, list: number): number => (list === 0 ? 0 : arena.words[list >>> 2]);

/** Offset of the annex of a list, 0 for none. */
export const annexOf = (arena: Arena, list: number): number => (list === 0 ? 0 : arena.words[(list >>> 2) + 1]);

/** Of a list that there is. */
export function setAnnex(arena: Arena, list: number, block: number): void {
  arena.words[(list >>> 2) + 1] = block;
}

/** A list without entries, or 0 where the arena has no block for it. */
export function emptyList(arena: Arena): number {
  const list = arena.allocate(0);
  if (list !== 0) arena.words.fill(0, list >>> 2, (list + HEAD_BYTES) >>> 2);
  return list;
}

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
  if (list === 0) arena.words[(target >>> 2) + 1] = 0;
  return target;
}
