/**
 * From the shards' candidate rings to events: merge in packet order, decide thresholds (of alerts), write. Stage:
 * output, main thread.
 *
 * `pump` does as much as there is, up to a limit, and is called again and again; candidates stay in their rings until
 * then, so nothing is buffered here.
 */
import { CANDIDATE_KIND, CandidateView } from '../detect/event/candidate.js';
import { NO_RECORD, RingConsumer, type RingPlace } from '../ring/record-ring.js';
import type { EveWriter } from './eve.js';
import type { EvidenceStore } from './evidence-store.js';
import { SecondLimit } from '../util/second-limit.js';
import { Merger, type MergeInput } from './merge.js';
import { VERDICT, type Thresholder } from './threshold.js';

/** Where one shard's candidates come from. */
export interface CandidateSource {
  readonly ring: RingPlace;
  /** Every frame below this sequence number that goes to the shard is done; Infinity when it has ended. */
  readonly watermark: () => number;
}

export interface AlertStreamOptions {
  readonly sources: readonly CandidateSource[];
  readonly thresholder: Thresholder;
  readonly eve: EveWriter;
  /** Where the packets of flows that alert go. */
  readonly evidence?: EvidenceStore | undefined;
  /** Events of anomalies in a second of packet time at most; 0 where it is left out. */
  readonly anomaliesPerSecond?: number;
  /** Called for every alert that was written. */
  readonly onAlert: (alert: CandidateView) => void;
  /**
   * Whether an event can be written, asked before each of them; where left out, one that cannot is lost and counted.
   */
  readonly hasRoom?: () => boolean;
  /**
   * A clock, where candidates wait for those of earlier packets for `PATIENCE_MS` at most; where left out, they wait as
   * long as it takes.
   */
  readonly clockMs?: () => number;
}

/** So long a candidate waits for a shard that is behind, at most; at least half as long. */
export const PATIENCE_MS = 200;

/** What ends with a flow has the time of its last packet, which may be long ago. */
const AT_THE_END: readonly number[] = [CANDIDATE_KIND.flow, CANDIDATE_KIND.transaction, CANDIDATE_KIND.evidence];

class CandidateInput implements MergeInput {
  readonly view: CandidateView;
  readonly watermark: () => number;
  private readonly ring: RingConsumer;
  /** What is before the first was there at the last look at the clock but one, before the second at the last one. */
  private overdueBelow: number | undefined;
  private seenBelow: number | undefined;

  constructor({ ring, watermark }: CandidateSource) {
    this.ring = new RingConsumer(ring);
    this.view = new CandidateView(this.ring);
    this.watermark = watermark;
  }

  front(): number {
    return this.ring.next() === NO_RECORD ? -1 : this.view.moveTo(this.ring.offset).seq;
  }

  get frontTimeUs(): number {
    return this.view.timeUs;
  }

  get frontFlowId(): number {
    return this.view.flowId;
  }

  isOverdue(): boolean {
    return this.overdueBelow !== undefined && this.ring.isBefore(this.overdueBelow);
  }

  /** Half of the time that candidates may wait is over. */
  age(): void {
    this.overdueBelow = this.seenBelow;
    this.seenBelow = this.ring.end;
  }

  release(): void {
    this.ring.release();
  }
}

export class AlertStream {
  private readonly inputs: readonly CandidateInput[];
  private readonly merger: Merger;
  private readonly options: AlertStreamOptions;
  private agedMs = -Infinity;
  /** Packet time of the latest candidate that came in order. */
  private timeUs = 0;
  private lateCandidates = 0;
  private readonly anomalies: SecondLimit;

  constructor(options: AlertStreamOptions) {
    this.options = options;
    this.anomalies = new SecondLimit(options.anomaliesPerSecond ?? 0);
    this.inputs = options.sources.map((source) => new CandidateInput(source));
    this.merger = new Merger(this.inputs);
  }

  /** Candidates that came behind those of later packets. */
  get late(): number {
    return this.lateCandidates;
  }

  /** Anomalies beyond the limit of their second. */
  get anomaliesWithheld(): number {
    return this.anomalies.withheld;
  }

  /** Whether candidates are known that wait for those of earlier packets. */
  get holds(): boolean {
    return this.merger.holds;
  }

  /** Takes up to `limit` candidates. @returns how many; less than `limit` when no more can be ordered, or written. */
  pump(limit: number): number {
    const { hasRoom } = this.options;
    this.age();
    for (let taken = 0; taken < limit; taken++) {
      if (hasRoom?.() === false) return taken;
      const next = this.merger.next();
      if (next < 0) return taken;
      const input = this.inputs[next];
      this.noteTime(next);
      this.take(input.view);
      input.release();
      this.merger.taken(next);
    }
    return limit;
  }

  private age(): void {
    const { clockMs } = this.options;
    if (clockMs === undefined) return;
    const nowMs = clockMs();
    if (nowMs - this.agedMs < PATIENCE_MS / 2) return;
    this.agedMs = nowMs;
    for (const input of this.inputs) input.age();
  }

  /** A late alert counts at the time of what it follows: for thresholds, no shard that was held up sets time back. */
  private noteTime(input: number): void {
    if (this.merger.isLate(input)) this.lateCandidates++;
    else if (!AT_THE_END.includes(this.inputs[input].view.kind)) this.timeUs = this.inputs[input].view.timeUs;
  }

  private take(view: CandidateView): void {
    const { thresholder, eve, evidence, onAlert } = this.options;
    if (view.kind === CANDIDATE_KIND.anomaly && !this.anomalies.passes(view.timeUs)) return;
    if (view.kind === CANDIDATE_KIND.evidence) return evidence?.take(view);
    if (view.kind !== CANDIDATE_KIND.alert) {
      eve.writeOther(view);
      return;
    }
    if (thresholder.decide(view, this.timeUs) !== VERDICT.write) return;
    eve.write(view, thresholder.newAction);
    evidence?.alerted(view);
    onAlert(view);
  }
}
