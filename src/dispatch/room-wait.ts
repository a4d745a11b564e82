/**
 * How long a dispatcher of captures leaves a full ring alone: until about half of it is free. Stage: dispatch.
 *
 * Where threads share a processor, each change between them costs what caches held of both. Waking up each millisecond,
 * for some ten packets, made a `read` on one processor take an eighth longer (decision 44).
 */
import { nap } from '../util/doorbell.js';

/** No shard that is not stopped is done with a ring of the default size in less. */
const MOST_MS = 64;

export class RoomWait {
  private ms = 1;
  private readonly sleep: (ms: number) => void;

  constructor(sleep: (ms: number) => void = nap) {
    this.sleep = sleep;
  }

  /** Waits once. There may still be no room then. `fill` is from 0 to 1. */
  wait(ring: { readonly fill: number }): void {
    this.sleep(this.ms);
    const { fill } = ring;
    // Twice as long leaves a quarter of it.
    if (fill > 5 / 8) this.ms = Math.min(2 * this.ms, MOST_MS);
    else if (fill < 1 / 4) this.ms = Math.max(this.ms / 2, 1);
  }
}
