/**
 * The file name in a Content-Disposition, as `attachment; filename="a.exe"` has it. Stage: app. RFC 6266, section 4;
 * names in quotes may hold escapes, which servers and Suricata take off.
 */
import type { TextBlock } from '../text-block.js';
import { FILE_NAME_LIMIT } from './file.js';

const QUOTE = 34;
const BACKSLASH = 92;
const SEMICOLON = 59;
const EQUALS = 61;
const NAME = 'filename';

const isBlank = (byte: number): boolean => byte === 32 || byte === 9 || byte === 13 || byte === 10;
const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte | 32 : byte);

/** Appends the name in the value [from, end) to `name`. @returns whether there is one that is not empty. */
export function takeFileName(bytes: Uint8Array, from: number, end: number, name: TextBlock): boolean {
  const value = findParameter(bytes, from, end, NAME);
  if (value < 0) return false;
  return bytes[value] === QUOTE ? takeQuoted(bytes, value + 1, end, name) : takeToken(bytes, value, end, name);
}

/** Where the value of a parameter begins in [from, end), or -1. What stands in quotes names none. */
export function findParameter(bytes: Uint8Array, from: number, end: number, name: string): number {
  let at = from;
  while (at < end) {
    while (at < end && (isBlank(bytes[at]!) || bytes[at] === SEMICOLON)) at++;
    const start = at;
    while (at < end && bytes[at] !== EQUALS && bytes[at] !== SEMICOLON) at++;
    if (at === end) return -1;
    if (bytes[at] === SEMICOLON) continue;
    let value = at + 1;
    while (value < end && isBlank(bytes[value]!)) value++;
    if (isNamed(bytes, start, at, name)) return value;
    at = behindValue(bytes, value, end);
  }
  return -1;
}

/** The name ends [start, at): what stands before it, as a type, has no `;` behind it everywhere. */
function isNamed(bytes: Uint8Array, start: number, at: number, name: string): boolean {
  while (at > start && isBlank(bytes[at - 1]!)) at--;
  const from = at - name.length;
  if (from < start || (from > start && !isBlank(bytes[from - 1]!))) return false;
  for (let index = 0; index < name.length; index++) {
    if (lower(bytes[from + index]!) !== name.charCodeAt(index)) return false;
  }
  return true;
}

function behindValue(bytes: Uint8Array, from: number, end: number): number {
  if (bytes[from] !== QUOTE) {
    while (from < end && bytes[from] !== SEMICOLON) from++;
    return from;
  }
  for (let at = from + 1; at < end; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return end;
}

function takeQuoted(bytes: Uint8Array, from: number, end: number, name: TextBlock): boolean {
  for (let at = from; at < end && bytes[at] !== QUOTE && name.length < FILE_NAME_LIMIT; at++) {
    if (bytes[at] === BACKSLASH && at + 1 < end) at++;
    name.push(bytes[at]!);
  }
  return name.length > 0;
}

function takeToken(bytes: Uint8Array, from: number, end: number, name: TextBlock): boolean {
  for (let at = from; at < end && !isBlank(bytes[at]!) && bytes[at] !== SEMICOLON; at++) {
    if (!name.push(bytes[at]!)) break;
  }
  return name.length > 0;
}
