/**
 * Hashes of addresses, endpoints and bytes, shared by decoding (flow hash), routing, and the tables of flows, hosts and
 * datasets. Pure 32-bit arithmetic; nothing is allocated.
 *
 * Symmetry: both directions of a flow must have one hash, so the hashes of the two endpoints are *added*. Addition is
 * commutative as XOR is, but does not collapse a flow between equal endpoints to zero. Each endpoint is mixed fully
 * before the addition, or else 10.0.0.1 → 10.0.0.4 would equal 10.0.0.2 → 10.0.0.3. The mixing step is the finalizer of
 * MurmurHash3 (A. Appleby, public domain). There is no secret key: whoever fills a table by choosing addresses meets
 * its cap and its eviction counter.
 */

const IPV4_SEED = 0x3c6ef372;
const IPV6_SEED = 0x1b873593;
/** 2^32 divided by the golden ratio: spreads small numbers (ports, protocols, VNIs) over the word. */
const GOLDEN = 0x9e3779b1;

/** A bijection of 32-bit words in which each input bit changes about half of the output bits. */
export function mix32(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The big-endian 32-bit word at `at`; the caller has checked the length. */
export function word32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Hash of the IPv4 address at `at`. */
export function hashIpv4(bytes: Uint8Array, at: number): number {
  return mix32(word32(bytes, at) ^ IPV4_SEED);
}

/** Hash of the IPv6 address at `at`; seeded apart from IPv4, so that the families do not collide by construction. */
export function hashIpv6(bytes: Uint8Array, at: number): number {
  let h = mix32(word32(bytes, at) ^ IPV6_SEED);
  h = mix32((h + GOLDEN) ^ word32(bytes, at + 4));
  h = mix32((h + GOLDEN) ^ word32(bytes, at + 8));
  return mix32((h + GOLDEN) ^ word32(bytes, at + 12));
}

/** Hash of the address at `at`, of IP version 4 or 6. */
export function hashAddress(bytes: Uint8Array, at: number, ipVersion: number): number {
  return ipVersion === 4 ? hashIpv4(bytes, at) : hashIpv6(bytes, at);
}

/** Hash of an address (its hash) and a port. */
export function hashEndpoint(addressHash: number, port: number): number {
  return mix32(addressHash ^ Math.imul(port, GOLDEN));
}

/** Hash of an unordered pair and a small number (protocol, VNI, 0). */
export function hashPair(a: number, b: number, salt: number): number {
  return mix32((a + b) ^ Math.imul(salt + 1, GOLDEN));
}

/** A hash extended by one more number, in order. */
export function hashWith(hash: number, word: number): number {
  return mix32((hash + GOLDEN) ^ mix32(word));
}

/** Of the two addresses of four words in a key, puts the lower one first, so that both directions are one pair. */
export function orderPair(key: Int32Array, first: number, second: number): void {
  for (let i = 0; i < 4; i++) {
    if (key[first + i] === key[second + i]) continue;
    if (key[first + i] < key[second + i]) return;
    for (let j = i; j < 4; j++) {
      const swapped = key[first + j];
      key[first + j] = key[second + j];
      key[second + j] = swapped;
    }
    return;
  }
}

/** Maps a hash to 0 … `buckets` - 1 by its upper bits: tables behind it may use the lower ones. */
export function bucketOf(hash: number, buckets: number): number {
  return Math.floor(((hash >>> 0) * buckets) / 0x100000000);
}

/** Hash of the bytes in [start, start + length) and a seed. */
export function hashBytes(bytes: Uint8Array, start: number, length: number, seed: number): number {
  const end = start + length;
  let hash = seed ^ length;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = hashWith(hash, word32(bytes, at));
  let rest = 0;
  for (; at < end; at++) rest = (rest << 8) | bytes[at];
  return (length & 3) === 0 ? hash : hashWith(hash, rest);
}

/** Whether two ranges of `length` bytes hold the same. */
export function sameBytes(a: Uint8Array, at: number, b: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[at + i] !== b[from + i]) return false;
  return true;
}
