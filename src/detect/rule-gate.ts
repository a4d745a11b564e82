/**
 * What decides about a rule beside its buffers, whatever is inspected: its header, conditions on packet and flow, the
 * state of flow and hosts; and what comes of a match. Stage: detect. Allocates nothing.
 */
import type { Transaction } from '../app/transaction.js';
import { RULE, RULE_FLAG, RULE_KIND } from '../block/rule-block.js';
import type { RuleSet } from '../block/rule-set.js';
import type { Packet } from '../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import { takeTold } from '../flow/flow-application.js';
import { applicationHolds } from './candidates/application-test.js';
import { testsPass } from './candidates/field-tests.js';
import { HeaderCheck } from './candidates/header-check.js';
import { wantFilesOf } from './file-storer.js';
import type { MatchEvidence } from './match-evidence.js';
import { UNIT_KIND, type MatchQueue, type UnitKind } from './match-queue.js';
import { applyBitEffects, bitsHold } from './state/flow-bits.js';
import type { Captures } from './state/captures.js';
import type { DataSets } from './state/data-sets.js';
import type { HostBits } from './state/host-bits.js';
import type { Inspection } from './state/inspection.js';
import type { Tagger } from './state/tagger.js';

export interface GateParts {
  readonly rules: RuleSet;
  readonly queue: MatchQueue;
  readonly tagger: Tagger;
  readonly hosts: HostBits | undefined;
  /** One bit per rule row: rules to leave alone. */
  readonly quarantine: Int32Array;
  readonly datasets: DataSets;
  readonly captures: Captures;
  /** Marks of the transaction that is inspected. */
  readonly inspection: Inspection | undefined;
  /** What alerts show of the bytes that matched; undefined for nothing. */
  readonly evidence?: MatchEvidence | undefined;
  /** TCP data comes as ranges of streams; else each segment counts as one. */
  readonly streams: boolean;
}

export class RuleGate {
  /** Matches, and those that the queue had no room for. */
  matches = 0;
  matchesDropped = 0;
  /** Flowbits, numbers and variables that their flow, or packet, had no room for. */
  bitsRefused = 0;
  packet!: Packet;
  flow: Flow | null = null;
  direction: Direction = DIRECTION.toServer;
  private readonly parts: GateParts;
  private readonly headers: HeaderCheck;
  private unit: UnitKind = 0;
  /** The packet is the first behind what told the application of its side. */
  justTold = false;
  /** A rule over packets or streams has matched that wants no events of the transactions at hand. */
  silences = false;
  /** No packet is at hand: the flow is over, or waits, and what it speaks is told now. */
  private isToldLate = false;

  constructor(parts: GateParts) {
    this.parts = parts;
    this.headers = new HeaderCheck(parts.rules, parts.streams);
  }

  /** Takes in what is inspected: the ends of `packet` are those of the data, which goes in `direction`. */
  begin(packet: Packet, flow: Flow | null, direction: Direction, unit: UnitKind, hasPayload: boolean): void {
    this.take(packet, flow, direction, unit, hasPayload);
    this.isToldLate = false;
    this.justTold = unit === UNIT_KIND.packet && flow !== null && !packet.isError && takeTold(flow, direction);
  }

  /** The same of what stands for a flow whose application is told now: rules for that alone are admitted. */
  beginTold(packet: Packet, flow: Flow, direction: Direction): void {
    this.take(packet, flow, direction, UNIT_KIND.packet, false);
    this.isToldLate = true;
    this.justTold = false;
  }

  private take(packet: Packet, flow: Flow | null, direction: Direction, unit: UnitKind, hasPayload: boolean): void {
    this.packet = packet;
    this.flow = flow;
    this.direction = direction;
    this.unit = unit;
    this.headers.begin(packet, flow, direction, unit, hasPayload);
  }

  /** Whether the rule is in use, and its header and its conditions on packet and flow fit. */
  admits(row: number): boolean {
    const { rules, quarantine } = this.parts;
    if (((quarantine[row >>> 5] >>> (row & 31)) & 1) === 1) return false;
    if (!this.headers.matches(row)) return false;
    const { words } = rules;
    const at = rules.rowAt(row);
    if (!this.applicationAllows(at)) return false;
    return testsPass(rules, words[at + RULE.tests], words[at + RULE.testsEnd], this.packet, this.flow, this.direction);
  }

  /** Whether the rule may be tried by what the flow speaks; those over transactions are found by it, but in streams. */
  private applicationAllows(at: number): boolean {
    const { words } = this.parts.rules;
    const kind = words[at + RULE.kind];
    if (this.isToldLate && kind !== RULE_KIND.application) return false;
    if (kind === RULE_KIND.tx) return true;
    if (kind === RULE_KIND.txPayload && this.unit !== UNIT_KIND.stream) return this.unit === UNIT_KIND.transaction;
    if (kind === RULE_KIND.detected && !this.justTold) return false;
    return applicationHolds(words, at, this.flow);
  }

  /** Whether what the rule asks of flowbits, numbers and marks of hosts holds. */
  stateHolds(row: number): boolean {
    const { rules, hosts, captures } = this.parts;
    return bitsHold(rules, row, this.packet, this.flow, hosts, captures, this.transactionState());
  }

  /** Does at once what the rule does when it matches; its alert waits for the rest of the packet. */
  matched(row: number, transaction: Transaction | null): void {
    const { rules, hosts, tagger, queue, evidence, captures } = this.parts;
    const flags = rules.words[rules.rowAt(row) + RULE.flags];
    this.matches++;
    this.bitsRefused += applyBitEffects(rules, row, this.packet, this.flow, hosts, captures, this.transactionState());
    if ((flags & RULE_FLAG.tags) !== 0) tagger.tag(row, this.packet, this.flow);
    if ((flags & RULE_FLAG.silencesTransactions) !== 0) {
      if (transaction === null) this.silences = true;
      else transaction.isSilenced = true;
    }
    if ((flags & RULE_FLAG.storeFlow) !== 0 && this.flow !== null) wantFilesOf(this.flow, flags, this.direction);
    if (!queue.add(row, this.unit, this.direction, transaction)) {
      this.matchesDropped++;
    } else if ((flags & RULE_FLAG.noalert) === 0) {
      queue.contexts[queue.count - 1] = this.contextMember(row);
      if (evidence !== undefined) queue.evidence[queue.count - 1] = evidence.members();
    }
  }

  /** What is kept of the transaction at hand; undefined where none is inspected. */
  private transactionState(): Inspection | undefined {
    return this.unit === UNIT_KIND.transaction ? this.parts.inspection : undefined;
  }

  /** What datasets and expressions have to say in the alert of a rule that has matched: a member of `alert`, or ''. */
  private contextMember(row: number): string {
    const { datasets, captures } = this.parts;
    const objects = datasets.contextMembers();
    const texts = captures.contextMembers(row);
    if (objects === '' && texts === '') return '';
    return `,"context":{${objects}${objects === '' || texts === '' ? '' : ','}${texts}}`;
  }
}
