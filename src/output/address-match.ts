/**
 * Whether an address is in a set, and addresses as map keys. Stage: output; for alerts, so strings are fine here.
 */
import type { AddressSet } from '../block/terms.js';

/** Looks the address up by bisection; `bytes` holds 16 bytes, IPv4 in the first four. */
export function isInSet(set: AddressSet, bytes: Uint8Array, ipVersion: number): boolean {
  if (ipVersion === 4)
    return contains(set.ipv4, ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0);
  if (ipVersion !== 6 || set.ipv6.length === 0) return false;
  let address = 0n;
  for (let i = 0; i < 16; i++) address = (address << 8n) | BigInt(bytes[i]);
  return contains(set.ipv6, address);
}

function contains<N extends number | bigint>(ranges: readonly (readonly [low: N, high: N])[], value: N): boolean {
  let from = 0;
  let to = ranges.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (ranges[middle][1] < value) from = middle + 1;
    else to = middle;
  }
  return from < ranges.length && ranges[from][0] <= value;
}

/** The address as a string of one character per byte: 4 or 16, so the versions never meet. */
export function addressKey(bytes: Uint8Array, ipVersion: number): string {
  let key = '';
  for (let i = 0; i < (ipVersion === 4 ? 4 : 16); i++) key += String.fromCharCode(bytes[i]);
  return key;
}
