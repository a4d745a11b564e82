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
import { noteFault, shortHeader, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const ENTRY_LENGTH = 4;
const CONTROL_WORD_LENGTH = 4;
const LAST_RESERVED_LABEL = 15;

/** Decodes the entry at `frame.at`. */
export function decodeMpls(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + ENTRY_LENGTH > frame.end) return shortHeader(frame, ENTRY_LENGTH, FAULT.mpls_truncated_header);
  frame.at = at + ENTRY_LENGTH;
  if ((bytes[at + 2] & 1) === 0) return PROTOCOL.mpls;
  const fault = labelFault((bytes[at] << 12) | (bytes[at + 1] << 4) | (bytes[at + 2] >>> 4));
  if (fault !== 0) noteFault(frame, counts, fault);
  if (frame.at === frame.end) return shortHeader(frame, 1, FAULT.mpls_empty);
  switch (bytes[frame.at] >>> 4) {
    case 4:
      return PROTOCOL.ipv4;
    case 6:
      return PROTOCOL.ipv6;
    case 0:
      if (frame.at + CONTROL_WORD_LENGTH > frame.end)
        return shortHeader(frame, CONTROL_WORD_LENGTH, FAULT.mpls_truncated_header);
      frame.at += CONTROL_WORD_LENGTH;
      return PROTOCOL.ethernet;
    default:
      return -FAULT.mpls_unknown_payload;
  }
}

/** What is wrong with the label at the bottom of a stack, or 0. Explicit null of IPv4 is 0, of IPv6 it is 2. */
function labelFault(label: number): number {
  if (label > LAST_RESERVED_LABEL || label === 0 || label === 2) return 0;
  if (label === 1) return FAULT.mpls_router_alert_label;
  return label === 3 ? FAULT.mpls_implicit_null_label : FAULT.mpls_reserved_label;
}
