/**
 * Authentication header in IPv4 (RFC 4302); in IPv6 it is one of the extension headers. What it protects is in the
 * clear behind it, and belongs to the layer of its IP header. No allocation.
 *
 *     next(1) length(1) reserved(2) security parameters(4) sequence(4) check value; length: units of 4 bytes, less 2
 */
import { FAULT } from './fault.js';
import { clearPayload, currentRow, noteFault, setPayload, shortTransport, type DecodeCounts } from './layer.js';
import { LAYER, type DecodedFrame } from './packet.js';
import { PROTOCOL, protocolOfIp } from './protocol.js';

const HEADER_LENGTH = 12;

/** Decodes the header at `frame.at`: the layer's protocol is the one behind it. */
export function decodeAuthentication(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  const row = currentRow(frame);
  if (at + HEADER_LENGTH > frame.end) return shortTransport(frame, row, HEADER_LENGTH, FAULT.ah_truncated_header);
  const length = (bytes[at + 1] + 2) << 2;
  if (length < HEADER_LENGTH) {
    clearPayload(frame, row);
    return -FAULT.ah_truncated_header;
  }
  if (at + length > frame.end) return shortTransport(frame, row, length, FAULT.ah_truncated_header);
  const protocol = bytes[at];
  frame.at = at + length;
  frame.layers[row + LAYER.protocol] = protocol;
  frame.layers[row + LAYER.l4Offset] = frame.at;
  setPayload(frame, row, 0);
  const next = protocolOfIp(protocol);
  if (next === PROTOCOL.end) noteFault(frame, counts, FAULT.ipv4_unknown_protocol);
  else if (next === PROTOCOL.icmpv6) noteFault(frame, counts, FAULT.ipv4_icmpv6);
  return next;
}
