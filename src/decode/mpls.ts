/**
 * One MPLS label stack entry (RFC 3032). The stack does not say what it carries: behind the bottom the first nibble
 * tells IPv4, IPv6, or 0 for the control word of an Ethernet pseudowire (RFC 4448). No allocation.
 *
 *     0                   20   23 24      32
 *     +-------------------+----+--+--------+
 *     | label             | TC |S | TTL    |   S: bottom of stack
 *     +-------------------+----+--+--------+
 */
import { FAULT } from './fault.js';
import { shortHeader } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const ENTRY_LENGTH = 4;
const CONTROL_WORD_LENGTH = 4;

/** Decodes the entry at `frame.at`. */
export function decodeMpls(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + ENTRY_LENGTH > frame.end) return shortHeader(frame, ENTRY_LENGTH, FAULT.mpls_truncated_header);
  frame.at = at + ENTRY_LENGTH;
  if ((bytes[at + 2] & 1) === 0) return PROTOCOL.mpls;
  if (frame.at === frame.end) return shortHeader(frame, 1, FAULT.mpls_truncated_header);
  switch (bytes[frame.at] >>> 4) {
    case 4:
      return PROTOCOL.ipv4;
    case 6:
      return PROTOCOL.ipv6;
    case 0:
      if (frame.at + CONTROL_WORD_LENGTH > frame.end) return shortHeader(frame, CONTROL_WORD_LENGTH, FAULT.mpls_truncated_header);
      frame.at += CONTROL_WORD_LENGTH;
      return PROTOCOL.ethernet;
    default:
      return -FAULT.mpls_unknown_payload;
  }
}
