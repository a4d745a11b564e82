/**
 * Cisco HDLC: address, control, EtherType. Serial keep-alives (0x8035) are not IP. No allocation.
 */
import { FAULT } from './fault.js';
import type { DecodedFrame } from './packet.js';
import { protocolOfEtherType, u16 } from './protocol.js';

const HEADER_LENGTH = 4;

/** Decodes the header at `frame.at`, the first of a captured frame. */
export function decodeHdlc(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return -FAULT.hdlc_truncated_header;
  frame.at = at + HEADER_LENGTH;
  return protocolOfEtherType(u16(bytes, at + 2));
}
