/**
 * Puts the alert candidates of all shards back into the order of their packets. Stage: output, main thread.
 *
 * A k-way merge over streams that are each in order already: the front with the lowest sequence number goes next, once
 * every stream without a front promises, by its watermark, that nothing lower will come. Candidates stay where they lie
 * (each shard's ring), so the merger holds nothing and is bounded by what the rings are. Why shards that wait for room,
 * a merger that waits for shards and a dispatcher that waits for both never lock each other out is said in
 * ARCHITECTURE.md. Each layer of a frame has a number and is inspected by one shard, so its candidates are in one
 * stream and keep their order. What comes of flows that end at a tick has the number of the tick in all shards: it goes
 * by the time of the flow's last packet, then by the flow's id, which is the order in which a shard ends them.
 * Allocates nothing after construction.
 *
 * An input may bound the wait of its candidates, so that a shard that stands still holds up no alerts but its own. What
 * comes from that shard afterwards is late: it follows candidates of later packets, and is counted.
 */

export interface MergeInput {
  /** Nothing below this sequence number comes behind what `front` shows afterwards. Infinity at the end. */
  watermark(): number;
  /** Sequence number of the candidate at the front, or -1 when there is none at the moment. */
  front(): number;
  /** Time of its packet, microseconds, and id of its flow. */
  readonly frontTimeUs: number;
  readonly frontFlowId: number;
  /** Whether the candidate at the front has waited for other inputs for as long as it may. */
  isOverdue(): boolean;
}

const EMPTY = -1;

export class Merger {
  private readonly inputs: readonly MergeInput[];
  private readonly fronts: Float64Array;
  private readonly marks: Float64Array;
  /** The highest sequence number given out. */
  private highest = -Infinity;

  constructor(inputs: readonly MergeInput[]) {
    this.inputs = inputs;
    this.fronts = new Float64Array(inputs.length).fill(EMPTY);
    this.marks = new Float64Array(inputs.length).fill(-Infinity);
  }

  /**
   * The input whose front is next in order, as far as waiting for it is worth while; take it off there and say so with
   * `taken`. @returns -1 when there is nothing, or when a shard that is behind must catch up first.
   */
  next(): number {
    const next = this.nextInOrder();
    if (next !== EMPTY) return next;
    // What shards show that have not been looked at since may be overdue, or come before what is.
    for (let i = 0; i < this.inputs.length; i++) {
      if (this.fronts[i] === EMPTY) this.look(i);
    }
    return this.anyOverdue() ? this.lowestFront() : EMPTY;
  }

  /** Whether any input shows a candidate, as far as was looked. */
  get holds(): boolean {
    return this.lowestFront() !== EMPTY;
  }

  /** Whether the front of this input comes behind one of a later packet. */
  isLate(input: number): boolean {
    return this.fronts[input] < this.highest;
  }

  /** The front of this input was taken off, or the input was replaced by another. */
  taken(input: number): void {
    this.highest = Math.max(this.highest, this.fronts[input]);
    this.look(input);
  }

  private nextInOrder(): number {
    let best = this.lowestFront();
    for (let i = 0; i < this.inputs.length; i++) {
      if (this.fronts[i] !== EMPTY || (best !== EMPTY && this.marks[i] > this.fronts[best])) continue;
      this.look(i);
      // What appears may be lower than the best so far; the streams passed before are behind neither.
      if (this.fronts[i] !== EMPTY) best = best === EMPTY || this.isBefore(i, best) ? i : best;
      else if (best !== EMPTY && this.marks[i] <= this.fronts[best]) return EMPTY;
    }
    return best !== EMPTY && this.allPassed(best) ? best : EMPTY;
  }

  private look(input: number): void {
    // The watermark first: what is written after it was read is not below it.
    this.marks[input] = this.inputs[input].watermark();
    this.fronts[input] = this.inputs[input].front();
  }

  private anyOverdue(): boolean {
    for (let i = 0; i < this.inputs.length; i++) {
      if (this.fronts[i] !== EMPTY && this.inputs[i].isOverdue()) return true;
    }
    return false;
  }

  private lowestFront(): number {
    let best = EMPTY;
    for (let i = 0; i < this.fronts.length; i++) {
      if (this.fronts[i] !== EMPTY && (best === EMPTY || this.isBefore(i, best))) best = i;
    }
    return best;
  }

  private isBefore(a: number, b: number): boolean {
    const { fronts, inputs } = this;
    if (fronts[a] !== fronts[b]) return fronts[a] < fronts[b];
    const time = inputs[a].frontTimeUs - inputs[b].frontTimeUs;
    return time < 0 || (time === 0 && inputs[a].frontFlowId < inputs[b].frontFlowId);
  }

  /** Streams looked at before any front was known have not been compared yet. */
  private allPassed(best: number): boolean {
    for (let i = 0; i < this.fronts.length; i++) {
      if (this.fronts[i] === EMPTY && this.marks[i] <= this.fronts[best]) return false;
    }
    return true;
  }
}
