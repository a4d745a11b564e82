/**
 * IPv6 and its extension headers (RFC 8200; AH: RFC 4302). Opens a layer; the extension headers belong to it. No
 * allocation.
 *
 *     0    4         12                 16        24        32
 *     +----+---------+------------------+---------+---------+
 *     | ver| class   | flow label                           |
 *     | payload length                  | next    | hop lim.|
 *     | source (16 bytes)                                   |
 *     | destination (16 bytes)                              |
 *     +-----------------------------------------------------+
 *     extension header: next(1) length(1) ..., in units of 8 bytes after the first 8 (AH: of 4 bytes, less 2)
 *
 * A payload length of 0 is a jumbogram (RFC 2675) or comes from segmentation offload: what is present counts. ESP and
 * no-next-header end the packet. A fragment header with offset 0 and no more fragments (an "atomic fragment", RFC 6946)
 * is decoded through.
 */
import { FAULT } from './fault.js';
import { inspectExtensionHeader } from './ipv6-options.js';
import {
  clearPayload,
  currentRow,
  markFragment,
  noteFault,
  openLayer,
  setIpHeader,
  shortHeader,
  type DecodeCounts,
} from './layer.js';
import { LAYER, type DecodedFrame } from './packet.js';
import { EXTENSION, PROTOCOL, protocolOfIp, u16 } from './protocol.js';

const HEADER_LENGTH = 40;
const NO_NEXT_HEADER = 59;
const OFFSET = 0xfff8;
const MORE_FRAGMENTS = 1;
const MORE_FRAGMENTS_OR_OFFSET = 0xfff9;
/**
 * Bytes of extension headers followed. Hosts accept as many headers as fit: all of them must be in the first fragment
 * (RFC 7112), so a jumbo frame is the bound.
 */
const MAX_EXTENSION_BYTES = 9216;

/** Decodes the header at `frame.at` and the extension headers behind it. A fragment ends decoding. */
export function decodeIpv6(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.ipv6_truncated_header);
  // BOUNDS: the fixed header is present from here on.
  if (bytes[at] >>> 4 !== 6) return -FAULT.ipv6_bad_version;
  const next = bytes[at + 6];
  const payloadLength = u16(bytes, at + 4);
  const claimedEnd =
    payloadLength === 0 && next !== NO_NEXT_HEADER ? frame.claimedEnd : at + HEADER_LENGTH + payloadLength;
  if (!openLayer(frame, 6, HEADER_LENGTH, next, claimedEnd)) return -FAULT.nesting_limit;
  return isExtensionHeader(next) ? decodeExtensionHeaders(bytes, frame, counts, next) : nextOf(frame, counts, next);
}

/** What the IP protocol behind all extension headers announces. */
function nextOf(frame: DecodedFrame, counts: DecodeCounts, protocol: number): number {
  const next = protocolOfIp(protocol);
  if (next === PROTOCOL.icmp) noteFault(frame, counts, FAULT.ipv6_icmpv4);
  else if (protocol === NO_NEXT_HEADER) {
    if (frame.claimedEnd > frame.at) noteFault(frame, counts, FAULT.ipv6_data_after_end);
  } else if (next === PROTOCOL.end) noteFault(frame, counts, FAULT.ipv6_unknown_next_header);
  return next;
}

/** Whether it is the number of an extension header. */
export function isExtensionHeader(protocol: number): boolean {
  switch (protocol) {
    case EXTENSION.hopByHop:
    case EXTENSION.routing:
    case EXTENSION.fragment:
    case EXTENSION.authentication:
    case EXTENSION.destination:
    case EXTENSION.mobility:
    case EXTENSION.hip:
    case EXTENSION.shim6:
      return true;
    default:
      return false;
  }
}

/** Length of an extension header of `type` whose length byte is `unit`. */
export function extensionLength(type: number, unit: number): number {
  if (type === EXTENSION.fragment) return 8;
  return type === EXTENSION.authentication ? (unit + 2) << 2 : (unit + 1) << 3;
}

function decodeExtensionHeaders(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts, first: number): number {
  const row = currentRow(frame);
  const ipOffset = frame.layers[row + LAYER.ipOffset];
  let type = first;
  let seen = 0;
  const start = frame.at;
  while (isExtensionHeader(type)) {
    const at = frame.at;
    if (at - start >= MAX_EXTENSION_BYTES) return unreadable(frame, row, FAULT.ipv6_too_many_extension_headers);
    const length = at + 8 <= frame.end ? extensionLength(type, bytes[at + 1]) : 8;
    if (at + length > frame.end) {
      if (at + length <= frame.claimedEnd) return PROTOCOL.end;
      return unreadable(frame, row, FAULT.ipv6_truncated_extension_header);
    }
    const next = bytes[at];
    setIpHeader(frame, row, at + length - ipOffset, next);
    seen = inspectExtensionHeader(bytes, frame, counts, type, at, length, seen);
    if (type === EXTENSION.fragment) {
      frame.layers[row + LAYER.fragmentHeaderOffset] = at;
      const fragment = u16(bytes, at + 2);
      if ((fragment & MORE_FRAGMENTS_OR_OFFSET) !== 0)
        return markFragment(frame, fragment & OFFSET, (fragment & MORE_FRAGMENTS) !== 0);
      noteFault(frame, counts, FAULT.ipv6_useless_fragment_header);
    }
    type = next;
  }
  return nextOf(frame, counts, type);
}

function unreadable(frame: DecodedFrame, row: number, fault: number): number {
  clearPayload(frame, row);
  return -fault;
}
