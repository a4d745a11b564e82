/**
 * The thinnest link layers of captures: BSD null and loop (a 4-byte address family) and raw IP (nothing). No
 * allocation.
 */
import { FAULT } from './fault.js';
import { noteFault, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const HEADER_LENGTH = 4;

/**
 * Decodes the address family at `frame.at`. LINKTYPE_NULL has it in the byte order of the capturing host, LINKTYPE_LOOP
 * in network order; families are small numbers, so whichever order gives one is right.
 */
export function decodeLoopback(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return -FAULT.loopback_truncated_header;
  frame.at = at + HEADER_LENGTH;
  const family = bytes[at] === 0 ? bytes[at + 3] : bytes[at];
  switch (family) {
    case 2:
      return PROTOCOL.ipv4;
    // AF_INET6 on Linux, NetBSD and OpenBSD, FreeBSD, Darwin.
    case 10:
    case 24:
    case 28:
    case 30:
      return PROTOCOL.ipv6;
    default:
      noteFault(frame, counts, FAULT.loopback_unknown_family);
      return PROTOCOL.other;
  }
}

/** Tells IPv4 from IPv6 by the version at `frame.at`. */
export function decodeRawIp(bytes: Uint8Array, frame: DecodedFrame): number {
  const version = frame.at < frame.end ? bytes[frame.at] >>> 4 : 0;
  if (version === 4) return PROTOCOL.ipv4;
  return version === 6 ? PROTOCOL.ipv6 : -FAULT.raw_bad_version;
}
