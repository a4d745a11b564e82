/**
 * Memory of the datagrams being put together: a table of slots with a hash index, and one slab of blocks that holds
 * their data. Stage: dispatch; the policy is defrag.ts's. Everything is allocated in the constructor.
 *
 *   slab    | block 0 | block 1 | ...           2 KiB each; free ones in a stack
 *   slot    key, counters, list of byte ranges, block table (32 entries for 64 KiB), header of the first fragment
 *   index   bucket → first slot → next slot ... of the same hash
 *   age     one doubly linked list per IP version, oldest first
 */

const BLOCK_BYTES = 2048;
const BLOCKS_PER_DATAGRAM = 32;
/** Room for the unfragmentable part: any IPv4 header, or IPv6 with extension headers of this length in all. */
export const PREFIX_BYTES = 256;
/** version and protocol, VNI, context, id, source (4 words), destination (4 words). */
export const KEY_WORDS = 12;
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
   * Length of the datagram's data, -1 until the last fragment is there; bytes covered; first byte cut by the mirror.
   */
  readonly total: Int32Array;
  readonly covered: Int32Array;
  readonly cutAt: Int32Array;
  readonly startUs: Float64Array;
  /** Fault noted for the datagram; fault for which it was given up, when all further fragments are to be dropped. */
  readonly fault: Uint8Array;
  readonly refused: Uint8Array;
  readonly prefixLength: Uint16Array;
  readonly prefixes: Uint8Array;
  /** Sorted, disjoint byte ranges, `maxRanges` for each slot. */
  readonly rangeCount: Uint16Array;
  readonly rangeStart: Uint16Array;
  readonly rangeEnd: Uint16Array;
  readonly maxRanges: number;

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
  private readonly blocks: Int32Array;
  private readonly freeBlocks: Int32Array;
  private freeBlockCount: number;

  /** `maxBytes` is rounded down to blocks, but a whole datagram always fits. */
  constructor(maxDatagrams: number, maxBytes: number, maxRanges: number) {
    const int32 = (length: number, value = 0): Int32Array => new Int32Array(length).fill(value);
    this.frames = int32(maxDatagrams);
    this.fragments = int32(maxDatagrams);
    this.total = int32(maxDatagrams);
    this.covered = int32(maxDatagrams);
    this.cutAt = int32(maxDatagrams);
    this.startUs = new Float64Array(maxDatagrams);
    this.fault = new Uint8Array(maxDatagrams);
    this.refused = new Uint8Array(maxDatagrams);
    this.prefixLength = new Uint16Array(maxDatagrams);
    this.prefixes = new Uint8Array(maxDatagrams * PREFIX_BYTES);
    this.rangeCount = new Uint16Array(maxDatagrams);
    this.rangeStart = new Uint16Array(maxDatagrams * maxRanges);
    this.rangeEnd = new Uint16Array(maxDatagrams * maxRanges);
    this.maxRanges = maxRanges;
    this.keys = int32(maxDatagrams * KEY_WORDS);
    this.hashes = int32(maxDatagrams);
    this.families = new Uint8Array(maxDatagrams);
    this.buckets = int32(2 ** Math.ceil(Math.log2(maxDatagrams + 1)), NONE);
    this.nextInBucket = int32(maxDatagrams, NONE);
    this.older = int32(maxDatagrams, NONE);
    this.newer = int32(maxDatagrams, NONE);
    this.freeSlots = Int32Array.from({ length: maxDatagrams }, (_, slot) => maxDatagrams - 1 - slot);
    this.freeSlotCount = maxDatagrams;
    const blockCount = Math.max(BLOCKS_PER_DATAGRAM, Math.floor(maxBytes / BLOCK_BYTES));
    this.slab = new Uint8Array(blockCount * BLOCK_BYTES);
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

  /** A fresh slot for `key`, the newest of its family; -1 when all are taken. */
  insert(hash: number, family: Family, timeUs: number): number {
    if (this.freeSlotCount === 0) return NONE;
    const slot = this.freeSlots[--this.freeSlotCount];
    this.used++;
    this.keys.set(this.key, slot * KEY_WORDS);
    this.hashes[slot] = hash;
    this.families[slot] = family;
    this.frames[slot] = 0;
    this.fragments[slot] = 0;
    this.total[slot] = -1;
    this.covered[slot] = 0;
    this.cutAt[slot] = 65536;
    this.startUs[slot] = timeUs;
    this.fault[slot] = 0;
    this.refused[slot] = 0;
    this.prefixLength[slot] = 0;
    this.rangeCount[slot] = 0;
    const bucket = this.bucket(hash);
    this.nextInBucket[slot] = this.buckets[bucket];
    this.buckets[bucket] = slot;
    this.appendByAge(slot, family);
    return slot;
  }

  /** Frees a slot with everything in it. */
  remove(slot: number): void {
    this.releaseData(slot);
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
    this.rangeCount[slot] = 0;
    this.frames[slot] = 0;
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
