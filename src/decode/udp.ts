/**
 * UDP (RFC 768). Completes the layer of the IP header before it, and recognises tunnels by their ports.
 * No allocation.
 *
 *     0                   16                  32
 *     +-------------------+-------------------+
 *     | source port       | destination port  |
 *     | length            | checksum          |
 *     +-------------------+-------------------+
 *
 * A length of 0 is a jumbogram (RFC 2675) or comes from segmentation offload: the IP packet's length counts. Bytes of
 * the IP packet behind the UDP length are not payload.
 */
import { FAULT } from './fault.js';
import { clearPayload, currentRow, setPayload, shortTransport } from './layer.js';
import { LAYER, type DecodedFrame } from './packet.js';
import { u16 } from './protocol.js';

const HEADER_LENGTH = 8;

/** Decodes the header at `frame.at`. */
export function decodeUdp(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  const row = currentRow(frame);
  const layers = frame.layers;
  if (at + 4 <= frame.end) {
    layers[row + LAYER.srcPort] = u16(bytes, at);
    layers[row + LAYER.dstPort] = u16(bytes, at + 2);
  }
  if (at + HEADER_LENGTH > frame.end) return shortTransport(frame, row, HEADER_LENGTH, FAULT.udp_truncated_header);
  const length = u16(bytes, at + 4);
  if ((length !== 0 && length < HEADER_LENGTH) || at + length > frame.claimedEnd) {
    clearPayload(frame, row);
    return length < HEADER_LENGTH ? -FAULT.udp_bad_length : -FAULT.udp_length_beyond_packet;
  }
  if (length !== 0) {
    frame.claimedEnd = at + length;
    if (frame.claimedEnd < frame.end) frame.end = frame.claimedEnd;
  }
  setPayload(frame, row, HEADER_LENGTH);
  return frame.tunnelPorts.protocolOf(layers[row + LAYER.srcPort], layers[row + LAYER.dstPort]);
}
