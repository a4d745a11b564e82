/**
 * Community ID, version 1 (github.com/corelight/community-id-spec): a hash of a flow that different tools agree on.
 * Stage: detect (alerts only, and only when switched on).
 */
import { createHash } from 'node:crypto';
import { IP_PROTOCOL, type Packet } from '../../decode/packet.js';

/** ICMP types with a counterpart, which then stands in for the destination port. */
const ICMP_PAIRS: Readonly<Record<number, number>> = {
  0: 8,
  8: 0,
  9: 10,
  10: 9,
  13: 14,
  14: 13,
  15: 16,
  16: 15,
  17: 18,
  18: 17,
};
const ICMPV6_PAIRS: Readonly<Record<number, number>> = {
  128: 129,
  129: 128,
  130: 131,
  131: 130,
  133: 134,
  134: 133,
  135: 136,
  136: 135,
  139: 140,
  140: 139,
  144: 145,
  145: 144,
};

/** '' for packets without an IP layer. */
export function communityId(packet: Packet, seed: number): string {
  if (packet.ipVersion === 0) return '';
  const size = packet.ipVersion === 4 ? 4 : 16;
  const src = packet.bytes.slice(packet.srcIpOffset, packet.srcIpOffset + size);
  const dst = packet.bytes.slice(packet.dstIpOffset, packet.dstIpOffset + size);
  const { ports, oneWay } = endpoints(packet);
  const order = Buffer.compare(src, dst) || (ports === undefined ? 0 : ports[0] - ports[1]);
  const swap = !oneWay && order > 0;
  const hash = createHash('sha1')
    .update(u16(seed))
    .update(swap ? dst : src)
    .update(swap ? src : dst)
    .update(Uint8Array.of(packet.protocol, 0));
  if (ports !== undefined) hash.update(u16(ports[swap ? 1 : 0])).update(u16(ports[swap ? 0 : 1]));
  return `1:${hash.digest('base64')}`;
}

function endpoints(packet: Packet): { ports: [number, number] | undefined; oneWay: boolean } {
  if (packet.l4HeaderLength === 0) return { ports: undefined, oneWay: false };
  switch (packet.protocol) {
    case IP_PROTOCOL.tcp:
    case IP_PROTOCOL.udp:
    case IP_PROTOCOL.sctp:
      return { ports: [packet.srcPort, packet.dstPort], oneWay: false };
    case IP_PROTOCOL.icmp:
    case IP_PROTOCOL.icmpv6: {
      const type = packet.bytes[packet.l4Offset];
      const pair = (packet.protocol === IP_PROTOCOL.icmp ? ICMP_PAIRS : ICMPV6_PAIRS)[type];
      return { ports: [type, pair ?? packet.bytes[packet.l4Offset + 1]], oneWay: pair === undefined };
    }
    default:
      return { ports: undefined, oneWay: false };
  }
}

const u16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value & 0xff);
