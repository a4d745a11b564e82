/**
 * Cisco HDLC: address, control, EtherType. Serial keep-alives are not IP. No allocation.
 */
import { nextOfEtherType } from './ethernet.js';
import { FAULT } from './fault.js';
import type { DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

const HEADER_LENGTH = 4;
const KEEP_ALIVE = 0x8035;
const DISCOVERY = 0x2000;

/** Decodes the header at `frame.at`, the first of a captured frame. */
export function decodeHdlc(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return -FAULT.hdlc_truncated_header;
  frame.at = at + HEADER_LENGTH;
  const type = u16(bytes, at + 2);
  return type === KEEP_ALIVE || type === DISCOVERY
    ? PROTOCOL.other
    : nextOfEtherType(frame, counts, type, FAULT.hdlc_unknown_type);
}
