/**
 * Byte strings of any length in cells of one size, in shared memory: the room behind a data table (data-table.ts).
 * Stage: detect. Allocates nothing but copies.
 *
 *   first cell of an entry:  four words of its owner | length | next cell | 40 bytes      32-bit words, then bytes
 *   further cells:           next cell | 60 bytes
 *
 * Cells are numbered from 1, so that 0 is none. Cells of one size cannot be torn apart: what was given back always
 * serves again. Who dies with cells in his hands leaves them behind unused; the list of free cells stays whole, as each
 * change of it is one store.
 */
import { WordLocks } from '../../util/word-lock.js';

export const CELL_BYTES = 64;
const CELL_WORDS = CELL_BYTES / 4;
const STORE = { lock: 0, used: 1, touched: 2, free: 3 } as const;
const STORE_WORDS = 4;
const LENGTH = 4;
const NEXT = 5;
const FIRST_BYTES = CELL_BYTES - 24;
const MORE_BYTES = CELL_BYTES - 4;

/** Cells that so many bytes take. */
export const cellsFor = (length: number): number => 1 + Math.ceil(Math.max(0, length - FIRST_BYTES) / MORE_BYTES);

/** Words of a store with so many cells. */
export const storeWords = (cells: number): number => STORE_WORDS + cells * CELL_WORDS;

export class CellStore {
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly base: number;
  private readonly cells: number;
  private readonly locks: WordLocks;
  private held = false;

  /** In `words` from `base` on, zeros at first. */
  constructor(words: Int32Array, base: number, cells: number, locks: WordLocks) {
    this.words = words;
    this.locks = locks;
    this.bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    this.base = base;
    this.cells = cells;
  }

  get usedBytes(): number {
    return CELL_BYTES * Atomics.load(this.words, this.base + STORE.used);
  }

  /** The first of the owner's words of an entry. */
  ownerWords(entry: number): number {
    return this.wordOf(entry);
  }

  lengthOf(entry: number): number {
    return this.words[this.wordOf(entry) + LENGTH];
  }

  /** An entry with these bytes; 0 where there is no room. */
  put(bytes: Uint8Array, start: number, length: number): number {
    const entry = this.take(cellsFor(length));
    if (entry === 0) return 0;
    this.words[this.wordOf(entry) + LENGTH] = length;
    let to = this.bytesOf(entry);
    let room = FIRST_BYTES;
    let next = this.words[this.wordOf(entry) + NEXT];
    for (let i = 0; i < length; i++) {
      if (room === 0) {
        to = 4 * this.wordOf(next) + 4;
        room = MORE_BYTES;
        next = this.words[this.wordOf(next)];
      }
      this.bytes[to++] = bytes[start + i];
      room--;
    }
    return entry;
  }

  /** Whether the entry has these bytes and no others. */
  holds(entry: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.lengthOf(entry) !== length) return false;
    let from = this.bytesOf(entry);
    let room = FIRST_BYTES;
    let next = this.words[this.wordOf(entry) + NEXT];
    for (let i = 0; i < length; i++) {
      if (room === 0) {
        from = 4 * this.wordOf(next) + 4;
        room = MORE_BYTES;
        next = this.words[this.wordOf(next)];
      }
      if (this.bytes[from++] !== bytes[start + i]) return false;
      room--;
    }
    return true;
  }

  copy(entry: number): Uint8Array {
    const copy = new Uint8Array(this.lengthOf(entry));
    let done = Math.min(copy.length, FIRST_BYTES);
    copy.set(this.bytes.subarray(this.bytesOf(entry), this.bytesOf(entry) + done));
    for (let cell = this.words[this.wordOf(entry) + NEXT]; cell !== 0; cell = this.words[this.wordOf(cell)]) {
      const from = 4 * this.wordOf(cell) + 4;
      const count = Math.min(copy.length - done, MORE_BYTES);
      copy.set(this.bytes.subarray(from, from + count), done);
      done += count;
    }
    return copy;
  }

  /** Locks the free cells for several calls, if that can be done at once. */
  tryHold(): boolean {
    return (this.held = this.locks.tryLock(this.base + STORE.lock));
  }

  letGo(): void {
    this.held = false;
    this.leave();
  }

  freeLocksOf(owner: number): number {
    return this.locks.freeLocksOf(owner, this.base + STORE.lock, 1, 1);
  }

  private enter(): void {
    if (!this.held) this.locks.lock(this.base + STORE.lock);
  }

  private leave(): void {
    if (!this.held) this.locks.unlock(this.base + STORE.lock);
  }

  giveBack(entry: number): void {
    const { words, base } = this;
    this.enter();
    let next = words[this.wordOf(entry) + NEXT];
    for (let cell = entry; cell !== 0;) {
      words[this.wordOf(cell)] = words[base + STORE.free];
      words[base + STORE.free] = cell;
      words[base + STORE.used]--;
      cell = next;
      if (cell !== 0) next = words[this.wordOf(cell)];
    }
    this.leave();
  }

  /** All cells are free again; only while nobody else looks at them. */
  clear(): void {
    this.words.fill(0, this.base, this.base + STORE_WORDS);
  }

  /** So many cells, linked as those of an entry; 0 where there are not enough. */
  private take(count: number): number {
    const { words, base } = this;
    this.enter();
    let first = 0;
    if (words[base + STORE.used] + count <= this.cells) {
      words[base + STORE.used] += count;
      for (let i = 0; i < count; i++) {
        const cell = this.takeCell();
        // The first cell of an entry has its link elsewhere than the others.
        words[this.wordOf(cell) + (i === count - 1 ? NEXT : 0)] = first;
        first = cell;
      }
    }
    this.leave();
    return first;
  }

  private takeCell(): number {
    const { words, base } = this;
    const free = words[base + STORE.free];
    if (free === 0) return ++words[base + STORE.touched];
    words[base + STORE.free] = words[this.wordOf(free)];
    return free;
  }

  private wordOf(cell: number): number {
    return this.base + STORE_WORDS + (cell - 1) * CELL_WORDS;
  }

  private bytesOf(entry: number): number {
    return 4 * this.wordOf(entry) + CELL_BYTES - FIRST_BYTES;
  }
}
