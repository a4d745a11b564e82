/**
 * Tags between EtherTypes that say nothing about the packet they stand before: VN-tag (802.1Qbh), E-tag (802.1BR),
 * backbone tag (802.1ah) and FabricPath. No allocation.
 *
 *     VN-tag     tag(4)   type(2)
 *     E-tag      tag(6)   type(2)
 *     backbone   tag(4)   addresses(12)   type(2)
 *     FabricPath tag(2)   Ethernet frame
 */
import { nextOfEtherType } from './ethernet.js';
import { FAULT } from './fault.js';
import { shortHeader, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

const VN_TAG_LENGTH = 6;
const E_TAG_LENGTH = 8;
const BACKBONE_LENGTH = 18;
const FABRIC_PATH_LENGTH = 2;
const ETHERNET_LENGTH = 14;

/** Decodes the tag at `frame.at`; `protocol` says which. */
export function decodeLinkTag(bytes: Uint8Array, frame: DecodedFrame, protocol: number, counts: DecodeCounts): number {
  switch (protocol) {
    case PROTOCOL.vnTag:
      return decodeTag(bytes, frame, counts, VN_TAG_LENGTH, FAULT.vntag_truncated_header, FAULT.vntag_unknown_type);
    case PROTOCOL.eTag:
      return decodeTag(bytes, frame, counts, E_TAG_LENGTH, FAULT.etag_truncated_header, FAULT.etag_unknown_type);
    case PROTOCOL.backbone:
      return decodeTag(
        bytes,
        frame,
        counts,
        BACKBONE_LENGTH,
        FAULT.backbone_truncated_header,
        FAULT.ethernet_unknown_type,
      );
    default:
      if (frame.at + FABRIC_PATH_LENGTH + ETHERNET_LENGTH > frame.end)
        return shortHeader(frame, FABRIC_PATH_LENGTH + ETHERNET_LENGTH, FAULT.fabric_path_truncated_header);
      frame.at += FABRIC_PATH_LENGTH;
      return PROTOCOL.ethernet;
  }
}

/** A tag of `length` bytes, an EtherType at their end. */
function decodeTag(
  bytes: Uint8Array,
  frame: DecodedFrame,
  counts: DecodeCounts,
  length: number,
  short: number,
  unknown: number,
): number {
  if (frame.at + length > frame.end) return shortHeader(frame, length, short);
  frame.at += length;
  return nextOfEtherType(frame, counts, u16(bytes, frame.at - 2), unknown);
}
