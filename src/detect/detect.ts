/**
 * Detection: which rules match one IP layer of one packet. Stage: detect, the last in a shard; called once per layer.
 *
 *   prefilter and index ─ candidate rows ─ header and field checks ─ order ─ verify ─ effects ─ alert
 *
 * TCP payload is inspected per packet for now; a stream will be one more buffer to locate. A rule matches a packet once.
 *
 * Pass. A pass rule that matches ends the inspection of the packet: rules are ordered, pass first, so no rule behind it
 * alerts or sets a flowbit. Nothing is taken back of packets before. It covers the rest of its flow when it is its header
 * alone, or matched stream data (as in Suricata); else only the packet.
 *
 * Per packet nothing is allocated; alerts, and texts for regular expressions, are.
 */
import { LAYER_FLAG, type Packet } from '../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import type { HitList, SetMatcher } from '../match/literal/matcher.js';
import { AlertRenderer, type AlertOptions } from './event/alert.js';
import { Span } from '../memory/span.js';
import { PacketSource } from './verify/packet-source.js';
import type { CandidateSink } from './event/candidate.js';
import { ACTIONS } from '../block/terms.js';
import { DataSets } from './state/data-sets.js';
import type { DataTable } from './state/data-table.js';
import { isRemarkable, isTcp, tcpFlags, testsPass } from './candidates/field-tests.js';
import { bitsHold, applyBitEffects } from './state/flow-bits.js';
import { HeaderCheck, isStreamData, answersForFlow, transportOf } from './candidates/header-check.js';
import { HeaderLookup } from './candidates/header-lookup.js';
import { allocateHostBits, HostBits } from './state/host-bits.js';
import {
  GROUP, GROUP_INDEX, GROUP_INDEX_WORDS, GROUP_WORDS, packetGroups, RULE, RULE_FLAG, TRANSPORT, type Transport,
} from '../block/rule-block.js';
import type { RuleSet } from '../block/rule-set.js';
import { sortRows } from './candidates/sort-rows.js';
import type { HostTags } from './state/tag-hosts.js';
import { Tagger, type TagStats } from './state/tagger.js';
import { BYTE_ENTRY_WORDS, CLASS, CLASS_WORDS } from '../block/index-layout.js';
import { DEFAULT_VERIFY_LIMITS, Verifier, type VerifyLimits } from './verify/verify.js';

export interface DetectorOptions {
  /** Number of the rule set, told to the main thread with each alert. */
  readonly generation?: number;
  readonly limits?: VerifyLimits;
  readonly alerts?: AlertOptions;
  /** Single fragments offer their payload to rules, too; their datagram offers it again once it is whole. */
  readonly fragmentPayload?: boolean;
  /** Marks of hosts and pairs, shared by all shards; the detector's own where none are given. */
  readonly hostBits?: HostBits | undefined;
  /** Tags of hosts, likewise. */
  readonly hostTags?: HostTags | undefined;
  /** Whether rules may have packets recorded; true when left out. */
  readonly taggedPackets?: boolean | undefined;
  /** Datasets that rules change, shared by all shards; the detector's own where none is given. */
  readonly dataTable?: DataTable | undefined;
  /** One bit per rule row, shared: rules to leave alone from now on. */
  readonly quarantine?: Int32Array | undefined;
  /** One bit per rule row, shared: rules that were given up because of a limit. */
  readonly limited?: Int32Array | undefined;
  /** Element 0, shared, is the row being verified plus 1, or 0: tells others which rule a shard stalls at. */
  readonly progress?: Int32Array | undefined;
}

/** Counts since construction. */
export interface DetectStats {
  /** Rules that became candidates, and those whose buffers were verified. */
  candidates: number;
  verified: number;
  /** Rules that matched, and those that raised an alert that the sink took. */
  matches: number;
  alerts: number;
  /** Alerts that the sink had no room for. */
  alertsDropped: number;
  /** Packets that a pass rule, or a pass on their flow, ended. */
  passed: number;
  /** Flowbits not set, and numbers not kept, because their flow had as many as it may have. */
  flowBitsRefused: number;
}

const PASS = ACTIONS.indexOf('pass');

