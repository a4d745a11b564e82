/**
 * Renders an alert: fills a `Candidate` with what thresholds and ordering need, and with the finished EVE line. Stage:
 * detect, in the shard. Alerts may allocate.
 *
 * The rule's part of the event comes from the block as it is; the rest is put together around it. Field names and forms
 * are those of Suricata's EVE; `tunnel.vni` and the tunnel's place in it are ours.
 */
import { IP_PROTOCOL, type Packet } from '../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import { ACTIONS, Candidate } from './candidate.js';
import { communityId } from './community-id.js';
import { eveAddress, eveProtocol, eveTime } from './eve-text.js';
import { RULE, RULE_FLAG } from './rule-block.js';
import type { RuleSet } from './rule-set.js';

export interface AlertOptions {
  /** Name of a capture for `pcap_filename`, undefined for live traffic. */
  readonly captureName?: ((capture: number) => string | undefined) | undefined;
  /** Seed of the community id; undefined leaves it out. */
  readonly communityIdSeed?: number | undefined;
  /** Bytes of the payload and of the frame to put into the event, base64; 0 leaves them out. */
  readonly payloadBytes?: number | undefined;
  readonly packetBytes?: number | undefined;
}

const PORT_PROTOCOLS: readonly number[] = [IP_PROTOCOL.tcp, IP_PROTOCOL.udp, IP_PROTOCOL.sctp];

export class AlertRenderer {
  private readonly rules: RuleSet;
  private readonly options: AlertOptions;
  private readonly generation: number;
  private readonly candidate = new Candidate();
  private readonly encoder = new TextEncoder();

  constructor(rules: RuleSet, generation: number, options: AlertOptions = {}) {
    this.rules = rules;
    this.generation = generation;
    this.options = options;
  }

  /** The candidate for a match of rule `row`; the same object every time. */
  render(row: number, packet: Packet, flow: Flow | null, direction: Direction, receivedMs: number): Candidate {
    const { candidate } = this;
    this.fillHeader(row, packet, flow, receivedMs);
    candidate.lineLength = 0;
    this.append(this.head(packet, flow));
    this.appendBytes(this.rules.eventJson(row));
    this.append(this.tail(row, packet, flow, direction));
    return candidate;
  }

  private fillHeader(row: number, packet: Packet, flow: Flow | null, receivedMs: number): void {
    const { candidate, rules } = this;
    const rule = rules.rowAt(row);
    candidate.seq = packet.seq;
    candidate.timeUs = packet.timeUs;
    candidate.receivedMs = receivedMs;
    candidate.flowId = flow?.id ?? 0;
    candidate.generation = this.generation;
    candidate.rule = row;
    candidate.gid = rules.words[rule + RULE.gid];
    candidate.sid = rules.words[rule + RULE.sid];
    candidate.ipVersion = packet.ipVersion;
    candidate.protocol = packet.protocol;
    candidate.srcPort = packet.srcPort;
    candidate.dstPort = packet.dstPort;
    candidate.vni = packet.vni;
    candidate.severity = rules.words[rule + RULE.priority];
    candidate.action = rules.words[rule + RULE.action];
    candidate.capture = packet.capture;
    const size = packet.ipVersion === 0 ? 0 : packet.ipVersion === 4 ? 4 : 16;
    for (let i = 0; i < 16; i++) {
      candidate.srcIp[i] = i < size ? packet.bytes[packet.srcIpOffset + i] : 0;
      candidate.dstIp[i] = i < size ? packet.bytes[packet.dstIpOffset + i] : 0;
    }
  }

  /** From `{` up to the rule's part, with the comma before it. */
  private head(packet: Packet, flow: Flow | null): string {
    let text = `{"timestamp":"${eveTime(packet.timeUs)}",`;
    if (flow !== null) text += `"flow_id":${flow.id},`;
    text += '"event_type":"alert",';
    if (packet.ipVersion !== 0) text += endpoints(packet) + transport(packet);
    text += tunnel(packet);
    if (this.options.communityIdSeed !== undefined && packet.ipVersion !== 0) text += `"community_id":"${communityId(packet, this.options.communityIdSeed)}",`;
    const capture = this.options.captureName?.(packet.capture);
    if (capture !== undefined) text += `"pcap_filename":${JSON.stringify(capture)},`;
    return text;
  }

  /** The rest of the `alert` object, and of the event. */
  private tail(row: number, packet: Packet, flow: Flow | null, direction: Direction): string {
    const rule = this.rules.rowAt(row);
    const action = ACTIONS[this.rules.words[rule + RULE.action]];
    let text = `${target(packet, this.rules.words[rule + RULE.flags])}}`;
    // What a rule in the way of its packets would have done.
    if (action === 'drop' || action === 'reject') text += ',"verdict":{"action":"drop"}';
    if (flow !== null) text += flowObject(packet, flow, direction);
    if (flow !== null) text += `,"direction":"${direction === DIRECTION.toServer ? 'to_server' : 'to_client'}"`;
    const payload = Math.min(packet.payloadLength, this.options.payloadBytes ?? 0);
    if (payload > 0) text += `,"payload":"${base64(packet.bytes, packet.payloadOffset, payload)}"`;
    const frame = Math.min(packet.frameLength, this.options.packetBytes ?? 0);
    if (frame > 0) text += `,"packet":"${base64(packet.bytes, packet.frameOffset, frame)}"`;
    return `${text}}`;
  }

