/**
 * Network Service Header (RFC 8300): what chains of services put in front of a packet. Metadata is stepped over. No
 * allocation.
 *
 *     0    2    4       10      16       24       32
 *     +----+----+-------+-------+--------+--------+
 *     | ver|O U | TTL   |length |U  type | next   |   length: in units of 4 bytes; type: of the metadata
 *     | service path identifier          | index  |
 *     | metadata                                  |
 *     +-------------------------------------------+
 */
import { FAULT } from './fault.js';
import { noteFault, shortHeader, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { nextOfGpe, PROTOCOL, u16 } from './protocol.js';

const HEADER_LENGTH = 8;
const FIXED_METADATA = 1;
const FIXED_LENGTH = 24;
const VARIABLE_METADATA = 2;
const EXPERIMENT = 15;

/** Decodes the header at `frame.at`. */
export function decodeNsh(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.nsh_truncated_header);
  if (bytes[at] >>> 6 !== 0) return -FAULT.nsh_bad_version;
  const length = (u16(bytes, at) & 0x3f) << 2;
  const type = bytes[at + 2] & 15;
  if (length < HEADER_LENGTH || (type === FIXED_METADATA && length !== FIXED_LENGTH))
    return -FAULT.nsh_bad_header_length;
  if (at + length > frame.end) return shortHeader(frame, length, FAULT.nsh_bad_header_length);
  if (type === 0) noteFault(frame, counts, FAULT.nsh_reserved_type);
  else if (type !== FIXED_METADATA && type !== VARIABLE_METADATA && type !== EXPERIMENT)
    noteFault(frame, counts, FAULT.nsh_unknown_type);
  const next = nextOfGpe(bytes[at + 3]);
  if (next === PROTOCOL.other) return -FAULT.nsh_unknown_payload;
  frame.at = at + length;
  return next;
}
