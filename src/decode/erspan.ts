/**
 * ERSPAN type II (draft-foschiano-erspan): a mirrored Ethernet frame in GRE, another way to mirror. No allocation.
 *
 *     0     4           16                 22        32
 *     +-----+-----------+---+----+--+------+---------+
 *     | ver | VLAN      |COS| En |T | session id     |
 *     | reserved        | index                      |
 *     +-----------------+----------------------------+
 */
import { FAULT } from './fault.js';
import { shortHeader } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const HEADER_LENGTH = 8;

/** Decodes the header at `frame.at`. */
export function decodeErspan(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.erspan_truncated_header);
  if (bytes[at] >>> 4 !== 1) return -FAULT.erspan_bad_version;
  frame.at = at + HEADER_LENGTH;
  return PROTOCOL.ethernet;
}
