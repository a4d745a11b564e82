/**
 * Whether a packet's checksums are right, for the rules that ask. Stage: detect; computed where it is asked for,
 * whatever the setting `checksums` says. Allocates nothing.
 */
import { isIpv4HeaderRight, isTransportRight } from '../../decode/checksum.js';
import { LAYER_FLAG, type Packet } from '../../decode/packet.js';

/** 1 for a right IPv4 header, 0 for a wrong one, -1 where there is none. */
export function ipv4Checksum(packet: Packet): number {
  return packet.ipVersion === 4 ? Number(isIpv4HeaderRight(packet.bytes, packet.ipOffset, packet.ipHeaderLength)) : -1;
}

/** The same of the transport header of `protocol` with its payload; -1 also where some of it is missing. */
export function transportChecksum(packet: Packet, protocol: number): number {
  const { bytes, ipVersion, ipOffset, l4Offset } = packet;
  if (
    packet.protocol !== protocol ||
    packet.l4HeaderLength === 0 ||
    (packet.flags & (LAYER_FLAG.fragment | LAYER_FLAG.truncated)) !== 0
  )
    return -1;
  return Number(
    isTransportRight(
      bytes,
      ipVersion,
      ipOffset,
      protocol,
      l4Offset,
      packet.payloadOffset + packet.payloadLength - l4Offset,
    ),
  );
}
