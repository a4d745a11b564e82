/**
 * The bytes of one direction of a TCP connection, where they lie in the arena, and how that grows. Stage: stream.
 *
 *   block   | head (128 B) | data | map | pieces      2, 8, 32, 128 or 256 KiB
 *
 * A byte of sequence number `base + x` lies at `data[x]`, in order or not, so that whoever looks at bytes that came
 * finds them contiguous. While some are missing (STREAM_TRAIT.mapped) `map` has a bit for each byte that is there, from
 * the head's `mappedFrom` on: any number of holes costs the same. `pieces`, only with policies that ask for them
 * (overlap.ts), has a bit where what is left of a segment begins.
 *
 * A window begins as the smallest block that will do and moves to a larger one when its bytes fill it. Bytes that
 * nobody wants any more are dropped when at least half of it is dead: what is moved is less than what came meanwhile,
 * so the work is linear. `base` moves by whole words of the map.
 */
import type { Direction, Flow } from '../flow/flow.js';
import { BLOCK_BYTES, type Arena } from '../memory/arena.js';
import { STREAM, STREAM_TRAIT } from '../flow/record.js';
import { clearBits } from '../util/bit-map.js';

/** The number of one direction of a flow, by which its window is found, and the policy of its receiver. */
export const ownerOf = (flow: Flow, direction: Direction): number => 2 * flow.index + direction;

/** Columns of the head, in words. */
export const HEAD = {
  /** Of the window in the table's list (window-table.ts). */
  place: 0,
  mappedFrom: 1,
  /** Missing bytes before this were acknowledged: when, and by how many acknowledgements since. */
  lateEnd: 2,
  lateAcks: 3,
  lateUs: 4,
  /** Missing bytes that were seen on the wire: the mirror cut them, or there was no room. */
  unkept: 5,
  /** Behind the last gap that was passed over. */
  gapEnd: 6,
  /** Ranges that the mirror cut: how many, then start and length of each. */
  cuts: 7,
  firstCut: 8,
  /**
   * Ranges whose bytes lie at their place, though the map has them as missing, as their receiver seemed to drop the
   * segments that brought them (receiver.ts): how many, then start and end of each.
   */
  doubts: 22,
  firstDoubt: 23,
  /** Behind the highest number that the side itself has shown, by any segment: what is acknowledged may lie behind. */
  shown: 31,
} as const;
export const HEAD_BYTES = 128;
export const MAX_CUTS = 7;
export const MAX_DOUBTS = 4;

/** Of BLOCK_BYTES: the smallest window. */
export const SMALLEST = 1;
const SIZES = BLOCK_BYTES.length;
/** A window of the largest size is moved for a smaller part of dead bytes: there is no other place to go. */
const LEAST_DEAD = 1 / 8;
const { sizeShift, sizeMask } = STREAM_TRAIT;

/** What memory a window is given, and gives back. */
export interface WindowBlocks {
  /** A block for the window of `owner`, 0 where there is none. */
  take(size: number, row: number, owner: number): number;
  give(block: number, size: number): void;
}

export class Windows {
  /** Bytes that a window of each size has room for. */
  readonly capacities: readonly number[];
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly bytes: Uint8Array;
  private readonly blocks: WindowBlocks;
  readonly withPieces: boolean;

  constructor(arena: Arena, blocks: WindowBlocks, withPieces: boolean) {
    this.words = arena.words;
    this.doubles = arena.doubles;
    this.bytes = arena.bytes;
    this.blocks = blocks;
    this.withPieces = withPieces;
    const eighths = withPieces ? 10 : 9;
    this.capacities = BLOCK_BYTES.map((size) => Math.max(0, Math.floor(((size - HEAD_BYTES) * 8) / eighths / 32) * 32));
  }

  get largest(): number {
    return this.capacities[SIZES - 1];
  }

  capacity(row: number): number {
    return this.capacities[this.sizeOf(row)];
  }

  /** First words of a window's head, map and pieces. */
  head(row: number): number {
    return this.words[row + STREAM.window] >>> 2;
  }

  map(row: number): number {
    return (this.words[row + STREAM.window] + HEAD_BYTES + this.capacity(row)) >>> 2;
  }

  pieces(row: number): number {
    return (this.words[row + STREAM.window] + HEAD_BYTES + (this.capacity(row) * 9) / 8) >>> 2;
  }

  /**
   * Makes room up to `end`, where nothing before `keep` is wanted any more.
   * @returns false where `end` is too far away, or there is no memory: the window is then as it was, or moved.
   */
  reserve(row: number, owner: number, keep: number, end: number): boolean {
    const { words } = this;
    if (words[row + STREAM.window] === 0) return this.open(row, owner, keep, end);
    return (end - words[row + STREAM.base]) >>> 0 <= this.capacity(row) || this.makeRoom(row, owner, keep, end);
  }

