/**
 * Memory of the datagrams being put together: a table of slots with a hash index, and one slab of blocks that holds
 * their data. Stage: dispatch; the policy is defrag.ts's. Everything is allocated in the constructor.
 *
 *   slab    | block 0 | block 1 | ...           2 KiB each; free ones in a stack
 *   slot    key, counters, block of maps, block table (32 entries for 64 KiB), header of the first fragment
 *   maps    of the units of 8 bytes that data come in, a bit each: which are there, and at which a piece begins, which
 *           is what one fragment brought in one; so memory does not depend on how many fragments there are
 *   index   bucket → first slot → next slot ... of the same hash
 *   age     one doubly linked list per IP version, oldest first
 */
import { clearBits, countBits, hasBit, lastSet, nextClear, nextSet, setBit, setBits } from '../util/bit-map.js';

const BLOCK_BYTES = 2048;
const BLOCKS_PER_DATAGRAM = 32;
/** Room for the unfragmentable part: any IPv4 header, or IPv6 with extension headers of this length in all. */
export const PREFIX_BYTES = 256;
/** version and protocol, VNI, context, id, source (4 words), destination (4 words). */
export const KEY_WORDS = 12;
/** Data come in units of 8 bytes (RFC 791, RFC 8200), of which the last may be cut. */
export const UNIT_BYTES = 8;
const MAX_UNITS = 65536 / UNIT_BYTES;
const MAP_WORDS = MAX_UNITS / 32;
/** Both maps of a datagram fill a block: units that are there, then those at which a piece begins. */
const BLOCK_WORDS = BLOCK_BYTES / 4;
/** Destination address in a key. */
export const KEY_DESTINATION = 8;
const NONE = -1;

/** Index of the list of ages: IPv4 is 0, IPv6 is 1. */
type Family = number;

export class FragmentStore {
  /** The key to look up or to insert. */
  readonly key = new Int32Array(KEY_WORDS);
  used = 0;
  /** Datagrams in the bucket that `find` has gone through to its end, and the oldest of them. */
  chainLength = 0;
  chainEnd = NONE;

  /** Received frames stored, and fragments stored, by slot. */
  readonly frames: Int32Array;
  readonly fragments: Int32Array;
  /**
   * Length of the datagram's data, -1 until the last fragment is there; where the data that are there end; units that
   * are there; first byte cut by the mirror.
   */
  readonly total: Int32Array;
  readonly top: Int32Array;
  readonly covered: Int32Array;
  readonly cutAt: Int32Array;
  readonly startUs: Float64Array;
  /** Fault noted for the datagram; fault for which it was given up, when all further fragments are to be dropped. */
  readonly fault: Uint8Array;
  readonly refused: Uint8Array;
  readonly prefixLength: Uint16Array;
  readonly prefixes: Uint8Array;

  private readonly keys: Int32Array;
  private readonly hashes: Int32Array;
  private readonly families: Uint8Array;
  private readonly buckets: Int32Array;
  private readonly nextInBucket: Int32Array;
  private readonly older: Int32Array;
  private readonly newer: Int32Array;
  private readonly oldestOf = new Int32Array(2).fill(NONE);
  private readonly newestOf = new Int32Array(2).fill(NONE);
  private readonly freeSlots: Int32Array;
  private freeSlotCount: number;
  private readonly slab: Uint8Array;
  private readonly words: Uint32Array;
  /** Block of a slot's maps. */
  private readonly mapBlocks: Int32Array;
  private readonly blocks: Int32Array;
  private readonly freeBlocks: Int32Array;
  private freeBlockCount: number;

  /** `maxBytes` is rounded down to blocks, but a whole datagram always fits. */
  constructor(maxDatagrams: number, maxBytes: number) {
    const int32 = (length: number, value = 0): Int32Array => new Int32Array(length).fill(value);
    this.frames = int32(maxDatagrams);
    this.fragments = int32(maxDatagrams);
    this.total = int32(maxDatagrams);
    this.top = int32(maxDatagrams);
    this.covered = int32(maxDatagrams);
    this.cutAt = int32(maxDatagrams);
    this.startUs = new Float64Array(maxDatagrams);
    this.fault = new Uint8Array(maxDatagrams);
    this.refused = new Uint8Array(maxDatagrams);
    this.prefixLength = new Uint16Array(maxDatagrams);
    this.prefixes = new Uint8Array(maxDatagrams * PREFIX_BYTES);
    this.mapBlocks = int32(maxDatagrams, NONE);
    this.keys = int32(maxDatagrams * KEY_WORDS);
    this.hashes = int32(maxDatagrams);
    this.families = new Uint8Array(maxDatagrams);
    this.buckets = int32(2 ** Math.ceil(Math.log2(maxDatagrams + 1)), NONE);
    this.nextInBucket = int32(maxDatagrams, NONE);
    this.older = int32(maxDatagrams, NONE);
    this.newer = int32(maxDatagrams, NONE);
    this.freeSlots = Int32Array.from({ length: maxDatagrams }, (_, slot) => maxDatagrams - 1 - slot);
    this.freeSlotCount = maxDatagrams;
    const blockCount = Math.max(1 + BLOCKS_PER_DATAGRAM, Math.floor(maxBytes / BLOCK_BYTES));
    this.slab = new Uint8Array(blockCount * BLOCK_BYTES);
    this.words = new Uint32Array(this.slab.buffer);
    this.blocks = int32(maxDatagrams * BLOCKS_PER_DATAGRAM, NONE);
    this.freeBlocks = Int32Array.from({ length: blockCount }, (_, block) => blockCount - 1 - block);
    this.freeBlockCount = blockCount;
  }

