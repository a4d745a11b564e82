/**
 * A single-producer single-consumer ring of variable-length records in a range of shared memory.
 *
 *   head:          [0] write position   [16] read position   [17] generation   (a cache line for each side)
 *   data:          records, each a multiple of 8 bytes; word 0 is the size in bytes, word 1 the kind
 *                  | record | record | … | pad |      a record is never split: a pad fills the end of the ring
 *
 * Offsets of records are from the start of the memory, whatever else is in it. Positions run freely modulo 2^32 in
 * units of 8 bytes; their difference is what is filled. The producer publishes several records at once; the consumer's
 * position moves only when a record is done, so a dead consumer leaves its place behind. A consumer whose generation is
 * over never touches the ring again. Nothing here allocates after construction.
 */
import { RING_HEAD_BYTES, ringBytesFor } from '../memory/layout.js';
import { readAgain } from '../util/read-again.js';

const WRITE = 0;
const READ = 16;
const GENERATION = 17;
const UNIT = 8;
const SIZE = 0;
const KIND = 1;

/** Kind of nothing: the ring is empty. Kinds of records are positive; `PAD` is the ring's own. */
export const NO_RECORD = 0;
const PAD = 0x7fff_ffff;

/** Where a ring lies, head and all; structured-clone data. `bytes` are what `ringBytesFor` says. */
export interface RingPlace {
  readonly memory: SharedArrayBuffer;
  readonly offset: number;
  readonly bytes: number;
}

/** Views of a whole memory. */
export interface MemoryViews {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

/** Memory of its own for a ring that holds at least `bytes` bytes of records, rounded up to a power of two. */
export function allocateRing(bytes: number): RingPlace {
  const size = ringBytesFor(bytes);
  return { memory: new SharedArrayBuffer(size), offset: 0, bytes: size };
}

class RingViews implements MemoryViews {
  protected readonly shared: Int32Array;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  /** Word at which the records begin, and the room for them in units of 8 bytes. */
  protected readonly first: number;
  protected readonly units: number;

  /** `views`: those of the memory that are shared; its own where none are given. */
  constructor({ memory, offset, bytes }: RingPlace, views?: MemoryViews) {
    this.shared = new Int32Array(memory, offset, RING_HEAD_BYTES / 4);
    this.bytes = views?.bytes ?? new Uint8Array(memory);
    this.words = views?.words ?? new Int32Array(memory);
    this.doubles = views?.doubles ?? new Float64Array(memory, 0, Math.floor(memory.byteLength / 8));
    // PERF: small integers whatever they were made by; as doubles they cost a conversion at every use (bench: ring).
    this.first = ((offset + RING_HEAD_BYTES) / 4) | 0;
    this.units = ((bytes - RING_HEAD_BYTES) / UNIT) | 0;
  }
}

export class RingProducer extends RingViews {
  private position: number;
  private published: number;
  /** Read position as last seen; refreshed only when the ring looks full. */
  private readSeen: number;

  constructor(place: RingPlace, views?: MemoryViews) {
    super(place, views);
    this.position = Atomics.load(this.shared, WRITE);
    this.published = this.position;
    this.readSeen = Atomics.load(this.shared, READ);
  }

  /**
   * Makes room for a record of `size` bytes and writes its first two words. @returns its byte offset, or -1 when the
   * ring is full.
   */
  reserve(size: number, kind: number): number {
    const at = (this.position >>> 0) & (this.units - 1);
    const need = (size + UNIT - 1) >>> 3;
    const untilEnd = this.units - at;
    const total = need <= untilEnd ? need : untilEnd + need;
    if (!this.hasRoom(total)) return -1;
    let start = at;
    if (need > untilEnd) {
      this.words[this.first + at * 2 + SIZE] = untilEnd * UNIT;
      this.words[this.first + at * 2 + KIND] = PAD;
      start = 0;
    }
    const word = this.first + start * 2;
    this.words[word + SIZE] = need * UNIT;
    this.words[word + KIND] = kind;
    this.position = (this.position + total) | 0;
    return word * 4;
  }

  /** How full it is, 0 to 1. */
  get fill(): number {
    this.readSeen = Atomics.load(this.shared, READ);
    return ((this.position - this.readSeen) >>> 0) / this.units;
  }

  /** Makes everything written so far visible to the consumer. @returns whether there was anything new. */
  publish(): boolean {
    if (this.position === this.published) return false;
    this.published = this.position;
    Atomics.store(this.shared, WRITE, this.position);
    return true;
  }

