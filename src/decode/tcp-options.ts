/**
 * The options of a TCP header (RFC 9293; RFC 7323; RFC 2018; RFC 7413): where one is, and what is wrong with them. No
 * allocation.
 */
import type { Packet } from './packet.js';

/** Bits of what `tcpOptionFaults` finds. */
export const TCP_OPTION_FAULT = { bad: 1, duplicate: 2 } as const;

/** Of the header without options. */
const HEADER_LENGTH = 20;
const END = 0;
const NOP = 1;
const SACK = 5;
const MAX_SACK_LENGTH = 34;
const TIMESTAMP = 8;
const TIMESTAMP_LENGTH = 10;
const FAST_OPEN = 34;
/** By kind, the length that it must have; 0 for any. */
const LENGTHS = Uint8Array.from([0, 0, 4, 3, 2, 0, 0, 0, TIMESTAMP_LENGTH]);
/** Kinds that stand once: those with a length above, SACK, fast open. */
const ONCE = new Uint8Array(256);
for (const kind of [2, 3, 4, SACK, TIMESTAMP, FAST_OPEN]) ONCE[kind] = 1;

/**
 * Bits of TCP_OPTION_FAULT for the options between `at` and `end`, which are present. Reading ends at one that does not
 * fit.
 */
export function tcpOptionFaults(bytes: Uint8Array, at: number, end: number): number {
  if (isTimestampAlone(bytes, at, end)) return 0;
  let faults = 0;
  // Bits of the kinds seen: 2 to 8, and fast open as 0.
  let seen = 0;
  let next = at;
  while (next < end && bytes[next] !== END) {
    const kind = bytes[next];
    if (kind === NOP) {
      next++;
      continue;
    }
    const length = next + 1 < end ? bytes[next + 1] : 0;
    if (length < 2 || next + length > end) return faults | TCP_OPTION_FAULT.bad;
    if (!hasItsLength(kind, length)) faults |= TCP_OPTION_FAULT.bad;
    if (ONCE[kind] === 1) {
      const bit = kind === FAST_OPEN ? 1 : 1 << kind;
      if ((seen & bit) !== 0) faults |= TCP_OPTION_FAULT.duplicate;
      seen |= bit;
    }
    next += length;
  }
  return faults;
}

function hasItsLength(kind: number, length: number): boolean {
  if (kind === SACK) return length >= 10 && length <= MAX_SACK_LENGTH && (length - 2) % 8 === 0;
  return kind >= LENGTHS.length || LENGTHS[kind] === 0 || LENGTHS[kind] === length;
}

// PERF: nearly all segments with options have these alone: two of no operation, and a timestamp (RFC 7323, appendix A).
const isTimestampAlone = (bytes: Uint8Array, at: number, end: number): boolean =>
  end - at === 2 + TIMESTAMP_LENGTH &&
  bytes[at] === NOP &&
  bytes[at + 1] === NOP &&
  bytes[at + 2] === TIMESTAMP &&
  bytes[at + 3] === TIMESTAMP_LENGTH;

/** Offset of the timestamp option (RFC 7323, section 3.2), all of it present and of its length, or -1. */
export function findTimestamp(packet: Packet): number {
  if (packet.l4HeaderLength === HEADER_LENGTH) return -1;
  const first = packet.l4Offset + HEADER_LENGTH;
  if (isTimestampAlone(packet.bytes, first, packet.l4Offset + packet.l4HeaderLength)) return first + 2;
  const at = findTcpOption(packet, TIMESTAMP, first);
  return at >= 0 && packet.bytes[at + 1] === TIMESTAMP_LENGTH ? at : -1;
}

/** Offset of the first TCP option of this kind from `start` on, all of it present, or -1. */
export function findTcpOption(packet: Packet, kind: number, start = packet.l4Offset + HEADER_LENGTH): number {
  const { bytes } = packet;
  const end = packet.l4Offset + packet.l4HeaderLength;
  let at = start;
  while (at < end && bytes[at] !== END) {
    if (bytes[at] === NOP) {
      at++;
      continue;
    }
    const size = at + 1 < end ? bytes[at + 1] : 0;
    if (size < 2 || at + size > end) return -1;
    if (bytes[at] === kind) return at;
    at += size;
  }
  return -1;
}
