/**
 * Datasets that rules change: one hash table of byte strings in shared memory, the same for all shards. Stage: detect.
 * Allocates nothing after construction.
 *
 *   header | sets: id, bytes | buckets: lock, first entry | cells (cell-store.ts): next entry, set, number, hash, bytes
 *
 * Values are exact: an entry holds its bytes whole. Nothing gives way: what finds no room, in the table, in its set
 * (`memcap`) or in a chain as long as chains may be, is refused and counted. A bucket is locked while it is read or
 * changed, the free cells while some are taken; a shard takes the bucket first, the main thread both or none. An entry
 * appears and disappears with one store, and is counted while it may be there, so that a shard that dies in the middle
 * leaves at most cells behind. Where the order of packets of different shards matters, the caller runs one shard.
 */
import { hashBytes } from '../../util/hash.js';
import { MAIN_OWNER, SOLE_OWNER, WordLocks, type LockedTable } from '../../util/word-lock.js';
import { CELL_BYTES, CellStore, cellsFor, storeWords } from './cell-store.js';

const HEADER = { refused: 0, values: 1, seed: 2, buckets: 3, cells: 4 } as const;
const HEADER_WORDS = 16;
/** Sets that a table knows at a time; id 0 is a free row. */
export const MAX_SHARED_SETS = 1024;
const SET = { id: 0, bytes: 1 } as const;
const SET_WORDS = 2;
const BUCKETS_AT = HEADER_WORDS + MAX_SHARED_SETS * SET_WORDS;
const BUCKET_WORDS = 2;
/** The words of an entry that are ours. */
const ENTRY = { next: 0, set: 1, value: 2, hash: 3 } as const;
/**
 * The lock is somebody else's: to be tried again in another turn. Only the main thread, which must not wait, gets to
 * see this.
 */
export const BUSY = -2;
/** Buckets that `forget` goes through in a step. */
const FORGET_STEP = 16_384;
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

export class DataTable implements LockedTable {
  private readonly locks: WordLocks;
  private readonly words: Int32Array;
  private readonly buckets: number;
  private readonly store: CellStore;
  /**
   * Of the value at hand: its bucket, its hash, the word that points to its entry, and how many entries are before it.
   */
  private bucket = 0;
  private hash = 0;
  private link = 0;
  private chain = 0;

