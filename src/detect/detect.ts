/**
 * Detection: which rules match what a packet brings. Stage: detect, the last in a shard.
 *
 *   begin ─ packet ─ stream ranges ─ transactions ─ finish: by rank, up to a pass ─ alerts
 *
 * Each of these units has buffers of its own and goes in a direction of its own: what a side has sent becomes known
 * with the other side's acknowledgement. What a match does to flowbits, datasets and tags it does at once; alerts wait
 * for the end of the packet.
 *
 * Pass. A pass rule ends, in the order of ranks, the list of what has matched on the packet. It covers the rest of its
 * flow too, unless it matched on the packet itself and asks for more than its header (as in Suricata). Nothing is taken
 * back of packets before.
 *
 * Per packet nothing is allocated; alerts, and texts for regular expressions, are.
 */
import { GROUP_INDEX, GROUP_INDEX_WORDS, RULE, RULE_FLAG } from '../block/rule-block.js';
import type { RuleSet } from '../block/rule-set.js';
import { RuleStrikes } from '../block/rule-strikes.js';
import { ACTIONS } from '../block/terms.js';
import type { ConnectionStatus } from '../app/connection-status.js';
import type { Transaction } from '../app/transaction.js';
import { IP_PROTOCOL, type Packet } from '../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import type { SetMatcher } from '../match/literal/matcher.js';
import { Span } from '../memory/span.js';
import { CandidateRows } from './candidates/candidate-rows.js';
import { isStreamData } from './candidates/header-check.js';
import type { DetectorOptions, DetectStats } from './detector-options.js';
import { AlertRenderer } from './event/alert.js';
import type { EventLine } from './event/event-line.js';
import type { Candidate, CandidateSink } from './event/candidate.js';
import type { FullWindows } from './event/full-windows.js';
import { FileStorer } from './file-storer.js';
import { GROWING_BUFFERS } from './growing.js';
import { GroupScan } from './group-scan.js';
import { MatchEvidence } from './match-evidence.js';
import { MatchQueue, UNIT_KIND, type UnitKind } from './match-queue.js';
import { PacketInspector } from './packet-inspector.js';
import { ProfiledGate, ProfiledVerifier } from './profiled-rules.js';
import { RuleErrors } from './rule-errors.js';
import { RuleGate, type GateParts } from './rule-gate.js';
import { RuleVerifier } from './rule-verifier.js';
import { SampledVerifier } from './sampled-verifier.js';
import { Captures } from './state/captures.js';
import { DataSets } from './state/data-sets.js';
import { Inspection } from './state/inspection.js';
import { allocateHostBits, HostBits } from './state/host-bits.js';
import { Tagger, type TagStats } from './state/tagger.js';
import { StreamInspector } from './stream-inspector.js';
import { TransactionInspector } from './transaction-inspector.js';
import { PacketSource } from './verify/packet-source.js';
import { StreamSource } from './verify/stream-source.js';
import { TransactionSource } from './verify/transaction-source.js';
import { DEFAULT_VERIFY_LIMITS, Verifier } from './verify/verify.js';

/** Tells when the packet at hand was received: milliseconds since 1970, 0 where nobody knows. */
export interface Received {
  readonly receivedMs: number;
}
const NEVER: Received = { receivedMs: 0 };

const PASS = ACTIONS.indexOf('pass');

