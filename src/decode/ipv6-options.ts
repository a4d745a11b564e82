/**
 * What is wrong with an IPv6 extension header, and with the options of a hop-by-hop or destination options header: RFC
 * 8200; RFC 2711 (router alert), RFC 2675 (jumbo payload), RFC 6275 (home address). Receivers differ in what they do
 * with it, so all of it is noted and none ends inspection. No allocation.
 *
 *     option: kind(1) length(1) data; Pad1 (kind 0) is a single byte
 */
import { FAULT } from './fault.js';
import { noteFault, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { EXTENSION, u16 } from './protocol.js';

const PAD_1 = 0;
const PAD_N = 1;
const ROUTER_ALERT = 5;
const JUMBO = 0xc2;
const HOME_ADDRESS = 0xc9;

/** Bits of `seen`: extension headers met before. Destination options may come twice. */
const SEEN = { hop: 1, routing: 2, fragment: 4, authentication: 8, destination: 16, destinationAgain: 32 } as const;

/**
 * Takes the extension header of `type` at `at`, `length` bytes that are all present, and notes its faults.
 * @returns `seen` with what it is.
 */
export function inspectExtensionHeader(
  bytes: Uint8Array,
  frame: DecodedFrame,
  counts: DecodeCounts,
  type: number,
  at: number,
  length: number,
  seen: number,
): number {
  switch (type) {
    case EXTENSION.hopByHop:
      if ((seen & SEEN.hop) !== 0) noteFault(frame, counts, FAULT.ipv6_duplicate_hop_header);
      else inspectOptions(bytes, frame, counts, type, at + 2, at + length);
      return seen | SEEN.hop;
    case EXTENSION.destination:
      if ((seen & SEEN.destinationAgain) !== 0) noteFault(frame, counts, FAULT.ipv6_duplicate_destination_header);
      else inspectOptions(bytes, frame, counts, type, at + 2, at + length);
      return seen | ((seen & SEEN.destination) !== 0 ? SEEN.destinationAgain : SEEN.destination);
    case EXTENSION.routing:
      if ((seen & SEEN.routing) !== 0) noteFault(frame, counts, FAULT.ipv6_duplicate_routing_header);
      else if (bytes[at + 2] === 0) noteFault(frame, counts, FAULT.ipv6_routing_type_0);
      return seen | SEEN.routing;
    case EXTENSION.fragment:
      if (bytes[at + 1] !== 0) noteFault(frame, counts, FAULT.ipv6_fragment_reserved);
      if ((seen & SEEN.fragment) !== 0) noteFault(frame, counts, FAULT.ipv6_duplicate_fragment_header);
      return seen | SEEN.fragment;
    case EXTENSION.authentication:
      if ((seen & SEEN.authentication) !== 0) noteFault(frame, counts, FAULT.ipv6_duplicate_authentication_header);
      else if (u16(bytes, at + 2) !== 0) noteFault(frame, counts, FAULT.ipv6_authentication_reserved);
      return seen | SEEN.authentication;
    default:
      return seen;
  }
}

function inspectOptions(
  bytes: Uint8Array,
  frame: DecodedFrame,
  counts: DecodeCounts,
  type: number,
  start: number,
  end: number,
): void {
  let padding = false;
  let other = false;
  let at = start;
  while (at < end) {
    const kind = bytes[at];
    if (kind === PAD_1) {
      padding = true;
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1] : end;
    if (at + 2 + length > end || length < leastLength(kind)) {
      noteFault(frame, counts, FAULT.ipv6_bad_option);
      break;
    }
    if (kind === PAD_N) {
      padding = true;
      if (length === 0) noteFault(frame, counts, FAULT.ipv6_empty_padding);
    } else {
      other = true;
      if (leastLength(kind) === 0)
        noteFault(
          frame,
          counts,
          type === EXTENSION.hopByHop ? FAULT.ipv6_unknown_hop_option : FAULT.ipv6_unknown_destination_option,
        );
    }
    at += 2 + length;
  }
  if (padding && !other)
    noteFault(
      frame,
      counts,
      type === EXTENSION.hopByHop ? FAULT.ipv6_only_padding_hop : FAULT.ipv6_only_padding_destination,
    );
}

/** Bytes of data that an option of this kind has at least; 0 for kinds that are not known, and for padding. */
function leastLength(kind: number): number {
  switch (kind) {
    case ROUTER_ALERT:
      return 2;
    case JUMBO:
      return 4;
    case HOME_ADDRESS:
      return 16;
    default:
      return 0;
  }
}
