/**
 * ICMP (RFC 792) and ICMPv6 (RFC 4443): type, code, checksum and four bytes that depend on the type. What follows is
 * payload, also where it quotes another packet. No allocation.
 */
import { FAULT } from './fault.js';
import { currentRow, setPayload, shortTransport } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const HEADER_LENGTH = 8;

/** Decodes the ICMP header at `frame.at`. */
export function decodeIcmp(frame: DecodedFrame): number {
  return decodeHeader(frame, FAULT.icmp_truncated_header);
}

/** Decodes the ICMPv6 header at `frame.at`. */
export function decodeIcmpv6(frame: DecodedFrame): number {
  return decodeHeader(frame, FAULT.icmpv6_truncated_header);
}

function decodeHeader(frame: DecodedFrame, fault: number): number {
  const row = currentRow(frame);
  if (frame.at + HEADER_LENGTH > frame.end) return shortTransport(frame, row, HEADER_LENGTH, fault);
  setPayload(frame, row, HEADER_LENGTH);
  return PROTOCOL.end;
}