export class Detector {
  private readonly rules: RuleSet;
  private readonly verifier: Verifier;
  private readonly ruleVerifier: RuleVerifier;
  private readonly errors: RuleErrors;
  private readonly source: PacketSource;
  private readonly gate: RuleGate;
  private readonly queue: MatchQueue;
  private readonly packets: PacketInspector;
  private readonly streams: StreamInspector | undefined;
  private readonly transactions: TransactionInspector | undefined;
  private readonly inspection: Inspection | undefined;
  /** What lies in the stream, or the datagram, beside a transaction. */
  private readonly payload = new Span();
  private readonly renderer: AlertRenderer;
  private readonly evidence: MatchEvidence | undefined;
  private readonly arenaBytes: Uint8Array | undefined;
  private readonly tagger: Tagger;
  private readonly datasets: DataSets;
  private readonly captures: Captures;
  private readonly progress: Int32Array;
  private readonly fullWindows: FullWindows | undefined;
  /** Whether the packet at hand is the first behind what told the application of its side. */
  wasTold = false;
  protected packet!: Packet;
  protected flow: Flow | null = null;
  protected alerts = 0;
  private direction: Direction = DIRECTION.toServer;
  private alertsDropped = 0;
  private alertsHeldBack = 0;
  private passed = 0;
  /** What the ranges at hand belong to, and the progress of its transactions that are complete. */
  private status: ConnectionStatus | null = null;
  private complete = 0;

  constructor(rules: RuleSet, scanner: SetMatcher, options: DetectorOptions = {}) {
    this.rules = rules;
    const quarantine = options.quarantine ?? new Int32Array((rules.ruleCount + 31) >>> 5);
    this.source = new PacketSource(options.fragmentPayload ?? false);
    this.datasets = new DataSets(rules, options.dataTable);
    const limits = options.limits ?? DEFAULT_VERIFY_LIMITS;
    this.captures = new Captures(rules);
    this.verifier = new Verifier(rules, limits, this.datasets, options.workspace, this.captures);
    this.progress = options.progress ?? new Int32Array(1);
    this.fullWindows = options.fullWindows;
    const limited = options.limited ?? new Int32Array(quarantine.length);
    const strikes = new RuleStrikes(options.strikes ?? new Int32Array(rules.ruleCount), quarantine);
    this.errors = new RuleErrors(strikes, options.onError);
    this.queue = new MatchQueue(this.errors, options.alerts?.forwarded?.header);
    const { profile } = options;
    this.ruleVerifier = ruleVerifierOf(options, this.verifier, limited, this.progress, this.errors);
    const generation = options.generation ?? 0;
    this.renderer = new AlertRenderer(rules, generation, this.captures, options.alerts);
    const evidence = new MatchEvidence(options.alerts ?? {});
    this.evidence = evidence.isWanted ? evidence : undefined;
    this.verifier.trace = this.evidence?.trace;
    this.arenaBytes = options.arena?.bytes;
    this.tagger = new Tagger(rules, options);
    const hosts = options.hostBits ?? (rules.hostState ? new HostBits(allocateHostBits(), true) : undefined);
    const { arena } = options;
    this.inspection = arena && new Inspection(arena, generation, mostGroups(rules), GROWING_BUFFERS.length);
    const gateParts: GateParts = {
      rules,
      queue: this.queue,
      tagger: this.tagger,
      hosts,
      quarantine,
      datasets: this.datasets,
      captures: this.captures,
      inspection: this.inspection,
      evidence: this.evidence,
      streams: arena !== undefined,
    };
    this.gate = profile === undefined ? new RuleGate(gateParts) : new ProfiledGate(gateParts, profile);
    const shared = {
      rules,
      scan: new GroupScan(rules, scanner, this.verifier.transformer, limits.rule),
      gate: this.gate,
      candidates: new CandidateRows(rules.ruleCount),
      verifier: this.ruleVerifier,
    };
    this.packets = new PacketInspector({ ...shared, source: this.source });
    if (arena === undefined || this.inspection === undefined) return;
    this.streams = new StreamInspector({ ...shared, source: new StreamSource(arena.bytes) });
    const source = new TransactionSource(arena.bytes, this.payload);
    const storer =
      options.storesFiles === true ? new FileStorer(rules, this.ruleVerifier, source, generation) : undefined;
    this.transactions = new TransactionInspector({ ...shared, source, inspection: this.inspection, storer });
  }

