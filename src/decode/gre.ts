/**
 * GRE versions 0 (RFC 2784, 2890; source routes: RFC 1701) and 1 (PPTP, RFC 2637). Completes the layer of the IP header
 * before it; the packet carried is that layer's payload. No allocation.
 *
 *     0 1 2 3 4 5       8 9    13     16                  32
 *     +-+-+-+-+-+-------+------+------+-------------------+
 *     |C|R|K|S|s| recur | flags| ver  | protocol type     |
 *     | checksum, offset   (if C or R)                    |
 *     | key                (if K)                         |
 *     | sequence number    (if S)                         |
 *     | source routes      (if R) / ack number (version 1, if the first flag after recur)
 *     +---------------------------------------------------+
 */
import { FAULT } from './fault.js';
import { clearPayload, currentRow, noteFault, setPayload, shortTransport, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { isKnownOther, PROTOCOL, protocolOfEtherType, u16 } from './protocol.js';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const STRICT_ROUTE = 0x0800;
const RECURSION = 0x0700;
const ACKNOWLEDGMENT = 0x0080;
/** Reserved in version 0; version 1 has taken the first for acknowledgements. */
const RESERVED_V0 = 0x00f8;
const RESERVED_V1 = 0x0078;
const TYPE_PPP = 0x880b;
const TYPE_ERSPAN = 0x88be;
const TYPE_ERSPAN_3 = 0x22eb;
const MAX_SOURCE_ROUTES = 16;

/** Decodes the header at `frame.at`. */
export function decodeGre(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  const row = currentRow(frame);
  if (at + 4 > frame.end) return shortTransport(frame, row, 4, FAULT.gre_truncated_header);
  const flags = u16(bytes, at);
  const version = flags & 7;
  if (version > 1) return -FAULT.gre_bad_version;
  if (version === 0) noteV0Flags(frame, counts, flags);
  const fixed = version === 0 ? lengthV0(flags) : lengthV1(flags);
  if (at + fixed > frame.end) return shortTransport(frame, row, fixed, FAULT.gre_header_beyond_packet);
  const routes = version === 0 && (flags & ROUTING) !== 0 ? sourceRoutesLength(bytes, at + fixed, frame.end) : 0;
  if (at + fixed + routes > frame.end) return shortTransport(frame, row, fixed + routes, FAULT.gre_bad_source_route);
  setPayload(frame, row, fixed + routes);
  return version === 0 ? nextV0(frame, counts, flags, u16(bytes, at + 2)) : nextV1(bytes, frame, counts, at, flags);
}

/** Without source routes. */
function lengthV0(flags: number): number {
  let length = 4;
  if ((flags & (CHECKSUM | ROUTING)) !== 0) length += 4;
  if ((flags & KEY) !== 0) length += 4;
  if ((flags & SEQUENCE) !== 0) length += 4;
  return length;
}

/** Length of the source route entries (family, offset, length, data), the empty one at the end included. */
function sourceRoutesLength(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (let count = 0; count < MAX_SOURCE_ROUTES; count++) {
    // A cut list has the length that makes the caller find the header too short.
    if (at + 4 > end) return end - start + 4;
    const data = bytes[at + 3];
    at += 4;
    if (data === 0) return at - start;
    at += data;
  }
  return end - start + 4;
}

function noteV0Flags(frame: DecodedFrame, counts: DecodeCounts, flags: number): void {
  if ((flags & RECURSION) !== 0) noteFault(frame, counts, FAULT.gre_recursion);
  if ((flags & RESERVED_V0) !== 0) noteFault(frame, counts, FAULT.gre_reserved_flags);
}

function nextV0(frame: DecodedFrame, counts: DecodeCounts, flags: number, type: number): number {
  // ERSPAN type I has neither a header nor sequence numbers.
  if (type === TYPE_ERSPAN) return (flags & SEQUENCE) !== 0 ? PROTOCOL.erspan : PROTOCOL.ethernet;
  if (type === TYPE_ERSPAN_3) return PROTOCOL.erspan3;
  if (type === TYPE_PPP) return PROTOCOL.ppp;
  const next = protocolOfEtherType(type);
  if (next === PROTOCOL.other && !isKnownOther(type)) noteFault(frame, counts, FAULT.gre_unknown_protocol);
  return next;
}

function lengthV1(flags: number): number {
  return 8 + ((flags & SEQUENCE) !== 0 ? 4 : 0) + ((flags & ACKNOWLEDGMENT) !== 0 ? 4 : 0);
}

/**
 * Without a sequence number a version 1 packet only acknowledges; else the key's upper half is the payload's length.
 * What is not as PPTP has it is not looked into.
 */
function nextV1(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts, at: number, flags: number): number {
  if ((flags & STRICT_ROUTE) !== 0) noteFault(frame, counts, FAULT.gre_v1_strict_route);
  if ((flags & RECURSION) !== 0) noteFault(frame, counts, FAULT.gre_v1_recursion);
  if ((flags & RESERVED_V1) !== 0) noteFault(frame, counts, FAULT.gre_v1_flags);
  if (hasWrongV1Fields(frame, counts, flags, u16(bytes, at + 2))) {
    clearPayload(frame, currentRow(frame));
    return PROTOCOL.end;
  }
  if ((flags & SEQUENCE) === 0) return PROTOCOL.other;
  const claimedEnd = frame.at + u16(bytes, at + 4);
  if (claimedEnd < frame.claimedEnd) frame.claimedEnd = claimedEnd;
  if (claimedEnd < frame.end) frame.end = claimedEnd;
  return PROTOCOL.ppp;
}

function hasWrongV1Fields(frame: DecodedFrame, counts: DecodeCounts, flags: number, type: number): boolean {
  const checksum = (flags & CHECKSUM) !== 0;
  const routing = (flags & ROUTING) !== 0;
  const noKey = (flags & KEY) === 0;
  if (checksum) noteFault(frame, counts, FAULT.gre_v1_checksum);
  if (routing) noteFault(frame, counts, FAULT.gre_v1_routing);
  if (noKey) noteFault(frame, counts, FAULT.gre_v1_no_key);
  if (type !== TYPE_PPP) noteFault(frame, counts, FAULT.gre_v1_protocol);
  return checksum || routing || noKey || type !== TYPE_PPP;
}
