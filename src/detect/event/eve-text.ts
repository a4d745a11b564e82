/**
 * Texts in the form that EVE events have them. Stage: detect (alerts only, so these allocate).
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { EventLine } from './event-line.js';

/** The text at hand. */
const line = new EventLine();

/** `2024-03-01T12:34:56.123456+0000` for microseconds since 1970. */
export function eveTime(timeUs: number): string {
  line.length = 0;
  return line.time(timeUs).text();
}

/** Dotted IPv4, or IPv6 as eight groups of four digits; '' for version 0. */
export function eveAddress(bytes: Uint8Array, at: number, version: number): string {
  line.length = 0;
  return line.address(bytes, at, version).text();
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
