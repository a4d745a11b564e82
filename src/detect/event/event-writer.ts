/**
 * What all events of a shard begin with: fills a `Candidate` with the packet's part of what thresholds and ordering
 * need, and writes the head of the EVE line. Stage: detect, in the shard. Events may allocate.
 *
 * Field names and forms are those of Suricata's EVE; `tunnel.vni`, the tunnel's place in it and `proxy` are ours.
 */
import { ipProtocolName } from '../../block/ip-protocols.js';
import { IP_PROTOCOL, type Packet } from '../../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../../flow/flow.js';
import { applicationMembers, proxyMember, type ProxyMember } from './application-members.js';
import { Candidate, CANDIDATE_KIND } from './candidate.js';
import { communityId } from './community-id.js';
import { eveAddress } from './eve-text.js';
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
const PORT_PROTOCOLS: readonly number[] = [IP_PROTOCOL.tcp, IP_PROTOCOL.udp, IP_PROTOCOL.sctp];

export class EventWriter {
  /** The event at hand; the same object every time. */
  readonly candidate = new Candidate();
  readonly line = this.candidate.line;
  private readonly options: EventOptions;
  private readonly generation: number;

  constructor(generation: number, options: EventOptions) {
    this.generation = generation;
    this.options = options;
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
    line.append('{"timestamp":"').time(packet.timeUs).append('",');
    if (flow !== null) line.append('"flow_id":').decimal(flow.id).append(',');
    if (packet.captureNumber > 0) line.append('"pcap_cnt":').decimal(packet.captureNumber).append(',');
    line.append('"event_type":"').append(type).append('",');
    const { sensor, vniNames, ethernet } = this.options;
    if (sensor !== undefined) line.append(`"host":${JSON.stringify(sensor)},`);
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
    const capture = this.options.captureName?.(packet.capture);
    if (capture !== undefined) line.append(`"pcap_filename":${JSON.stringify(capture)},`);
  }

  private endpoints(packet: Packet, ends: ShownEnds): void {
    const { line } = this;
    const { bytes, srcIpOffset, dstIpOffset, ipVersion } = packet;
    const withPorts = hasPorts(packet);
    line.append('"src_ip":"');
    if (ends.src === undefined) line.address(bytes, srcIpOffset, ipVersion);
    else line.append(ends.src);
    line.append('",');
    if (withPorts) line.append('"src_port":').decimal(packet.srcPort).append(',');
    line.append('"dest_ip":"');
    if (ends.dst === undefined) line.address(bytes, dstIpOffset, ipVersion);
    else line.append(ends.dst);
    line.append('",');
    if (withPorts) line.append('"dest_port":').decimal(packet.dstPort).append(',');
  }

  private transport(packet: Packet): void {
    const { line } = this;
    line.append('"proto":"').append(ipProtocolName(packet.protocol)).append('",');
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
    if (flow.applications !== 0) line.append(applicationMembers(flow));
    const proxy = options.proxyOf?.(flow);
    if (proxy !== null && proxy !== undefined) line.append(proxyMember(proxy));
  }
}

export const hasPorts = (packet: Packet): boolean =>
  PORT_PROTOCOLS.includes(packet.protocol) && packet.l4HeaderLength > 0;

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