  get stats(): DetectStats {
    const { gate, alerts, passed } = this;
    return {
      verified: this.ruleVerifier.verified,
      matches: gate.matches,
      alerts,
      passed,
      alertsHeldBack: this.alertsHeldBack,
      alertsDropped: this.alertsDropped + gate.matchesDropped,
      flowBitsRefused: gate.bitsRefused,
      rulesForgotten: this.inspection?.refused ?? 0,
      ruleErrors: this.errors.rules,
      inspectionErrors: this.errors.inspections,
    };
  }

  /** Rules given up, or not tried, because verifying a packet took too many steps (the counter `detect_step_limit`). */
  get stepLimit(): number {
    return this.verifier.stepLimit;
  }

  get tagStats(): TagStats {
    return this.tagger.stats;
  }

  /** Whether packets are to come with the events of their TCP connections (stream/tcp-observer.ts). */
  get wantsTcpEvents(): boolean {
    return this.rules.tcpEvents;
  }

  /** Whether the rules keep state of hosts or pairs. */
  get keepsHostState(): boolean {
    return this.rules.hostState;
  }

  /** Forgets what rules have done to datasets; only where there is one shard. */
  restartDatasets(): void {
    this.datasets.restart();
  }

  /** Regular expressions that could not be made ready in this shard. */
  get brokenRegexes(): number {
    return this.verifier.regexes.broken;
  }

  /** Searches for regular expressions that were given up. */
  get regexLimit(): number {
    return this.verifier.regexes.limited;
  }

  /** Inspects a packet by itself: all that there is of traffic that makes no streams. */
  inspect(packet: Packet, flow: Flow | null, direction: Direction, sink: CandidateSink, received = NEVER): void {
    if (!this.begin(packet, flow, direction)) return;
    this.inspectPacket(false);
    this.finish(sink, received);
  }

  /**
   * Takes in the layer that `packet` has loaded; `flow` has it counted in already.
   * @returns false where there is nothing to inspect, as a pass rule covers the flow.
   */
  begin(packet: Packet, flow: Flow | null, direction: Direction): boolean {
    this.wasTold = false;
    this.gate.silences = false;
    if (flow !== null && flow.passed) {
      this.passed++;
      return false;
    }
    this.packet = packet;
    this.flow = flow;
    this.direction = direction;
    this.verifier.begin();
    this.captures.begin();
    this.errors.frame = packet.seq - packet.layerIndex;
    if (packet.protocol === IP_PROTOCOL.udp) this.payload.set(packet.payloadOffset, packet.payloadLength);
    else this.payload.set(0, 0);
    return true;
  }

  /** Inspects the packet itself. `inStream`: its payload is part of a stream, of which ranges are inspected. */
  inspectPacket(inStream: boolean): void {
    const { packet, flow, direction } = this;
    this.evidence?.show(UNIT_KIND.packet, packet.bytes, packet.payloadOffset, packet.payloadLength, 0);
    try {
      this.gate.begin(packet, flow, direction, UNIT_KIND.packet, this.source.use(packet).hasPayload);
      this.wasTold = this.gate.justTold;
      this.packets.inspect(packet, flow, direction, inStream);
    } catch (error) {
      this.errors.ofInspection(error);
    }
  }

  /**
   * What the flow speaks was told behind its last packet, which stands for both sides here: rules that ask for nothing
   * else would find no packet (as in Suricata).
   */
  inspectTold(flow: Flow): void {
    for (const direction of [DIRECTION.toClient, DIRECTION.toServer] as const) {
      const { packet } = this;
      const isReversed = direction !== this.direction;
      if (isReversed) packet.reverse();
      try {
        this.gate.beginTold(packet, flow, direction);
        this.source.use(packet);
        this.packets.inspect(packet, flow, direction, true);
      } catch (error) {
        this.errors.ofInspection(error);
      }
      if (isReversed) packet.reverse();
    }
  }