  /** Gives the window's block back; where its bytes were is the caller's to say. */
  free(row: number): void {
    const { words } = this;
    const block = words[row + STREAM.window];
    if (block === 0) return;
    words[row + STREAM.window] = 0;
    this.blocks.give(block, this.sizeOf(row));
  }

  /** Moves `base` on, of a stream without a window or with nothing in it that is wanted. */
  moveBase(row: number, base: number): void {
    const { words } = this;
    this.doubles[(row + STREAM.offset) >>> 1] += (base - words[row + STREAM.base]) >>> 0;
    words[row + STREAM.base] = base;
  }

  private sizeOf(row: number): number {
    return (this.words[row + STREAM.traits] >>> sizeShift) & sizeMask;
  }

  private setSize(row: number, size: number): void {
    const at = row + STREAM.traits;
    this.words[at] = (this.words[at] & ~(sizeMask << sizeShift)) | (size << sizeShift);
  }

  /** The smallest size from `least` on that holds so many bytes, or none. */
  private sizeFor(least: number, length: number): number {
    let size = least;
    while (size < SIZES && this.capacities[size] < length) size++;
    return size;
  }

  private open(row: number, owner: number, keep: number, end: number): boolean {
    const { words } = this;
    const size = this.sizeFor(SMALLEST, (end - keep) >>> 0);
    if (size === SIZES) return false;
    const block = this.blocks.take(size, row, owner);
    if (block === 0) return false;
    words[row + STREAM.window] = block;
    this.setSize(row, size);
    this.moveBase(row, keep);
    clearHead(words, block >>> 2);
    return true;
  }

  private makeRoom(row: number, owner: number, keep: number, end: number): boolean {
    const { words } = this;
    const dead = this.deadOf(row, keep);
    const size = this.sizeOf(row);
    const capacity = this.capacities[size];
    const used = Math.min((words[row + STREAM.nextSeq] - words[row + STREAM.base]) >>> 0, capacity);
    const needed = Math.max((end - words[row + STREAM.base]) >>> 0, used) - dead;
    const fits = needed <= capacity;
    if (fits && 2 * dead >= capacity) {
      const smaller = this.sizeFor(SMALLEST, 4 * needed);
      if (smaller < size && this.moveTo(row, owner, smaller, dead)) return true;
      this.move(row, words[row + STREAM.window], size, dead);
      return true;
    }
    const larger = this.sizeFor(Math.min(size + 1, SIZES), needed);
    if (larger < SIZES && this.moveTo(row, owner, larger, dead)) return true;
    if (!fits || dead < capacity * LEAST_DEAD) return false;
    this.move(row, words[row + STREAM.window], size, dead);
    return true;
  }

  /** Bytes at its start that nobody wants, in whole words of the map. */
  private deadOf(row: number, keep: number): number {
    const dead = (keep - this.words[row + STREAM.base]) | 0;
    return dead <= 0 ? 0 : Math.min(dead, this.capacity(row)) & ~31;
  }

  private moveTo(row: number, owner: number, size: number, dead: number): boolean {
    const { words } = this;
    const block = this.blocks.take(size, row, owner);
    if (block === 0) return false;
    const old = words[row + STREAM.window];
    const oldSize = this.sizeOf(row);
    this.move(row, block, size, dead);
    this.blocks.give(old, oldSize);
    return true;
  }

  /** Moves all but the first `dead` bytes to the start of a block, which may be the window's own. */
  private move(row: number, block: number, size: number, dead: number): void {
    const { words, bytes } = this;
    const old = words[row + STREAM.window];
    const capacity = this.capacity(row);
    const map = this.map(row);
    const pieces = this.pieces(row);
    const extent = (words[row + STREAM.nextSeq] - words[row + STREAM.base]) >>> 0;
    const used = Math.min(extent, capacity);
    bytes.copyWithin(block + HEAD_BYTES, old + HEAD_BYTES + dead, old + HEAD_BYTES + used);
    if (block !== old) copyHead(words, block >>> 2, old >>> 2);
    words[row + STREAM.window] = block;
    this.setSize(row, size);
    this.moveBase(row, words[row + STREAM.base] + dead);
    if ((words[row + STREAM.traits] & STREAM_TRAIT.mapped) === 0) return;
    this.moveBits(this.map(row), map, dead, used);
    const reach = Math.min(extent - dead, this.capacities[size]);
    clearBits(words, this.map(row), used - dead, reach);
    if (!this.withPieces) return;
    this.moveBits(this.pieces(row), pieces, dead, used);
    clearBits(words, this.pieces(row), used - dead, reach);
  }

  private moveBits(to: number, from: number, dead: number, used: number): void {
    this.words.copyWithin(to, from + (dead >>> 5), from + ((used + 31) >>> 5));
  }
}

function clearHead(words: Uint32Array, head: number): void {
  words.fill(0, head + 1, head + HEAD.firstCut);
}

/** All but its place in the list, which is the new block's own. */
function copyHead(words: Uint32Array, to: number, from: number): void {
  words.copyWithin(to + 1, from + 1, from + HEAD_BYTES / 4);
}
