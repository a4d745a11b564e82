/** The rules that are to be looked at, each once however often it is named. Stage: detect. Allocates nothing. */
import { sortRows } from './sort-rows.js';

export class CandidateRows {
  readonly rows: Int32Array;
  count = 0;
  /** Epoch in which a rule was last named. */
  private readonly marks: Uint32Array;
  private epoch = 0;

  constructor(rules: number) {
    this.rows = new Int32Array(rules);
    this.marks = new Uint32Array(rules);
  }

  /** Starts anew. */
  begin(): void {
    this.count = 0;
    if (++this.epoch <= 0xffffffff) return;
    this.epoch = 1;
    this.marks.fill(0);
  }

  /** Notes that the rule was named. @returns whether it was for the first time. */
  mark(row: number): boolean {
    if (this.marks[row] === this.epoch) return false;
    this.marks[row] = this.epoch;
    return true;
  }

  /** Adds a rule that is marked. */
  add(row: number): void {
    this.rows[this.count++] = row;
  }

  /** Ascending, which is the order in which they are to be verified. */
  sort(): void {
    sortRows(this.rows, this.count);
  }
}
