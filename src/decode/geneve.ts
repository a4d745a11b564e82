/**
 * GENEVE (RFC 8926): the form in which a Gateway Load Balancer delivers, around IP/UDP/VXLAN. Options are stepped over:
 * none of them changes what is inspected, and one marked critical binds endpoints, not observers. No allocation.
 *
 *     0    2           8  9  10      16                  32
 *     +----+-----------+--+--+-------+-------------------+
 *     | ver| opt len   |O |C | resvd | protocol type     |
 *     | VNI                                    | reserved |
 *     | options (opt len * 4 bytes)                      |
 *     +--------------------------------------------------+
 */
import { FAULT } from './fault.js';
import { shortHeader } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL, protocolOfEtherType, u16 } from './protocol.js';

const HEADER_LENGTH = 8;

/** Decodes the header at `frame.at`. */
export function decodeGeneve(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.geneve_truncated_header);
  if (bytes[at] >>> 6 !== 0) return -FAULT.geneve_bad_version;
  const length = HEADER_LENGTH + ((bytes[at] & 0x3f) << 2);
  if (at + length > frame.end) return shortHeader(frame, length, FAULT.geneve_truncated_header);
  const next = protocolOfEtherType(u16(bytes, at + 2));
  if (next !== PROTOCOL.ethernet && next !== PROTOCOL.ipv4 && next !== PROTOCOL.ipv6)
    return -FAULT.geneve_unknown_payload;
  frame.at = at + length;
  return next;
}
