/**
 * Turns a captured frame of any link type into what a mirror session carries: VXLAN header, Ethernet frame.
 * Stage: `mirror` only. Allocates nothing per frame.
 *
 * Frames without an Ethernet header get one that is made up, with locally administered addresses.
 *
 *   VXLAN (RFC 7348)   0 flags, I = 0x08   1 reserved (3)   4 VNI (3)   7 reserved (1)
 */
import { LINK_TYPE } from '../decode/packet.js';

const VXLAN_BYTES = 8;
const ETHERNET_BYTES = 14;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;
const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;

export class MirrorFrame {
  /** What goes before the captured bytes: VXLAN, and Ethernet where the capture has none. */
  readonly header = new Uint8Array(VXLAN_BYTES + ETHERNET_BYTES);
  headerLength = 0;
  /** The captured bytes to send. */
  offset = 0;
  length = 0;
  /**
   * Of the Ethernet frame, with the range of its payload before it is cut: a cut does not move a flow to another port.
   */
  etherType = 0;
  payloadOffset = 0;
  payloadEnd = 0;

  constructor(vni: number) {
    if (!Number.isInteger(vni) || vni < 0 || vni > 0xffffff)
      throw new RangeError(`VNI ${vni} is not from 0 to 16777215`);
    this.header.set([0x08, 0, 0, 0, vni >>> 16, (vni >>> 8) & 0xff, vni & 0xff, 0]);
    this.header.set([0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01], VXLAN_BYTES);
  }

  /**
   * Takes a captured frame; false where it cannot be carried, as nothing tells what is in it. An Ethernet frame of any
   * length is carried as it is. `maxLength`: bytes to send behind the VXLAN header.
   */
  take(bytes: Uint8Array, offset: number, length: number, linkType: number, maxLength: number): boolean {
    if (linkType === LINK_TYPE.ethernet) return this.takeEthernet(bytes, offset, length, maxLength);
    const skip = linkHeaderBytes(linkType);
    if (skip < 0 || length <= skip) return false;
    this.etherType = payloadType(bytes, offset, linkType);
    if (this.etherType === 0) return false;
    this.header[VXLAN_BYTES + 12] = this.etherType >>> 8;
    this.header[VXLAN_BYTES + 13] = this.etherType & 0xff;
    this.headerLength = VXLAN_BYTES + Math.min(ETHERNET_BYTES, maxLength);
    this.offset = this.payloadOffset = offset + skip;
    this.payloadEnd = offset + length;
    this.length = Math.max(0, Math.min(length - skip, maxLength - ETHERNET_BYTES));
    return true;
  }

  private takeEthernet(bytes: Uint8Array, offset: number, length: number, maxLength: number): boolean {
    this.etherType = length < ETHERNET_BYTES ? 0 : read16(bytes, offset + 12);
    this.headerLength = VXLAN_BYTES;
    this.offset = offset;
    this.length = Math.min(length, maxLength);
    this.payloadOffset = offset + ETHERNET_BYTES;
    this.payloadEnd = offset + length;
    return true;
  }

  /** Length of the datagram. */
  get datagramLength(): number {
    return this.headerLength + this.length;
  }
}

/** Bytes before the network layer, -1 for a link type that is not carried. */
function linkHeaderBytes(linkType: number): number {
  switch (linkType) {
    case LINK_TYPE.raw:
    case LINK_TYPE.rawBsd:
    case LINK_TYPE.ipv4:
    case LINK_TYPE.ipv6:
      return 0;
    case LINK_TYPE.null:
    case LINK_TYPE.loop:
    case LINK_TYPE.ppp:
    case LINK_TYPE.ciscoHdlc:
      return 4;
    case LINK_TYPE.linuxCooked:
      return 16;
    case LINK_TYPE.linuxCooked2:
      return 20;
    default:
      return -1;
  }
}

/**
 * The EtherType of what a frame without Ethernet header carries, 0 when it cannot be told. BOUNDS: its header is
 * present.
 */
function payloadType(bytes: Uint8Array, offset: number, linkType: number): number {
  switch (linkType) {
    case LINK_TYPE.linuxCooked:
      return read16(bytes, offset + 14);
    case LINK_TYPE.linuxCooked2:
      return read16(bytes, offset);
    case LINK_TYPE.ciscoHdlc:
      return read16(bytes, offset + 2);
    case LINK_TYPE.ppp:
      return pppType(read16(bytes, offset + 2));
    default:
      return versionType(bytes[offset + linkHeaderBytes(linkType)]);
  }
}

function pppType(protocol: number): number {
  return protocol === PPP_IPV4 ? ETHER_TYPE_IPV4 : protocol === PPP_IPV6 ? ETHER_TYPE_IPV6 : 0;
}

/** By the IP version: address families of BSD loopback differ between systems, and byte orders with the writer's. */
function versionType(firstByte: number): number {
  const version = firstByte >>> 4;
  return version === 4 ? ETHER_TYPE_IPV4 : version === 6 ? ETHER_TYPE_IPV6 : 0;
}

function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}
