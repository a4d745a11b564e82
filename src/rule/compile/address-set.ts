/**
 * Addresses, blocks and ranges as sets of numbers. Stage: rule (compile). Reading IPv6 and netmasks is ipaddr.js's.
 *
 *   192.168.1.1    192.168.0.0/16    10.0.0.0/255.0.0.0    10.0.0.1-10.0.0.9    fe80::1    2001:db8::/32
 */
import ipaddr from 'ipaddr.js';
import type { AddressSet } from '../../block/terms.js';
import { rangeDifference, rangeUnion } from './range-set.js';

const IPV4_LAST = 0xffff_ffff;
const IPV6_LAST = (1n << 128n) - 1n;

export const EVERY_ADDRESS: AddressSet = { ipv4: [[0, IPV4_LAST]], ipv6: [[0n, IPV6_LAST]] };
export const NO_ADDRESS: AddressSet = { ipv4: [], ipv6: [] };

export function addressUnion(sets: readonly AddressSet[]): AddressSet {
  return { ipv4: rangeUnion(sets.flatMap((set) => set.ipv4)), ipv6: rangeUnion(sets.flatMap((set) => set.ipv6)) };
}

export function addressDifference(from: AddressSet, without: AddressSet): AddressSet {
  return { ipv4: rangeDifference(from.ipv4, without.ipv4), ipv6: rangeDifference(from.ipv6, without.ipv6) };
}

export function isNoAddress(set: AddressSet): boolean {
  return set.ipv4.length === 0 && set.ipv6.length === 0;
}

export function isEveryAddress({ ipv4, ipv6 }: AddressSet): boolean {
  const all4 = ipv4.length === 1 && ipv4[0]![0] === 0 && ipv4[0]![1] === IPV4_LAST;
  return all4 && ipv6.length === 1 && ipv6[0]![0] === 0n && ipv6[0]![1] === IPV6_LAST;
}

/** The set that a word stands for, or what is wrong with it. */
export function parseAddressWord(text: string): AddressSet | string {
  const dash = text.indexOf('-');
  if (dash >= 0) return parseRange(text.slice(0, dash), text.slice(dash + 1));
  const slash = text.indexOf('/');
  if (slash >= 0) return parseBlock(text.slice(0, slash), text.slice(slash + 1));
  const address = parseAddressNumber(text);
  if (address === undefined) return `'${text}' is no address`;
  return setOf(address, address);
}

function parseRange(from: string, to: string): AddressSet | string {
  const low = parseAddressNumber(from);
  const high = parseAddressNumber(to);
  if (low === undefined) return `'${from}' is no address`;
  if (high === undefined) return `'${to}' is no address`;
  if (typeof low !== typeof high) return 'a range runs within IPv4 or within IPv6';
  return low <= high ? setOf(low, high) : `the range runs backward: ${from} is behind ${to}`;
}

/** Bits of the address behind the prefix are ignored, as Suricata does. */
function parseBlock(base: string, mask: string): AddressSet | string {
  const address = parseAddressNumber(base);
  if (address === undefined) return `'${base}' is no address`;
  const width = typeof address === 'number' ? 32 : 128;
  const prefix = parsePrefix(mask, width);
  if (prefix === undefined) return `'/${mask}' is no prefix length from 0 to ${width}`;
  if (typeof address === 'number') {
    const size = 2 ** (width - prefix);
    const low = Math.floor(address / size) * size;
    return setOf(low, low + size - 1);
  }
  const size = 1n << BigInt(width - prefix);
  const low = (address / size) * size;
  return setOf(low, low + size - 1n);
}

/** `16`, or for IPv4 a netmask (`255.255.0.0`). */
function parsePrefix(text: string, width: number): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= width ? Number(text) : undefined;
  if (width !== 32 || !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.IPv4.parse(text).prefixLengthFromSubnetMask() ?? undefined;
}

/** A number for IPv4, a bigint for IPv6. */
function parseAddressNumber(text: string): number | bigint | undefined {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return ipv4;
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return bytesToNumber(ipaddr.IPv6.parse(text).toByteArray());
}

/** Four decimal numbers without zeros before them. PERF: a set of rules may list a hundred thousand of them. */
function parseIpv4(text: string): number | undefined {
  let address = 0;
  let dots = 0;
  let octet = -1;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - DIGIT_0;
    if (digit === DOT) {
      if (octet < 0 || ++dots > 3) return undefined;
      address = address * 0x100 + octet;
      octet = -1;
    } else {
      if (digit < 0 || digit > 9 || octet === 0) return undefined;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 0xff) return undefined;
    }
  }
  return dots === 3 && octet >= 0 ? address * 0x100 + octet : undefined;
}

const DIGIT_0 = 0x30;
/** As a digit. */
const DOT = 0x2e - DIGIT_0;

function bytesToNumber(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function setOf(low: number | bigint, high: number | bigint): AddressSet {
  if (typeof low === 'number') return { ipv4: [[low, high as number]], ipv6: [] };
  return { ipv4: [], ipv6: [[low, high as bigint]] };
}
