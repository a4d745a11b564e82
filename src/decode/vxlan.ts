/**
 * VXLAN (RFC 7348): an Ethernet frame in UDP, and the form in which VPC Traffic Mirroring delivers. No allocation.
 *
 *     0                8                  24        32
 *     +----------------+------------------+---------+
 *     |R|R|R|R|I|R|R|R | reserved         |         |
 *     | VNI                               | reserved|
 *     +-----------------------------------+---------+
 *
 * The I flag must be set; all other flags and reserved bits are ignored on receipt, and counted. VXLAN-GPE (UDP 4790)
 * has flag P and the next protocol in place of the reserved byte before the VNI; without P it is VXLAN.
 */
import { FAULT } from './fault.js';
import { shortHeader, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { nextOfGpe, PROTOCOL } from './protocol.js';

const HEADER_LENGTH = 8;
const FLAG_I = 0x08;
const FLAG_P = 0x04;

/** Decodes the header at `frame.at`. */
export function decodeVxlan(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.vxlan_truncated_header);
  const flags = bytes[at];
  if ((flags & FLAG_I) === 0) return -FAULT.vxlan_no_i_flag;
  if (flags !== FLAG_I || (bytes[at + 1] | bytes[at + 2] | bytes[at + 3] | bytes[at + 7]) !== 0)
    counts.vxlanReservedBits++;
  frame.at = at + HEADER_LENGTH;
  return PROTOCOL.ethernet;
}

/** Decodes the VXLAN-GPE header at `frame.at`. */
export function decodeVxlanGpe(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end || (bytes[at] & FLAG_I) === 0 || (bytes[at] & FLAG_P) === 0)
    return decodeVxlan(bytes, frame, counts);
  const next = nextOfGpe(bytes[at + 3]);
  if (next === PROTOCOL.other) return -FAULT.vxlan_gpe_unknown_payload;
  frame.at = at + HEADER_LENGTH;
  return next;
}

/** The VNI of the VXLAN or GENEVE header at `at` (both have it in the same place), decoded before. */
export function tunnelVni(bytes: Uint8Array, at: number): number {
  return (bytes[at + 4] << 16) | (bytes[at + 5] << 8) | bytes[at + 6];
}