  /**
   * Inspects a range of what one side has sent: `length` bytes from `start` on in the arena's memory, the first of
   * which is at `origin` in the stream. The first `seen` of them were inspected before.
   */
  inspectRange(direction: Direction, start: number, length: number, origin: number, seen: number): void {
    const { streams } = this;
    if (streams === undefined) return;
    this.payload.set(start, length);
    this.showRange(UNIT_KIND.stream, origin);
    const isReversed = direction !== this.direction;
    if (isReversed) this.packet.reverse();
    try {
      this.gate.begin(this.packet, this.flow, direction, UNIT_KIND.stream, true);
      streams.inspect(direction, start, length, origin, seen, this.goesOn(direction));
      if (streams.besideCount > 0) this.noteBeside(direction, streams);
    } catch (error) {
      this.errors.ofInspection(error);
    }
    if (isReversed) this.packet.reverse();
  }

  /** Whether a rule has matched that wants no events of the transactions at hand. */
  get silences(): boolean {
    return this.gate.silences;
  }

  /** Says whose messages the ranges are that are inspected next. `complete`: progress of a side that has ended. */
  showTransactions(status: ConnectionStatus | null, complete: number): void {
    this.status = status;
    this.complete = complete;
  }

  /** Whether a message of the side goes on behind what was read of it. */
  private goesOn(direction: Direction): boolean {
    const { status } = this;
    if (status === null) return false;
    for (let i = 0; i < status.count; i++) if (this.isOpen(status.transactions[i]!, direction)) return true;
    return false;
  }

  private isOpen(transaction: Transaction, direction: Direction): boolean {
    const progress = transaction.progress(direction);
    return progress > 0 && progress < this.complete && ((transaction.inspected >>> direction) & 1) === 0;
  }

  private noteBeside(direction: Direction, { beside, besideCount }: StreamInspector): void {
    const { status, transactions } = this;
    for (let i = 0; i < status!.count; i++) {
      const transaction = status!.transactions[i]!;
      if (this.isOpen(transaction, direction)) transactions!.notePayload(transaction, direction, beside, besideCount);
    }
  }

  /** Says what lies beside the transactions that are inspected next: bytes in the arena's memory. */
  showPayload(start: number, length: number): void {
    this.payload.set(start, length);
  }

  /** Inspects what is new on one side of a transaction. `complete`: nothing more comes there. */
  inspectTransaction(transaction: Transaction, application: number, direction: Direction, complete: boolean): void {
    if (this.transactions === undefined) return;
    this.showRange(UNIT_KIND.transaction, 0);
    const isReversed = direction !== this.direction;
    if (isReversed) this.packet.reverse();
    try {
      this.gate.begin(this.packet, this.flow, direction, UNIT_KIND.transaction, true);
      this.transactions.inspect(transaction, application, direction, complete);
    } catch (error) {
      this.errors.ofInspection(error);
    }
    if (isReversed) this.packet.reverse();
  }

  /** The datagram at hand is a message: alerts of rules about its application tell of it. */
  noteMessage(message: Transaction): void {
    const { queue } = this;
    const { words } = this.rules;
    for (let i = 0; i < queue.count; i++) {
      const rule = this.rules.rowAt(queue.rows[i]);
      if ((words[rule + RULE.applications] | words[rule + RULE.moreApplications]) !== 0)
        queue.setTransaction(i, message);
    }
  }

  /** Writes down what alerts tell of transactions: to be called before any are given back, if it is not `finish`ed. */
  describeMatches(): void {
    this.queue.describe();
  }

  /** Shows the payload of a stream, or of the datagram, to what alerts tell of it. */
  private showRange(unit: UnitKind, origin: number): void {
    const { evidence, payload, packet } = this;
    const bytes = packet.protocol === IP_PROTOCOL.udp ? packet.bytes : this.arenaBytes!;
    evidence?.show(unit, bytes, payload.start, payload.length, origin);
  }

