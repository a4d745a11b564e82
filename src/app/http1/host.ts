/**
 * Whether a host is one, and its port. Stage: app. Reference: RFC 9110, section 7.2; underscores are seen and let
 * pass.
 */
import { isDigit, isHex, skipSpace, trimEnd } from './characters.js';

const DOT = 46;
const HYPHEN = 45;
const UNDERSCORE = 95;
const HOST_LIMIT = 255;
const LABEL_LIMIT = 63;

export function isHostName(bytes: Uint8Array, from: number, end: number): boolean {
  if (from === end || end - from > HOST_LIMIT) return false;
  if (bytes[from] === 91) return isBracketed(bytes, from, end);
  let label = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === DOT) {
      if (label === 0) return false;
      label = 0;
      continue;
    }
    if (!isLabelByte(byte) || ++label > LABEL_LIMIT) return false;
  }
  return true;
}

/** The number of a port, which may stand between blanks: NaN where it is none. */
export function portOf(bytes: Uint8Array, from: number, end: number): number {
  const start = skipSpace(bytes, from, end);
  const last = trimEnd(bytes, start, end);
  if (start === last || last - start > 5) return NaN;
  let port = 0;
  for (let at = start; at < last; at++) {
    if (!isDigit(bytes[at]!)) return NaN;
    port = port * 10 + bytes[at]! - 48;
  }
  return port >= 1 && port <= 65_535 ? port : NaN;
}

function isLabelByte(byte: number): boolean {
  const letter = byte | 32;
  return (letter >= 97 && letter <= 122) || isDigit(byte) || byte === HYPHEN || byte === UNDERSCORE || byte >= 0x80;
}

function isBracketed(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from < 4 || bytes[end - 1] !== 93) return false;
  let colons = 0;
  for (let at = from + 1; at < end - 1; at++) {
    const byte = bytes[at]!;
    if (byte === 58) colons++;
    else if (!isHex(byte) && byte !== DOT) return false;
  }
  return colons >= 2;
}
