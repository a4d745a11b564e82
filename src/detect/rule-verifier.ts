/**
 * The verifier as units use it: notes which rule is at work, so that others know what a shard stalls at, counts, and
 * marks rules that were given up because of a limit. Stage: detect. What throws here does not match (rule-errors.ts).
 */
import type { RuleErrors } from './rule-errors.js';
import type { BufferSource } from './verify/buffer-source.js';
import type { Verifier } from './verify/verify.js';

export class RuleVerifier {
  /** Rules whose buffers were looked at. */
  verified = 0;
  private readonly verifier: Verifier;
  private readonly limited: Int32Array;
  private readonly progress: Int32Array;
  private readonly errors: RuleErrors;

  /**
   * @param limited one bit per rule row, shared: set where a rule was given up.
   * @param progress its element 0, shared, is the row at work plus 1, or 0.
   */
  constructor(verifier: Verifier, limited: Int32Array, progress: Int32Array, errors: RuleErrors) {
    this.verifier = verifier;
    this.limited = limited;
    this.progress = progress;
    this.errors = errors;
  }

  /** Points it at what is inspected next. */
  use(source: BufferSource): void {
    this.verifier.use(source);
  }

  /** Before a rule is looked at whose buffers come one by one. */
  beginRule(): void {
    this.verifier.beginRule();
  }

  /** Whether all buffers of the rule pass on the source in use. */
  verify(row: number): boolean {
    this.begin(row);
    try {
      return this.end(row, this.verifier.verify(row));
    } catch (error) {
      return this.fail(row, error);
    }
  }

  /** Whether the buffer programs of the rule in code [at, end) do. */
  verifySteps(row: number, at: number, end: number): boolean {
    this.begin(row);
    try {
      return this.end(row, this.verifier.verifySteps(at, end));
    } catch (error) {
      return this.fail(row, error);
    }
  }

  private begin(row: number): void {
    this.verified++;
    this.progress[0] = row + 1;
    this.verifier.trace?.use(row);
  }

  private end(row: number, passes: boolean): boolean {
    this.progress[0] = 0;
    if (this.verifier.exceeded) Atomics.or(this.limited, row >>> 5, 1 << (row & 31));
    return passes;
  }

  private fail(row: number, error: unknown): false {
    this.errors.ofRule(row, error);
    this.verifier.abandon();
    this.progress[0] = 0;
    return false;
  }
}
