/**
 * Packets that a group of mirror sessions shows more than once, as both ends of their connections are mirrored: the
 * first copy is inspected, those from other sessions of the group within DUPLICATE_US are not. Stage: shard.
 *
 * A copy has the other's addresses, ports, IP identification, sequence and acknowledgement numbers, flags, length and
 * payload. What routers and network cards change (TTL, checksums) does not count. Of a session itself nothing is a
 * copy: a retransmission is not one. A packet is remembered as two hashes, which outsiders do not know the seed
 * of, by their low bits; a newer one takes the place: what is forgotten too early is inspected twice, and nothing else.
 *
 * Costs of packets of groups alone: a pass over their payload. 24 bytes for each of DUPLICATE_ENTRIES.
 */
import { IP_PROTOCOL, type Packet } from '../decode/packet.js';
import type { Flow } from '../flow/flow.js';
import type { VniGroups } from '../flow/vni-groups.js';
import { DUPLICATE_ENTRIES } from '../memory/budget.js';
import { hashWith, word32 } from '../util/hash.js';

const DUPLICATE_US = 1_000_000;
const NONE = -1;

export class Duplicates {
  /** Packets that were copies. */
  count = 0;
  private readonly groups: VniGroups;
  private readonly seed: number;
  private readonly firsts = new Uint32Array(DUPLICATE_ENTRIES);
  private readonly seconds = new Uint32Array(DUPLICATE_ENTRIES);
  private readonly vnis = new Int32Array(DUPLICATE_ENTRIES).fill(NONE);
  /** Index of the flow of the packet. */
  private readonly flows = new Int32Array(DUPLICATE_ENTRIES).fill(NONE);
  private readonly times = new Float64Array(DUPLICATE_ENTRIES);
  /** By index of a flow: the sessions of its group that have shown it. */
  private readonly seen: Uint32Array;
  private first = 0;
  private second = 0;

  constructor(groups: VniGroups, flowCap: number, seed: number) {
    this.groups = groups;
    this.seed = seed;
    this.seen = new Uint32Array(flowCap);
  }

  /** Whether another session has shown the packet. To be followed by `note` if not. */
  isCopy(packet: Packet): boolean {
    const bit = this.groups.bitOf(packet.vni);
    if (bit === 0 || packet.ipVersion === 0) return false;
    this.hash(packet);
    const at = this.first & (DUPLICATE_ENTRIES - 1);
    const isSame = this.firsts[at] === this.first && this.seconds[at] === this.second && this.vnis[at] !== NONE;
    if (isSame && this.vnis[at] !== packet.vni && Math.abs(packet.timeUs - this.times[at]) <= DUPLICATE_US) {
      if (this.flows[at] !== NONE) this.seen[this.flows[at]] |= bit;
      this.count++;
      return true;
    }
    this.firsts[at] = this.first;
    this.seconds[at] = this.second;
    this.vnis[at] = packet.vni;
    this.flows[at] = NONE;
    this.times[at] = packet.timeUs;
    return false;
  }

  /** The packet that `isCopy` was last asked of belongs to this flow, which has it counted. */
  note(flow: Flow, packet: Packet): void {
    const bit = this.groups.bitOf(packet.vni);
    if (bit === 0) return;
    if (flow.packetsToServer + flow.packetsToClient === 1) this.seen[flow.index] = 0;
    this.seen[flow.index] |= bit;
    this.flows[this.first & (DUPLICATE_ENTRIES - 1)] = flow.index;
  }

  /** The sessions that have shown the flow, where they are several. Allocates. */
  vnisOf(flow: Flow): number[] | undefined {
    if (this.groups.bitOf(flow.vni) === 0) return undefined;
    const vnis = this.groups.vnisOf(flow.vni, this.seen[flow.index]);
    return vnis.length > 1 ? vnis : undefined;
  }

  private hash(packet: Packet): void {
    const { bytes, ipVersion, protocol, l4Offset } = packet;
    let first = hashWith(packet.flowHash, this.seed);
    if (ipVersion === 4) first = hashWith(first, (bytes[packet.ipOffset + 4] << 8) | bytes[packet.ipOffset + 5]);
    first = hashWith(first, word32(bytes, packet.srcIpOffset));
    first = hashWith(first, (packet.srcPort << 16) | packet.dstPort);
    let at = packet.payloadOffset;
    const end = packet.payloadOffset + packet.payloadLength;
    if (protocol === IP_PROTOCOL.tcp && packet.l4HeaderLength >= 20) {
      first = hashWith(first, word32(bytes, l4Offset + 4));
      first = hashWith(first, word32(bytes, l4Offset + 8));
      first = hashWith(first, bytes[l4Offset + 13]);
    } else if (protocol !== IP_PROTOCOL.udp) at = l4Offset;
    first = hashWith(first, packet.claimedPayloadLength);
    let second = hashWith(first, ~this.seed);
    for (; at + 4 <= end; at += 4) {
      const word = word32(bytes, at);
      first = Math.imul(first ^ word, 0x01000193);
      second = Math.imul((second << 13) ^ (second >>> 19) ^ word, 0x9e3779b1);
    }
    for (; at < end; at++) first = Math.imul(first ^ bytes[at], 0x01000193);
    this.first = hashWith(first, second) >>> 0;
    this.second = hashWith(second, first) >>> 0;
  }
}
