/**
 * Linux cooked captures (LINKTYPE_LINUX_SLL and _SLL2): what capturing on "any" interface yields. No allocation.
 *
 *     v1  packet type(2) ARPHRD(2) address length(2) address(8) protocol(2)
 *     v2  protocol(2) reserved(2) interface(4) ARPHRD(2) packet type(1) address length(1) address(8)
 */
import { nextOfEtherType } from './ethernet.js';
import { FAULT } from './fault.js';
import { noteFault, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { FIRST_ETHER_TYPE, PROTOCOL, u16 } from './protocol.js';

const V1_LENGTH = 16;
const V2_LENGTH = 20;
/** Linux's own number for LLC frames, in place of an EtherType. */
const TYPE_LLC = 4;

/** Decodes a v1 header at `frame.at`, the first of a captured frame. */
export function decodeLinuxCooked(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + V1_LENGTH > frame.end) return -FAULT.linux_cooked_truncated_header;
  frame.at = at + V1_LENGTH;
  return nextOfCooked(frame, counts, u16(bytes, at + 14));
}

/** Decodes a v2 header at `frame.at`, the first of a captured frame. */
export function decodeLinuxCooked2(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + V2_LENGTH > frame.end) return -FAULT.linux_cooked_truncated_header;
  frame.at = at + V2_LENGTH;
  return nextOfCooked(frame, counts, u16(bytes, at));
}

/** Numbers below the EtherTypes are Linux's own. */
function nextOfCooked(frame: DecodedFrame, counts: DecodeCounts, type: number): number {
  if (type === TYPE_LLC) return PROTOCOL.llc;
  if (type >= FIRST_ETHER_TYPE) return nextOfEtherType(frame, counts, type, FAULT.linux_cooked_unknown_type);
  noteFault(frame, counts, FAULT.linux_cooked_unknown_type);
  return PROTOCOL.other;
}
