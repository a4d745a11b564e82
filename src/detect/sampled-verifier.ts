/**
 * The verifier where the time that rules take is estimated: it does what the one without does, and times some of its
 * looks at rules. Stage: detect. Which ones is drawn, so that no rhythm of the traffic falls in with them.
 */
import { SAMPLE_EVERY } from '../block/rule-times.js';
import { RuleVerifier } from './rule-verifier.js';

/** Of the generator that says which look is timed next (xorshift32). */
const SEED = 0x9e37_79b9;

export class SampledVerifier extends RuleVerifier {
  private readonly microseconds: Float64Array;
  private random = SEED | 0;
  /** Looks until the next one that is timed. */
  private left = 1;

  /** `microseconds`: a value per rule row, which the times are added to. */
  constructor(microseconds: Float64Array, ...parts: ConstructorParameters<typeof RuleVerifier>) {
    super(...parts);
    this.microseconds = microseconds;
  }

  override verify(row: number): boolean {
    if (--this.left > 0) return super.verify(row);
    const startMs = performance.now();
    const passes = super.verify(row);
    this.note(row, performance.now() - startMs);
    return passes;
  }

  override verifySteps(row: number, at: number, end: number): boolean {
    if (--this.left > 0) return super.verifySteps(row, at, end);
    const startMs = performance.now();
    const passes = super.verifySteps(row, at, end);
    this.note(row, performance.now() - startMs);
    return passes;
  }

  private note(row: number, milliseconds: number): void {
    this.microseconds[row] += milliseconds * 1000 * SAMPLE_EVERY;
    let { random } = this;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.random = random;
    // From 1 to 127, so 64 on average.
    this.left = 1 + ((random >>> 0) % (2 * SAMPLE_EVERY - 1));
  }
}
