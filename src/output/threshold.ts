/**
 * Which alerts are written: suppress, threshold, detection_filter, rate_filter. Stage: output, main thread, after the
 * merge: alerts come in packet order, so what is decided does not depend on the number of shards. Time is packet time.
 *
 * As in Suricata, suppressions come first, then the thresholds of the rule in order, until one holds the alert back.
 * `threshold` and `event_filter` of threshold.config replace what a rule says itself where they name the rule; for a
 * whole gid, or all, they hold for rules that say nothing. A rate_filter comes on top; of several the first that holds.
 *
 * Hosts of different mirror sessions are different hosts where flows of different sessions are different flows. The
 * table has a cap; the entry least recently used gives way and is counted, which may make an alert too many or too few.
 */
import type { Action, Suppression, Threshold, ThresholdConfig } from '../block/terms.js';
import type { FullWindows } from '../detect/event/full-windows.js';
import { addressKey, isInSet } from './address-match.js';
import { ThresholdEntry } from './threshold-entry.js';

/** What is to be known of an alert; `CandidateView` (detect) has it. Addresses are 16 bytes, IPv4 in the first four. */
export interface AlertSubject {
  /** Generation of the rule set, and the rule's row in it. */
  readonly generation: number;
  readonly rule: number;
  readonly gid: number;
  readonly sid: number;
  readonly timeUs: number;
  readonly capture: number;
  /** 0 without a flow. */
  readonly flowId: number;
  readonly vni: number;
  /** 4, 6, or 0 without IP: only what asks for no address holds then. */
  readonly ipVersion: number;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly srcIp: Uint8Array;
  readonly dstIp: Uint8Array;
}

export interface RuleThresholds {
  /** The rule's row in its rule set. */
  readonly row: number;
  readonly gid: number;
  readonly sid: number;
  readonly thresholds: readonly Threshold[];
}

export const VERDICT = { write: 0, suppressed: 1, filtered: 2 } as const;
export type Verdict = (typeof VERDICT)[keyof typeof VERDICT];

export interface ThresholderOptions {
  /** Entries kept: one per rule, threshold and host, pair or flow. */
  readonly cap: number;
  readonly vniInKey: boolean;
}

/** What holds for one rule. */
interface Plan {
  readonly suppressions: readonly Suppression[];
  readonly thresholds: readonly Threshold[];
  /** Whether a full window of its threshold alone decides. */
  readonly isTold: boolean;
}

interface Kept {
  readonly threshold: Threshold;
  readonly entry: ThresholdEntry;
}

const NO_CONFIG: ThresholdConfig = { suppressions: [], thresholds: [] };
/** Entries at the old end looked at for every new one. */
const SWEEP = 2;
/** So long a window that is over is kept where there is room: alerts of ends of flows may be older than others. */
const KEPT_US = 3600e6;
/** Ports that weigh as much as an entry. */
const PORTS_PER_ENTRY = 8;

export class Thresholder {
  readonly stats = { suppressed: 0, filtered: 0, evicted: 0 };
  /** What a rate_filter made of the action of the alert last decided on; undefined where none did. */
  newAction: Action | undefined;

  private readonly cap: number;
  private readonly vniInKey: boolean;
  private rules = new Map<string, readonly Threshold[]>();
  private windows: FullWindows | undefined;
  private config = NO_CONFIG;
  private readonly plans = new Map<string, Plan>();
  /** Least recently used first. */
  private readonly entries = new Map<string, Kept>();
  private ports = 0;
  private capture = 0;

  constructor(options: ThresholderOptions) {
    this.cap = options.cap;
    this.vniInKey = options.vniInKey;
  }

  /** Entries in use. */
  get size(): number {
    return this.entries.size;
  }

  /**
   * Takes the rules and threshold.config of a new generation. Counts so far go on where a threshold stays as it was.
   * Shards hear of full windows where there is somewhere to tell them.
   */
  configure(rules: Iterable<RuleThresholds>, config: ThresholdConfig = NO_CONFIG, windows?: FullWindows): void {
    this.windows = windows;
    this.rules = new Map();
    this.config = config;
    this.plans.clear();
    // Which rules a line is about is found out at their first alert: packets wait meanwhile.
    const hasLines = config.suppressions.length > 0 || config.thresholds.length > 0;
    for (const { row, gid, sid, thresholds } of rules) {
      if (thresholds.length === 0) continue;
      this.rules.set(`${gid}:${sid}`, thresholds);
      if (!hasLines && canFill(thresholds)) windows?.expect(row, thresholds[0].track);
    }
  }

  /** Forgets all counts. A change of capture does so by itself. */
  clear(): void {
    this.entries.clear();
    this.ports = 0;
  }

  /**
   * Counts an alert and says what becomes of it. Alerts come in packet order, those that do not at a time of their own.
   */
  decide(alert: AlertSubject, timeUs = alert.timeUs): Verdict {
    this.newAction = undefined;
    if (alert.capture !== this.capture) this.clear();
    this.capture = alert.capture;
    const rule = `${alert.gid}:${alert.sid}`;
    const plan = this.plans.get(rule) ?? this.makePlan(rule, alert);
    for (const suppression of plan.suppressions) {
      if (!covers(suppression, alert)) continue;
      this.stats.suppressed++;
      return VERDICT.suppressed;
    }
    for (let i = 0; i < plan.thresholds.length; i++) {
      if (this.passes(plan, i, `${rule}:${i}`, alert, timeUs)) continue;
      this.stats.filtered++;
      return VERDICT.filtered;
    }
    return VERDICT.write;
  }

