/**
 * Puts the alert candidates of all shards back into the order of their packets. Stage: output, main thread.
 *
 * A k-way merge over streams that are each in order already: the front with the lowest sequence number goes next, once
 * every stream without a front promises, by its watermark, that nothing lower will come. Candidates stay where they lie
 * (each shard's ring), so the merger holds nothing and is bounded by what the rings are. Why shards that wait for room, a
 * merger that waits for shards and a dispatcher that waits for both never lock each other out is said in ARCHITECTURE.md.
 * One packet is inspected by one shard, so its candidates are in one stream and keep their order. Allocates nothing after
 * construction.
 */

export interface MergeInput {
  /** Nothing below this sequence number comes behind what `front` shows afterwards. Infinity at the end. */
  watermark(): number;
  /** Sequence number of the candidate at the front, or -1 when there is none at the moment. */
  front(): number;
}

const EMPTY = -1;

export class Merger {
  private readonly inputs: readonly MergeInput[];
  private readonly fronts: Float64Array;
  private readonly marks: Float64Array;

  constructor(inputs: readonly MergeInput[]) {
    this.inputs = inputs;
    this.fronts = new Float64Array(inputs.length).fill(EMPTY);
    this.marks = new Float64Array(inputs.length).fill(-Infinity);
  }

  /**
   * The input whose front is next in order; take it off there and say so with `taken`.
   * @returns -1 when there is nothing, or when a shard that is behind must catch up first.
   */
  next(): number {
    let best = this.lowestFront();
    for (let i = 0; i < this.inputs.length; i++) {
      if (this.fronts[i] !== EMPTY || (best !== EMPTY && this.marks[i] > this.fronts[best])) continue;
      this.look(i);
      // What appears may be lower than the best so far; the streams passed before are behind neither.
      if (this.fronts[i] !== EMPTY) best = best === EMPTY || this.fronts[i] < this.fronts[best] ? i : best;
      else if (best !== EMPTY && this.marks[i] <= this.fronts[best]) return EMPTY;
    }
    return best !== EMPTY && this.allPassed(best) ? best : EMPTY;
  }

  /** The front of this input was taken off, or the input was replaced by another. */
  taken(input: number): void {
    this.look(input);
  }

  private look(input: number): void {
    // The watermark first: what is written after it was read is not below it.
    this.marks[input] = this.inputs[input].watermark();
    this.fronts[input] = this.inputs[input].front();
  }

  private lowestFront(): number {
    let best = EMPTY;
    for (let i = 0; i < this.fronts.length; i++) {
      if (this.fronts[i] !== EMPTY && (best === EMPTY || this.fronts[i] < this.fronts[best])) best = i;
    }
    return best;
  }

  /** Streams looked at before any front was known have not been compared yet. */
  private allPassed(best: number): boolean {
    for (let i = 0; i < this.fronts.length; i++) {
      if (this.fronts[i] === EMPTY && this.marks[i] <= this.fronts[best]) return false;
    }
    return true;
  }
}