  private append(text: string): void {
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    this.reserve(text.length * 3);
    const { candidate } = this;
    candidate.lineLength += this.encoder.encodeInto(text, candidate.line.subarray(candidate.lineLength)).written;
  }

  private appendBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.candidate.line.set(bytes, this.candidate.lineLength);
    this.candidate.lineLength += bytes.length;
  }

  private reserve(bytes: number): void {
    const { candidate } = this;
    if (candidate.lineLength + bytes <= candidate.line.length) return;
    const grown = new Uint8Array(Math.max(candidate.line.length * 2, candidate.lineLength + bytes));
    grown.set(candidate.line.subarray(0, candidate.lineLength));
    candidate.line = grown;
  }
}

const hasPorts = (packet: Packet): boolean => PORT_PROTOCOLS.includes(packet.protocol) && packet.l4HeaderLength > 0;

function endpoints(packet: Packet): string {
  const src = eveAddress(packet.bytes, packet.srcIpOffset, packet.ipVersion);
  const dst = eveAddress(packet.bytes, packet.dstIpOffset, packet.ipVersion);
  return hasPorts(packet)
    ? `"src_ip":"${src}","src_port":${packet.srcPort},"dest_ip":"${dst}","dest_port":${packet.dstPort},`
    : `"src_ip":"${src}","dest_ip":"${dst}",`;
}

function transport(packet: Packet): string {
  const proto = `"proto":"${eveProtocol(packet.protocol)}",`;
  const icmp = packet.protocol === IP_PROTOCOL.icmp || packet.protocol === IP_PROTOCOL.icmpv6;
  if (!icmp || packet.l4HeaderLength < 2) return proto;
  return `${proto}"icmp_type":${packet.bytes[packet.l4Offset]},"icmp_code":${packet.bytes[packet.l4Offset + 1]},`;
}

/** The mirror session's tunnel; `depth` counts the tunnels around the layer that the alert is about. */
function tunnel(packet: Packet): string {
  if (packet.vni < 0 && packet.tunnelDepth === 0) return '';
  const parts: string[] = [];
  if (packet.vni >= 0) parts.push(`"vni":${packet.vni}`);
  if (packet.tunnelOffset >= 0 && packet.tunnelIpVersion !== 0) {
    const src = eveAddress(packet.bytes, packet.tunnelOffset, packet.tunnelIpVersion);
    const dst = eveAddress(packet.bytes, packet.tunnelOffset + 16, packet.tunnelIpVersion);
    parts.push(`"src_ip":"${src}","src_port":${packet.tunnelSrcPort},"dest_ip":"${dst}","dest_port":${packet.tunnelDstPort}`);
  }
  parts.push(`"depth":${packet.tunnelDepth + packet.layerIndex}`);
  return `"tunnel":{${parts.join(',')}},`;
}

/** Source and target of the attack, where the rule's author says which end is which. */
function target(packet: Packet, flags: number): string {
  if ((flags & (RULE_FLAG.targetSource | RULE_FLAG.targetDestination)) === 0 || packet.ipVersion === 0) return '';
  const src = endpoint(packet, packet.srcIpOffset, packet.srcPort);
  const dst = endpoint(packet, packet.dstIpOffset, packet.dstPort);
  return (flags & RULE_FLAG.targetSource) !== 0 ? `,"source":${dst},"target":${src}` : `,"source":${src},"target":${dst}`;
}

function endpoint(packet: Packet, at: number, port: number): string {
  return `{"ip":"${eveAddress(packet.bytes, at, packet.ipVersion)}"${hasPorts(packet) ? `,"port":${port}` : ''}}`;
}

/** The flow as its client opened it. */
function flowObject(packet: Packet, flow: Flow, direction: Direction): string {
  const fromClient = direction === DIRECTION.toServer;
  const client = eveAddress(packet.bytes, fromClient ? packet.srcIpOffset : packet.dstIpOffset, packet.ipVersion);
  const server = eveAddress(packet.bytes, fromClient ? packet.dstIpOffset : packet.srcIpOffset, packet.ipVersion);
  const clientPort = fromClient ? packet.srcPort : packet.dstPort;
  const serverPort = fromClient ? packet.dstPort : packet.srcPort;
  const ports = hasPorts(packet) ? `,"src_port":${clientPort},"dest_port":${serverPort}` : '';
  return (
    `,"flow":{"pkts_toserver":${flow.packetsToServer},"pkts_toclient":${flow.packetsToClient},"bytes_toserver":${flow.bytesToServer},` +
    `"bytes_toclient":${flow.bytesToClient},"start":"${eveTime(flow.startUs)}","src_ip":"${client}","dest_ip":"${server}"${ports}}`
  );
}

function base64(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('base64');
}
