/** What the frames of a capture begin with, by link type. Link types that are not here are not decoded. */
import { LINK_TYPE } from './packet.js';
import { PROTOCOL } from './protocol.js';

/** The first header of a frame of `linkType` (a `LINK_TYPE`). */
export function protocolOfLinkType(linkType: number): number {
  switch (linkType) {
    case LINK_TYPE.vxlan:
      return PROTOCOL.vxlan;
    case LINK_TYPE.geneve:
      return PROTOCOL.geneve;
    case LINK_TYPE.ethernet:
      return PROTOCOL.ethernet;
    case LINK_TYPE.raw:
    case LINK_TYPE.rawBsd:
      return PROTOCOL.rawIp;
    case LINK_TYPE.ipv4:
      return PROTOCOL.ipv4;
    case LINK_TYPE.ipv6:
      return PROTOCOL.ipv6;
    case LINK_TYPE.null:
    case LINK_TYPE.loop:
      return PROTOCOL.loopback;
    case LINK_TYPE.ppp:
    case LINK_TYPE.pppHdlc:
      return PROTOCOL.ppp;
    case LINK_TYPE.pppoe:
      return PROTOCOL.pppoe;
    case LINK_TYPE.ciscoHdlc:
      return PROTOCOL.hdlc;
    case LINK_TYPE.linuxCooked:
      return PROTOCOL.linuxCooked;
    case LINK_TYPE.linuxCooked2:
      return PROTOCOL.linuxCooked2;
    case LINK_TYPE.wifi:
      return PROTOCOL.wifi;
    case LINK_TYPE.radiotap:
      return PROTOCOL.radiotap;
    case LINK_TYPE.ppi:
      return PROTOCOL.ppi;
    case LINK_TYPE.pktap:
      return PROTOCOL.pktap;
    case LINK_TYPE.nflog:
      return PROTOCOL.nflog;
    case LINK_TYPE.ipOverInfiniband:
      return PROTOCOL.ipOverInfiniband;
    case LINK_TYPE.mpls:
      return PROTOCOL.mpls;
    default:
      return PROTOCOL.unsupported;
  }
}

/** Whether frames of a link type are decoded. */
export const isDecodedLinkType = (linkType: number): boolean => protocolOfLinkType(linkType) !== PROTOCOL.unsupported;
