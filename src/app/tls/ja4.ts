/**
 * JA4 of a client: what it speaks, and hashes of its ciphers and extensions in an order of their own. Stage: app.
 * Reference: FoxIO, JA4 (technical details). Allocates: made when a rule or an event asks for it.
 *
 *   | t or q | version | d or i | ciphers | extensions | ALPN | _ ciphers' hash | _ extensions' hash |
 */
import { hash } from 'node:crypto';
import { Hello, isGrease, type Part } from './hello.js';

const SERVER_NAME = 0x0000;
const ALPN = 0x0010;
const NO_HASH = '000000000000';
const HASH_DIGITS = 12;
const MOST_COUNTED = 99;
const VERSIONS: Readonly<Record<number, string>> = {
  0x0002: 's2',
  0x0300: 's3',
  0x0301: '10',
  0x0302: '11',
  0x0303: '12',
  0x0304: '13',
};

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];
const hex4 = (value: number): string => value.toString(16).padStart(4, '0');
const two = (count: number): string => String(Math.min(count, MOST_COUNTED)).padStart(2, '0');
const digest = (text: string): string => (text === '' ? NO_HASH : hash('sha256', text, 'hex').slice(0, HASH_DIGITS));

/** Of a hello whose body begins at `start`. */
export function ja4Of(bytes: Uint8Array, start: number, hello: Hello, isQuic: boolean): string {
  const ciphers = numbers(bytes, start, hello.ciphers);
  const extensions = extensionTypes(bytes, start, hello.extensions);
  const named = hello.serverName.isThere || extensions.includes(SERVER_NAME) ? 'd' : 'i';
  // The highest number offered, as its authors have it: with drafts of TLS 1.3 among them it is unknown.
  const offered = numbers(bytes, start, hello.versions);
  const version = VERSIONS[offered.length > 0 ? Math.max(...offered) : hello.version] ?? '00';
  const head = `${isQuic ? 'q' : 't'}${version}${named}${two(ciphers.length)}${two(extensions.length)}`;
  const kept = extensions
    .filter((type) => type !== SERVER_NAME && type !== ALPN)
    .map(hex4)
    .sort()
    .join(',');
  const signatures = numbers(bytes, start, hello.signatures).map(hex4).join(',');
  const tail = signatures === '' ? kept : `${kept}_${signatures}`;
  const ciphersHash = digest(ciphers.map(hex4).sort().join(','));
  return `${head}${firstAlpn(bytes, start, hello.alpn)}_${ciphersHash}_${digest(kept === '' ? '' : tail)}`;
}

function numbers(bytes: Uint8Array, start: number, part: Part): number[] {
  const found: number[] = [];
  for (let at = start + part.at, end = at + part.length; at + 2 <= end; at += 2) {
    const value = u16(bytes, at);
    if (!isGrease(value)) found.push(value);
  }
  return found;
}

function extensionTypes(bytes: Uint8Array, start: number, part: Part): number[] {
  const found: number[] = [];
  for (let at = start + part.at, end = at + part.length; at < end; at = Hello.nextExtension(bytes, at)) {
    const type = u16(bytes, at);
    if (!isGrease(type)) found.push(type);
  }
  return found;
}

/** First and last character of the first name; of bytes that are none, their first and last hexadecimal digit. */
function firstAlpn(bytes: Uint8Array, start: number, part: Part): string {
  const at = start + part.at;
  const length = part.length > 0 ? bytes[at] : 0;
  if (length === 0 || length + 1 > part.length) return '00';
  const first = bytes[at + 1];
  const last = bytes[at + length];
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last);
  return `${(first >>> 4).toString(16)}${(last & 0x0f).toString(16)}`;
}

const isAlphanumeric = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
