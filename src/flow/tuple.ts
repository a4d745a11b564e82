/**
 * The key of a flow, normalised so that both directions have the same one. Stage: flow.
 *
 *   word  0       4        8                    9                              10
 *         | lower | higher | lower, higher port | VLAN, ip version, protocol | vni |
 *
 * Addresses are compared as big-endian words, then ports. The higher endpoint is the other one. ICMP has its type where
 * others have ports: a request and its reply are the two ends of one flow, every other type is both ends of its own;
 * identifiers are not in the key (as in Suricata), so that a ping is one flow however often it starts anew. Protocols
 * without ports have addresses alone. ICMP errors have no key, but one of them may have that of the packet that it
 * quotes. Of a VLAN there are 16 bits: the id of one tag, a hash of several. One re-used
 * object; nothing here allocates.
 */
import { IP_PROTOCOL, LAYER_FLAG, type Packet } from '../decode/packet.js';

export const TUPLE_WORDS = 11;
/** Words of a key that others read. */
export const KEY_WORD = { higher: 4, ports: 8, protocol: 9, vni: 10 } as const;

const NO_KEY = LAYER_FLAG.fragment | LAYER_FLAG.icmpError;

/** Below it, the VLAN of a key is the id of one tag; else it is made of several. */
export const SEVERAL_TAGS = 0x1000;

export class FlowTuple {
  readonly words = new Uint32Array(TUPLE_WORDS);
  /** Whether the packet's source is the lower endpoint. */
  sourceIsLower = true;
  private srcPort = 0;
  private dstPort = 0;

  /**
   * Takes the key of a packet; `session` is the mirror session that its flow is of, or -1 where that does not matter;
   * `vlan` says whether its VLAN does.
   * @returns false where a packet has none: no addresses, a fragment, an ICMP error, or a transport header that is not
   * there.
   */
  load(packet: Packet, session: number, vlan: boolean): boolean {
    if (packet.ipVersion === 0 || (packet.flags & NO_KEY) !== 0) return false;
    if (!this.loadPorts(packet)) return false;
    this.loadAddresses(packet, packet.srcIpOffset, packet.dstIpOffset);
    this.loadRest(packet, packet.protocol, session, vlan);
    return true;
  }

  /**
   * Takes the key of the packet that an ICMP error quotes; `sourceIsLower` is then about that packet's source.
   * @returns false where it quotes none that has a flow.
   */
  loadQuoted(packet: Packet, session: number, vlan: boolean): boolean {
    const { quotedProtocol, quotedPorts, payloadOffset } = packet;
    if (quotedProtocol === 0) return false;
    this.srcPort = quotedPorts >>> 16;
    this.dstPort = quotedPorts & 0xffff;
    if (packet.ipVersion === 4) this.loadAddresses(packet, payloadOffset + 12, payloadOffset + 16);
    else this.loadAddresses(packet, payloadOffset + 8, payloadOffset + 24);
    this.loadRest(packet, quotedProtocol, session, vlan);
    return true;
  }

  private loadRest(packet: Packet, protocol: number, session: number, vlan: boolean): void {
    const { words } = this;
    words[8] = this.sourceIsLower ? (this.srcPort << 16) | this.dstPort : (this.dstPort << 16) | this.srcPort;
    words[KEY_WORD.protocol] = (packet.ipVersion << 8) | protocol;
    if (vlan && packet.vlans !== 0) words[KEY_WORD.protocol] |= vlanBits(packet) << 16;
    words[KEY_WORD.vni] = session;
  }

  private loadPorts(packet: Packet): boolean {
    this.srcPort = 0;
    this.dstPort = 0;
    switch (packet.protocol) {
      case IP_PROTOCOL.tcp:
      case IP_PROTOCOL.udp:
      case IP_PROTOCOL.sctp:
        this.srcPort = packet.srcPort;
        this.dstPort = packet.dstPort;
        return packet.l4HeaderLength > 0;
      case IP_PROTOCOL.icmp:
      case IP_PROTOCOL.icmpv6:
        if (packet.l4HeaderLength === 0) return false;
        this.srcPort = packet.bytes[packet.l4Offset];
        this.dstPort =
          packet.protocol === IP_PROTOCOL.icmp ? icmpCounterpart(this.srcPort) : icmpv6Counterpart(this.srcPort);
        return true;
      default:
        return true;
    }
  }

  private loadAddresses(packet: Packet, srcIpOffset: number, dstIpOffset: number): void {
    const { bytes } = packet;
    const length = packet.ipVersion === 4 ? 4 : 16;
    let order = 0;
    for (let i = 0; i < length && order === 0; i++) order = bytes[srcIpOffset + i] - bytes[dstIpOffset + i];
    this.sourceIsLower = (order === 0 ? this.srcPort - this.dstPort : order) <= 0;
    this.copyAddress(bytes, this.sourceIsLower ? srcIpOffset : dstIpOffset, length, 0);
    this.copyAddress(bytes, this.sourceIsLower ? dstIpOffset : srcIpOffset, length, 4);
  }

  private copyAddress(bytes: Uint8Array, from: number, length: number, to: number): void {
    const { words } = this;
    for (let i = 0; i < 4; i++) {
      const at = from + 4 * i;
      words[to + i] =
        4 * i < length ? (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3] : 0;
    }
  }

  /** 32-bit hash of the key. Not to be foretold without the seed, as far as a fast hash can do that. */
  hash(seed: number): number {
    return mixWords(this.words, seed);
  }

  /** 53-bit hash of the key and the time of the first packet: the flow's id, the same in every run and shard. */
  flowId(startUs: number): number {
    const high = Math.floor(startUs / 0x100000000);
    const low = mix(mix(mixWords(this.words, 0x5bd1e995), startUs | 0), high);
    const top = mix(mix(mixWords(this.words, 0x2545f491), high), startUs | 0);
    return (finish(top) >>> 11) * 0x100000000 + (finish(low) >>> 0);
  }
}

/** A tag with id 0 tells a priority, and no VLAN. */
function vlanBits(packet: Packet): number {
  if (packet.vlanLayers === 1) return packet.vlanId(0);
  const ids = packet.vlans & 0xff_ffff;
  const third = packet.vlanLayers > 2 ? packet.vlanId(2) : 0;
  return SEVERAL_TAGS + ((finish(mix(ids, third)) >>> 0) % (0x1_0000 - SEVERAL_TAGS));
}

/**
 * The type that answers an ICMP type: echo, timestamp, information, address mask, router discovery; else the type
 * itself.
 */
function icmpCounterpart(type: number): number {
  switch (type) {
    case 0:
      return 8;
    case 8:
      return 0;
    case 9:
      return 10;
    case 10:
      return 9;
    case 13:
    case 15:
    case 17:
      return type + 1;
    case 14:
    case 16:
    case 18:
      return type - 1;
    default:
      return type;
  }
}

/** Echo 128/129, multicast listener 130/131, router 133/134, neighbour 135/136, node information 139/140. */
function icmpv6Counterpart(type: number): number {
  switch (type) {
    case 128:
    case 130:
    case 133:
    case 135:
    case 139:
      return type + 1;
    case 129:
    case 131:
    case 134:
    case 136:
    case 140:
      return type - 1;
    default:
      return type;
  }
}

// MurmurHash3's round and finish (public domain), over words instead of bytes.
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function mixWords(words: Uint32Array, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < TUPLE_WORDS; i++) hash = mix(hash, words[i]);
  return finish(hash);
}
