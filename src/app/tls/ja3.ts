/**
 * JA3 and JA3S: the text of a hello that tells clients and servers apart, and its MD5. Stage: app. Reference:
 * salesforce/ja3.
 *
 *   client | version,ciphers,extensions,groups,point formats |       server | version,cipher,extensions |
 *
 * Numbers in decimal, joined by -, without GREASE. Writes into a TextBlock; the hash is made by node:crypto.
 */
import { hash } from 'node:crypto';
import type { TextBlock } from '../text-block.js';
import { Hello, isGrease, type Part } from './hello.js';

const COMMA = 0x2c;
const DASH = 0x2d;
const ZERO = 0x30;

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];

/** Writes the text of a hello whose body begins at `start`. @returns false where there is no room. */
export function writeJa3(text: TextBlock, bytes: Uint8Array, start: number, hello: Hello): boolean {
  let fits = writeNumber(text, hello.legacyVersion) && text.push(COMMA);
  fits = fits && writeList(text, bytes, start, hello.ciphers, 2) && text.push(COMMA);
  fits = fits && writeExtensions(text, bytes, start, hello.extensions);
  if (hello.isServer) return fits;
  fits = fits && text.push(COMMA) && writeList(text, bytes, start, hello.groups, 2) && text.push(COMMA);
  return fits && writeList(text, bytes, start, hello.pointFormats, 1);
}

/** MD5 of a text, as hexadecimal digits. */
export const md5 = (text: Uint8Array): string => hash('md5', text, 'hex');

function writeList(text: TextBlock, bytes: Uint8Array, start: number, part: Part, size: 1 | 2): boolean {
  let isFirst = true;
  for (let at = start + part.at, end = at + part.length; at + size <= end; at += size) {
    const value = size === 1 ? bytes[at] : u16(bytes, at);
    if (size === 2 && isGrease(value)) continue;
    if (!isFirst && !text.push(DASH)) return false;
    if (!writeNumber(text, value)) return false;
    isFirst = false;
  }
  return true;
}

function writeExtensions(text: TextBlock, bytes: Uint8Array, start: number, part: Part): boolean {
  let isFirst = true;
  for (let at = start + part.at, end = at + part.length; at < end; at = Hello.nextExtension(bytes, at)) {
    const type = u16(bytes, at);
    if (isGrease(type)) continue;
    if (!isFirst && !text.push(DASH)) return false;
    if (!writeNumber(text, type)) return false;
    isFirst = false;
  }
  return true;
}

/** In decimal. */
function writeNumber(text: TextBlock, value: number): boolean {
  let divisor = 1;
  while (value / divisor >= 10) divisor *= 10;
  for (; divisor >= 1; divisor /= 10) if (!text.push(ZERO + (Math.trunc(value / divisor) % 10))) return false;
  return true;
}
