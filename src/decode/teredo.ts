/**
 * Teredo (RFC 4380): IPv6 in UDP, behind an optional authentication and an optional origin indication. What is not IPv6
 * is an ordinary payload: the port alone says little. No allocation.
 *
 *     authentication  0001 id length(1) check length(1) id, check value, nonce(8) confirmation(1)
 *     origin          0000 port(2) address(4)
 */
import type { DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

const IPV6_LENGTH = 40;
const ORIGIN = 0;
const ORIGIN_LENGTH = 8;
const AUTHENTICATION = 1;
const AUTHENTICATION_LENGTH = 13;

/** Looks for IPv6 at `frame.at`, the payload of a UDP datagram. */
export function decodeTeredo(bytes: Uint8Array, frame: DecodedFrame): number {
  let at = frame.at;
  if (at + 4 <= frame.end && u16(bytes, at) === AUTHENTICATION)
    at += AUTHENTICATION_LENGTH + bytes[at + 2] + bytes[at + 3];
  if (at + 2 <= frame.end && u16(bytes, at) === ORIGIN) at += ORIGIN_LENGTH;
  if (at + IPV6_LENGTH > frame.end || bytes[at] >>> 4 !== 6) return PROTOCOL.end;
  if (at + IPV6_LENGTH + u16(bytes, at + 4) > frame.claimedEnd) return PROTOCOL.end;
  frame.at = at;
  return PROTOCOL.ipv6;
}
