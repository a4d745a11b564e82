/**
 * IP addresses as text, as bytes, and as the kernel's `sockaddr_in` and `sockaddr_in6`. Stage: ingest, set-up only
 * (the receive loop reads source addresses itself).
 *
 *   sockaddr_in   0 family (2, host order)  2 port (2, network order)  4 address (4)  8 zero (8)
 *   sockaddr_in6  0 family (2)  2 port (2)  4 flow label (4)  8 address (16)  24 scope (4)
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { AF_INET, AF_INET6 } from './system.js';

export interface Endpoint {
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
}

export const SOCKADDR_IN_BYTES = 16;
export const SOCKADDR_IN6_BYTES = 28;

/** Takes an IPv4 or IPv6 address (brackets allowed), not a host name; undefined when `text` is neither. */
export function parseAddress(text: string): { address: string; family: 4 | 6 } | undefined {
  const address = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const family = isIP(address);
  return family === 4 || family === 6 ? { address, family } : undefined;
}

/** The 4 or 16 bytes of an address that `parseAddress` or Node has accepted. */
export function addressBytes(address: string): number[] {
  return ipaddr.parse(address).toByteArray();
}

/** Writes a socket address to the start of `target` and returns its length. */
export function writeSockaddr(target: Uint8Array, endpoint: Endpoint): number {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  const isIpv4 = endpoint.family === 4;
  target.fill(0);
  view.setUint16(0, isIpv4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, endpoint.port);
  target.set(addressBytes(endpoint.address), isIpv4 ? 4 : 8);
  return isIpv4 ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES;
}

/** Reads what the kernel wrote; `source` holds at least 28 bytes. */
export function readSockaddr(source: Uint8Array): Endpoint {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const isIpv4 = view.getUint16(0, true) === AF_INET;
  const bytes = isIpv4 ? source.subarray(4, 8) : source.subarray(8, 24);
  const address = ipaddr.fromByteArray([...bytes]).toString();
  return { address, family: isIpv4 ? 4 : 6, port: view.getUint16(2) };
}

/** `address:port`, with brackets around IPv6. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