  /** `owner` is the thread's number (util/word-lock.ts). */
  constructor(memory: SharedArrayBuffer, owner = SOLE_OWNER) {
    this.words = new Int32Array(memory);
    this.locks = new WordLocks(this.words, owner);
    this.buckets = this.words[HEADER.buckets];
    this.store = new CellStore(
      this.words,
      BUCKETS_AT + this.buckets * BUCKET_WORDS,
      this.words[HEADER.cells],
      this.locks,
    );
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

  /**
   * Makes a row for a set that has none; -1 where there is no room. For one thread at a time: the main thread, or the
   * only shard.
   */
  addSet(id: number): number {
    const { words } = this;
    const known = this.findSet(id);
    if (known >= 0) return known;
    const row = this.findSet(0);
    if (row < 0) return -1;
    words[setAt(row) + SET.bytes] = 0;
    Atomics.store(words, setAt(row), id);
    return row;
  }

  /** Ids of the sets that the table knows. */
  setIds(): number[] {
    return Array.from({ length: MAX_SHARED_SETS }, (_, row) => Atomics.load(this.words, setAt(row))).filter(
      (id) => id !== 0,
    );
  }

  /** The number of a value in a set, or -1 where it is not in there. */
  find(id: number, bytes: Uint8Array, start: number, length: number): number {
    if (!this.enter(id, bytes, start, length)) return BUSY;
    const entry = this.seek(id, bytes, start, length);
    const value = entry === 0 ? -1 : this.words[this.store.ownerWords(entry) + ENTRY.value];
    this.leave();
    return value;
  }

  /**
   * Adds a value to the set, which is in `row` and may take `memcap` bytes. @returns 1 where it is new, 0 where it was
   * there, -1 where it is refused, or BUSY.
   */
  add(
    id: number,
    row: number,
    memcap: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    value: number,
  ): number {
    if (!this.enter(id, bytes, start, length)) return BUSY;
    const known = this.seek(id, bytes, start, length);
    const added = known === 0 ? this.insert(id, row, memcap, bytes, start, length, value) : 0;
    this.leave();
    return added;
  }

  /** Takes a value out of the set, which is in `row`. For shards. @returns whether it was in there. */
  remove(id: number, row: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (!this.enter(id, bytes, start, length)) return false;
    const entry = this.isIn(row, id) ? this.seek(id, bytes, start, length) : 0;
    if (entry !== 0) this.takeOut(row, entry);
    this.leave();
    return entry !== 0;
  }

  /**
   * Whether the row is still that of the set: a shard may be at rules whose sets are forgotten. To be asked with the
   * bucket locked.
   */
  private isIn(row: number, id: number): boolean {
    return row >= 0 && Atomics.load(this.words, setAt(row)) === id;
  }

  /** Forgets all sets and values; only while no other shard looks at them. */
  clear(): void {
    this.words.fill(0, HEADER_WORDS, BUCKETS_AT + this.buckets * BUCKET_WORDS);
    this.words[HEADER.values] = 0;
    this.store.clear();
  }

  freeLocksOf(owner: number): number {
    return this.locks.freeLocksOf(owner, BUCKETS_AT, BUCKET_WORDS, this.buckets) + this.store.freeLocksOf(owner);
  }

  /**
   * Forgets a set and its values; in steps, of which some end where a lock is somebody else's. The row is free first:
   * who has a bucket after this finds that the set is gone, whoever had it before has left its values to be found here.
   */
  *forget(id: number): Generator<undefined, void> {
    const { words } = this;
    const row = this.findSet(id);
    if (row < 0) return;
    Atomics.store(words, setAt(row), 0);
    for (let bucket = 0; bucket < this.buckets; bucket++) {
      while (!this.lockBucket(bucket)) yield;
      this.link = this.bucket + 1;
      for (let entry = words[this.link]; entry !== 0; entry = words[this.link]) {
        const at = this.store.ownerWords(entry);
        if (words[at + ENTRY.set] === id) this.takeOut(row, entry);
        else this.link = at + ENTRY.next;
      }
      this.leave();
      if (bucket % FORGET_STEP === FORGET_STEP - 1) yield;
    }
  }

  /**
   * A copy of every value in a set, bucket by bucket: others may change the set in between. For the main thread;
   * undefined stands for a step that ends where a lock is somebody else's.
   */
  *contents(id: number): Generator<Uint8Array | undefined> {
    for (let bucket = 0; bucket < this.buckets; bucket++) {
      if (Atomics.load(this.words, bucketAt(bucket) + 1) === 0) continue;
      while (!this.lockBucket(bucket)) yield undefined;
      yield* this.copyBucket(id);
    }
  }

  /** Of the bucket that is locked, which is left. */
  private copyBucket(id: number): Uint8Array[] {
    const { words, store } = this;
    const copies: Uint8Array[] = [];
    for (let entry = words[this.bucket + 1]; entry !== 0; entry = words[store.ownerWords(entry) + ENTRY.next]) {
      if (words[store.ownerWords(entry) + ENTRY.set] === id) copies.push(store.copy(entry));
    }
    this.leave();
    return copies;
  }

  /** Locks the bucket of a value and keeps its hash. @returns whether it is locked now. */
  private enter(id: number, bytes: Uint8Array, start: number, length: number): boolean {
    this.hash = hashBytes(bytes, start, length, this.words[HEADER.seed] ^ id);
    return this.lockBucket(this.hash & (this.buckets - 1));
  }

  /** The main thread takes the free cells beforehand, so that it need not wait for them in the middle. */
  private lockBucket(bucket: number): boolean {
    const { locks, store } = this;
    this.bucket = bucketAt(bucket);
    if (locks.owner !== MAIN_OWNER) {
      locks.lock(this.bucket);
      return true;
    }
    if (!store.tryHold()) return false;
    if (locks.tryLock(this.bucket)) return true;
    store.letGo();
    return false;
  }

  private leave(): void {
    this.locks.unlock(this.bucket);
    if (this.locks.owner === MAIN_OWNER) this.store.letGo();
  }

  /** The entry of the value, or 0. */
  private seek(id: number, bytes: Uint8Array, start: number, length: number): number {
    const { words, store } = this;
    this.link = this.bucket + 1;
    this.chain = 0;
    for (let entry = words[this.link]; entry !== 0; entry = words[this.link]) {
      const at = store.ownerWords(entry);
      if (
        words[at + ENTRY.hash] === this.hash &&
        words[at + ENTRY.set] === id &&
        store.holds(entry, bytes, start, length)
      )
        return entry;
      this.link = at + ENTRY.next;
      this.chain++;
    }
    return 0;
  }

  private insert(
    id: number,
    row: number,
    memcap: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    value: number,
  ): number {
    const { words, store } = this;
    if (!this.isIn(row, id) || this.chain >= MAX_CHAIN || words[setAt(row) + SET.bytes] + entryBytes(length) > memcap)
      return this.refuse();
    const entry = store.put(bytes, start, length);
    if (entry === 0) return this.refuse();
    const at = store.ownerWords(entry);
    words[at + ENTRY.set] = id;
    words[at + ENTRY.value] = value;
    words[at + ENTRY.hash] = this.hash;
    words[at + ENTRY.next] = words[this.bucket + 1];
    this.count(row, 1, entryBytes(length));
    Atomics.store(words, this.bucket + 1, entry);
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
