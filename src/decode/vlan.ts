/**
 * One VLAN tag behind its EtherType: IEEE 802.1Q (0x8100) and 802.1ad or QinQ (0x88a8, 0x9100). Stacks are the loop's.
 * No allocation.
 *
 *     0      2      4
 *     +------+------+----
 *     | TCI  | type | payload
 *     +------+------+----
 */
import { FAULT } from './fault.js';
import { shortHeader } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { protocolOfEtherType, u16 } from './protocol.js';

const TAG_LENGTH = 4;

/** Decodes the tag at `frame.at`. */
export function decodeVlan(bytes: Uint8Array, frame: DecodedFrame): number {
  const at = frame.at;
  if (at + TAG_LENGTH > frame.end) return shortHeader(frame, TAG_LENGTH, FAULT.vlan_truncated_header);
  frame.at = at + TAG_LENGTH;
  return protocolOfEtherType(u16(bytes, at + 2));
}
