/**
 * PPP (RFC 1661): an optional address and control field (ff 03, RFC 1662), then a protocol field of two bytes, or of
 * one when it is compressed (odd first byte). No allocation.
 */
import { FAULT } from './fault.js';
import { shortHeader } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

/** Decodes the header at `frame.at`. Control protocols and compressed headers are not IP. */
export function decodePpp(bytes: Uint8Array, frame: DecodedFrame): number {
  let at = frame.at;
  if (at + 2 <= frame.end && bytes[at] === 0xff && bytes[at + 1] === 0x03) at += 2;
  const compressed = at < frame.end && (bytes[at] & 1) === 1;
  const length = at - frame.at + (compressed ? 1 : 2);
  if (frame.at + length > frame.end) return shortHeader(frame, length, FAULT.ppp_truncated_header);
  frame.at += length;
  switch (compressed ? bytes[at] : u16(bytes, at)) {
    case 0x0021:
      return PROTOCOL.ipv4;
    case 0x0057:
      return PROTOCOL.ipv6;
    case 0x0281:
      return PROTOCOL.mpls;
    default:
      return PROTOCOL.other;
  }
}
