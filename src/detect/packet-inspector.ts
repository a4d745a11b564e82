/**
 * Rules over one packet. Stage: detect.
 *
 *   prefilter and index ─ candidate rows ─ header and field checks ─ order ─ verify ─ match
 *
 * A rule matches a packet once. A pass rule that matches ends this: rules are ordered, pass first, so no rule behind it
 * alerts or sets a flowbit. Allocates nothing but texts for regular expressions.
 */
import {
  GROUP,
  GROUP_INDEX,
  GROUP_INDEX_WORDS,
  GROUP_WORDS,
  packetGroups,
  RULE,
  streamGroups,
  TRANSPORT,
  type Transport,
} from '../block/rule-block.js';
import { BYTE_ENTRY_WORDS, CLASS, CLASS_WORDS } from '../block/index-layout.js';
import type { RuleSet } from '../block/rule-set.js';
import { ACTIONS } from '../block/terms.js';
import { LAYER_FLAG, type Packet } from '../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import { Span } from '../memory/span.js';
import type { CandidateRows } from './candidates/candidate-rows.js';
import { isRemarkable, isTcp, tcpFlags } from './candidates/field-tests.js';
import { answersForFlow, transportOf } from './candidates/header-check.js';
import { HeaderLookup } from './candidates/header-lookup.js';
import type { GroupScan } from './group-scan.js';
import type { RuleGate } from './rule-gate.js';
import type { RuleVerifier } from './rule-verifier.js';
import type { PacketSource } from './verify/packet-source.js';

export interface PacketParts {
  readonly rules: RuleSet;
  readonly scan: GroupScan;
  readonly source: PacketSource;
  readonly candidates: CandidateRows;
  readonly gate: RuleGate;
  readonly verifier: RuleVerifier;
}

const PASS = ACTIONS.indexOf('pass');

export class PacketInspector {
  private readonly parts: PacketParts;
  private readonly lookup: HeaderLookup;
  private readonly span = new Span();
  private packet!: Packet;
  private flow: Flow | null = null;
  private direction: Direction = DIRECTION.toServer;
  private inStream = false;

  constructor(parts: PacketParts) {
    this.parts = parts;
    this.lookup = new HeaderLookup(parts.rules.unfiltered);
  }

  /**
   * Looks at the packet that the gate has taken in, and the source is on. `inStream`: its payload is part of a stream,
   * which is inspected by itself.
   */
  inspect(packet: Packet, flow: Flow | null, direction: Direction, inStream: boolean): void {
    this.packet = packet;
    this.flow = flow;
    this.direction = direction;
    this.inStream = inStream;
    const { candidates } = this.parts;
    candidates.begin();
    this.collect();
    if (candidates.count > 0) this.verifyAll();
  }

  private collect(): void {
    const transport = transportOf(this.packet);
    this.collectFiltered(transport);
    const { unfiltered } = this.parts.rules;
    const at = transport * CLASS_WORDS;
    const version = this.packet.ipVersion === 6 ? 1 : 0;
    if (answersForFlow(this.packet, transport, this.flow, this.direction)) {
      this.considerHeaders(unfiltered[at + CLASS.headerAlone + version]);
    }
    this.considerHeaders(unfiltered[at + CLASS.headers + version]);
    const entry = unfiltered[at + CLASS.byByte] + BYTE_ENTRY_WORDS * this.indexByte(transport);
    this.considerList(unfiltered, unfiltered[entry], unfiltered[entry + 1]);
    if (isRemarkable(this.packet)) {
      this.considerList(unfiltered, unfiltered[at + CLASS.remarkable], unfiltered[at + CLASS.remarkableEnd]);
    }
    if (this.mayBeMarked)
      this.considerList(unfiltered, unfiltered[at + CLASS.marked], unfiltered[at + CLASS.markedEnd]);
  }

  /** Whether the flow has a flowbit, or gets one perhaps by what is looked at before. */
  private get mayBeMarked(): boolean {
    return this.flow !== null && (this.flow.hasMarks || this.parts.candidates.count > 0);
  }

  /** Scans each buffer that rules of this transport and direction have patterns for. */
  private collectFiltered(transport: number): void {
    const direction = this.flow === null ? DIRECTION.toServer : this.direction;
    this.scanGroups(packetGroups(transport, direction));
    if (transport !== TRANSPORT.tcp || this.inStream) return;
    // What is in no stream, rules over streams look at by itself.
    const { streamRules } = this.parts.rules;
    this.scanGroups(streamGroups(direction));
    this.considerList(streamRules, streamRules[2 * direction], streamRules[2 * direction + 1]);
  }

  private scanGroups(indexRow: number): void {
    const { groupIndex } = this.parts.rules;
    const row = GROUP_INDEX_WORDS * indexRow;
    const first = groupIndex[row + GROUP_INDEX.first];
    const end = first + groupIndex[row + GROUP_INDEX.count];
    for (let group = first; group < end; group++) this.scanGroup(GROUP_WORDS * group);
  }

  private scanGroup(group: number): void {
    const { span } = this;
    const { rules, scan, source } = this.parts;
    const { hits } = scan;
    const { groups, patternRules } = rules;
    if (!source.locate(groups[group + GROUP.buffer], 0, span)) return;
    scan.scan(group, source.bytes, span.start, span.length, 0, 0);
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
    const { unfiltered } = this.parts.rules;
    lookup.find(root, this.packet);
    for (let i = 0; i < lookup.count; i++)
      this.considerList(unfiltered, lookup.ranges[2 * i], lookup.ranges[2 * i + 1]);
  }

  private considerList(rows: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.consider(rows[i]);
  }

  /** Makes the rule a candidate if it is not one yet and its header and field tests fit. */
  private consider(row: number): void {
    const { candidates, gate } = this.parts;
    if (candidates.mark(row) && gate.admits(row)) candidates.add(row);
  }

  private verifyAll(): void {
    const { candidates, verifier, gate, rules, source } = this.parts;
    candidates.sort();
    verifier.use(source);
    for (let i = 0; i < candidates.count; i++) {
      const row = candidates.rows[i];
      if (!gate.stateHolds(row) || !verifier.verify(row)) continue;
      gate.matched(row, null);
      if (rules.words[rules.rowAt(row) + RULE.action] === PASS) return;
    }
  }
}