  /** Tells shards that a window is full, or that one is not any more. */
  private tell(threshold: Threshold, entry: ThresholdEntry, alert: AlertSubject): void {
    const { windows } = this;
    if (windows === undefined || alert.generation !== windows.generation) return;
    const fromUs = entry.fullSince(threshold);
    if (fromUs === undefined) windows.open(threshold.track, alert);
    else windows.close(threshold.track, alert, fromUs, fromUs + threshold.seconds * 1e6);
  }

  private makePlan(rule: string, { gid, sid }: AlertSubject): Plan {
    const holds = (entry: { gid: number; sid: number }): boolean =>
      (entry.gid === 0 || entry.gid === gid) && (entry.sid === 0 || entry.sid === sid);
    const matching = this.config.thresholds.filter(holds);
    const filters = matching.filter(({ threshold }) => threshold?.kind !== 'rate_filter');
    const named = filters.findLast((filter) => filter.sid !== 0);
    const own = this.rules.get(rule) ?? [];
    const general = own.length === 0 ? filters.findLast((filter) => filter.sid === 0) : undefined;
    const filter = named ?? general;
    const suppressions = this.config.suppressions.filter(holds);
    const thresholds = [
      ...(filter === undefined ? own : [filter.threshold]),
      ...matching.map(({ threshold }) => threshold).filter((threshold) => threshold?.kind === 'rate_filter'),
    ].filter((threshold) => threshold !== undefined);
    const plan = { suppressions, thresholds, isTold: suppressions.length === 0 && canFill(thresholds) };
    this.plans.set(rule, plan);
    return plan;
  }

  private passes(plan: Plan, index: number, name: string, alert: AlertSubject, timeUs: number): boolean {
    const threshold = plan.thresholds[index];
    // Nor is there a host to count by without addresses; a rule as a whole counts all the same.
    if (alert.ipVersion === 0 && threshold.track !== 'by_rule') return true;
    if (
      threshold.applyTo !== undefined &&
      !isInSet(threshold.applyTo, threshold.track === 'by_dst' ? alert.dstIp : alert.srcIp, alert.ipVersion)
    )
      return true;
    // Without a flow there is nothing to count by: what limits lets pass, what waits for more waits.
    if (threshold.track === 'by_flow' && alert.flowId === 0)
      return threshold.kind !== 'detection_filter' && threshold.kind !== 'threshold' && threshold.kind !== 'both';
    const entry = this.entryOf(threshold, `${name}:${threshold.kind}:${this.trackKey(threshold, alert)}`, timeUs);
    const portsBefore = entry.portCount;
    const alerts = entry.match(threshold, timeUs, threshold.uniqueOn === 'src_port' ? alert.srcPort : alert.dstPort);
    this.ports += entry.portCount - portsBefore;
    if (plan.isTold) this.tell(threshold, entry, alert);
    // Of several that hold, the first one decides (Snort, rate_filter).
    if (threshold.kind === 'rate_filter' && entry.active) this.newAction ??= threshold.newAction;
    return alerts && this.newAction !== 'pass';
  }

  private trackKey({ track }: Threshold, { vni, flowId, ipVersion, srcIp, dstIp }: AlertSubject): string {
    if (track === 'by_rule') return '';
    if (track === 'by_flow') return `${flowId}`;
    const session = this.vniInKey ? `${vni}:` : '';
    if (track === 'by_src') return session + addressKey(srcIp, ipVersion);
    if (track === 'by_dst') return session + addressKey(dstIp, ipVersion);
    const src = addressKey(srcIp, ipVersion);
    const dst = addressKey(dstIp, ipVersion);
    return session + (src < dst ? src + dst : dst + src);
  }

  private entryOf(threshold: Threshold, key: string, timeUs: number): ThresholdEntry {
    const kept = this.entries.get(key);
    if (kept === undefined) this.makeRoom(timeUs);
    else this.entries.delete(key);
    const entry = kept?.entry ?? new ThresholdEntry(threshold, timeUs);
    this.entries.set(key, { threshold, entry });
    return entry;
  }

  /** Forgets what is over at the old end, then what must go. */
  private makeRoom(timeUs: number): void {
    let looks = SWEEP;
    for (const [key, { threshold, entry }] of this.entries) {
      const full = this.entries.size + this.ports / PORTS_PER_ENTRY >= this.cap;
      if (!full && (looks-- === 0 || !entry.isOver(threshold, timeUs - KEPT_US))) return;
      if (!entry.isOver(threshold, timeUs) && !entry.isAhead(timeUs)) this.stats.evicted++;
      this.ports -= entry.portCount;
      this.entries.delete(key);
    }
  }
}

/** Whether no match of a window alerts any more, once so many have. */
const canFill = (thresholds: readonly Threshold[]): boolean =>
  thresholds.length === 1 && (thresholds[0].kind === 'limit' || thresholds[0].kind === 'both');

function covers({ track, addresses }: Suppression, { srcIp, dstIp, ipVersion }: AlertSubject): boolean {
  if (track === undefined || addresses === undefined) return true;
  const source = track !== 'by_dst' && isInSet(addresses, srcIp, ipVersion);
  return source || (track !== 'by_src' && isInSet(addresses, dstIp, ipVersion));
}