  /**
   * Raises the alerts of what has matched, and records the packet where it or its flow is tagged. When the packet was
   * received is asked where there is something to tell. @returns whether there was an alert.
   */
  finish(sink: CandidateSink, received: Received): boolean {
    const { packet, flow, direction, alerts } = this;
    this.raiseAll(sink, received);
    if (this.tagger.concerns(flow)) this.tagger.record(packet, flow, direction, sink, received.receivedMs);
    return this.alerts > alerts;
  }

  /** As `finish`, where no packet is at hand: there is none to record. */
  finishFlow(sink: CandidateSink): void {
    this.raiseAll(sink, NEVER);
  }

  private raiseAll(sink: CandidateSink, received: Received): void {
    const { queue, rules } = this;
    if (queue.count === 0) return;
    queue.sort();
    for (let i = 0; i < queue.count; i++) {
      const place = queue.place(i);
      const rule = rules.rowAt(queue.rows[place]);
      const isPass = rules.words[rule + RULE.action] === PASS;
      if (!isPass || (rules.words[rule + RULE.flags] & RULE_FLAG.alertsOnPass) !== 0)
        this.raise(place, sink, received.receivedMs);
      if (isPass) {
        this.pass(place);
        break;
      }
    }
    queue.clear();
  }

  private pass(place: number): void {
    this.passed++;
    const { flow, rules, queue } = this;
    if (flow === null) return;
    const flags = rules.words[rules.rowAt(queue.rows[place]) + RULE.flags];
    const isOfPacket = queue.units[place] === UNIT_KIND.packet;
    if (!isOfPacket || (flags & RULE_FLAG.passFlow) !== 0) flow.passed = true;
    else if ((flags & RULE_FLAG.passFlowOnStream) !== 0 && isStreamData(this.packet, flow)) flow.passed = true;
  }

  private raise(place: number, sink: CandidateSink, receivedMs: number): void {
    const { rules, queue, packet, direction } = this;
    const row = queue.rows[place];
    if ((rules.words[rules.rowAt(row) + RULE.flags] & RULE_FLAG.noalert) !== 0) return;
    const isReversed = queue.directions[place] !== direction;
    this.progress[0] = row + 1;
    if (isReversed) packet.reverse();
    if (this.holdsBack(row) || sink.emit(this.render(place, receivedMs))) this.alerts++;
    else this.alertsDropped++;
    if (isReversed) packet.reverse();
    this.progress[0] = 0;
  }

  private holdsBack(row: number): boolean {
    const { fullWindows, packet, flow } = this;
    if (fullWindows?.holdBack(row, packet, flow?.id ?? 0) !== true) return false;
    this.alertsHeldBack++;
    if (flow !== null) flow.alerted = true;
    return true;
  }

  private render(place: number, receivedMs: number): Candidate {
    const { queue } = this;
    const matched = {
      row: queue.rows[place],
      direction: queue.directions[place] as Direction,
      txId: queue.transactionIds[place],
      tx: queue.text(place),
      forwarded: queue.forwarded(place),
      evidence: queue.evidence[place],
      context: queue.contexts[place],
    };
    return this.renderer.render(matched, this.packet, this.flow, receivedMs);
  }

  /** What these rules have left at a flow, as a member of its events with a comma before it. */
  appendMarks(line: EventLine, flow: Flow): void {
    this.renderer.appendMarks(line, flow);
  }
}

/** One that measures or estimates what rules cost, where that is asked for. */
function ruleVerifierOf(
  { profile, ruleTimes }: DetectorOptions,
  ...parts: ConstructorParameters<typeof RuleVerifier>
): RuleVerifier {
  if (profile !== undefined) return new ProfiledVerifier(profile, ...parts);
  return ruleTimes === undefined ? new RuleVerifier(...parts) : new SampledVerifier(ruleTimes, ...parts);
}

/** Prefilter groups of the application and direction that has most. */
function mostGroups({ groupIndex }: RuleSet): number {
  let most = 0;
  for (let row = 0; row < groupIndex.length; row += GROUP_INDEX_WORDS)
    most = Math.max(most, groupIndex[row + GROUP_INDEX.count]);
  return most;
}
