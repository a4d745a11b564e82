/**
 * Whether a rule's header fits a packet: transport, addresses, ports, direction, and what `flow` asks for. Stage:
 * detect, before anything dear. Allocates nothing.
 */
import { IP_PROTOCOL, LAYER_FLAG, type Packet } from '../../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../../flow/flow.js';
import { hasIpv4, hasIpv6, readAddressWord } from '../../block/address-set.js';
import { isTcp, tcpFlags } from './field-tests.js';
import { hasPort } from '../../block/port-set.js';
import { END, END_WORDS, FLOW_BIT, RULE, RULE_FLAG, TRANSPORT, type Transport } from '../../block/rule-block.js';
import type { RuleSet } from '../../block/rule-set.js';

const IP_TRANSPORT: Readonly<Record<number, Transport>> = {
  1: TRANSPORT.icmp,
  6: TRANSPORT.tcp,
  17: TRANSPORT.udp,
  58: TRANSPORT.icmpv6,
  132: TRANSPORT.sctp,
};
const SYN_OR_RST = 0x06;

/**
 * What the packet is to rules. A fragment counts as what it is a fragment of; without its transport header a packet is
 * other IP.
 */
export function transportOf(packet: Packet): Transport {
  if (packet.ipVersion === 0) return TRANSPORT.noIp;
  if (packet.l4HeaderLength === 0 && (packet.flags & LAYER_FLAG.fragment) === 0) return TRANSPORT.otherIp;
  return IP_TRANSPORT[packet.protocol] ?? TRANSPORT.otherIp;
}

/**
 * Whether the payload counts as stream data: a segment of a TCP flow that a receiver would take. Without reassembly,
 * that is a segment by itself.
 */
export function isStreamData(packet: Packet, flow: Flow | null): boolean {
  return (
    flow !== null &&
    flow.established &&
    packet.payloadLength > 0 &&
    isTcp(packet) &&
    (tcpFlags(packet) & SYN_OR_RST) === 0
  );
}

/** Whether the packet, counted in already, is the first that its flow sends in its direction. */
const isFirstOfDirection = (packet: Packet, flow: Flow, direction: Direction): boolean =>
  !packet.isError && (direction === DIRECTION.toServer ? flow.packetsToServer : flow.packetsToClient) <= 1;

/**
 * Whether the packet is the one of its flow and direction that rules look at that are their header alone. A packet
 * without a flow speaks for itself, and so does one of a protocol that knows no sessions (as in Suricata).
 */
export function answersForFlow(packet: Packet, transport: Transport, flow: Flow | null, direction: Direction): boolean {
  return (
    flow === null ||
    isFirstOfDirection(packet, flow, direction) ||
    (transport === TRANSPORT.otherIp && !hasSession(packet))
  );
}

/** Of the protocols without ports: ESP, and IP in IP that holds what it says. */
function hasSession({ protocol, bytes, payloadOffset, payloadLength }: Packet): boolean {
  if (protocol === IP_PROTOCOL.esp) return true;
  const version = payloadLength > 0 ? bytes[payloadOffset] >>> 4 : 0;
  return (protocol === IP_PROTOCOL.ipip && version === 4) || (protocol === IP_PROTOCOL.ipv6 && version === 6);
}

/** Whether the packet has ports: any number of them is one, 0 too. */
function hasPorts({ protocol, flags, l4HeaderLength }: Packet): boolean {
  if (l4HeaderLength === 0 || (flags & LAYER_FLAG.fragment) !== 0) return false;
  return protocol === IP_PROTOCOL.tcp || protocol === IP_PROTOCOL.udp || protocol === IP_PROTOCOL.sctp;
}

export class HeaderCheck {
  private readonly rules: RuleSet;
  private readonly streams: boolean;
  private packet!: Packet;
  private flow: Flow | null = null;
  private direction: Direction = DIRECTION.toServer;
  private unit = 0;
  private hasPayload = false;
  private isReady = false;
  private flowBits = 0;
  private ruleFlagsRefused = 0;
  private source4 = 0;
  private destination4 = 0;
  private hasPorts = false;
  /** One bit of TRANSPORT. */
  private transport = 0;
  private tenant = 0;

  /** `streams`: TCP data comes as ranges of streams; else each segment counts as one. */
  constructor(rules: RuleSet, streams = false) {
    this.rules = rules;
    this.streams = streams;
  }

  /**
   * Takes in what `matches` is then asked about: the packet itself (unit 0), or what it made known of its flow, whose
   * ends it then has.
   */
  begin(packet: Packet, flow: Flow | null, direction: Direction, unit: number, hasPayload: boolean): void {
    this.packet = packet;
    this.flow = flow;
    this.direction = direction;
    this.unit = unit;
    this.hasPayload = hasPayload;
    this.isReady = false;
  }

