/**
 * Parameters of Content-Type and Content-Disposition: whole, in numbered parts, and with a character set (RFC 2231),
 * and names in encoded words, which some senders write in their place (RFC 2047). Stage: app. What is said in UTF-8 or
 * in anything else stays in those bytes.
 */
import { findParameter } from '../file/disposition.js';
import type { TextBlock } from '../text-block.js';

const QUOTE = 34;
const BACKSLASH = 92;
const SEMICOLON = 59;
const APOSTROPHE = 39;
const PERCENT = 37;
/** Numbered parts that are put together. */
const PARTS = 16;

const isBlank = (byte: number): boolean => byte === 32 || byte === 9 || byte === 13 || byte === 10;
const ENCODED_WORD = /=\?[^?\s]{1,64}\?([bq])\?([^?\s]{0,1024})\?=(?:\s+(?==\?))?/gi;

/** Appends the value of a parameter of [from, end) to `out`. @returns whether there is one that is not empty. */
export function takeParameter(bytes: Uint8Array, from: number, end: number, name: string, out: TextBlock): boolean {
  const before = out.length;
  if (append(bytes, from, end, name, false, out) || append(bytes, from, end, `${name}*`, true, out)) {
    decodeWords(bytes, out, before);
    return out.length > before;
  }
  for (let part = 0; part < PARTS; part++) {
    const plain = append(bytes, from, end, `${name}*${part}`, false, out);
    if (!plain && !append(bytes, from, end, `${name}*${part}*`, true, out)) break;
  }
  return out.length > before;
}

function append(
  bytes: Uint8Array,
  from: number,
  end: number,
  name: string,
  isExtended: boolean,
  out: TextBlock,
): boolean {
  const value = findParameter(bytes, from, end, name);
  if (value < 0 || value >= end) return false;
  const isQuoted = bytes[value] === QUOTE;
  let at = isExtended ? behindLanguage(bytes, value, end) : isQuoted ? value + 1 : value;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (isQuoted ? byte === QUOTE : byte === SEMICOLON || isBlank(byte)) break;
    if (isQuoted && byte === BACKSLASH && at + 1 < end) out.push(bytes[++at]!);
    else if (isExtended && byte === PERCENT && isHex(bytes, at, end)) {
      out.push(Number.parseInt(String.fromCharCode(bytes[at + 1]!, bytes[at + 2]!), 16));
      at += 2;
    } else out.push(byte);
  }
  return true;
}

/** Behind `utf-8'en'`, where that stands. */
function behindLanguage(bytes: Uint8Array, value: number, end: number): number {
  let seen = 0;
  for (let at = value; at < end && !isBlank(bytes[at]!) && bytes[at] !== SEMICOLON; at++) {
    if (bytes[at] === APOSTROPHE && ++seen === 2) return at + 1;
  }
  return value;
}

const isHex = (bytes: Uint8Array, at: number, end: number): boolean =>
  at + 2 < end && /^[0-9a-f]{2}$/i.test(String.fromCharCode(bytes[at + 1]!, bytes[at + 2]!));

/** Decodes the encoded words in `out` from `from` on. Names are short, and few have one. */
function decodeWords(bytes: Uint8Array, out: TextBlock, from: number): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + out.start + from, out.length - from).toString('latin1');
  if (!text.includes('=?')) return;
  const decoded = text.replace(ENCODED_WORD, (_, kind: string, word: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString('latin1') : decodeQ(word),
  );
  const result = Buffer.from(decoded, 'latin1');
  out.length = from;
  out.appendBytes(result, 0, result.length);
}

const decodeQ = (word: string): string =>
  word
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
