/**
 * TCP (RFC 9293). Completes the layer of the IP header before it. No allocation.
 *
 *     0                   16                  32
 *     +-------------------+-------------------+
 *     | source port       | destination port  |
 *     | sequence number                       |
 *     | acknowledgment number                 |
 *     | off | res | flags | window            |
 *     | checksum          | urgent pointer    |
 *     | options (off * 4 - 20 bytes)          |
 *     +---------------------------------------+
 */
import { FAULT } from './fault.js';
import { clearPayload, currentRow, noteFault, setPayload, shortTransport, type DecodeCounts } from './layer.js';
import { LAYER, type DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';
import { TCP_OPTION_FAULT, tcpOptionFaults } from './tcp-options.js';

/** Bits of the byte of flags. */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

const HEADER_LENGTH = 20;

/**
 * Decodes the header at `frame.at`. Of a cut header the ports are kept; the header length then tells what is present,
 * and is 0 below 20 bytes. Broken options are a fault, but receivers take the segment, and so do we.
 */
export function decodeTcp(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  const row = currentRow(frame);
  const present = frame.end - at;
  if (present >= 4) {
    frame.layers[row + LAYER.srcPort] = u16(bytes, at);
    frame.layers[row + LAYER.dstPort] = u16(bytes, at + 2);
  }
  if (present < HEADER_LENGTH) return shortTransport(frame, row, HEADER_LENGTH, FAULT.tcp_truncated_header);
  const headerLength = (bytes[at + 12] >>> 4) << 2;
  if (headerLength < HEADER_LENGTH || at + headerLength > frame.claimedEnd) {
    clearPayload(frame, row);
    return headerLength < HEADER_LENGTH ? -FAULT.tcp_bad_header_length : -FAULT.tcp_header_beyond_packet;
  }
  if (headerLength > present) {
    setPayload(frame, row, present);
    clearPayload(frame, row);
    return PROTOCOL.end;
  }
  if (headerLength > HEADER_LENGTH) {
    const faults = tcpOptionFaults(bytes, at + HEADER_LENGTH, at + headerLength);
    if (faults !== 0) noteOptionFaults(frame, counts, faults);
  }
  setPayload(frame, row, headerLength);
  return PROTOCOL.end;
}

function noteOptionFaults(frame: DecodedFrame, counts: DecodeCounts, faults: number): void {
  if ((faults & TCP_OPTION_FAULT.bad) !== 0) noteFault(frame, counts, FAULT.tcp_bad_option);
  if ((faults & TCP_OPTION_FAULT.duplicate) !== 0) noteFault(frame, counts, FAULT.tcp_duplicate_option);
}
