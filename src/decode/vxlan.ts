/**
 * VXLAN (RFC 7348): an Ethernet frame in UDP, and the form in which VPC Traffic Mirroring delivers. No allocation.
 *
 *     0                8                  24        32
 *     +----------------+------------------+---------+
 *     |R|R|R|R|I|R|R|R | reserved         |         |
 *     | VNI                               | reserved|
 *     +-----------------------------------+---------+
 *
 * The I flag must be set; all other flags and reserved bits are ignored on receipt, and counted.
 */
import { FAULT } from './fault.js';
import { shortHeader, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const HEADER_LENGTH = 8;
const FLAG_I = 0x08;

/** Decodes the header at `frame.at`. */
export function decodeVxlan(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.vxlan_truncated_header);
  const flags = bytes[at];
  if ((flags & FLAG_I) === 0) return -FAULT.vxlan_no_i_flag;
  if (flags !== FLAG_I || (bytes[at + 1] | bytes[at + 2] | bytes[at + 3] | bytes[at + 7]) !== 0) counts.vxlanReservedBits++;
  frame.at = at + HEADER_LENGTH;
  return PROTOCOL.ethernet;
}

/** The VNI of the VXLAN or GENEVE header at `at` (both have it in the same place), decoded before. */
export function tunnelVni(bytes: Uint8Array, at: number): number {
  return (bytes[at + 4] << 16) | (bytes[at + 5] << 8) | bytes[at + 6];
}
