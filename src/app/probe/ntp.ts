/**
 * NTP: the exchange of times, and the control and private messages of its daemons. Stage: app. RFC 5905; RFC 9327.
 *
 * There is no fixed word in it. A message whose every field has a value that such a field has, down to its length, is
 * told on any port; one that merely has the head is left to the port.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, isZero, u16, u32, type Answer } from './answer.js';

const MODE = { client: 3, control: 6, private: 7 } as const;
const LAST_VERSION = 4;

const HEADER = 48;
const MOST_STRATUM = 16;
/** Seconds between polls, as a power of two. */
const MOST_POLL = 17;
/** A clock's resolution, as a power of two, from 2^-32 to a second; clients that say nothing of themselves say 2^32. */
const FINEST = 0xe0;
const UNTOLD = 0x20;
/** What follows the header: key and digest, extensions. */
const MOST_BEHIND = 1024;

export function probeNtp(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length < 4) return ANSWER.no;
  const version = (bytes[start] >>> 3) & 7;
  const mode = bytes[start] & 7;
  if (version === 0 || version > LAST_VERSION) return ANSWER.no;
  if (mode === MODE.control) return probeControl(bytes, start, length, direction);
  if (mode === MODE.private) return probePrivate(bytes, start, length);
  if (mode === 0 || length < HEADER || bytes[start + 1] > MOST_STRATUM) return ANSWER.no;
  return isExchange(bytes, start, length, mode === MODE.client) ? ANSWER.yes : ANSWER.open;
}

/** A client may make up when it sends, which its server repeats as the origin. */
function isExchange(bytes: Uint8Array, start: number, length: number, isClient: boolean): boolean {
  const precision = bytes[start + 3];
  if (bytes[start + 2] > MOST_POLL || (precision > 0 && precision < FINEST && precision !== UNTOLD)) return false;
  if ((length & 3) !== 0 || length > HEADER + MOST_BEHIND) return false;
  const delay = bytes[start + 4];
  if ((delay !== 0 && delay !== 0xff) || bytes[start + 8] !== 0) return false;
  const made = start + (isClient ? TIME.transmit : TIME.origin);
  for (let at = start + TIME.reference; at < start + HEADER; at += 8) {
    if (at !== made && !isTime(bytes, at)) return false;
  }
  return true;
}

const TIME = { reference: 16, origin: 24, transmit: 40 } as const;
/** In seconds since 1900: from 1999 on; from 2036 on, when they begin anew; of clocks that began in 1970. */
const EARLIEST = 0xbb00_0000;
const LATEST = 0x1000_0000;
const UNIX_EPOCH = 0x83aa_7e80;
const A_YEAR = 0x01e1_3380;

/** A time that a clock may show, or none. */
function isTime(bytes: Uint8Array, at: number): boolean {
  const seconds = u32(bytes, at);
  if (seconds === 0) return isZero(bytes, at + 4, at + 8);
  return seconds >= EARLIEST || seconds < LATEST || (seconds >= UNIX_EPOCH && seconds < UNIX_EPOCH + A_YEAR);
}

const CONTROL_HEADER = 12;
const LAST_OPERATION = 31;
const CONTROL_ANSWER = 0x80;
/** Padding, key and digest. */
const MOST_KEY = 3 + 24;

/** How much data there is fits the length; a request has no status and begins at the start. */
function probeControl(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length < CONTROL_HEADER) return ANSWER.no;
  const operation = bytes[start + 1];
  const behind = length - CONTROL_HEADER - u16(bytes, start + 10);
  if (behind < 0 || behind > MOST_KEY) return ANSWER.open;
  const isAsked = operation <= LAST_OPERATION && u16(bytes, start + 4) === 0 && u16(bytes, start + 8) === 0;
  const isAnswered = operation >= CONTROL_ANSWER && direction === DIRECTION.toClient;
  return isAsked || isAnswered ? ANSWER.yes : ANSWER.open;
}

const PRIVATE_HEADER = 8;
/** Universal, and the two of the reference implementation. */
const IMPLEMENTATIONS: readonly number[] = [0, 2, 3];
const LAST_REQUEST = 45;
const LAST_ERROR = 7;
const MOST_DATA = 500;

/** How many items there are, and of what size, fits the length; the reserved bits are zero. */
function probePrivate(bytes: Uint8Array, start: number, length: number): Answer {
  if (length < PRIVATE_HEADER) return ANSWER.no;
  const items = u16(bytes, start + 4);
  const size = u16(bytes, start + 6);
  const data = (items & 0xfff) * size;
  const known = IMPLEMENTATIONS.includes(bytes[start + 2]) && bytes[start + 3] <= LAST_REQUEST;
  const fits = items >>> 12 <= LAST_ERROR && size <= MOST_DATA && data <= MOST_DATA && PRIVATE_HEADER + data <= length;
  return known && fits && bytes[start + 3] !== 0 ? ANSWER.yes : ANSWER.open;
}
