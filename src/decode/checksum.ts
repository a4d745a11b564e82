/**
 * Verification of checksums, for those who ask for it (`checksums=verify`). Stage: decode, after `decodeFrame`. No
 * allocation.
 *
 * A wrong checksum makes the layer malformed: the receiver discards the packet, so it changes no TCP state (an attacker
 * could desynchronise the engine with packets that only it believes). Its payload is still inspected by itself, as in
 * Suricata. Not by default: cut packets keep the checksum of the whole, and hosts leave checksums to their network
 * cards. For that reason truncated layers and those without a total length (segmentation offload) are passed over, and
 * of fragments only the IPv4 header is verified. SCTP's CRC32c is not verified.
 */
import { FAULT } from './fault.js';
import { extensionLength, isExtensionHeader } from './ipv6.js';
import { noteLayerFault, type DecodeCounts } from './layer.js';
import { IP_PROTOCOL, LAYER, LAYER_FLAG, LAYER_WORDS, type DecodedFrame } from './packet.js';
import { EXTENSION, u16 } from './protocol.js';

/** Verifies all layers of a frame decoded from `bytes`; a wrong checksum is counted and noted in frame and layer. */
export function verifyChecksums(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): void {
  for (let index = 0; index < frame.layerCount; index++) {
    const row = index * LAYER_WORDS;
    const fault = layerFault(bytes, frame.layers, row);
    if (fault === 0) continue;
    counts.faults[fault]++;
    if (frame.fault === 0) frame.fault = fault;
    noteLayerFault(frame, row, fault);
  }
}

function layerFault(bytes: Uint8Array, layers: Int32Array, row: number): number {
  if ((layers[row + LAYER.flags] & (LAYER_FLAG.truncated | LAYER_FLAG.malformed)) !== 0) return 0;
  const version = layers[row + LAYER.ipVersion];
  if (version === 0) return 0;
  if (version === 4 && !isIpv4HeaderRight(bytes, layers[row + LAYER.ipOffset], layers[row + LAYER.ipHeaderLength]))
    return FAULT.ipv4_bad_checksum;
  return transportFault(bytes, layers, row);
}

/**
 * The one's complement sum of `length` bytes at `at`, added to `sum` and folded to 16 bits: 0xffff over data with a
 * right checksum. An odd last byte counts as the upper half of a word.
 */
export function onesComplementSum(bytes: Uint8Array, at: number, length: number, sum: number): number {
  let total = sum;
  const even = at + (length & ~1);
  // BOUNDS of `total`: 65535 bytes are under 2^15 words of under 2^16 each.
  for (let i = at; i < even; i += 2) total += u16(bytes, i);
  if ((length & 1) !== 0) total += bytes[even] << 8;
  total = (total & 0xffff) + (total >>> 16);
  return (total & 0xffff) + (total >>> 16);
}

/** Whether the checksum of the IPv4 header of `length` bytes at `at` is right. */
export function isIpv4HeaderRight(bytes: Uint8Array, at: number, length: number): boolean {
  return onesComplementSum(bytes, at, length, 0) === 0xffff;
}

/** The fault of a wrong transport checksum, or 0. */
function transportFault(bytes: Uint8Array, layers: Int32Array, row: number): number {
  const ip = layers[row + LAYER.ipOffset];
  const version = layers[row + LAYER.ipVersion];
  const at = layers[row + LAYER.l4Offset];
  const protocol = layers[row + LAYER.protocol];
  if ((layers[row + LAYER.flags] & LAYER_FLAG.fragment) !== 0 || layers[row + LAYER.l4HeaderLength] === 0) return 0;
  const length = layers[row + LAYER.payloadOffset] + layers[row + LAYER.payloadLength] - at;
  return isTransportRight(bytes, version, ip, protocol, at, length) ? 0 : FAULT_OF_PROTOCOL[protocol];
}

const FAULT_OF_PROTOCOL: Readonly<Record<number, number>> = {
  [IP_PROTOCOL.tcp]: FAULT.tcp_bad_checksum,
  [IP_PROTOCOL.udp]: FAULT.udp_bad_checksum,
  [IP_PROTOCOL.icmp]: FAULT.icmp_bad_checksum,
  [IP_PROTOCOL.icmpv6]: FAULT.icmpv6_bad_checksum,
};

/**
 * Whether the checksum of the transport header at `at` and of all behind it, `length` bytes, is right, or cannot be
 * told: there is none, or the pseudo header is not known. The IP header of this version is at `ip`.
 */
export function isTransportRight(
  bytes: Uint8Array,
  version: number,
  ip: number,
  protocol: number,
  at: number,
  length: number,
): boolean {
  if (!addressesAreFinal(bytes, version, ip, at)) return true;
  switch (protocol) {
    case IP_PROTOCOL.tcp:
    case IP_PROTOCOL.icmpv6:
      return sumsUp(bytes, version, ip, protocol, at, length);
    case IP_PROTOCOL.udp:
      // A UDP checksum of 0 says that there is none: RFC 768, and for tunnels over IPv6 RFC 6935.
      return u16(bytes, at + 6) === 0 || sumsUp(bytes, version, ip, protocol, at, length);
    case IP_PROTOCOL.icmp:
      return onesComplementSum(bytes, at, length, 0) === 0xffff;
    default:
      return true;
  }
}

/** Verifies with the pseudo header of IPv4 (RFC 9293) or IPv6 (RFC 8200): addresses, protocol, length. */
function sumsUp(bytes: Uint8Array, version: number, ip: number, protocol: number, at: number, length: number): boolean {
  const isIpv4 = version === 4;
  const addresses = onesComplementSum(bytes, ip + (isIpv4 ? 12 : 8), isIpv4 ? 8 : 32, protocol + length);
  return onesComplementSum(bytes, at, length, addresses) === 0xffff;
}

/**
 * Whether the pseudo header can be built: the packet tells its length, and its destination is the final one, which it
 * is not while an IPv6 routing header has segments left.
 */
function addressesAreFinal(bytes: Uint8Array, version: number, ip: number, l4Offset: number): boolean {
  if (version === 4) return u16(bytes, ip + 2) !== 0;
  if (u16(bytes, ip + 4) === 0) return false;
  let type = bytes[ip + 6];
  for (let at = ip + 40; at < l4Offset && isExtensionHeader(type);) {
    if (type === EXTENSION.routing && bytes[at + 3] > 0) return false;
    const length = extensionLength(type, bytes[at + 1]);
    type = bytes[at];
    at += length;
  }
  return true;
}
