/** Classes of bytes in HTTP/1.x, and what is asked of ranges of bytes by them. Stage: app. */
const TOKEN = 1;
const SPACE = 2;
const DIGIT = 4;
const HEX = 8;

export const CR = 13;
export const LF = 10;
export const BLANK = 32;
export const TAB = 9;
export const COLON = 58;

const CLASSES = new Uint8Array(256);
for (let byte = 33; byte < 127; byte++) CLASSES[byte] = TOKEN;
for (const separator of '()<>@,;:\\"/[]?={}') CLASSES[separator.charCodeAt(0)] = 0;
for (const space of ' \t\r\n\v\f') CLASSES[space.charCodeAt(0)] = SPACE;
for (const digit of '0123456789') CLASSES[digit.charCodeAt(0)]! |= DIGIT | HEX;
for (const digit of 'abcdefABCDEF') CLASSES[digit.charCodeAt(0)]! |= HEX;

/** May stand in a header name. */
export const isToken = (byte: number): boolean => (CLASSES[byte]! & TOKEN) !== 0;
/** Blank, tab, CR, LF, vertical tab or form feed: what servers pass over. */
export const isSpace = (byte: number): boolean => (CLASSES[byte]! & SPACE) !== 0;
export const isDigit = (byte: number): boolean => (CLASSES[byte]! & DIGIT) !== 0;
export const isHex = (byte: number): boolean => (CLASSES[byte]! & HEX) !== 0;
/** The value of a hexadecimal digit. */
export const hexValue = (byte: number): number => (byte & 15) + (byte >>> 6) * 9;
/** Letters of both cases alike; other bytes may fall together, so equal results are not enough by themselves. */
export const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte | 32 : byte);

/** The first place in [from, end) with something else than white space, or `end`. */
export function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  while (from < end && isSpace(bytes[from]!)) from++;
  return from;
}

/** The end of [from, end) without the white space at its end. */
export function trimEnd(bytes: Uint8Array, from: number, end: number): number {
  while (end > from && isSpace(bytes[end - 1]!)) end--;
  return end;
}

/** Where `byte` is first in [from, end), or -1. */
export function indexOf(bytes: Uint8Array, byte: number, from: number, end: number): number {
  for (let at = from; at < end; at++) if (bytes[at] === byte) return at;
  return -1;
}

/** Whether [from, end) is `text` (in small letters) but for capitals and, as browsers have it, NULs. */
export function isText(bytes: Uint8Array, from: number, end: number, text: string): boolean {
  let matched = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0) continue;
    if (matched === text.length || lower(byte) !== text.charCodeAt(matched)) return false;
    matched++;
  }
  return matched === text.length;
}

/** Whether `text` (in small letters) begins at `from`, but for capitals. */
export function startsWith(bytes: Uint8Array, from: number, end: number, text: string): boolean {
  if (end - from < text.length) return false;
  for (let index = 0; index < text.length; index++) {
    if (lower(bytes[from + index]!) !== text.charCodeAt(index)) return false;
  }
  return true;
}

/**
 * Whether `text` (in small letters, no letter twice at its start) is somewhere in [from, end), but for capitals and
 * NULs.
 */
export function holds(bytes: Uint8Array, from: number, end: number, text: string): boolean {
  for (let at = from; at < end; at++) {
    let matched = 0;
    for (let next = at; next < end && matched < text.length; next++) {
      const byte = bytes[next]!;
      if (byte === 0 && matched > 0) continue;
      if (lower(byte) !== text.charCodeAt(matched)) break;
      matched++;
    }
    if (matched === text.length) return true;
  }
  return false;
}

/** The decimal number in [from, end), whatever stands around it, at most 2^53; NaN where there is none. */
export function decimal(bytes: Uint8Array, from: number, end: number): number {
  while (from < end && !isDigit(bytes[from]!)) from++;
  if (from === end) return NaN;
  let value = 0;
  for (; from < end && isDigit(bytes[from]!); from++) value = value * 10 + bytes[from]! - 48;
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}