  /** Reads what the rules are compared with: only once there is a rule to look at, as most packets have none. */
  private prepare(): void {
    const { packet, flow, unit, hasPayload } = this;
    this.isReady = true;
    if (packet.ipVersion === 4) {
      this.source4 = readAddressWord(packet.bytes, packet.srcIpOffset);
      this.destination4 = readAddressWord(packet.bytes, packet.dstIpOffset);
    }
    this.hasPorts = hasPorts(packet);
    this.transport = 1 << transportOf(packet);
    this.tenant = this.rules.tenantOf(packet.vni);
    const isPacket = unit === 0;
    const isData = isStreamData(packet, flow);
    const stream = !isPacket || (isData && !this.streams);
    // Rules that look at packets alone see those of the stream, too.
    this.flowBits = this.flowState(isPacket, stream || isData);
    this.ruleFlagsRefused = this.refused(isPacket, stream, hasPayload);
  }

  matches(row: number): boolean {
    if (!this.isReady) this.prepare();
    const { words } = this.rules;
    const at = this.rules.rowAt(row);
    const flags = words[at + RULE.flags];
    if ((flags & this.ruleFlagsRefused) !== 0) return false;
    // Rules over transactions are found by the application, which may have several transports.
    if (this.unit !== 0 && (words[at + RULE.classes] & this.transport) === 0) return false;
    if ((this.packet.flags & LAYER_FLAG.fragment) !== 0 && (flags & RULE_FLAG.fragments) === 0) return false;
    if ((words[at + RULE.flow] & ~this.flowBits) !== 0) return false;
    const ends = this.endsOf(words, at);
    if (this.endsMatch(ends, false)) return true;
    return (flags & RULE_FLAG.bidirectional) !== 0 && this.endsMatch(ends, true);
  }

  /** The flow conditions that hold for this packet. One without a flow has no state, and goes to the server. */
  private flowState(isPacket: boolean, stream: boolean): number {
    const { flow, packet } = this;
    const isLate = !isPacket || packet.isError || flow === null || !flow.justEstablished;
    let bits: number = flow === null || this.direction === DIRECTION.toServer ? FLOW_BIT.toServer : FLOW_BIT.toClient;
    if (flow !== null) bits |= flow.established && isLate ? FLOW_BIT.established : FLOW_BIT.notEstablished;
    bits |= stream ? FLOW_BIT.onlyStream : 0;
    bits |= isPacket ? FLOW_BIT.noStream : 0;
    bits |= (packet.flags & LAYER_FLAG.reassembled) !== 0 ? FLOW_BIT.onlyFragments : FLOW_BIT.noFragments;
    return bits;
  }

  /** Flags of rules that this packet cannot match. */
  private refused(isPacket: boolean, stream: boolean, hasPayload: boolean): number {
    const { flow, packet } = this;
    let refused = 0;
    if (!hasPayload) refused |= RULE_FLAG.payload;
    if ((packet.flags & LAYER_FLAG.concealed) !== 0) refused |= RULE_FLAG.sized;
    if (!stream) refused |= RULE_FLAG.streamOnly;
    if (flow === null || !isPacket || !isFirstOfDirection(packet, flow, this.direction)) refused |= RULE_FLAG.flowStart;
    if (packet.layerIndex !== 0) refused |= RULE_FLAG.frame;
    if (packet.ipVersion !== 4) refused |= RULE_FLAG.ipv4Only;
    if (packet.ipVersion !== 6) refused |= RULE_FLAG.ipv6Only;
    return refused;
  }

  /** Where the rule's ends stand: those of the packet's tenant, or those of the row. */
  private endsOf(words: Int32Array, at: number): number {
    // Without tenants, that word of the row, in a cache line of its own, is not touched.
    if (this.tenant === 0 || words[at + RULE.tenants] === 0) return at + RULE.source;
    return this.rules.tenantEnds + words[at + RULE.tenants] + END_WORDS * (this.tenant - 1);
  }

  /** `at`: the ends, in the order of a rule's row. */
  private endsMatch(at: number, swapped: boolean): boolean {
    const { words } = this.rules;
    const { packet } = this;
    const srcPort = swapped ? packet.dstPort : packet.srcPort;
    const dstPort = swapped ? packet.srcPort : packet.dstPort;
    return (
      this.portMatches(words[at + END.destinationPorts], dstPort) &&
      this.portMatches(words[at + END.sourcePorts], srcPort) &&
      this.addressMatches(words[at + END.source], !swapped) &&
      this.addressMatches(words[at + END.destination], swapped)
    );
  }

  private portMatches(set: number, port: number): boolean {
    if (set < 0) return true;
    if (!this.hasPorts) return false;
    const { portSets, portWords } = this.rules;
    return hasPort(portWords, portSets[3 * set], portSets[3 * set + 1], portSets[3 * set + 2], port);
  }

  private addressMatches(set: number, source: boolean): boolean {
    if (set < 0) return true;
    const { addressSets, addressWords } = this.rules;
    const { packet } = this;
    const at = 4 * set;
    if (packet.ipVersion === 4)
      return hasIpv4(addressWords, addressSets[at], addressSets[at + 1], source ? this.source4 : this.destination4);
    if (packet.ipVersion === 0) return false;
    return hasIpv6(
      addressWords,
      addressSets[at + 2],
      addressSets[at + 3],
      packet.bytes,
      source ? packet.srcIpOffset : packet.dstIpOffset,
    );
  }
}
