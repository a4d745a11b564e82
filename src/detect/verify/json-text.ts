/**
 * JSON in its plainest form: without blanks between its parts, and with the escapes of its strings decoded to UTF-8, so
 * that a content finds what it says however it is written. Stage: detect (verify). Reference: Suricata, json_decode;
 * RFC 8259, section 7. Nothing is checked: what is no JSON comes out somehow. Never longer than its input; allocates
 * nothing.
 */
import { hexDigit } from '../../util/ascii.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;

/** What the letter behind a backslash stands for, -1 for one that stands for nothing. */
function escapedByte(letter: number): number {
  switch (letter) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
      return letter;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    default:
      return -1;
  }
}

/** Writes the plain form of the first `length` bytes; returns how long it is. */
export function decodeJson(bytes: Uint8Array, length: number, output: Uint8Array): number {
  let written = 0;
  let inString = false;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) inString = !inString;
    if (!inString) {
      if (!isBlank(byte)) output[written++] = byte;
    } else if (byte !== BACKSLASH || at + 1 === length) {
      output[written++] = byte;
    } else if (bytes[at + 1] !== LOWER_U) {
      at++;
      const escaped = escapedByte(bytes[at]);
      if (escaped < 0) output[written++] = BACKSLASH;
      output[written++] = escaped < 0 ? bytes[at] : escaped;
    } else {
      const unit = codeUnit(bytes, at, length);
      const low = isHighSurrogate(unit) ? codeUnit(bytes, at + 6, length) : -1;
      if (unit < 0) {
        const end = Math.min(at + 6, length);
        while (at < end) output[written++] = bytes[at++];
        at--;
      } else if (low >= 0xdc00 && low <= 0xdfff) {
        written = writeUtf8(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), output, written);
        at += 11;
      } else {
        written = writeUtf8(unit, output, written);
        at += 5;
      }
    }
  }
  return written;
}

const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d;
const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** The number of the escape with four digits at `at`, -1 where there is none. */
function codeUnit(bytes: Uint8Array, at: number, length: number): number {
  if (at + 6 > length || bytes[at] !== BACKSLASH || bytes[at + 1] !== LOWER_U) return -1;
  let unit = 0;
  for (let i = at + 2; i < at + 6; i++) {
    const digit = hexDigit(bytes[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

/** Half of a surrogate pair is written as if it were a character. */
function writeUtf8(point: number, output: Uint8Array, at: number): number {
  if (point < 0x80) {
    output[at] = point;
    return at + 1;
  }
  const bytes = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  const marks = [0, 0, 0xc0, 0xe0, 0xf0][bytes];
  output[at] = marks | (point >> (6 * (bytes - 1)));
  for (let i = 1; i < bytes; i++) output[at + i] = 0x80 | ((point >> (6 * (bytes - 1 - i))) & 0x3f);
  return at + bytes;
}
