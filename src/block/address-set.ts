/**
 * Sets of addresses as sorted, disjoint ranges, and the test of a packet's address against one. Stage: detect.
 *
 * IPv4 ranges are pairs of unsigned words; IPv6 ranges eight words, low then high, most significant word first. The
 * tests search by halves and allocate nothing.
 */
import type { AddressSet } from './terms.js';

export function packAddressSet(set: AddressSet): { ipv4: number[]; ipv6: number[] } {
  return {
    ipv4: set.ipv4.flatMap(([low, high]) => [low | 0, high | 0]),
    ipv6: set.ipv6.flatMap(([low, high]) => [...ipv6Words(low), ...ipv6Words(high)]),
  };
}

/** Most significant word first. */
export function ipv6Words(address: bigint): number[] {
  return [96n, 64n, 32n, 0n].map((shift) => Number(BigInt.asIntN(32, address >> shift)));
}

/** Big-endian word at `offset`, unsigned. BOUNDS: the caller has checked that four bytes are present. */
export function readAddressWord(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0;
}

/** Whether the IPv4 address lies in one of `count` ranges at word `start`. */
export function hasIpv4(words: Int32Array, start: number, count: number, address: number): boolean {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = start + 2 * middle;
    if (address < words[at] >>> 0) high = middle - 1;
    else if (address > words[at + 1] >>> 0) low = middle + 1;
    else return true;
  }
  return false;
}

/** Whether the IPv6 address at `offset` lies in one of `count` ranges at word `start`. */
export function hasIpv6(words: Int32Array, start: number, count: number, bytes: Uint8Array, offset: number): boolean {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = start + 8 * middle;
    if (compareIpv6(bytes, offset, words, at) < 0) high = middle - 1;
    else if (compareIpv6(bytes, offset, words, at + 4) > 0) low = middle + 1;
    else return true;
  }
  return false;
}

/** Negative, 0 or positive as the address at `offset` is less than, equal to or greater than that at word `at`. */
export function compareIpv6(bytes: Uint8Array, offset: number, words: Int32Array, at: number): number {
  for (let i = 0; i < 4; i++) {
    const difference = readAddressWord(bytes, offset + 4 * i) - (words[at + i] >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
