/**
 * Rules that shards gave up on some packet because of a limit: one bit each in shared memory, set by shards, read by
 * the main thread, which names each rule once. Stage: shard.
 */

/** Rules named at a time, so that a log stays readable. */
const MAX_NAMED = 10;

export class LimitedRules {
  private readonly bits: Int32Array;
  private readonly named: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.bits = new Int32Array(memory);
    this.named = new Int32Array(this.bits.length);
  }

  /** Rows of rules not named before, some at a time. */
  take(): number[] {
    const rows: number[] = [];
    for (let word = 0; word < this.bits.length && rows.length < MAX_NAMED; word++) {
      let fresh = Atomics.load(this.bits, word) & ~this.named[word];
      for (; fresh !== 0 && rows.length < MAX_NAMED; fresh &= fresh - 1) {
        const bit = 31 - Math.clz32(fresh & -fresh);
        this.named[word] |= 1 << bit;
        rows.push(32 * word + bit);
      }
    }
    return rows;
  }
}
