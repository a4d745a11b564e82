/**
 * What all events of a shard begin with: fills a `Candidate` with the packet's part of what thresholds and ordering
 * need, and writes the head of the EVE line. Stage: detect, in the shard. Events may allocate.
 *
 * Field names and forms are those of Suricata's EVE; `tunnel.vni`, the tunnel's place in it and `proxy` are ours.
 */
import { ipProtocolName } from '../../block/ip-protocols.js';
import { IP_PROTOCOL, type Packet } from '../../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../../flow/flow.js';
import { appendApplications, proxyMember, type ProxyMember } from './application-members.js';
import { Candidate, CANDIDATE_KIND } from './candidate.js';
import { communityId } from './community-id.js';
import { eveAddress } from './eve-text.js';
import { COMMA, fragment, QUOTE_COMMA, type EventLine } from './event-line.js';
import { etherMember, vlanMember } from './link-members.js';

/** Whom a proxy speaks for, by a header of the request that an alert is about. */
export interface ForwardedClient {
  /** Its address stands where the client's would; else it is a member of its own, `xff`. */
  readonly overwrites: boolean;
  readonly header: string;
  /** The address in the value of the header; '' where there is none, or it is not believed. */
  clientOf(value: string, packet: Packet, direction: Direction): string;
}

export interface EventOptions {
  /** Name of a capture for `pcap_filename`, undefined for live traffic. */
  readonly captureName?: ((capture: number) => string | undefined) | undefined;
  /** Seed of the community id; undefined leaves it out. */
  readonly communityIdSeed?: number | undefined;
  /** Whom a PROXY header of the flow named; undefined where none is looked for. */
  readonly proxyOf?: ((flow: Flow) => ProxyMember | null) | undefined;
  /** The mirror sessions that have shown a flow, where they are several. */
  readonly vnisOf?: ((flow: Flow) => readonly number[] | undefined) | undefined;
  /** For events of HTTP; undefined where no such header is looked at. */
  readonly forwarded?: ForwardedClient | undefined;
  /** Name of the sensor; undefined leaves it out. */
  readonly sensor?: string | undefined;
  /** Names of mirror sessions, by their VNIs. */
  readonly vniNames?: Readonly<Record<string, string>> | undefined;
  /** Appends what rules have left at a flow, with a comma before it; for events that are not alerts. */
  readonly appendMarks?: ((line: EventLine, flow: Flow) => void) | undefined;
  /** Whether MAC addresses are shown. */
  readonly ethernet?: boolean | undefined;
  /** Bytes of the frame to put into the event, base64; 0 leaves them out. */
  readonly packetBytes?: number | undefined;
}

/** Addresses that an event shows instead of the packet's. */
export interface ShownEnds {
  readonly src?: string;
  readonly dst?: string;
}

const NO_ENDS: ShownEnds = {};
const TIMESTAMP = fragment('{"timestamp":"');
const FLOW_ID = fragment('"flow_id":');
const CAPTURE_NUMBER = fragment('"pcap_cnt":');
const EVENT_TYPE = fragment('"event_type":"');
const SRC_IP = fragment('"src_ip":"');
const SRC_PORT = fragment('"src_port":');
const DST_IP = fragment('"dest_ip":"');
const DST_PORT = fragment('"dest_port":');
const IPV4 = fragment('"ip_v":4,');
const IPV6 = fragment('"ip_v":6,');
const PROTOCOL = fragment('"proto":"');
const NOTHING = fragment('');

export class EventWriter {
  /** The event at hand; the same object every time. */
  readonly candidate = new Candidate();
  readonly line = this.candidate.line;
  private readonly options: EventOptions;
  private readonly generation: number;
  /** Members, with the comma behind them: the sensor's name, and the capture's that an event was about last. */
  private readonly sensor: Uint8Array;
  private capture = -1;
  private captureName = NOTHING;

  constructor(generation: number, options: EventOptions) {
    this.generation = generation;
    this.options = options;
    this.sensor = nameMember('host', options.sensor);
  }

