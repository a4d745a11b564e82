/**
 * One VLAN tag behind its EtherType: IEEE 802.1Q (0x8100) and 802.1ad or QinQ (0x88a8, 0x9100). Stacks are the loop's.
 * Ids of up to three tags are kept for the layer behind them. No allocation.
 *
 *     0      2      4
 *     +------+------+----
 *     | TCI  | type | payload
 *     +------+------+----
 */
import { nextOfEtherType } from './ethernet.js';
import { FAULT } from './fault.js';
import { noteFault, shortHeader, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { u16 } from './protocol.js';

const TAG_LENGTH = 4;

/** Decodes the tag at `frame.at`. */
export function decodeVlan(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + TAG_LENGTH > frame.end) return shortHeader(frame, TAG_LENGTH, FAULT.vlan_truncated_header);
  frame.at = at + TAG_LENGTH;
  if (!keepId(frame, u16(bytes, at) & 0xfff)) noteFault(frame, counts, FAULT.vlan_too_many_tags);
  return nextOfEtherType(frame, counts, u16(bytes, at + 2), FAULT.vlan_unknown_type);
}

/** Keeps the tag's id as the rows of layers have it (LAYER.vlans); false when there were three before. */
function keepId(frame: DecodedFrame, id: number): boolean {
  switch (frame.vlans >>> 24) {
    case 0:
      frame.vlans = (1 << 24) | id;
      return true;
    case 1:
      frame.vlans = (2 << 24) | (id << 12) | (frame.vlans & 0xfff);
      return true;
    case 2:
      frame.vlans = (3 << 24) | (frame.vlans & 0xffffff);
      frame.thirdVlan = id;
      return true;
    default:
      return false;
  }
}
