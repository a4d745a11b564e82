/**
 * What becomes of exceptions while rules are verified: they cost the evaluation at hand, and are counted and told; at
 * the second frame of the kind the rule is taken out. Stage: detect. A trap of the kernel is no such exception: who
 * knows what it has left in memory.
 */
import { STRIKE, type RuleStrikes } from '../block/rule-strikes.js';

/** Told of an exception, of the rule that was verified if there was one, and of whether that is taken out for it. */
export type DetectionErrorListener = (error: unknown, row: number | undefined, isOut: boolean) => void;

export class RuleErrors {
  /** Evaluations of a rule that have thrown, and looks at a packet, a range or a transaction outside of any. */
  rules = 0;
  inspections = 0;
  /** The frame at hand. */
  frame = 0;
  private readonly strikes: RuleStrikes;
  private readonly onError: DetectionErrorListener | undefined;

  /** Without somebody to tell, as in tests, exceptions go on as they are. */
  constructor(strikes: RuleStrikes, onError: DetectionErrorListener | undefined) {
    this.strikes = strikes;
    this.onError = onError;
  }

  /** Takes what the rule has thrown. */
  ofRule(row: number, error: unknown): void {
    const listener = this.listener(error);
    this.rules++;
    const strike = this.strikes.strike(row, this.frame);
    if (strike !== STRIKE.again) listener(error, row, strike === STRIKE.out);
  }

  /** Takes what was thrown outside of any rule. */
  ofInspection(error: unknown): void {
    const listener = this.listener(error);
    this.inspections++;
    listener(error, undefined, false);
  }

  private listener(error: unknown): DetectionErrorListener {
    if (this.onError === undefined || (error as Error).name === 'RuntimeError') throw error;
    return this.onError;
  }
}