  /**
   * Begins an event about the packet: its line up to what is the event's own, with the comma before it. `type` is what
   * it is called, where that is not its kind; `ends` are the addresses that it shows, where they are not the packet's.
   */
  begin(
    kind: keyof typeof CANDIDATE_KIND,
    packet: Packet,
    flow: Flow | null,
    receivedMs: number,
    type: string = kind,
    ends: ShownEnds = NO_ENDS,
  ): void {
    this.fillCandidate(packet, flow, receivedMs);
    this.candidate.kind = CANDIDATE_KIND[kind];
    this.line.length = 0;
    this.head(type, packet, flow, ends);
  }

  /** The header that says whom a proxy speaks for; '' where none is looked at. */
  get forwardedHeader(): string {
    return this.options.forwarded?.header ?? '';
  }

  /** The client that a proxy names, by the header's value in a transaction whose packet goes in `direction`; or ''. */
  clientOf(value: string, packet: Packet, direction: Direction): string {
    return value === '' ? '' : (this.options.forwarded?.clientOf(value, packet, direction) ?? '');
  }

  /** What `begin` shows where that client stands for the packet's. */
  endsOf(client: string, direction: Direction): ShownEnds {
    if (client === '' || this.options.forwarded?.overwrites !== true) return NO_ENDS;
    return direction === DIRECTION.toServer ? { src: client } : { dst: client };
  }

  /** The member that names that client, with the comma before it, where it does not stand for the packet's; else ''. */
  clientMember(client: string): string {
    return client === '' || this.options.forwarded?.overwrites === true ? '' : `,"xff":"${client}"`;
  }

  /** The marks of the flow, where there are some. */
  marks(flow: Flow | null): void {
    if (flow !== null && flow.hasMarks) this.options.appendMarks?.(this.line, flow);
  }

  /** The frame where it is asked for, with the comma before it; else ''. */
  frame(packet: Packet): string {
    const length = Math.min(packet.frameLength, this.options.packetBytes ?? 0);
    if (length <= 0) return '';
    return `,"packet":"${base64(packet.bytes, packet.frameOffset, length)}","packet_info":{"linktype":${packet.linkType}}`;
  }

  private fillCandidate(packet: Packet, flow: Flow | null, receivedMs: number): void {
    const { candidate } = this;
    candidate.seq = packet.seq;
    candidate.timeUs = packet.timeUs;
    candidate.receivedMs = receivedMs;
    candidate.flowId = flow?.id ?? 0;
    candidate.generation = this.generation;
    candidate.ipVersion = packet.ipVersion;
    candidate.protocol = packet.protocol;
    candidate.srcPort = packet.srcPort;
    candidate.dstPort = packet.dstPort;
    candidate.vni = packet.vni;
    candidate.capture = packet.capture;
    const size = packet.ipVersion === 0 ? 0 : packet.ipVersion === 4 ? 4 : 16;
    for (let i = 0; i < 16; i++) {
      candidate.srcIp[i] = i < size ? packet.bytes[packet.srcIpOffset + i] : 0;
      candidate.dstIp[i] = i < size ? packet.bytes[packet.dstIpOffset + i] : 0;
    }
  }

  private head(type: string, packet: Packet, flow: Flow | null, ends: ShownEnds): void {
    const { line } = this;
    line.put(TIMESTAMP).time(packet.timeUs).put(QUOTE_COMMA);
    if (flow !== null) line.put(FLOW_ID).decimal(flow.id).put(COMMA);
    if (packet.captureNumber > 0) line.put(CAPTURE_NUMBER).decimal(packet.captureNumber).put(COMMA);
    line.put(EVENT_TYPE).append(type).put(QUOTE_COMMA).put(this.sensor);
    const { vniNames, ethernet } = this.options;
    if (packet.vlanLayers > 0) line.append(vlanMember(packet));
    if (packet.ipVersion !== 0) {
      this.endpoints(packet, ends);
      this.transport(packet);
    }
    if (ethernet === true) line.append(etherMember(packet));
    if (flow !== null) this.application(flow);
    if (packet.vni >= 0 || packet.tunnelDepth > 0)
      line.append(tunnel(packet, vniNames?.[packet.vni], flow === null ? undefined : this.options.vnisOf?.(flow)));
    if (this.options.communityIdSeed !== undefined && packet.ipVersion !== 0)
      line.append(`"community_id":"${communityId(packet, this.options.communityIdSeed)}",`);
    if (packet.capture !== this.capture) {
      this.capture = packet.capture;
      this.captureName = nameMember('pcap_filename', this.options.captureName?.(packet.capture));
    }
    line.put(this.captureName);
  }

