/**
 * ICMP (RFC 792) and ICMPv6 (RFC 4443): type, code, checksum and four bytes that depend on the type. What follows is
 * payload, also where it quotes another packet. Of an error that says that a packet could not be delivered, it is noted
 * which flow that packet was of (docs/decisions/0039). No allocation.
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
import { sameBytes } from '../util/hash.js';
import { currentRow, noteFault, setPayload, shortTransport, type DecodeCounts } from './layer.js';
import { IP_PROTOCOL, LAYER, LAYER_FLAG, type DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

const HEADER_LENGTH = 8;
const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
const HOP_LIMIT = 7;
/**
 * What an error quotes at least of a packet behind its IP header (RFC 792), with the ports at its start. Of TCP these
 * will do, as of a header that is longer in any case.
 */
const QUOTED_BYTES = 8;
const PORT_BYTES = 4;
const FRAGMENT_OFFSET = 0x1fff;

const UNREACHABLE = 3;
const UNREACHABLE_V6 = 1;
/** What a code of `UNREACHABLE` says in IPv4. */
const TOO_BIG_V6 = 2;

/** Decodes the ICMP header at `frame.at`. */
export function decodeIcmp(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  const row = currentRow(frame);
  if (at + HEADER_LENGTH > frame.end) return shortTransport(frame, row, HEADER_LENGTH, FAULT.icmp_truncated_header);
  setPayload(frame, row, HEADER_LENGTH);
  const type = bytes[at];
  const isKnown = isIcmpType(type) && isIcmpCode(type, bytes[at + 1]);
  if (!isIcmpType(type)) noteFault(frame, counts, FAULT.icmp_unknown_type);
  else if (!isKnown) noteFault(frame, counts, FAULT.icmp_unknown_code);
  if (!isIcmpError(type)) return PROTOCOL.end;
  frame.layers[row + LAYER.flags] |= LAYER_FLAG.icmpError;
  inspectQuote(bytes, frame, counts, IPV4_LENGTH, 4, FAULT.icmp_truncated_packet, FAULT.icmp_bad_version);
  if (type === UNREACHABLE && isKnown) noteQuotedFlow(bytes, frame, row);
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
  const isKnown = isIcmpv6Type(type) && isIcmpv6Code(type, bytes[at + 1]);
  if (!isIcmpv6Type(type)) noteFault(frame, counts, unknownIcmpv6Type(type));
  else if (!isKnown) noteFault(frame, counts, FAULT.icmpv6_unknown_code);
  if (type >= 130 && type <= 132 && hopLimit(bytes, frame, row) !== 1)
    noteFault(frame, counts, FAULT.icmpv6_mld_hop_limit);
  if (!isIcmpv6Error(type)) return PROTOCOL.end;
  frame.layers[row + LAYER.flags] |= LAYER_FLAG.icmpError;
  inspectQuote(bytes, frame, counts, IPV6_LENGTH, 6, FAULT.icmpv6_truncated_packet, FAULT.icmpv6_bad_version);
  if ((type === UNREACHABLE_V6 || type === TOO_BIG_V6) && isKnown) noteQuotedFlow(bytes, frame, row);
  return PROTOCOL.end;
}

/** Unreachable, too big, time exceeded, parameter problem. */
const isIcmpv6Error = (type: number): boolean => type >= 1 && type <= 4;

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

/**
 * Notes the flow of the packet that is quoted at `frame.at`: where the quote is of the error's own IP version, names
 * ports, and is of a packet from whom the error goes to. What is cut, a fragment behind the first, or behind IPv6
 * extension headers, names none.
 */
function noteQuotedFlow(bytes: Uint8Array, frame: DecodedFrame, row: number): void {
  const { layers, at, end } = frame;
  const version = layers[row + LAYER.ipVersion];
  const isIpv4 = version === 4;
  if (at + (isIpv4 ? IPV4_LENGTH : IPV6_LENGTH) > end || bytes[at] >>> 4 !== version) return;
  const protocol = bytes[at + (isIpv4 ? 9 : 6)];
  if (protocol !== IP_PROTOCOL.tcp && protocol !== IP_PROTOCOL.udp && protocol !== IP_PROTOCOL.sctp) return;
  const header = isIpv4 ? 4 * (bytes[at] & 0x0f) : IPV6_LENGTH;
  if (header < IPV4_LENGTH || at + header + (protocol === IP_PROTOCOL.tcp ? PORT_BYTES : QUOTED_BYTES) > end) return;
  if (isIpv4 && (u16(bytes, at + 6) & FRAGMENT_OFFSET) !== 0) return;
  const outer = layers[row + LAYER.ipOffset];
  const isToSender = isIpv4
    ? sameBytes(bytes, at + 12, bytes, outer + 16, 4)
    : sameBytes(bytes, at + 8, bytes, outer + 24, 16);
  if (!isToSender) return;
  layers[row + LAYER.quotedProtocol] = protocol;
  layers[row + LAYER.quotedPorts] = (u16(bytes, at + header) << 16) | u16(bytes, at + header + 2);
}
