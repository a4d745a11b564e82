/**
 * PPPoE session packets (RFC 2516). Discovery has an EtherType of its own and is not IP. No allocation.
 *
 *     0    1     2           4         6
 *     +----+-----+-----------+---------+----
 *     |0x11|code | session id| length  | PPP
 *     +----+-----+-----------+---------+----
 */
import { FAULT } from './fault.js';
import { shortHeader } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

const HEADER_LENGTH = 6;

/** Decodes the header at `frame.at`; what lies behind the length it claims is padding. */
export function decodePppoe(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.pppoe_truncated_header);
  if (bytes[at] !== 0x11 || bytes[at + 1] !== 0) return -FAULT.pppoe_bad_code;
  frame.at = at + HEADER_LENGTH;
  const claimedEnd = frame.at + u16(bytes, at + 4);
  if (claimedEnd < frame.end) {
    frame.end = claimedEnd;
    frame.claimedEnd = claimedEnd;
  }
  return PROTOCOL.ppp;
}
