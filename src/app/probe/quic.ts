/**
 * QUIC: the long header of a connection's first packets. Stage: app. RFC 8999, RFC 9000, RFC 9369; Google's versions
 * before them.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, isDigit, u32, type Answer } from './answer.js';

const LONG_AND_FIXED = 0xc0;
const MOST_ID = 20;
const SHORTEST = 7;
const VERSION_1 = 1;
const VERSIONS_2: readonly number[] = [0x6b3343cf, 0x709a50c4];
const DRAFTS = 0xff0000;
const MVFST = 0xfaceb0;
const GOOGLE_SHORTEST = 13;
const HAS_VERSION_AND_ID = 0x09;

export function probeQuic(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length < SHORTEST) return ANSWER.no;
  if ((bytes[start] & 0x80) === 0) return isGoogle(bytes, start, length) ? ANSWER.yes : ANSWER.no;
  const version = u32(bytes, start + 1);
  // Lengths of their ids are written in another way.
  if (isGoogleVersion(bytes, start + 1)) return ANSWER.yes;
  const ids = idBytes(bytes, start, length);
  if (ids < 0) return ANSWER.no;
  if (version === 0)
    return direction === DIRECTION.toClient && length > ids && (length - ids) % 4 === 0 ? ANSWER.yes : ANSWER.no;
  return (bytes[start] & LONG_AND_FIXED) === LONG_AND_FIXED && isVersion(version) ? ANSWER.yes : ANSWER.no;
}

/** Bytes up to the end of both connection ids; -1 where they do not fit. */
function idBytes(bytes: Uint8Array, start: number, length: number): number {
  const destination = bytes[start + 5];
  if (destination > MOST_ID || length < SHORTEST + destination) return -1;
  const source = bytes[start + 6 + destination];
  const end = SHORTEST + destination + source;
  return source > MOST_ID || length < end ? -1 : end;
}

const isVersion = (version: number): boolean =>
  version === VERSION_1 || VERSIONS_2.includes(version) || version >>> 8 === DRAFTS || version >>> 8 === MVFST;

/** Q or T and three digits. */
const isGoogleVersion = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at] === 0x51 || bytes[at] === 0x54) &&
  bytes[at + 1] === 0x30 &&
  isDigit(bytes[at + 2]) &&
  isDigit(bytes[at + 3]);

/** The public header of versions up to Q043: flags, 8 bytes of connection id, version. */
const isGoogle = (bytes: Uint8Array, start: number, length: number): boolean =>
  length > GOOGLE_SHORTEST && (bytes[start] & 0xc9) === HAS_VERSION_AND_ID && isGoogleVersion(bytes, start + 9);