  private endpoints(packet: Packet, ends: ShownEnds): void {
    const { line } = this;
    const { bytes, srcIpOffset, dstIpOffset, ipVersion } = packet;
    const withPorts = hasPorts(packet);
    line.put(SRC_IP);
    if (ends.src === undefined) line.address(bytes, srcIpOffset, ipVersion);
    else line.append(ends.src);
    line.put(QUOTE_COMMA);
    if (withPorts) line.put(SRC_PORT).decimal(packet.srcPort).put(COMMA);
    line.put(DST_IP);
    if (ends.dst === undefined) line.address(bytes, dstIpOffset, ipVersion);
    else line.append(ends.dst);
    line.put(QUOTE_COMMA);
    if (withPorts) line.put(DST_PORT).decimal(packet.dstPort).put(COMMA);
  }

  private transport(packet: Packet): void {
    const { line } = this;
    line.put(packet.ipVersion === 4 ? IPV4 : IPV6);
    line.put(PROTOCOL).append(ipProtocolName(packet.protocol)).put(QUOTE_COMMA);
    const icmp = packet.protocol === IP_PROTOCOL.icmp || packet.protocol === IP_PROTOCOL.icmpv6;
    if (!icmp || packet.l4HeaderLength < 2) return;
    line.append('"icmp_type":').decimal(packet.bytes[packet.l4Offset]);
    line
      .append(',"icmp_code":')
      .decimal(packet.bytes[packet.l4Offset + 1])
      .append(',');
  }

  private application(flow: Flow): void {
    const { line, options } = this;
    // Most packets of most flows have none of it.
    if (flow.applications !== 0) appendApplications(line, flow);
    const proxy = options.proxyOf?.(flow);
    if (proxy !== null && proxy !== undefined) line.append(proxyMember(proxy));
  }
}

export function hasPorts({ protocol, l4HeaderLength }: Packet): boolean {
  const isTransport = protocol === IP_PROTOCOL.tcp || protocol === IP_PROTOCOL.udp || protocol === IP_PROTOCOL.sctp;
  return isTransport && l4HeaderLength > 0;
}

const nameMember = (member: string, name: string | undefined): Uint8Array =>
  name === undefined ? NOTHING : fragment(`"${member}":${JSON.stringify(name)},`);

export function base64(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('base64');
}

/** The mirror session's tunnel; `depth` counts the tunnels around the layer that the event is about. */
function tunnel(packet: Packet, name: string | undefined, vnis: readonly number[] | undefined): string {
  const parts: string[] = [];
  if (packet.vni >= 0) parts.push(`"vni":${packet.vni}`);
  if (vnis !== undefined) parts.push(`"vnis":[${vnis.join(',')}]`);
  if (name !== undefined) parts.push(`"name":${JSON.stringify(name)}`);
  if (packet.tunnelOffset >= 0 && packet.tunnelIpVersion !== 0) {
    const src = eveAddress(packet.bytes, packet.tunnelOffset, packet.tunnelIpVersion);
    const dst = eveAddress(packet.bytes, packet.tunnelOffset + 16, packet.tunnelIpVersion);
    parts.push(
      `"src_ip":"${src}","src_port":${packet.tunnelSrcPort},"dest_ip":"${dst}","dest_port":${packet.tunnelDstPort}`,
    );
  }
  // What stands for a flow knows of no depth.
  const depth = packet.tunnelDepth + packet.layerIndex;
  if (depth > 0) parts.push(`"depth":${depth}`);
  return `"tunnel":{${parts.join(',')}},`;
}