export class Detector {
  readonly stats: DetectStats = { candidates: 0, verified: 0, matches: 0, alerts: 0, alertsDropped: 0, passed: 0, flowBitsRefused: 0 };
  private readonly rules: RuleSet;
  private readonly scanner: SetMatcher;
  private readonly verifier: Verifier;
  private readonly source: PacketSource;
  private readonly span = new Span();
  private readonly headers: HeaderCheck;
  private readonly lookup: HeaderLookup;
  private readonly renderer: AlertRenderer;
  private readonly tagger: Tagger;
  private readonly hits: HitList;
  private readonly datasets: DataSets;
  private readonly hosts: HostBits | undefined;
  private readonly quarantine: Int32Array;
  private readonly limited: Int32Array;
  private readonly progress: Int32Array;
  private readonly rows: Int32Array;
  private rowCount = 0;
  /** Epoch in which a rule was last looked at: each becomes a candidate once per packet. */
  private readonly marks: Uint32Array;
  private epoch = 0;
  private packet!: Packet;
  private flow: Flow | null = null;
  private direction: Direction = DIRECTION.toServer;

  constructor(rules: RuleSet, scanner: SetMatcher, options: DetectorOptions = {}) {
    this.rules = rules;
    this.scanner = scanner;
    this.source = new PacketSource(options.fragmentPayload ?? false);
    this.datasets = new DataSets(rules, options.dataTable);
    this.verifier = new Verifier(rules, options.limits ?? DEFAULT_VERIFY_LIMITS, this.datasets);
    this.headers = new HeaderCheck(rules);
    this.lookup = new HeaderLookup(rules.unfiltered);
    this.renderer = new AlertRenderer(rules, options.generation ?? 0, options.alerts);
    this.tagger = new Tagger(rules, options);
    this.rows = new Int32Array(rules.ruleCount);
    this.marks = new Uint32Array(rules.ruleCount);
    this.hits = { ids: new Uint32Array(rules.maxPatterns), count: 0 };
    this.hosts = options.hostBits ?? (rules.hostState ? new HostBits(allocateHostBits(), true) : undefined);
    this.quarantine = options.quarantine ?? new Int32Array((rules.ruleCount + 31) >>> 5);
    this.limited = options.limited ?? new Int32Array(this.quarantine.length);
    this.progress = options.progress ?? new Int32Array(1);
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

  /**
   * Inspects the layer that `packet` has loaded. `flow` has the packet counted in already; `receivedMs` is handed through
   * to the candidate.
   */
  inspect(packet: Packet, flow: Flow | null, direction: Direction, sink: CandidateSink, receivedMs = 0): void {
    if (flow !== null && flow.passed) {
      this.stats.passed++;
      return;
    }
    this.begin(packet, flow, direction);
    this.collect();
    if (this.rowCount > 0) this.verifyAll(sink, receivedMs);
    if (this.tagger.concerns(flow)) this.tagger.record(packet, flow, direction, sink, receivedMs);
  }

  private begin(packet: Packet, flow: Flow | null, direction: Direction): void {
    this.packet = packet;
    this.flow = flow;
    this.direction = direction;
    this.headers.begin(packet, flow, direction, this.source.use(packet).hasPayload);
    this.rowCount = 0;
    this.epoch++;
    if (this.epoch > 0xffffffff) {
      this.epoch = 1;
      this.marks.fill(0);
    }
  }

  private collect(): void {
    const transport = transportOf(this.packet);
    this.collectFiltered(transport);
    const { unfiltered } = this.rules;
    const at = transport * CLASS_WORDS;
    const version = this.packet.ipVersion === 6 ? 1 : 0;
    if (answersForFlow(this.packet, transport, this.flow, this.direction)) this.considerHeaders(unfiltered[at + CLASS.headerAlone + version]);
    this.considerHeaders(unfiltered[at + CLASS.headers + version]);
    const entry = unfiltered[at + CLASS.byByte] + BYTE_ENTRY_WORDS * this.indexByte(transport);
    this.considerList(unfiltered, unfiltered[entry], unfiltered[entry + 1]);
    if (isRemarkable(this.packet)) this.considerList(unfiltered, unfiltered[at + CLASS.remarkable], unfiltered[at + CLASS.remarkableEnd]);
  }

  /** Scans each buffer that rules of this transport and direction have patterns for. */
  private collectFiltered(transport: number): void {
    const { groupIndex } = this.rules;
    const row = GROUP_INDEX_WORDS * packetGroups(transport, this.flow === null ? DIRECTION.toServer : this.direction);
    const first = groupIndex[row + GROUP_INDEX.first];
    const end = first + groupIndex[row + GROUP_INDEX.count];
    for (let group = first; group < end; group++) this.scanGroup(GROUP_WORDS * group);
  }

  private scanGroup(group: number): void {
    const { rules, packet, hits, source, span } = this;
    const { groups, patternRules } = rules;
    if (!source.locate(groups[group + GROUP.buffer], 0, span)) return;
    const tables = rules.tablesOffset + groups[group + GROUP.tables];
    this.scanner.scan(tables, packet.bytes, span.start, span.start + span.length, hits);
    const lists = groups[group + GROUP.lists];
    for (let i = 0; i < hits.count; i++) {
      const list = lists + hits.ids[i];
      this.considerList(patternRules, patternRules[list], patternRules[list + 1]);
    }
  }

  /** The byte by which rules without a pattern are told apart. */
  private indexByte(transport: Transport): number {
    const { packet } = this;
    if ((packet.flags & LAYER_FLAG.fragment) !== 0) return 0;
    if (transport === TRANSPORT.tcp) return isTcp(packet) ? tcpFlags(packet) : 0;
    return transport === TRANSPORT.icmp || transport === TRANSPORT.icmpv6 ? packet.bytes[packet.l4Offset] : 0;
  }

  /** Rules whose header the packet may fit, by the index that starts at `root`. */
  private considerHeaders(root: number): void {
    const { lookup } = this;
    lookup.find(root, this.packet);
    for (let i = 0; i < lookup.count; i++) this.considerList(this.rules.unfiltered, lookup.ranges[2 * i], lookup.ranges[2 * i + 1]);
  }

  private considerList(rows: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.consider(rows[i]);
  }

  /** Makes the rule a candidate if it is not one yet and its header and field tests fit. */
  private consider(row: number): void {
    if (this.marks[row] === this.epoch) return;
    this.marks[row] = this.epoch;
    if (((this.quarantine[row >>> 5] >>> (row & 31)) & 1) === 1) return;
    if (!this.headers.matches(row)) return;
    const { words } = this.rules;
    const at = this.rules.rowAt(row);
    if (!testsPass(this.rules, words[at + RULE.tests], words[at + RULE.testsEnd], this.packet, this.flow)) return;
    this.rows[this.rowCount++] = row;
  }

  private verifyAll(sink: CandidateSink, receivedMs: number): void {
    const { rows, rules, stats } = this;
    stats.candidates += this.rowCount;
    // Rows are numbered in the order of verification.
    sortRows(rows, this.rowCount);
    this.verifier.begin();
    this.verifier.use(this.source);
    for (let i = 0; i < this.rowCount; i++) {
      const row = rows[i];
      this.progress[0] = row + 1;
      if (!this.verify(row)) continue;
      stats.matches++;
      stats.flowBitsRefused += applyBitEffects(rules, row, this.packet, this.flow, this.hosts);
      const flags = rules.words[rules.rowAt(row) + RULE.flags];
      if ((flags & RULE_FLAG.tags) !== 0) this.tagger.tag(row, this.packet, this.flow);
      if (rules.words[rules.rowAt(row) + RULE.action] === PASS) {
        if ((flags & RULE_FLAG.alertsOnPass) !== 0) this.raise(row, sink, receivedMs);
        this.pass(row);
        break;
      }
      this.raise(row, sink, receivedMs);
    }
    this.progress[0] = 0;
  }

  private verify(row: number): boolean {
    if (!bitsHold(this.rules, row, this.packet, this.flow, this.hosts)) return false;
    this.stats.verified++;
    const matched = this.verifier.verify(row);
    if (this.verifier.exceeded) Atomics.or(this.limited, row >>> 5, 1 << (row & 31));
    return matched;
  }

  private pass(row: number): void {
    this.stats.passed++;
    const { flow, rules } = this;
    if (flow === null) return;
    const flags = rules.words[rules.rowAt(row) + RULE.flags];
    if ((flags & RULE_FLAG.passFlow) !== 0) flow.passed = true;
    if ((flags & RULE_FLAG.passFlowOnStream) !== 0 && isStreamData(this.packet, flow)) flow.passed = true;
  }

  private raise(row: number, sink: CandidateSink, receivedMs: number): void {
    const { rules, stats } = this;
    if ((rules.words[rules.rowAt(row) + RULE.flags] & RULE_FLAG.noalert) !== 0) return;
    if (sink.emit(this.renderer.render(row, this.packet, this.flow, this.direction, receivedMs))) stats.alerts++;
    else stats.alertsDropped++;
  }
}
