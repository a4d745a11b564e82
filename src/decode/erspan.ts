/**
 * ERSPAN types II and III (draft-foschiano-erspan): a mirrored Ethernet frame in GRE, another way to mirror. No
 * allocation.
 *
 *     0     4           16                 22        32
 *     +-----+-----------+---+----+--+------+---------+
 *     | ver | VLAN      |COS| En |T | session id     |
 *     | reserved        | index                      |   type II, version 1
 *     +-----------------+----------------------------+
 *     | timestamp                                    |   type III, version 2
 *     | group tag       |P| type| hardware |D|gra |O  |
 *     | platform's own (8 bytes, if O)               |
 *     +-----------------+----------------------------+
 */
import { FAULT } from './fault.js';
import { shortHeader } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const LENGTH_2 = 8;
const LENGTH_3 = 12;
const SUBHEADER_LENGTH = 8;
const FRAME_ETHERNET = 0;
const FRAME_IP = 2;

/** Decodes the header of type II at `frame.at`. */
export function decodeErspan(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + LENGTH_2 > frame.end) return shortHeader(frame, LENGTH_2, FAULT.erspan_truncated_header);
  if (bytes[at] >>> 4 !== 1) return -FAULT.erspan_bad_version;
  frame.at = at + LENGTH_2;
  return PROTOCOL.ethernet;
}

/** Decodes the header of type III at `frame.at`. */
export function decodeErspan3(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + LENGTH_3 > frame.end) return shortHeader(frame, LENGTH_3, FAULT.erspan_truncated_header);
  if (bytes[at] >>> 4 !== 2) return -FAULT.erspan_bad_version;
  const length = LENGTH_3 + ((bytes[at + 11] & 1) === 0 ? 0 : SUBHEADER_LENGTH);
  if (at + length > frame.end) return shortHeader(frame, length, FAULT.erspan_truncated_header);
  const type = (bytes[at + 10] >>> 2) & 0x1f;
  if (type !== FRAME_ETHERNET && type !== FRAME_IP) return -FAULT.erspan_unknown_payload;
  frame.at = at + length;
  return type === FRAME_ETHERNET ? PROTOCOL.ethernet : PROTOCOL.rawIp;
}
