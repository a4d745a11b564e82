/**
 * The gate and the verifier where what rules cost is measured: they do what those without do, and note it. Stage:
 * detect. A detector has these instead of the others, so that nothing on the way of a packet asks whether to measure.
 */
import type { Transaction } from '../app/transaction.js';
import type { InspectionProfile } from '../block/inspection-profile.js';
import { RuleGate, type GateParts } from './rule-gate.js';
import { RuleVerifier } from './rule-verifier.js';

export class ProfiledGate extends RuleGate {
  private readonly profile: InspectionProfile;

  constructor(parts: GateParts, profile: InspectionProfile) {
    super(parts);
    this.profile = profile;
  }

  override admits(row: number): boolean {
    if (!super.admits(row)) return false;
    this.profile.addCandidate(row);
    return true;
  }

  override matched(row: number, transaction: Transaction | null): void {
    this.profile.addMatch(row);
    super.matched(row, transaction);
  }
}

export class ProfiledVerifier extends RuleVerifier {
  private readonly profile: InspectionProfile;

  constructor(profile: InspectionProfile, ...parts: ConstructorParameters<typeof RuleVerifier>) {
    super(...parts);
    this.profile = profile;
  }

  override verify(row: number): boolean {
    const startMs = performance.now();
    const passes = super.verify(row);
    this.profile.addEvaluation(row, (performance.now() - startMs) * 1000);
    return passes;
  }

  override verifySteps(row: number, at: number, end: number): boolean {
    const startMs = performance.now();
    const passes = super.verifySteps(row, at, end);
    this.profile.addEvaluation(row, (performance.now() - startMs) * 1000);
    return passes;
  }
}
