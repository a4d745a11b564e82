/**
 * Where the contents and expressions of a rule were found, for evidence. Stage: detect (verify). One per shard.
 *
 * What is noted of a step replaces what was noted of it before, so that, once the rule matches, the places are those of
 * the choices that let it. Negated steps have no place. Bounded: steps beyond `MOST_TRACED` are not noted.
 */
export const MOST_TRACED = 64;

/** What a place belongs to. */
export const FOUND_BY = ['content', 'pcre'] as const;

export class MatchTrace {
  count = 0;
  /** By place: index into FOUND_BY, the buffer's number, whether positions count in what transforms have made of it. */
  readonly kinds = new Uint8Array(MOST_TRACED);
  readonly buffers = new Int32Array(MOST_TRACED);
  readonly transformed = new Uint8Array(MOST_TRACED);
  readonly starts = new Int32Array(MOST_TRACED);
  readonly lengths = new Int32Array(MOST_TRACED);
  private readonly steps = new Int32Array(MOST_TRACED);
  private row = -1;

  /** Forgets everything: another unit is inspected. */
  clear(): void {
    this.row = -1;
    this.count = 0;
  }

  /** The rule that is looked at; what is noted of it stays, as its buffers may be looked at one by one. */
  use(row: number): void {
    if (row === this.row) return;
    this.row = row;
    this.count = 0;
  }

  /** Notes that the step at word `step` of the code was found at `start` of a buffer. */
  note(step: number, kind: number, buffer: number, transformed: boolean, start: number, length: number): void {
    let at = 0;
    while (at < this.count && this.steps[at] !== step) at++;
    if (at === MOST_TRACED) return;
    if (at === this.count) this.count++;
    this.steps[at] = step;
    this.kinds[at] = kind;
    this.buffers[at] = buffer;
    this.transformed[at] = transformed ? 1 : 0;
    this.starts[at] = start;
    this.lengths[at] = length;
  }
}
