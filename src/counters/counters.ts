/**
 * Counters that threads write and the exporter reads: one row of doubles per thread in a SharedArrayBuffer.
 *
 * Each row has one writer. A shard writes its row in place. A dispatcher collects a batch in private and publishes the
 * whole row at once under a sequence lock, so that a reader never sees a frame that is received but has no outcome.
 * Counts stay exact up to 2^53. No allocation after construction, but for `snapshot`.
 */
import { nap } from '../util/doorbell.js';
import { readAgain } from '../util/read-again.js';

/** Maps names to slots; made once from the full list of names, the same in every thread. */
export class CounterLayout<Name extends string> {
  readonly names: readonly Name[];
  readonly slots: Readonly<Record<Name, number>>;

  constructor(names: readonly Name[]) {
    if (new Set(names).size !== names.length) throw new Error('counter names repeat');
    this.names = names;
    this.slots = Object.fromEntries(names.map((name, slot) => [name, slot])) as Record<Name, number>;
  }

  get size(): number {
    return this.names.length;
  }
}

/** A row that is never whole is that of a thread which died while it published; what is there then has to do. */
const MAX_LOOKS = 10_000;
const LOOKS_BEFORE_NAP = 100;

/** Bytes before the values of a row: the sequence lock's word, padded to a cache line. */
const HEADER_BYTES = 64;
const rowBytes = (size: number): number => HEADER_BYTES + Math.ceil((size * 8) / 64) * 64;

/** Memory for `rows` rows of `size` counters, all zero. */
export function allocateCounters(rows: number, size: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * rowBytes(size));
}

/** One thread's row. `values[slot] += n` counts; with `publish` used, count in `pending` instead. */
export class CounterRow {
  /** The shared row itself: write here when every single write leaves it consistent (shards). */
  readonly values: Float64Array;
  /** A private row: write here and call `publish` when it is consistent (dispatchers). */
  readonly pending: Float64Array;
  private readonly lock: Int32Array;

  constructor(memory: SharedArrayBuffer, row: number, size: number) {
    const at = row * rowBytes(size);
    this.lock = new Int32Array(memory, at, 1);
    this.values = new Float64Array(memory, at + HEADER_BYTES, size);
    this.pending = new Float64Array(size);
  }

  /** Copies `pending` to the shared row; readers see all of it or none. */
  publish(): void {
    Atomics.add(this.lock, 0, 1);
    this.values.set(this.pending);
    Atomics.add(this.lock, 0, 1);
  }

  /** A copy of the shared row that is from between two publications. */
  snapshot(): Float64Array {
    const copy = new Float64Array(this.values.length);
    for (let look = 1; look <= MAX_LOOKS; look++) {
      const before = Atomics.load(this.lock, 0);
      copy.set(this.values);
      if ((before & 1) === 0 && readAgain(this.lock, 0) === before) break;
      // The writer may be waiting for this very processor.
      if (look % LOOKS_BEFORE_NAP === 0) nap(1);
    }
    return copy;
  }
}
