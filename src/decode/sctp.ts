/**
 * SCTP's common header (RFC 9260): ports, verification tag, checksum. The chunks are payload. No allocation.
 */
import { FAULT } from './fault.js';
import { currentRow, setPayload, shortTransport } from './layer.js';
import { LAYER, type DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

const HEADER_LENGTH = 12;

/** Decodes the header at `frame.at`. */
export function decodeSctp(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  const row = currentRow(frame);
  if (at + 4 <= frame.end) {
    frame.layers[row + LAYER.srcPort] = u16(bytes, at);
    frame.layers[row + LAYER.dstPort] = u16(bytes, at + 2);
  }
  if (at + HEADER_LENGTH > frame.end) return shortTransport(frame, row, HEADER_LENGTH, FAULT.sctp_truncated_header);
  setPayload(frame, row, HEADER_LENGTH);
  return PROTOCOL.end;
}
