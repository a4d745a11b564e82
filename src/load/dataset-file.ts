/**
 * Files of datasets: one value a line, with a number behind a comma where there is one. Stage: load.
 *
 *   string   TW96aWxsYS80LjA=         base64, with or without its padding
 *   md5      900150983cd24fb0d6963f7d28e17f72            sha1, sha256 likewise; a name may stand behind it
 *   ip       192.0.2.1   2001:db8::1   ::ffff:192.0.2.1 (which is 192.0.2.1)
 *
 * Reference: Suricata, datasets, file formats. `formatValue` is the way back.
 */
import ipaddr from 'ipaddr.js';
import type { DatasetType } from '../block/terms.js';
import type { DataEntries } from '../rule/buffer-match.js';
import { dataLines, type LineProblems } from './data-lines.js';
import { DataList } from './data-list.js';

/** No buffer is longer. */
export const LONGEST_VALUE = 65_535;
const MAX_NUMBER = 0xffff;

const EXPECTED: Readonly<Record<DatasetType, string>> = {
  string: 'base64',
  md5: '32 hexadecimal digits',
  sha1: '40 hexadecimal digits',
  sha256: '64 hexadecimal digits',
  ipv4: 'an IPv4 address',
  ip: 'an address',
};

export function parseDatasetFile(text: string, type: DatasetType, problems: LineProblems): DataEntries {
  const list = new DataList();
  for (const line of dataLines(text)) {
    const comma = line.text.indexOf(',');
    const value = parseValue(type, (comma < 0 ? line.text : line.text.slice(0, comma)).trim());
    const number = comma < 0 ? 0 : parseNumber(line.text.slice(comma + 1).trim());
    if (value === undefined)
      problems.add(
        line,
        `the line is not ${EXPECTED[type]}`,
        type === 'string' ? 'text is written in base64: printf example | base64' : undefined,
      );
    else if (number === undefined) problems.add(line, `behind the comma stands no number from 0 to ${MAX_NUMBER}`);
    else list.add(value, number);
  }
  return list.entries();
}

function parseNumber(text: string): number | undefined {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  return number <= MAX_NUMBER ? number : undefined;
}

/** A value as lists write it; undefined where it is none of the type. */
export function parseValue(type: DatasetType, text: string): Uint8Array | undefined {
  switch (type) {
    case 'string':
      return parseBase64(text);
    case 'md5':
      return parseDigest(text, 32);
    case 'sha1':
      return parseDigest(text, 40);
    case 'sha256':
      return parseDigest(text, 64);
    case 'ipv4':
      return parseIpv4(text);
    case 'ip':
      return parseIpv4(text) ?? parseIpv6(text);
  }
}

/** A name may stand behind it, as md5sum and its kin write. */
function parseDigest(text: string, digits: number): Uint8Array | undefined {
  const [, digest = ''] = /^([0-9a-f]+)(?:\s.*)?$/i.exec(text) ?? [];
  return digest.length === digits ? Buffer.from(digest, 'hex') : undefined;
}

function parseBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const digits = text.replace(/=+$/, '');
  if (digits.length % 4 === 1 || (text !== digits && text.length % 4 !== 0)) return undefined;
  const bytes = Buffer.from(digits, 'base64');
  return bytes.length <= LONGEST_VALUE ? bytes : undefined;
}

function parseIpv4(text: string): Uint8Array | undefined {
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? Uint8Array.from(ipaddr.IPv4.parse(text).toByteArray()) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return Uint8Array.from((address.isIPv4MappedAddress() ? address.toIPv4Address() : address).toByteArray());
}

/** A value as it stands in a file. */
export function formatValue(type: DatasetType, value: Uint8Array): string {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (type === 'string') return bytes.toString('base64');
  if (type === 'md5' || type === 'sha1' || type === 'sha256') return bytes.toString('hex');
  return ipaddr.fromByteArray([...value]).toString();
}
