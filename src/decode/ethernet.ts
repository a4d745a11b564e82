/**
 * Ethernet II (IEEE 802.3). No allocation.
 *
 *     0            6            12      14
 *     +------------+------------+-------+----
 *     | destination| source     | type  | payload
 *     +------------+------------+-------+----
 */
import { FAULT } from './fault.js';
import { noteFault, shortHeader, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { FIRST_ETHER_TYPE, isKnownOther, PROTOCOL, protocolOfEtherType, u16 } from './protocol.js';

const HEADER_LENGTH = 14;

/** Decodes the Ethernet header at `frame.at`. */
export function decodeEthernet(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.ethernet_truncated_header);
  frame.at = at + HEADER_LENGTH;
  return nextOfEtherType(frame, counts, u16(bytes, at + 12), FAULT.ethernet_unknown_type);
}

/**
 * What the EtherType of a link header, which `frame.at` is behind, announces; notes the fault `unknown` where nothing
 * is known of it. A length in its place is that of an LLC frame: what lies behind is padding.
 */
export function nextOfEtherType(frame: DecodedFrame, counts: DecodeCounts, type: number, unknown: number): number {
  const next = protocolOfEtherType(type);
  return next === PROTOCOL.other ? otherOfEtherType(frame, counts, type, unknown) : next;
}

function otherOfEtherType(frame: DecodedFrame, counts: DecodeCounts, type: number, unknown: number): number {
  if (type < FIRST_ETHER_TYPE) {
    const end = frame.at + type;
    if (end < frame.claimedEnd) frame.claimedEnd = end;
    if (end < frame.end) frame.end = end;
    return PROTOCOL.llc;
  }
  if (!isKnownOther(type)) noteFault(frame, counts, unknown);
  return PROTOCOL.other;
}
