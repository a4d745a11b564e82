/** EtherIP (RFC 3378): an Ethernet frame in IP, behind a version (3) and 12 reserved bits. No allocation. */
import { FAULT } from './fault.js';
import { currentRow, setPayload, shortTransport } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const HEADER_LENGTH = 2;
const VERSION = 3;

/** Decodes the header at `frame.at`. */
export function decodeEtherIp(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  const row = currentRow(frame);
  if (at + HEADER_LENGTH > frame.end) return shortTransport(frame, row, HEADER_LENGTH, FAULT.etherip_truncated_header);
  if (bytes[at] >>> 4 !== VERSION) return -FAULT.etherip_bad_version;
  setPayload(frame, row, HEADER_LENGTH);
  return PROTOCOL.ethernet;
}
