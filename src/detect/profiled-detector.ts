/**
 * The detector where what inspection costs is measured: how often it looks at packets, ranges and transactions, and for
 * how long. Stage: detect. Takes the place of the other one, whose way it leaves as it is.
 */
import type { Transaction } from '../app/transaction.js';
import { APPLICATION_COST, STAGES, type InspectionProfile } from '../block/inspection-profile.js';
import type { RuleSet } from '../block/rule-set.js';
import type { Direction, Flow } from '../flow/flow.js';
import { spokenApplication } from '../flow/flow-application.js';
import type { SetMatcher } from '../match/literal/matcher.js';
import { Detector, type Received } from './detect.js';
import type { DetectorOptions } from './detector-options.js';
import type { CandidateSink } from './event/candidate.js';

const PACKETS = STAGES.indexOf('packets');
const STREAMS = STAGES.indexOf('streams');
const TRANSACTIONS = STAGES.indexOf('transactions');
const ALERTS = STAGES.indexOf('alerts');

const spokenBy = (flow: Flow | null): number => (flow === null ? 0 : spokenApplication(flow));

export class ProfiledDetector extends Detector {
  private readonly profile: InspectionProfile;
  private startMs = 0;
  private verified = 0;

  constructor(rules: RuleSet, scanner: SetMatcher, options: DetectorOptions, profile: InspectionProfile) {
    super(rules, scanner, options);
    this.profile = profile;
  }

  override inspectPacket(inStream: boolean): void {
    const { flow, packet, profile } = this;
    this.start();
    super.inspectPacket(inStream);
    this.end(PACKETS, spokenBy(flow), packet.payloadLength);
    profile.addPacket(spokenBy(flow), packet.payloadLength);
  }

  override inspectRange(direction: Direction, start: number, length: number, origin: number, seen: number): void {
    this.start();
    super.inspectRange(direction, start, length, origin, seen);
    this.end(STREAMS, spokenBy(this.flow), length - seen);
  }

  override inspectTransaction(
    transaction: Transaction,
    application: number,
    direction: Direction,
    complete: boolean,
  ): void {
    this.start();
    super.inspectTransaction(transaction, application, direction, complete);
    this.end(TRANSACTIONS, application, 0);
  }

  override finish(sink: CandidateSink, received: Received): boolean {
    const { alerts } = this;
    const startMs = performance.now();
    const hasAlerts = super.finish(sink, received);
    this.endAlerts(startMs, alerts);
    return hasAlerts;
  }

  override finishFlow(sink: CandidateSink): void {
    const { alerts } = this;
    const startMs = performance.now();
    super.finishFlow(sink);
    this.endAlerts(startMs, alerts);
  }

  private start(): void {
    this.verified = this.profile.verification;
    this.startMs = performance.now();
  }

  private end(stage: number, application: number, bytes: number): void {
    const { profile } = this;
    const microseconds = (performance.now() - this.startMs) * 1000;
    profile.addStage(stage, 1, bytes, microseconds, profile.verification - this.verified);
    profile.addTime(application, APPLICATION_COST.inspection, microseconds);
  }

  private endAlerts(startMs: number, before: number): void {
    this.profile.addStage(ALERTS, this.alerts - before, 0, (performance.now() - startMs) * 1000, 0);
  }
}

/** A detector; one that measures where the options have a profile. */
export function openDetector(rules: RuleSet, scanner: SetMatcher, options: DetectorOptions): Detector {
  const { profile } = options;
  return profile === undefined
    ? new Detector(rules, scanner, options)
    : new ProfiledDetector(rules, scanner, options, profile);
}
