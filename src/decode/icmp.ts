/**
 * ICMP (RFC 792) and ICMPv6 (RFC 4443): type, code, checksum and four bytes that depend on the type. What follows is
 * payload, also where it quotes another packet. No allocation.
 */
import { FAULT } from './fault.js';
import {
  isExperimentalIcmpv6Type,
  isIcmpCode,
  isIcmpType,
  isIcmpv6Code,
  isIcmpv6Type,
  isUnassignedIcmpv6Type,
} from './icmp-codes.js';
import { currentRow, noteFault, setPayload, shortTransport, type DecodeCounts } from './layer.js';
import { LAYER, type DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const HEADER_LENGTH = 8;
const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
const HOP_LIMIT = 7;

/** Decodes the ICMP header at `frame.at`. */
export function decodeIcmp(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  const row = currentRow(frame);
  if (at + HEADER_LENGTH > frame.end) return shortTransport(frame, row, HEADER_LENGTH, FAULT.icmp_truncated_header);
  setPayload(frame, row, HEADER_LENGTH);
  const type = bytes[at];
  if (!isIcmpType(type)) noteFault(frame, counts, FAULT.icmp_unknown_type);
  else if (!isIcmpCode(type, bytes[at + 1])) noteFault(frame, counts, FAULT.icmp_unknown_code);
  if (isIcmpError(type))
    inspectQuote(bytes, frame, counts, IPV4_LENGTH, 4, FAULT.icmp_truncated_packet, FAULT.icmp_bad_version);
  return PROTOCOL.end;
}

/** Unreachable, source quench, redirect, time exceeded, parameter problem. */
const isIcmpError = (type: number): boolean => type === 3 || type === 4 || type === 5 || type === 11 || type === 12;

/** Decodes the ICMPv6 header at `frame.at`. */
export function decodeIcmpv6(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  const row = currentRow(frame);
  if (at + HEADER_LENGTH > frame.end) return shortTransport(frame, row, HEADER_LENGTH, FAULT.icmpv6_truncated_header);
  setPayload(frame, row, HEADER_LENGTH);
  const type = bytes[at];
  if (!isIcmpv6Type(type)) noteFault(frame, counts, unknownIcmpv6Type(type));
  else if (!isIcmpv6Code(type, bytes[at + 1])) noteFault(frame, counts, FAULT.icmpv6_unknown_code);
  if (type >= 130 && type <= 132 && hopLimit(bytes, frame, row) !== 1)
    noteFault(frame, counts, FAULT.icmpv6_mld_hop_limit);
  if (type >= 1 && type <= 4)
    inspectQuote(bytes, frame, counts, IPV6_LENGTH, 6, FAULT.icmpv6_truncated_packet, FAULT.icmpv6_bad_version);
  return PROTOCOL.end;
}

function unknownIcmpv6Type(type: number): number {
  if (isExperimentalIcmpv6Type(type)) return FAULT.icmpv6_experimental_type;
  return isUnassignedIcmpv6Type(type) ? FAULT.icmpv6_unassigned_type : FAULT.icmpv6_unknown_type;
}

/** The hop limit; of ICMPv6 in IPv4, 1: there is nothing to ask for. */
function hopLimit(bytes: Uint8Array, { layers }: DecodedFrame, row: number): number {
  return layers[row + LAYER.ipVersion] === 6 ? bytes[layers[row + LAYER.ipOffset] + HOP_LIMIT] : 1;
}

/** Notes what is wrong with the packet that an error quotes at `frame.at`, where it quotes one. */
function inspectQuote(
  bytes: Uint8Array,
  frame: DecodedFrame,
  counts: DecodeCounts,
  length: number,
  version: number,
  short: number,
  wrong: number,
): void {
  if (frame.at === frame.claimedEnd) return;
  if (frame.at + length > frame.claimedEnd) noteFault(frame, counts, short);
  else if (frame.at < frame.end && bytes[frame.at] >>> 4 !== version) noteFault(frame, counts, wrong);
}
