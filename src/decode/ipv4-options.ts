/**
 * What is wrong with the options of an IPv4 header: RFC 791; RFC 1108 (security), RFC 2113 (router alert), RFC 4782
 * (quick start), FIPS 188 (CIPSO). Receivers differ in what they do with them, so all of it is noted and none ends
 * inspection. No allocation.
 */
import { FAULT } from './fault.js';
import { noteFault, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';

const END = 0;
const NOP = 1;
const RECORD_ROUTE = 7;
const QUICK_START = 25;
const TIMESTAMP = 68;
const SECURITY = 130;
const LOOSE_ROUTE = 131;
const EXTENDED_SECURITY = 133;
const CIPSO = 134;
const STREAM_ID = 136;
const STRICT_ROUTE = 137;
const ROUTER_ALERT = 148;

/** Of CIPSO: kind, length, the domain that says what labels mean. Of its tags: type, length, an empty byte, level. */
const CIPSO_LENGTH = 6;
const TAG_LENGTH = 4;
/** Tags from here on are what a domain makes of them. */
const FIRST_LOCAL_TAG = 128;

/** Takes the options between `at` and `end`, which are present, and notes their faults. */
export function decodeIpv4Options(
  bytes: Uint8Array,
  frame: DecodedFrame,
  counts: DecodeCounts,
  at: number,
  end: number,
): void {
  let seen = 0;
  let next = at;
  while (next < end && bytes[next] !== END) {
    const kind = bytes[next];
    if (kind === NOP) {
      next++;
      continue;
    }
    if (next + 1 === end) {
      noteFault(frame, counts, FAULT.ipv4_options_without_end);
      return;
    }
    const length = bytes[next + 1];
    if (length < 2 || next + length > end) {
      noteFault(frame, counts, FAULT.ipv4_bad_option);
      return;
    }
    const bit = kindBit(kind);
    if (bit === 0) noteFault(frame, counts, FAULT.ipv4_unknown_option);
    else if ((seen & bit) !== 0) noteFault(frame, counts, FAULT.ipv4_duplicate_option);
    else if (!noteOption(bytes, frame, counts, next, length)) return;
    seen |= bit;
    next += length;
  }
}

/** A bit for each kind that is known, 0 for the others. */
function kindBit(kind: number): number {
  switch (kind) {
    case RECORD_ROUTE:
      return 1;
    case QUICK_START:
      return 2;
    case TIMESTAMP:
      return 4;
    case SECURITY:
      return 8;
    case LOOSE_ROUTE:
      return 16;
    case EXTENDED_SECURITY:
      return 32;
    case CIPSO:
      return 64;
    case STREAM_ID:
      return 128;
    case STRICT_ROUTE:
      return 256;
    case ROUTER_ALERT:
      return 512;
    default:
      return 0;
  }
}

/** Notes what is wrong with an option of a known kind. @returns whether reading goes on. */
function noteOption(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts, at: number, length: number): boolean {
  if (!hasItsLength(bytes[at], length)) {
    noteFault(frame, counts, FAULT.ipv4_bad_option);
    return false;
  }
  const fits = bytes[at] === CIPSO ? tagsFit(bytes, at + CIPSO_LENGTH, at + length) : pointerFits(bytes, at, length);
  if (!fits) noteFault(frame, counts, FAULT.ipv4_malformed_option);
  return true;
}

function hasItsLength(kind: number, length: number): boolean {
  switch (kind) {
    case RECORD_ROUTE:
    case LOOSE_ROUTE:
    case STRICT_ROUTE:
    case SECURITY:
    case EXTENDED_SECURITY:
      return length >= 3;
    case TIMESTAMP:
      return length >= 4;
    case QUICK_START:
      return length >= 8;
    case CIPSO:
      return length >= CIPSO_LENGTH + TAG_LENGTH;
    case STREAM_ID:
    case ROUTER_ALERT:
      return length === 4;
    default:
      return true;
  }
}

/** Whether the pointer of a route or timestamp option, which counts from 1, is at an entry or right behind the last. */
function pointerFits(bytes: Uint8Array, at: number, length: number): boolean {
  const pointer = bytes[at + 2];
  switch (bytes[at]) {
    case RECORD_ROUTE:
    case LOOSE_ROUTE:
    case STRICT_ROUTE:
      return pointer >= 4 && pointer % 4 === 0 && pointer <= length + 1;
    case TIMESTAMP: {
      const flag = bytes[at + 3] & 15;
      const entry = flag === 1 || flag === 3 ? 8 : 4;
      return pointer >= 5 && (pointer - 5) % entry === 0 && pointer <= length + 1;
    }
    default:
      return true;
  }
}

/** Whether the tags of a CIPSO option (type, length, data) are of types that there are, and end with it. */
function tagsFit(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at + TAG_LENGTH <= end) {
    const length = bytes[at + 1];
    if (length < TAG_LENGTH || !tagFits(bytes[at], bytes[at + 2])) return false;
    at += length;
  }
  return at === end;
}

/** Whether a tag of this type may have `third` as its third byte: categories begin with one that aligns them. */
function tagFits(type: number, third: number): boolean {
  switch (type) {
    // Categories as a bitmap, by numbers, as ranges.
    case 1:
    case 2:
    case 5:
      return third === 0;
    // Release markings, free form.
    case 6:
    case 7:
      return true;
    default:
      return type >= FIRST_LOCAL_TAG;
  }
}