  /** The slot of `key`, or -1; `chainLength` and `chainEnd` are then those of its bucket. */
  find(hash: number): number {
    const { key, keys } = this;
    this.chainLength = 0;
    this.chainEnd = NONE;
    for (let slot = this.buckets[this.bucket(hash)]; slot !== NONE; slot = this.nextInBucket[slot]) {
      let word = 0;
      while (word < KEY_WORDS && keys[slot * KEY_WORDS + word] === key[word]) word++;
      if (word === KEY_WORDS) return slot;
      this.chainLength++;
      this.chainEnd = slot;
    }
    return NONE;
  }

  /** Whether there is no room for another datagram. */
  get isFull(): boolean {
    return this.freeSlotCount === 0 || this.freeBlockCount === 0;
  }

  /** A fresh slot for `key`, the newest of its family; there is room. */
  insert(hash: number, family: Family, timeUs: number): number {
    const slot = this.freeSlots[--this.freeSlotCount];
    this.used++;
    this.keys.set(this.key, slot * KEY_WORDS);
    this.hashes[slot] = hash;
    this.families[slot] = family;
    this.frames[slot] = 0;
    this.fragments[slot] = 0;
    this.total[slot] = -1;
    this.top[slot] = 0;
    this.covered[slot] = 0;
    this.cutAt[slot] = 65536;
    this.startUs[slot] = timeUs;
    this.fault[slot] = 0;
    this.refused[slot] = 0;
    this.prefixLength[slot] = 0;
    const maps = this.freeBlocks[--this.freeBlockCount];
    this.mapBlocks[slot] = maps;
    this.words.fill(0, maps * BLOCK_WORDS, (maps + 1) * BLOCK_WORDS);
    const bucket = this.bucket(hash);
    this.nextInBucket[slot] = this.buckets[bucket];
    this.buckets[bucket] = slot;
    this.appendByAge(slot, family);
    return slot;
  }

  /** Frees a slot with everything in it. */
  remove(slot: number): void {
    this.releaseData(slot);
    this.freeBlocks[this.freeBlockCount++] = this.mapBlocks[slot];
    this.mapBlocks[slot] = NONE;
    const bucket = this.bucket(this.hashes[slot]);
    if (this.buckets[bucket] === slot) this.buckets[bucket] = this.nextInBucket[slot];
    else {
      let before = this.buckets[bucket];
      while (this.nextInBucket[before] !== slot) before = this.nextInBucket[before];
      this.nextInBucket[before] = this.nextInBucket[slot];
    }
    this.unlinkByAge(slot, this.families[slot]);
    this.freeSlots[this.freeSlotCount++] = slot;
    this.used--;
  }

  /** The oldest slot of a family, or -1. */
  oldest(family: Family): number {
    return this.oldestOf[family];
  }

  /** The oldest slot of all but `except`, or -1. */
  oldestOther(except: number): number {
    const ipv4 = this.oldestOf[0] === except && except !== NONE ? this.newer[except] : this.oldestOf[0];
    const ipv6 = this.oldestOf[1] === except && except !== NONE ? this.newer[except] : this.oldestOf[1];
    if (ipv4 === NONE || ipv6 === NONE) return ipv4 === NONE ? ipv6 : ipv4;
    return this.startUs[ipv4] <= this.startUs[ipv6] ? ipv4 : ipv6;
  }

  /** Whether the datagram's data are there, from the first to the last. */
  isWhole(slot: number): boolean {
    return this.covered[slot] === unitsOf(this.total[slot]);
  }

  /** Whether any of the units `from` … `to` - 1 is there. */
  overlaps(slot: number, from: number, to: number): boolean {
    return nextSet(this.words, this.presentMap(slot), from, to) < to;
  }

  /** The first unit from `from` on that is there, or `to`. */
  nextPresent(slot: number, from: number, to: number): number {
    return nextSet(this.words, this.presentMap(slot), from, to);
  }

  isPresent(slot: number, unit: number): boolean {
    return hasBit(this.words, this.presentMap(slot), unit);
  }

