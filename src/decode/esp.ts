/**
 * ESP (RFC 4303): what lies behind its first eight bytes is encrypted, so all of it is payload. No allocation.
 */
import { FAULT } from './fault.js';
import { clearPayload, currentRow } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

/** Index of the security parameters, and sequence number. */
const HEADER_LENGTH = 8;

/** Checks that a packet can be ESP. */
export function decodeEsp(frame: DecodedFrame): number {
  if (frame.at + HEADER_LENGTH <= frame.claimedEnd) return PROTOCOL.end;
  clearPayload(frame, currentRow(frame));
  return -FAULT.esp_truncated_header;
}
