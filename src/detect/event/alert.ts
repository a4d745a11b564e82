/**
 * Renders an alert: fills a `Candidate` with what thresholds and ordering need, and with the finished EVE line. Stage:
 * detect, in the shard. Alerts may allocate.
 *
 * The rule's part of the event comes from the block as it is; the rest is put together around it (event-writer.ts).
 */
import type { Packet } from '../../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../../flow/flow.js';
import type { Candidate } from './candidate.js';
import { ACTIONS } from '../../block/terms.js';
import { eveAddress } from './eve-text.js';
import { CLOSE, COMMA, fragment, type EventLine } from './event-line.js';
import { evidenceName } from './evidence-record.js';
import { FlowMetadata, type PacketVariables } from './flow-metadata.js';
import { EventWriter, hasPorts, type EventOptions } from './event-writer.js';
import { RULE, RULE_FLAG } from '../../block/rule-block.js';
import type { RuleSet } from '../../block/rule-set.js';

export interface EvidenceOptions {
  /** Bytes of the payload to put into the event, base64; 0 leaves them out. */
  readonly payloadBytes?: number | undefined;
  /** The same, as text. */
  readonly printableBytes?: number | undefined;
  /** Whether the event says where the rule's contents and expressions were found. */
  readonly matches?: boolean | undefined;
  /** Whether the event names the file with the packets of its flow. */
  readonly namesFile?: boolean | undefined;
}

export type AlertOptions = EventOptions & EvidenceOptions;

/** What an alert is about. */
export interface Matched {
  readonly row: number;
  /** Which way the data goes. */
  readonly direction: Direction;
  /** Number of the transaction within its connection, -1 without one; and what is told of it, `"dns":{…}`, or ''. */
  readonly txId: number;
  readonly tx: string;
  /** What a header of it says of whom a proxy speaks for, or ''. */
  readonly forwarded: string;
  /** What datasets and expressions have said of it: a member of `alert`, a comma before it, or ''. */
  readonly context: string;
  /** What detect/match-evidence.ts has written down of it: members of the event, a comma before each. */
  readonly evidence: string;
}

const QUOTE = fragment('"');
const TX_ID = fragment('"tx_id":');
const FLOW = fragment(',"flow":{"pkts_toserver":');
const PACKETS_TO_CLIENT = fragment(',"pkts_toclient":');
const BYTES_TO_SERVER = fragment(',"bytes_toserver":');
const BYTES_TO_CLIENT = fragment(',"bytes_toclient":');
const START = fragment(',"start":"');
const SRC_IP = fragment('","src_ip":"');
const DST_IP = fragment('","dest_ip":"');
const SRC_PORT = fragment(',"src_port":');
const DST_PORT = fragment(',"dest_port":');
const TO_SERVER = fragment(',"direction":"to_server"');
const TO_CLIENT = fragment(',"direction":"to_client"');

const TARGET_FLAGS = RULE_FLAG.targetSource | RULE_FLAG.targetDestination;

export class AlertRenderer {
  private readonly rules: RuleSet;
  private readonly metadata: FlowMetadata;
  private readonly captures: PacketVariables;
  private readonly writer: EventWriter;
  private readonly namesFile: boolean;

  constructor(rules: RuleSet, generation: number, captures: PacketVariables, options: AlertOptions = {}) {
    this.namesFile = options.namesFile === true;
    this.rules = rules;
    this.captures = captures;
    this.metadata = new FlowMetadata(rules);
    this.writer = new EventWriter(generation, options);
  }

  /** The candidate for a match, which its flow notes; the same object every time. */
  render(matched: Matched, packet: Packet, flow: Flow | null, receivedMs: number): Candidate {
    const { writer, rules } = this;
    const { row } = matched;
    const { candidate } = writer;
    const rule = rules.rowAt(row);
    const client = writer.clientOf(matched.forwarded, packet, matched.direction);
    writer.begin('alert', packet, flow, receivedMs, 'alert', writer.endsOf(client, matched.direction));
    if (flow !== null) flow.alerted = true;
    candidate.rule = row;
    candidate.gid = rules.words[rule + RULE.gid];
    candidate.sid = rules.words[rule + RULE.sid];
    candidate.severity = rules.words[rule + RULE.priority];
    candidate.action = rules.words[rule + RULE.action];
    if (matched.txId >= 0) writer.line.put(TX_ID).decimal(matched.txId).put(COMMA);
    writer.line.appendBytes(rules.eventJson(row));
    this.appendTail(matched, packet, flow, client);
    return candidate;
  }

