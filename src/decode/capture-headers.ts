/**
 * Headers that capturing puts in front of frames: radiotap (802.11), PPI, PKTAP (macOS), NFLOG (netfilter), and IP over
 * InfiniBand. All but the last are in the byte order of the capturing host, which mostly is little-endian. No
 * allocation.
 *
 *     radiotap    version(1) pad(1) length(2) present(4) …, fields in the order of their bits
 *     PPI         version(1) flags(1) length(2) link type(4)
 *     PKTAP       length(4) record type(4) link type(4)
 *     NFLOG       family(1) version(1) resource(2), then length(2) type(2) value, in multiples of 4
 *     InfiniBand  route(40), EtherType(2) reserved(2); some leave the route out (RFC 4391, section 6)
 */
import { nextOfEtherType } from './ethernet.js';
import { FAULT } from './fault.js';
import { noteFault, type DecodeCounts } from './layer.js';
import { protocolOfLinkType } from './link-type.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

const MORE_PRESENT = 0x80;
const PRESENT_TIME = 0x01;
const PRESENT_FLAGS = 0x02;
const FLAG_PADDED = 0x20;
const MAX_PRESENT_WORDS = 32;
const PPI_LENGTH = 8;
const PKTAP_LENGTH = 12;
const RECORD_PACKET = 1;
const NFLOG_LENGTH = 4;
const NFLOG_PAYLOAD = 9;
const MAX_ATTRIBUTES = 64;
const INFINIBAND_ROUTE = 40;
const INFINIBAND_LENGTH = 4;

const u16le = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8);
const u32le = (bytes: Uint8Array, at: number): number => (u16le(bytes, at) | (u16le(bytes, at + 2) << 16)) >>> 0;

/** What a header says that a frame of link type `linkType` follows; numbers of our own are none that it can say. */
const protocolWithin = (linkType: number): number =>
  linkType > 0xffff ? PROTOCOL.unsupported : protocolOfLinkType(linkType);

/** Steps over a header of `length` bytes, of which `least` are there in any case. */
function stepOver(frame: DecodedFrame, length: number, least: number, next: number): number {
  if (length < least || length > frame.end - frame.at) return -FAULT.capture_header_truncated;
  frame.at += length;
  return next;
}

/** Decodes the radiotap header at `frame.at`, for the one flag that matters: a padded 802.11 header. */
export function decodeRadiotap(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + 8 > frame.end) return -FAULT.capture_header_truncated;
  if (bytes[at] !== 0) return -FAULT.capture_header_bad_version;
  const length = u16le(bytes, at + 2);
  if (length < 8 || at + length > frame.end) return -FAULT.capture_header_truncated;
  return stepOver(frame, length, 8, isPadded(bytes, at, length) ? PROTOCOL.wifiPadded : PROTOCOL.wifi);
}

function isPadded(bytes: Uint8Array, at: number, length: number): boolean {
  let fields = 8;
  for (let words = 1; (bytes[at + fields - 1] & MORE_PRESENT) !== 0; words++) {
    fields += 4;
    if (words === MAX_PRESENT_WORDS || fields > length) return false;
  }
  const present = bytes[at + 4];
  if ((present & PRESENT_FLAGS) === 0) return false;
  if ((present & PRESENT_TIME) !== 0) fields = ((fields + 7) & ~7) + 8;
  return fields < length && (bytes[at + fields] & FLAG_PADDED) !== 0;
}

/** Decodes the PPI header at `frame.at`, which says what link type the frame behind it is of. */
export function decodePpi(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + PPI_LENGTH > frame.end) return -FAULT.capture_header_truncated;
  if (bytes[at] !== 0) return -FAULT.capture_header_bad_version;
  return stepOver(frame, u16le(bytes, at + 2), PPI_LENGTH, protocolWithin(u32le(bytes, at + 4)));
}

/** Decodes the PKTAP header at `frame.at`, likewise. */
export function decodePktap(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + PKTAP_LENGTH > frame.end) return -FAULT.capture_header_truncated;
  const isPacket = u32le(bytes, at + 4) === RECORD_PACKET;
  return stepOver(
    frame,
    u32le(bytes, at),
    PKTAP_LENGTH,
    isPacket ? protocolWithin(u32le(bytes, at + 8)) : PROTOCOL.other,
  );
}

/** Decodes the attributes of an NFLOG frame, up to the one that is the packet. */
export function decodeNflog(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const start = frame.at;
  if (start + NFLOG_LENGTH > frame.end) return -FAULT.capture_header_truncated;
  if (bytes[start + 1] !== 0) return -FAULT.capture_header_bad_version;
  let at = start + NFLOG_LENGTH;
  for (let count = 0; count < MAX_ATTRIBUTES && at + 4 <= frame.end; count++) {
    // Types are small numbers: of the two bytes of one, the upper is 0.
    const isLittle = bytes[at + 3] === 0;
    const length = isLittle ? u16le(bytes, at) : u16(bytes, at);
    if (length < 4 || at + length > frame.end) return -FAULT.capture_header_truncated;
    if ((isLittle ? bytes[at + 2] : bytes[at + 3]) === NFLOG_PAYLOAD) {
      frame.at = at + 4;
      return protocolOfFamily(frame, counts, bytes[start]);
    }
    at += (length + 3) & ~3;
  }
  return -FAULT.capture_header_truncated;
}

/** Address families of netfilter. */
function protocolOfFamily(frame: DecodedFrame, counts: DecodeCounts, family: number): number {
  if (family === 2) return PROTOCOL.ipv4;
  if (family === 10) return PROTOCOL.ipv6;
  noteFault(frame, counts, FAULT.nflog_unknown_family);
  return PROTOCOL.other;
}

/** Decodes the header of IP over InfiniBand at `frame.at`. */
export function decodeIpOverInfiniband(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  const header = isInfinibandHeader(bytes, at, frame.end) ? at : at + INFINIBAND_ROUTE;
  if (header + INFINIBAND_LENGTH > frame.end) return -FAULT.capture_header_truncated;
  frame.at = header + INFINIBAND_LENGTH;
  return nextOfEtherType(frame, counts, u16(bytes, header), FAULT.ethernet_unknown_type);
}

/** Whether IP follows at once, without a route before it. */
function isInfinibandHeader(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + INFINIBAND_LENGTH >= end || u16(bytes, at + 2) !== 0) return false;
  const type = u16(bytes, at);
  const version = bytes[at + INFINIBAND_LENGTH] >>> 4;
  return (type === 0x0800 && version === 4) || (type === 0x86dd && version === 6);
}
