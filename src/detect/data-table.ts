/**
 * Datasets that rules change: one hash table of byte strings in shared memory, the same for all shards. Stage: detect.
 * Allocates nothing after construction.
 *
 *   header | sets: id, bytes | buckets: lock, first entry | cells (cell-store.ts): next entry, set, number, hash, bytes
 *
 * Values are exact: an entry holds its bytes whole. Nothing gives way: what finds no room, in the table, in its set (`memcap`)
 * or in a chain as long as chains may be, is refused and counted. A bucket is locked while it is read or changed, the free cells
 * while some are taken; who needs both takes the bucket first. An entry appears and disappears with one store, so that a shard
 * that dies in the middle leaves at most cells behind. Where the order of packets of different shards matters, the caller runs
 * one shard.
 */
import { hashBytes } from '../util/hash.js';
import { lockWord, unlockWord } from '../util/word-lock.js';
import { CELL_BYTES, CellStore, cellsFor, storeWords } from './cell-store.js';

const HEADER = { refused: 0, values: 1, seed: 2, buckets: 3, cells: 4, setLock: 5 } as const;
const HEADER_WORDS = 16;
/** Sets that a table knows at a time; id 0 is a free row. */
export const MAX_SHARED_SETS = 1024;
const SET = { id: 0, bytes: 1 } as const;
const SET_WORDS = 2;
const BUCKETS_AT = HEADER_WORDS + MAX_SHARED_SETS * SET_WORDS;
const BUCKET_WORDS = 2;
/** The words of an entry that are ours. */
const ENTRY = { next: 0, set: 1, value: 2, hash: 3 } as const;
/** Longer chains would be the work of somebody who knows the seed. */
const MAX_CHAIN = 64;

/** What a value of so many bytes takes. */
export const entryBytes = (length: number): number => CELL_BYTES * cellsFor(length);

/** Memory for a table with `bytes` for values; with a seed that nobody outside knows, nobody can aim at one bucket. */
export function allocateDataTable(bytes: number, seed = 0): SharedArrayBuffer {
  const cells = Math.floor(bytes / CELL_BYTES);
  let buckets = 1;
  while (2 * buckets < cells) buckets *= 2;
  const memory = new SharedArrayBuffer(4 * (BUCKETS_AT + buckets * BUCKET_WORDS + storeWords(cells)));
  const header = new Int32Array(memory, 0, HEADER_WORDS);
  header[HEADER.seed] = seed;
  header[HEADER.buckets] = buckets;
  header[HEADER.cells] = cells;
  return memory;
}