  /** Whether a record of `size` bytes can ever fit. */
  canHold(size: number): boolean {
    return size <= (this.units * UNIT) / 2;
  }

  /** Whether half of the ring is free beyond a record of `size` bytes. */
  leavesHalf(size: number): boolean {
    return this.hasRoom(((size + UNIT - 1) >>> 3) + (this.units >>> 1));
  }

  private hasRoom(total: number): boolean {
    if (((this.position - this.readSeen) >>> 0) + total <= this.units) return true;
    this.readSeen = Atomics.load(this.shared, READ);
    return ((this.position - this.readSeen) >>> 0) + total <= this.units;
  }
}

export class RingConsumer extends RingViews {
  private readonly generation: number;
  private position: number;
  /** Write position as last seen; refreshed only when the ring looks empty. */
  private writeSeen: number;
  /** Word offset of the current record in `words`. */
  protected current = 0;

  constructor(place: RingPlace, views?: MemoryViews) {
    super(place, views);
    this.generation = Atomics.load(this.shared, GENERATION);
    this.position = Atomics.load(this.shared, READ);
    this.writeSeen = this.position;
  }

  /**
   * Kind of the next record, which stays current until `release`; `NO_RECORD` when the ring is empty or no longer ours.
   */
  next(): number {
    for (;;) {
      if (!this.isOurs || !this.hasRecord) return NO_RECORD;
      this.current = this.first + ((this.position >>> 0) & (this.units - 1)) * 2;
      const kind = this.words[this.current + KIND];
      if (kind !== PAD) return kind;
      this.release();
    }
  }

  /** The current record is done: its room goes back to the producer. */
  release(): void {
    if (!this.isOurs) return;
    this.position = (this.position + (this.words[this.current + SIZE] >>> 3)) | 0;
    Atomics.store(this.shared, READ, this.position);
  }

  /**
   * As `release`, and adds `amount` to `counts[slot]` in one go: nothing between them calls a function, which is where
   * a thread can be ended, so a record is counted exactly when its room is given back.
   */
  releaseCounted(counts: Float64Array, slot: number, amount: number): void {
    const position = (this.position + (this.words[this.current + SIZE] >>> 3)) | 0;
    if (!this.isOurs) return;
    counts[slot] += amount;
    Atomics.store(this.shared, READ, position);
    this.position = position;
  }

  /** PERF: a plain look, as Atomics are calls; it need not be in order with anything (bench: ring). */
  private get isOurs(): boolean {
    return this.shared[GENERATION] === this.generation;
  }

  private get hasRecord(): boolean {
    if (this.position !== this.writeSeen) return true;
    this.writeSeen = Atomics.load(this.shared, WRITE);
    return this.position !== this.writeSeen;
  }

  /** Where the producer's next record goes, for `isBefore`. */
  get end(): number {
    return Atomics.load(this.shared, WRITE);
  }

  /** Whether this consumer stands before a place that was the ring's `end`. */
  isBefore(end: number): boolean {
    return ((end - this.position) | 0) > 0;
  }

  /** Byte offset of the current record. */
  get offset(): number {
    return this.current * 4;
  }
}

/** Takes all records of a ring, unread. */
export function emptyRing(ring: RingConsumer): void {
  while (ring.next() !== NO_RECORD) ring.release();
}

/** What a third thread may ask about a ring while both sides work. */
export class RingObserver extends RingViews {
  get capacityBytes(): number {
    return this.units * UNIT;
  }

  get filledBytes(): number {
    return ((Atomics.load(this.shared, WRITE) - Atomics.load(this.shared, READ)) >>> 0) * UNIT;
  }

  /** Moves whenever the consumer finishes a record. */
  get readPosition(): number {
    return Atomics.load(this.shared, READ);
  }

  /** The double at word `field` of the oldest record that is not done, or undefined when the ring is empty. */
  peekDouble(field: number): number | undefined {
    for (;;) {
      const read = Atomics.load(this.shared, READ);
      if (read === Atomics.load(this.shared, WRITE)) return undefined;
      let at = this.first + ((read >>> 0) & (this.units - 1)) * 2;
      // A pad is published together with the record behind it, at the start of the data.
      if (this.words[at + KIND] === PAD) at = this.first;
      const value = this.doubles[(at + field) >> 1];
      // The record was not overwritten if the consumer still stands before it.
      if (readAgain(this.shared, READ) === read) return value;
    }
  }

  /** Shuts the present consumer out for good; only consumers made from now on read. */
  replaceConsumer(): void {
    Atomics.add(this.shared, GENERATION, 1);
  }
}
