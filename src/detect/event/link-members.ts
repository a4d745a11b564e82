/**
 * What an event says of the link that its packet came over: VLAN tags and, where that is asked for, MAC addresses, as
 * Suricata has them. Stage: detect; events alone, so this allocates. Each ends with a comma, or is ''.
 */
import { LINK_TYPE, type Packet } from '../../decode/packet.js';

const MAC_BYTES = 6;

/** Ids of the VLAN tags in front of the layer, the outermost first. */
export function vlanMember(packet: Packet): string {
  const ids = Array.from({ length: packet.vlanLayers }, (_, index) => packet.vlanId(index));
  return `"vlan":[${ids.join(',')}],`;
}

/** Of the mirrored frame; the packets within its tunnels have none of their own. */
export function etherMember(packet: Packet): string {
  const { linkType, layerIndex, frameLength, bytes, frameOffset } = packet;
  if (linkType !== LINK_TYPE.ethernet || layerIndex > 0 || frameLength < 2 * MAC_BYTES) return '';
  const source = macText(bytes, frameOffset + MAC_BYTES);
  return `"ether":{"src_mac":"${source}","dest_mac":"${macText(bytes, frameOffset)}"},`;
}

function macText(bytes: Uint8Array, at: number): string {
  return Array.from(bytes.subarray(at, at + MAC_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