export class DataTable {
  private readonly words: Int32Array;
  private readonly buckets: number;
  private readonly store: CellStore;
  /** Of the value at hand: its bucket, its hash, the word that points to its entry, and how many entries are before it. */
  private bucket = 0;
  private hash = 0;
  private link = 0;
  private chain = 0;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.buckets = this.words[HEADER.buckets];
    this.store = new CellStore(this.words, BUCKETS_AT + this.buckets * BUCKET_WORDS, this.words[HEADER.cells]);
  }

  /** Values that were to be added and found no room, since the start. */
  get refused(): number {
    return Atomics.load(this.words, HEADER.refused);
  }

  /** Values held, and the bytes that they take. */
  get values(): number {
    return Atomics.load(this.words, HEADER.values);
  }

  get usedBytes(): number {
    return this.store.usedBytes;
  }

  /** The row of a set, or -1 where the table does not know it. */
  findSet(id: number): number {
    for (let row = 0; row < MAX_SHARED_SETS; row++) if (Atomics.load(this.words, setAt(row)) === id) return row;
    return -1;
  }

  /** Makes a row for a set that has none; -1 where there is no room. */
  addSet(id: number): number {
    const { words } = this;
    lockWord(words, HEADER.setLock);
    let row = this.findSet(id);
    if (row < 0) {
      row = this.findSet(0);
      if (row >= 0) {
        words[setAt(row) + SET.bytes] = 0;
        Atomics.store(words, setAt(row), id);
      }
    }
    unlockWord(words, HEADER.setLock);
    return row;
  }

  /** Ids of the sets that the table knows. */
  setIds(): number[] {
    return Array.from({ length: MAX_SHARED_SETS }, (_, row) => Atomics.load(this.words, setAt(row))).filter((id) => id !== 0);
  }

  /** The number of a value in a set, or -1 where it is not in there. */
  find(id: number, bytes: Uint8Array, start: number, length: number): number {
    this.enter(id, bytes, start, length);
    const entry = this.seek(id, bytes, start, length);
    const value = entry === 0 ? -1 : this.words[this.store.ownerWords(entry) + ENTRY.value];
    this.leave();
    return value;
  }

  /** Adds a value to the set, which is in `row` and may take `memcap` bytes. @returns 1 where it is new, 0 where it was there, -1 where it is refused. */
  add(id: number, row: number, memcap: number, bytes: Uint8Array, start: number, length: number, value: number): number {
    if (!this.isIn(row, id)) return this.refuse();
    this.enter(id, bytes, start, length);
    const known = this.seek(id, bytes, start, length);
    const added = known === 0 ? this.insert(row, memcap, bytes, start, length, value) : 0;
    this.leave();
    return added;
  }

  /** Takes a value out of the set, which is in `row`. @returns whether it was in there. */
  remove(id: number, row: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (!this.isIn(row, id)) return false;
    this.enter(id, bytes, start, length);
    const entry = this.seek(id, bytes, start, length);
    if (entry !== 0) this.takeOut(row, entry);
    this.leave();
    return entry !== 0;
  }

  /** Whether the row is still that of the set: a shard may be at rules whose sets are forgotten. */
  private isIn(row: number, id: number): boolean {
    return row >= 0 && Atomics.load(this.words, setAt(row)) === id;
  }

  /** Forgets all sets and values; only while no other shard looks at them. */
  clear(): void {
    this.words.fill(0, HEADER_WORDS, BUCKETS_AT + this.buckets * BUCKET_WORDS);
    this.words[HEADER.values] = 0;
    this.store.clear();
  }

  /** Forgets a set and its values. */
  forget(id: number): void {
    const { words } = this;
    const row = this.findSet(id);
    if (row < 0) return;
    for (let bucket = 0; bucket < this.buckets; bucket++) {
      this.lockBucket(bucket);
      this.link = this.bucket + 1;
      for (let entry = words[this.link]; entry !== 0; entry = words[this.link]) {
        const at = this.store.ownerWords(entry);
        if (words[at + ENTRY.set] === id) this.takeOut(row, entry);
        else this.link = at + ENTRY.next;
      }
      this.leave();
    }
    Atomics.store(words, setAt(row), 0);
  }

  /** A copy of every value in a set, bucket by bucket: others may change the set in between. For the main thread. */
  *contents(id: number): Generator<Uint8Array> {
    for (let bucket = 0; bucket < this.buckets; bucket++) {
      if (Atomics.load(this.words, bucketAt(bucket) + 1) !== 0) yield* this.copyBucket(bucket, id);
    }
  }

  private copyBucket(bucket: number, id: number): Uint8Array[] {
    const { words, store } = this;
    const copies: Uint8Array[] = [];
    this.lockBucket(bucket);
    for (let entry = words[this.bucket + 1]; entry !== 0; entry = words[store.ownerWords(entry) + ENTRY.next]) {
      if (words[store.ownerWords(entry) + ENTRY.set] === id) copies.push(store.copy(entry));
    }
    this.leave();
    return copies;
  }

  /** Locks the bucket of a value and keeps its hash. */
  private enter(id: number, bytes: Uint8Array, start: number, length: number): void {
    this.hash = hashBytes(bytes, start, length, this.words[HEADER.seed] ^ id);
    this.lockBucket(this.hash & (this.buckets - 1));
  }

  private lockBucket(bucket: number): void {
    this.bucket = bucketAt(bucket);
    lockWord(this.words, this.bucket);
  }

  private leave(): void {
    unlockWord(this.words, this.bucket);
  }

  /** The entry of the value, or 0. */
  private seek(id: number, bytes: Uint8Array, start: number, length: number): number {
    const { words, store } = this;
    this.link = this.bucket + 1;
    this.chain = 0;
    for (let entry = words[this.link]; entry !== 0; entry = words[this.link]) {
      const at = store.ownerWords(entry);
      if (words[at + ENTRY.hash] === this.hash && words[at + ENTRY.set] === id && store.holds(entry, bytes, start, length)) return entry;
      this.link = at + ENTRY.next;
      this.chain++;
    }
    return 0;
  }

  private insert(row: number, memcap: number, bytes: Uint8Array, start: number, length: number, value: number): number {
    const { words, store } = this;
    if (this.chain >= MAX_CHAIN || words[setAt(row) + SET.bytes] + entryBytes(length) > memcap) return this.refuse();
    const entry = store.put(bytes, start, length);
    if (entry === 0) return this.refuse();
    const at = store.ownerWords(entry);
    words[at + ENTRY.set] = words[setAt(row)];
    words[at + ENTRY.value] = value;
    words[at + ENTRY.hash] = this.hash;
    words[at + ENTRY.next] = words[this.bucket + 1];
    Atomics.store(words, this.bucket + 1, entry);
    this.count(row, 1, entryBytes(length));
    return 1;
  }

  /** Unlinks the entry that `link` points to. */
  private takeOut(row: number, entry: number): void {
    const { words, store } = this;
    Atomics.store(words, this.link, words[store.ownerWords(entry) + ENTRY.next]);
    this.count(row, -1, -entryBytes(store.lengthOf(entry)));
    store.giveBack(entry);
  }

  private count(row: number, values: number, bytes: number): void {
    const { words } = this;
    Atomics.add(words, HEADER.values, values);
    Atomics.add(words, setAt(row) + SET.bytes, bytes);
  }

  private refuse(): number {
    Atomics.add(this.words, HEADER.refused, 1);
    return -1;
  }
}

const setAt = (row: number): number => HEADER_WORDS + row * SET_WORDS;
const bucketAt = (bucket: number): number => BUCKETS_AT + bucket * BUCKET_WORDS;
