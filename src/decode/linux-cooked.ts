/**
 * Linux cooked captures (LINKTYPE_LINUX_SLL and _SLL2): what capturing on "any" interface yields. No allocation.
 *
 *     v1  packet type(2) ARPHRD(2) address length(2) address(8) protocol(2)
 *     v2  protocol(2) reserved(2) interface(4) ARPHRD(2) packet type(1) address length(1) address(8)
 */
import { FAULT } from './fault.js';
import type { DecodedFrame } from './packet.js';
import { protocolOfEtherType, u16 } from './protocol.js';

const V1_LENGTH = 16;
const V2_LENGTH = 20;

/** Decodes a v1 header at `frame.at`, the first of a captured frame. */
export function decodeLinuxCooked(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + V1_LENGTH > frame.end) return -FAULT.linux_cooked_truncated_header;
  frame.at = at + V1_LENGTH;
  return protocolOfEtherType(u16(bytes, at + 14));
}

/** Decodes a v2 header at `frame.at`, the first of a captured frame. */
export function decodeLinuxCooked2(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + V2_LENGTH > frame.end) return -FAULT.linux_cooked_truncated_header;
  frame.at = at + V2_LENGTH;
  return protocolOfEtherType(u16(bytes, at));
}
