/**
 * Moves the addresses of a frame's first IP layer, so that the flows of each round of a capture are new ones. Stage:
 * `mirror` only. Allocates nothing; BOUNDS: every access is below `end`.
 *
 * The last 16 bits of both addresses grow by the same number, modulo 2^16: who was one host stays one, and its network
 * of 16 bits or less stays the same, and so what rules call theirs. Groups and broadcasts stay. Checksums are brought
 * up to date (RFC 1624), so a wrong one stays as wrong as it was.
 */
import { extensionLength, isExtensionHeader } from '../decode/ipv6.js';
import { IP_PROTOCOL } from '../decode/packet.js';
import { EXTENSION } from '../decode/protocol.js';
import { networkType, networkOffset } from './flow-lane.js';

const MAX_EXTENSIONS = 8;
const FIRST_GROUP_IPV4 = 224;
const GROUP_IPV6 = 0xff;

/** Moves the addresses in the Ethernet payload of type `etherType` at `offset`, which ends before `end`, by `by`. */
export function shiftAddresses(bytes: Uint8Array, etherType: number, offset: number, end: number, by: number): void {
  const type = networkType(bytes, etherType, offset, end);
  const at = networkOffset(bytes, etherType, offset, end);
  if (type === 0x0800 && at + 20 <= end) shiftIpv4(bytes, at, end, by);
  else if (type === 0x86dd && at + 40 <= end) shiftIpv6(bytes, at, end, by);
}

function shiftIpv4(bytes: Uint8Array, at: number, end: number, by: number): void {
  const isFirst = (read16(bytes, at + 6) & 0x1fff) === 0;
  const sum = isFirst ? transportChecksum(bytes[at + 9], at + (bytes[at] & 15) * 4) : -1;
  for (const address of [at + 12, at + 16]) {
    if (bytes[address] < FIRST_GROUP_IPV4) shiftWord(bytes, address + 2, by, at + 10, sum, end, bytes[at + 9]);
  }
}

function shiftIpv6(bytes: Uint8Array, at: number, end: number, by: number): void {
  let protocol = bytes[at + 6];
  let next = at + 40;
  let isFirst = true;
  for (let count = 0; count < MAX_EXTENSIONS && isExtensionHeader(protocol) && next + 8 <= end; count++) {
    if (protocol === EXTENSION.fragment) isFirst = (read16(bytes, next + 2) & 0xfff8) === 0;
    const length = extensionLength(protocol, bytes[next + 1]);
    protocol = bytes[next];
    next += length;
  }
  const sum = isFirst ? transportChecksum(protocol, next) : -1;
  for (const address of [at + 8, at + 24]) {
    if (bytes[address] !== GROUP_IPV6) shiftWord(bytes, address + 14, by, -1, sum, end, protocol);
  }
}

/** Where a checksum lies that has the addresses in it, or -1. */
function transportChecksum(protocol: number, at: number): number {
  if (protocol === IP_PROTOCOL.tcp) return at + 16;
  if (protocol === IP_PROTOCOL.udp) return at + 6;
  return protocol === IP_PROTOCOL.icmpv6 ? at + 2 : -1;
}

function shiftWord(
  bytes: Uint8Array,
  at: number,
  by: number,
  headerSum: number,
  transportSum: number,
  end: number,
  protocol: number,
): void {
  const before = read16(bytes, at);
  const after = (before + by) & 0xffff;
  write16(bytes, at, after);
  if (headerSum >= 0) write16(bytes, headerSum, updated(read16(bytes, headerSum), before, after));
  if (transportSum < 0 || transportSum + 2 > end) return;
  const sum = read16(bytes, transportSum);
  // UDP without a checksum has none now either, and one that comes out as 0 is written as ffff.
  if (protocol !== IP_PROTOCOL.udp) write16(bytes, transportSum, updated(sum, before, after));
  else if (sum !== 0) write16(bytes, transportSum, updated(sum, before, after) || 0xffff);
}

/** A checksum after one of the words under it has changed. */
function updated(sum: number, before: number, after: number): number {
  let total = (~sum & 0xffff) + (~before & 0xffff) + after;
  total = (total & 0xffff) + (total >>> 16);
  return ~((total & 0xffff) + (total >>> 16)) & 0xffff;
}

function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}
