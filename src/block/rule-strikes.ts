/**
 * What rules have done wrong: a shard stalled or died at one, or one threw. The second time, on another frame, the rule
 * is taken out: one frame must not switch a rule off. Shared by all threads; a word for each rule, of one rule set.
 */

/** What a strike says. `again`: on a frame that is counted, or the rule is out already. */
export const STRIKE = { first: 0, again: 1, out: 2 } as const;
export type Strike = (typeof STRIKE)[keyof typeof STRIKE];

const MOST_FRAMES = 0x7fff_ffff;

export class RuleStrikes {
  /** By row: the frame of the first strike, in a word that is not 0. */
  private readonly frames: Int32Array;
  private readonly quarantine: Int32Array;

  /** @param quarantine one bit for each row, shared: rules that are taken out. */
  constructor(frames: Int32Array, quarantine: Int32Array) {
    this.frames = frames;
    this.quarantine = quarantine;
  }

  /** Notes that the rule did wrong on this frame; one below 0 is none that was seen. */
  strike(row: number, frame: number): Strike {
    const word = frame < 0 ? frame : (frame % MOST_FRAMES) + 1;
    const before = Atomics.compareExchange(this.frames, row, 0, word);
    if (before === 0) return STRIKE.first;
    if (before === word) return STRIKE.again;
    const bit = 1 << (row & 31);
    return (Atomics.or(this.quarantine, row >>> 5, bit) & bit) === 0 ? STRIKE.out : STRIKE.again;
  }

  /** Rules that are taken out. */
  get out(): number {
    let count = 0;
    for (let word = 0; word < this.quarantine.length; word++) {
      for (let bits = Atomics.load(this.quarantine, word); bits !== 0; bits &= bits - 1) count++;
    }
    return count;
  }
}
