/**
 * IPv4 (RFC 791). Opens a layer. No allocation.
 *
 *     0    4    8         16                  32
 *     +----+----+---------+-------------------+
 *     | ver| IHL| TOS     | total length      |
 *     | identification    | flags, offset     |
 *     | TTL     | protocol| header checksum   |
 *     | source                                |
 *     | destination                           |
 *     | options (IHL * 4 - 20 bytes)          |
 *     +---------------------------------------+
 *
 * A total length of 0 comes from segmentation offload: what is present counts. One that is larger than what is present
 * means that the mirror or the capture cut the packet; what lies behind it is padding of the link layer.
 */
import { FAULT } from './fault.js';
import { decodeIpv4Options } from './ipv4-options.js';
import { markFragment, noteFault, openLayer, shortHeader, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL, protocolOfIp, u16 } from './protocol.js';

const HEADER_LENGTH = 20;
const OFFSET = 0x1fff;
const MORE_FRAGMENTS = 0x2000;
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

/** Decodes the header at `frame.at`. A fragment ends decoding, with its data as payload. */
export function decodeIpv4(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.ipv4_truncated_header);
  // BOUNDS: the fixed header is present from here on.
  if (bytes[at] >>> 4 !== 4) return -FAULT.ipv4_bad_version;
  const headerLength = (bytes[at] & 15) << 2;
  if (headerLength < HEADER_LENGTH) return -FAULT.ipv4_bad_header_length;
  if (at + headerLength > frame.end) return shortHeader(frame, headerLength, FAULT.ipv4_truncated_header);
  const totalLength = u16(bytes, at + 2);
  if (totalLength !== 0 && totalLength < headerLength) return -FAULT.ipv4_bad_total_length;

  const protocol = bytes[at + 9];
  const claimedEnd = totalLength === 0 ? frame.claimedEnd : at + totalLength;
  if (!openLayer(frame, 4, headerLength, protocol, claimedEnd)) return -FAULT.nesting_limit;
  if (headerLength > HEADER_LENGTH) decodeIpv4Options(bytes, frame, counts, at + HEADER_LENGTH, at + headerLength);
  const fragment = u16(bytes, at + 6);
  if ((fragment & MORE_FRAGMENTS_OR_OFFSET) !== 0)
    return markFragment(frame, (fragment & OFFSET) << 3, (fragment & MORE_FRAGMENTS) !== 0);
  const next = protocolOfIp(protocol);
  if (next === PROTOCOL.end) noteFault(frame, counts, FAULT.ipv4_unknown_protocol);
  else if (next === PROTOCOL.icmpv6) noteFault(frame, counts, FAULT.ipv4_icmpv6);
  return next;
}