  /** The member `metadata` of a flow that has marks, with a comma before it. */
  appendMarks(line: EventLine, flow: Flow): void {
    this.metadata.append(line, flow);
  }

  /** The rest of the `alert` object, and of the event. */
  private appendTail(
    { row, direction, tx, evidence, context }: Matched,
    packet: Packet,
    flow: Flow | null,
    client: string,
  ): void {
    const { line } = this.writer;
    const { words } = this.rules;
    const rule = this.rules.rowAt(row);
    const flags = words[rule + RULE.flags];
    const action = ACTIONS[words[rule + RULE.action]];
    if ((flags & TARGET_FLAGS) !== 0 && packet.ipVersion !== 0) line.append(target(packet, flags));
    line.append(context).append(this.writer.clientMember(client)).put(CLOSE);
    // What a rule in the way of its packets would have done.
    if (action === 'drop' || action === 'reject') line.append(',"verdict":{"action":"drop"}');
    if (tx !== '') line.put(COMMA).append(tx);
    const { captures } = this;
    if (captures.packetCount > 0) this.metadata.appendAll(line, flow, captures);
    else if (flow?.hasMarks === true) this.metadata.append(line, flow);
    if (flow !== null) {
      appendFlow(line, packet, flow, direction);
      line.put(direction === DIRECTION.toServer ? TO_SERVER : TO_CLIENT);
    }
    // As Suricata calls it.
    if (this.namesFile) line.append(',"capture_file":"').append(evidenceName(flow, packet)).append('"');
    line.append(evidence).append(this.writer.frame(packet)).put(CLOSE);
  }
}

/** Source and target of the attack, where the rule's author says which end is which. */
function target(packet: Packet, flags: number): string {
  const src = endpoint(packet, packet.srcIpOffset, packet.srcPort);
  const dst = endpoint(packet, packet.dstIpOffset, packet.dstPort);
  return (flags & RULE_FLAG.targetSource) !== 0
    ? `,"source":${dst},"target":${src}`
    : `,"source":${src},"target":${dst}`;
}

function endpoint(packet: Packet, at: number, port: number): string {
  return `{"ip":"${eveAddress(packet.bytes, at, packet.ipVersion)}"${hasPorts(packet) ? `,"port":${port}` : ''}}`;
}

/** The flow as its client opened it. */
function appendFlow(line: EventLine, packet: Packet, flow: Flow, direction: Direction): void {
  line.put(FLOW).decimal(flow.packetsToServer);
  line.put(PACKETS_TO_CLIENT).decimal(flow.packetsToClient);
  line.put(BYTES_TO_SERVER).decimal(flow.bytesToServer);
  line.put(BYTES_TO_CLIENT).decimal(flow.bytesToClient);
  line.put(START).time(flow.startUs).put(SRC_IP);
  if (packet.isError) appendEnds(line, flow);
  else appendEndsOf(line, packet, direction);
  line.put(CLOSE);
}

/** Those of a packet of the flow, which goes in that direction. */
function appendEndsOf(line: EventLine, packet: Packet, direction: Direction): void {
  const { bytes, ipVersion, srcIpOffset, dstIpOffset, srcPort, dstPort } = packet;
  const fromClient = direction === DIRECTION.toServer;
  line.address(bytes, fromClient ? srcIpOffset : dstIpOffset, ipVersion);
  line
    .put(DST_IP)
    .address(bytes, fromClient ? dstIpOffset : srcIpOffset, ipVersion)
    .put(QUOTE);
  if (hasPorts(packet)) appendPorts(line, fromClient ? srcPort : dstPort, fromClient ? dstPort : srcPort);
}

/** Those of a flow of TCP, UDP or SCTP, as an error about it may be of anybody. */
function appendEnds(line: EventLine, flow: Flow): void {
  const client = flow.clientIsLower ? 0 : 1;
  const address = new Uint8Array(16);
  flow.copyAddress(client, address, 0);
  line.address(address, 0, flow.ipVersion);
  flow.copyAddress(1 - client, address, 0);
  line.put(DST_IP).address(address, 0, flow.ipVersion).put(QUOTE);
  appendPorts(line, flow.port(client), flow.port(1 - client));
}

function appendPorts(line: EventLine, src: number, dst: number): void {
  line.put(SRC_PORT).decimal(src).put(DST_PORT).decimal(dst);
}