  /** Where the piece begins that has `unit`, and where it ends. */
  pieceStart(slot: number, unit: number): number {
    return lastSet(this.words, this.startMap(slot), 0, unit + 1);
  }

  pieceEnd(slot: number, unit: number): number {
    const next = nextSet(this.words, this.startMap(slot), unit + 1, MAX_UNITS);
    return nextClear(this.words, this.presentMap(slot), unit + 1, next);
  }

  /** The piece that has `unit` goes on in another one from there on. */
  splitAt(slot: number, unit: number): void {
    setBit(this.words, this.startMap(slot), unit);
  }

  /** Units `from` … `to` - 1 are there, and of one piece; it is that of the unit before if it `goesOn`. */
  cover(slot: number, from: number, to: number, goesOn: boolean): void {
    const { words } = this;
    const present = this.presentMap(slot);
    const starts = this.startMap(slot);
    this.covered[slot] += to - from - countBits(words, present, from, to);
    setBits(words, present, from, to);
    clearBits(words, starts, from, to);
    if (!goesOn) setBit(words, starts, from);
  }

  /**
   * Gives the slot's blocks for bytes `start` … `end` - 1; false when the slab is exhausted, with some of them given.
   */
  reserve(slot: number, start: number, end: number): boolean {
    const table = slot * BLOCKS_PER_DATAGRAM;
    for (let block = Math.floor(start / BLOCK_BYTES); block * BLOCK_BYTES < end; block++) {
      if (this.blocks[table + block] !== NONE) continue;
      if (this.freeBlockCount === 0) return false;
      this.blocks[table + block] = this.freeBlocks[--this.freeBlockCount];
    }
    return true;
  }

  /** Copies bytes `from` … of `bytes` to bytes `start` … `end` - 1 of the datagram; they were reserved. */
  write(slot: number, start: number, end: number, bytes: Uint8Array, from: number): void {
    const shift = from - start;
    for (let at = start; at < end;) {
      const target = this.address(slot, at);
      const stop = Math.min(end, at - (at % BLOCK_BYTES) + BLOCK_BYTES);
      const delta = target - at;
      // PERF: a loop, because TypedArray.set() would need a subarray, an object for each call.
      for (; at < stop; at++) this.slab[at + delta] = bytes[at + shift];
    }
  }

  /** Copies bytes 0 … `length` - 1 of the datagram to `target`; those never reserved are left as they are. */
  read(slot: number, length: number, target: Uint8Array, targetAt: number): void {
    for (let at = 0; at < length;) {
      const stop = Math.min(length, at + BLOCK_BYTES);
      const delta = this.address(slot, at) - at;
      for (; at < stop; at++) target[targetAt + at] = this.slab[at + delta];
    }
  }

  /** Whether bytes `start` … `end` - 1, all reserved, equal those of `bytes` at `from`. */
  equals(slot: number, start: number, end: number, bytes: Uint8Array, from: number): boolean {
    for (let at = start; at < end; at++)
      if (this.slab[this.address(slot, at)] !== bytes[from + at - start]) return false;
    return true;
  }

  /** Gives a slot's data up, but keeps the slot. */
  releaseData(slot: number): void {
    const table = slot * BLOCKS_PER_DATAGRAM;
    for (let block = table; block < table + BLOCKS_PER_DATAGRAM; block++) {
      if (this.blocks[block] === NONE) continue;
      this.freeBlocks[this.freeBlockCount++] = this.blocks[block];
      this.blocks[block] = NONE;
    }
    this.frames[slot] = 0;
  }

  private presentMap(slot: number): number {
    return this.mapBlocks[slot] * BLOCK_WORDS;
  }

  private startMap(slot: number): number {
    return this.mapBlocks[slot] * BLOCK_WORDS + MAP_WORDS;
  }

  private address(slot: number, at: number): number {
    return this.blocks[slot * BLOCKS_PER_DATAGRAM + Math.floor(at / BLOCK_BYTES)] * BLOCK_BYTES + (at % BLOCK_BYTES);
  }

  private bucket(hash: number): number {
    return hash & (this.buckets.length - 1);
  }

  private appendByAge(slot: number, family: Family): void {
    const newest = this.newestOf[family];
    this.older[slot] = newest;
    this.newer[slot] = NONE;
    if (newest === NONE) this.oldestOf[family] = slot;
    else this.newer[newest] = slot;
    this.newestOf[family] = slot;
  }

  private unlinkByAge(slot: number, family: Family): void {
    const before = this.older[slot];
    const after = this.newer[slot];
    if (before === NONE) this.oldestOf[family] = after;
    else this.newer[before] = after;
    if (after === NONE) this.newestOf[family] = before;
    else this.older[after] = before;
  }
}

/** Of -1 none; the last one may be cut. */
export const unitsOf = (bytes: number): number => (bytes + UNIT_BYTES - 1) >> 3;
