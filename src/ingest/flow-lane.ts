/**
 * The 7-bit hash of an inner flow that chooses a mirrored datagram's source port. Stage: `mirror` only.
 *
 * Symmetric, as AWS's was for the TCP flows of the one real capture at hand: both directions of a flow take one port,
 * so a receiver sees them in order. Reads the first IP layer behind Ethernet and VLAN tags: addresses and protocol, and
 * ports of TCP, UDP and SCTP unless the packet is a fragment. Anything else is lane 0. Allocates nothing; BOUNDS: every
 * read is below `end`.
 */
import { IP_PROTOCOL } from '../decode/packet.js';

const LANE_BITS = 7;
const VLAN_TYPES: readonly number[] = [0x8100, 0x88a8, 0x9100];
const MAX_VLAN_TAGS = 4;

/** Lane 0 to 127 of the Ethernet payload of type `etherType` at `offset`, which ends before `end`. */
export function flowLane(bytes: Uint8Array, etherType: number, offset: number, end: number): number {
  const at = networkOffset(bytes, etherType, offset, end);
  const type = networkType(bytes, etherType, offset, end);
  if (type === 0x0800 && at + 20 <= end) return ipv4Lane(bytes, at, end);
  if (type === 0x86dd && at + 40 <= end) return ipv6Lane(bytes, at, end);
  return 0;
}

/** Where the network layer begins behind VLAN tags. */
export function networkOffset(bytes: Uint8Array, etherType: number, offset: number, end: number): number {
  let type = etherType;
  let at = offset;
  for (let tags = 0; tags < MAX_VLAN_TAGS && VLAN_TYPES.includes(type) && at + 4 <= end; tags++) {
    type = read16(bytes, at + 2);
    at += 4;
  }
  return at;
}

/** The EtherType of the network layer behind VLAN tags. */
export function networkType(bytes: Uint8Array, etherType: number, offset: number, end: number): number {
  const at = networkOffset(bytes, etherType, offset, end);
  return at === offset ? etherType : read16(bytes, at - 2);
}

function ipv4Lane(bytes: Uint8Array, at: number, end: number): number {
  const addresses = addressHash(bytes, at + 12, 4) + addressHash(bytes, at + 16, 4);
  const isFragment = (read16(bytes, at + 6) & 0x3fff) !== 0;
  return lane(bytes, addresses, bytes[at + 9], isFragment ? end : at + (bytes[at] & 0x0f) * 4, end);
}

function ipv6Lane(bytes: Uint8Array, at: number, end: number): number {
  const addresses = addressHash(bytes, at + 8, 16) + addressHash(bytes, at + 24, 16);
  return lane(bytes, addresses, bytes[at + 6], at + 40, end);
}

/** Sums commute, so swapping source and destination changes nothing. */
function lane(bytes: Uint8Array, addresses: number, protocol: number, portsAt: number, end: number): number {
  const hasPorts = protocol === IP_PROTOCOL.tcp || protocol === IP_PROTOCOL.udp || protocol === IP_PROTOCOL.sctp;
  const ports = hasPorts && portsAt + 4 <= end ? mix(read16(bytes, portsAt)) + mix(read16(bytes, portsAt + 2)) : 0;
  return mix(addresses + ports + protocol) >>> (32 - LANE_BITS);
}

function addressHash(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0;
  for (let i = 0; i < length; i += 4) hash = mix(hash + ((read16(bytes, at + i) << 16) | read16(bytes, at + i + 2)));
  return hash;
}

/** Finalizer of MurmurHash3. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}
