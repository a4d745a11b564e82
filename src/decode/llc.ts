/**
 * LLC (IEEE 802.2) and SNAP: what follows an Ethernet length, and what 802.11 carries. No allocation.
 *
 *     0    1    2       3    6      8
 *     +----+----+-------+----+------+----
 *     |DSAP|SSAP|control| OUI| type | payload      SNAP: aa aa 03
 *     +----+----+-------+----+------+----
 */
import { nextOfEtherType } from './ethernet.js';
import { FAULT } from './fault.js';
import { noteFault, shortHeader, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

const HEADER_LENGTH = 3;
const SNAP_LENGTH = 8;
const SAP_SNAP = 0xaa;
const SAP_IP = 0x06;
const UNNUMBERED_INFORMATION = 0x03;
/** OUIs behind which the type is an EtherType: RFC 1042, and the bridge tunnel of 802.1H. */
const OUI_RFC1042 = 0x000000;
const OUI_BRIDGE_TUNNEL = 0x0000f8;

/** Decodes the header at `frame.at`. Spanning tree, OSI, NetBIOS and IPX are not IP. */
export function decodeLlc(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  const at = frame.at;
  if (at + HEADER_LENGTH > frame.end) return shortHeader(frame, HEADER_LENGTH, FAULT.llc_truncated_header);
  const sap = bytes[at];
  if (sap === SAP_IP && bytes[at + 1] === SAP_IP && bytes[at + 2] === UNNUMBERED_INFORMATION) {
    frame.at = at + HEADER_LENGTH;
    return PROTOCOL.ipv4;
  }
  if (sap !== SAP_SNAP || bytes[at + 1] !== SAP_SNAP || bytes[at + 2] !== UNNUMBERED_INFORMATION)
    return notIp(frame, counts);
  if (at + SNAP_LENGTH > frame.end) return shortHeader(frame, SNAP_LENGTH, FAULT.llc_truncated_header);
  const oui = (bytes[at + 3] << 16) | u16(bytes, at + 4);
  if (oui !== OUI_RFC1042 && oui !== OUI_BRIDGE_TUNNEL) return notIp(frame, counts);
  frame.at = at + SNAP_LENGTH;
  const type = u16(bytes, at + 6);
  // What was SNAP once is not again a length.
  return type < 0x600 ? notIp(frame, counts) : nextOfEtherType(frame, counts, type, FAULT.llc_unknown_payload);
}

function notIp(frame: DecodedFrame, counts: DecodeCounts): number {
  noteFault(frame, counts, FAULT.llc_unknown_payload);
  return PROTOCOL.other;
}
