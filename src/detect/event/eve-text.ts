/**
 * Texts in the form that EVE events have them. Stage: detect (alerts only, so these allocate).
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';

/** 9999-12-31T23:59:59: captures may hold any 64-bit time, ISO years have four digits. */
export const LAST_US = 253402300799000000;

/** Texts of seconds, by their lowest bits: events of one moment, and the flows that they are about, share some. */
const REMEMBERED = 64;
const secondsOf = new Float64Array(REMEMBERED).fill(-1);
const textsOf = new Array<string>(REMEMBERED).fill('');

/** `2024-03-01T12:34:56.123456+0000` for microseconds since 1970. */
export function eveTime(timeUs: number): string {
  const bounded = timeUs >= 0 ? Math.min(timeUs, LAST_US) : 0;
  const micros = bounded % 1e6;
  const second = Math.round((bounded - micros) / 1e6);
  return `${eveSecond(second)}.${String(Math.floor(micros)).padStart(6, '0')}+0000`;
}

/** `2024-03-01T12:34:56` for seconds since 1970. */
export function eveSecond(second: number): string {
  const place = second % REMEMBERED;
  if (secondsOf[place] !== second) {
    secondsOf[place] = second;
    textsOf[place] = new Date(second * 1000).toISOString().slice(0, 19);
  }
  return textsOf[place];
}

/** Of 0 to 15, as a byte. */
export const hexDigit = (value: number): number => (value < 10 ? 0x30 : 0x57) + value;

/** Dotted IPv4, or IPv6 as eight groups of four digits; '' for version 0. */
export function eveAddress(bytes: Uint8Array, at: number, version: number): string {
  if (version === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  if (version !== 6) return '';
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[at + i] << 8) | bytes[at + i + 1]).toString(16).padStart(4, '0'));
  return groups.join(':');
}

export const eveDirection = (direction: Direction): string =>
  direction === DIRECTION.toServer ? 'to_server' : 'to_client';

/** Names of IP protocols (IANA) as Suricata writes them. */
const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  0: 'HOPOPT',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPv4',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  43: 'IPv6-Route',
  44: 'IPv6-Frag',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'IPv6-ICMP',
  59: 'IPv6-NoNxt',
  60: 'IPv6-Opts',
  88: 'EIGRP',
  89: 'OSPFIGP',
  94: 'IPIP',
  103: 'PIM',
  112: 'VRRP',
  115: 'L2TP',
  132: 'SCTP',
};

export const eveProtocol = (protocol: number): string => PROTOCOL_NAMES[protocol] ?? String(protocol).padStart(3, '0');
