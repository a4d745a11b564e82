/**
 * The PROXY protocol: a load balancer says who the client is before the client's first byte. Stage: app. HAProxy's
 * specification, versions 1 (a line of text) and 2 (binary).
 */
import { addressText } from '../printed-text.js';
import { ANSWER, ascii, beginsWith, isPrintable, u16, type Answer } from './answer.js';

const SIGNATURE_1 = ascii('PROXY ');
const SIGNATURE_2 = ascii('\r\n\r\n\0\r\nQUIT\n');
const LONGEST_1 = 107;
const HEADER_2 = 16;
/** Addresses, and what senders add to them. */
const LONGEST_2 = 2048;
const VERSION_2 = 2;
const FAMILY = { none: 0, ipv4: 1, ipv6: 2, unix: 3 } as const;
const LF = 0x0a;
const CR = 0x0d;

/** Whom the header names. */
export interface ProxiedClient {
  readonly srcIp: string;
  readonly srcPort: number;
  readonly destIp: string;
  readonly destPort: number;
}

export function probeProxy(bytes: Uint8Array, start: number, length: number): Answer {
  const first = beginsWith(bytes, start, length, SIGNATURE_1);
  if (first === ANSWER.more || (first === ANSWER.yes && proxyBytes(bytes, start, length) === 0))
    return length < LONGEST_1 ? ANSWER.more : ANSWER.no;
  if (first === ANSWER.yes) return readLine(bytes, start, length) === undefined ? ANSWER.no : ANSWER.yes;
  const second = beginsWith(bytes, start, length, SIGNATURE_2);
  if (second !== ANSWER.yes) return second;
  if (length > 12 && bytes[start + 12] >>> 4 !== VERSION_2) return ANSWER.no;
  if (length > 12 && (bytes[start + 12] & 0x0f) > 1) return ANSWER.no;
  if (length < HEADER_2) return ANSWER.more;
  const size = HEADER_2 + u16(bytes, start + 14);
  if (size > LONGEST_2) return ANSWER.no;
  return length < size ? ANSWER.more : ANSWER.yes;
}

/** Bytes of the header, which is there; 0 where a line has no end yet. */
export function proxyBytes(bytes: Uint8Array, start: number, length: number): number {
  if (bytes[start] === CR) return HEADER_2 + u16(bytes, start + 14);
  const most = Math.min(length, LONGEST_1);
  for (let at = 1; at < most; at++) if (bytes[start + at] === LF) return bytes[start + at - 1] === CR ? at + 1 : 0;
  return 0;
}

/** Whom it names; undefined where it names nobody (health checks, other kinds of addresses). */
export function proxiedClient(bytes: Uint8Array, start: number, length: number): ProxiedClient | undefined {
  if (bytes[start] !== CR) return readLine(bytes, start, length) ?? undefined;
  if ((bytes[start + 12] & 0x0f) === 0) return undefined;
  const family = bytes[start + 13] >>> 4;
  const size = family === FAMILY.ipv4 ? 4 : 16;
  const from = start + HEADER_2;
  if ((family !== FAMILY.ipv4 && family !== FAMILY.ipv6) || u16(bytes, start + 14) < 2 * size + 4) return undefined;
  return {
    srcIp: addressText(bytes, from, size),
    destIp: addressText(bytes, from + size, size),
    srcPort: u16(bytes, from + 2 * size),
    destPort: u16(bytes, from + 2 * size + 2),
  };
}

/**
 * `PROXY TCP4 source destination port port`; null for a line that is right and names nobody, undefined for one that is
 * wrong.
 */
function readLine(bytes: Uint8Array, start: number, length: number): ProxiedClient | null | undefined {
  const end = proxyBytes(bytes, start, length) - 2;
  let line = '';
  for (let at = 0; at < end; at++) {
    if (!isPrintable(bytes[start + at])) return undefined;
    line += String.fromCharCode(bytes[start + at]);
  }
  const [, family, srcIp = '', destIp = '', srcPort = '', destPort = '', more] = line.split(' ');
  if (family === 'UNKNOWN') return null;
  if ((family !== 'TCP4' && family !== 'TCP6') || more !== undefined) return undefined;
  const isAddress = family === 'TCP4' ? isIpv4 : isIpv6;
  if (!isAddress(srcIp) || !isAddress(destIp) || !isPort(srcPort) || !isPort(destPort)) return undefined;
  return { srcIp, destIp, srcPort: Number(srcPort), destPort: Number(destPort) };
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
const isIpv4 = (text: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
const isIpv6 = (text: string): boolean => text.includes(':') && text.length <= 39 && /^[0-9a-fA-F:.]+$/.test(text);
