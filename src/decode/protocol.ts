/**
 * What comes next: the small numbers that decoders return to the loop, and the maps from wire numbers to them.
 *
 * A decoder returns a `PROTOCOL`, or a fault's code negated. This is all that decoders know of each other.
 */

export const PROTOCOL = {
  /** Nothing more to decode: the rest is the payload of the layer found last. */
  end: 0,
  /** Something that is not IP: a frame without an IP layer, or the payload of a tunnel. */
  other: 1,
  ethernet: 2,
  vlan: 3,
  mpls: 4,
  pppoe: 5,
  ppp: 6,
  hdlc: 7,
  linuxCooked: 8,
  linuxCooked2: 9,
  loopback: 10,
  rawIp: 11,
  ipv4: 12,
  ipv6: 13,
  tcp: 14,
  udp: 15,
  sctp: 16,
  icmp: 17,
  icmpv6: 18,
  gre: 19,
  erspan: 20,
  vxlan: 21,
  geneve: 22,
  esp: 23,
  vnTag: 24,
  eTag: 25,
  backbone: 26,
  fabricPath: 27,
  llc: 28,
  nsh: 29,
  /** Authentication header in IPv4. */
  authentication: 30,
  etherIp: 31,
  erspan3: 32,
  teredo: 33,
  vxlanGpe: 34,
  wifi: 35,
  /** 802.11 with its header padded to a multiple of 4 bytes. */
  wifiPadded: 36,
  radiotap: 37,
  ppi: 38,
  pktap: 39,
  nflog: 40,
  ipOverInfiniband: 41,
  /** A link type that is not decoded. */
  unsupported: 42,
} as const;

/** IPv6 extension headers that can be stepped over, by IP protocol number. */
export const EXTENSION = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  destination: 60,
  mobility: 135,
  hip: 139,
  shim6: 140,
} as const;

/** The least EtherType: numbers below are lengths of LLC frames. */
export const FIRST_ETHER_TYPE = 0x600;

/** What an EtherType announces; LLC lengths and unknown types are `other`. */
export function protocolOfEtherType(type: number): number {
  switch (type) {
    case 0x0800:
      return PROTOCOL.ipv4;
    case 0x86dd:
      return PROTOCOL.ipv6;
    case 0x8100:
    case 0x88a8:
    case 0x9100:
      return PROTOCOL.vlan;
    case 0x8847:
    case 0x8848:
      return PROTOCOL.mpls;
    case 0x8864:
      return PROTOCOL.pppoe;
    case 0x6558:
      return PROTOCOL.ethernet;
    case 0x8926:
      return PROTOCOL.vnTag;
    case 0x893f:
      return PROTOCOL.eTag;
    case 0x88e7:
      return PROTOCOL.backbone;
    case 0x8903:
      return PROTOCOL.fabricPath;
    case 0x894f:
      return PROTOCOL.nsh;
    default:
      return PROTOCOL.other;
  }
}

/** Whether an EtherType that announces `other` is known for that: ARP, PPPoE discovery. */
export function isKnownOther(type: number): boolean {
  return type === 0x0806 || type === 0x8863;
}

/** What a number of the registry that NSH and VXLAN-GPE share announces. */
export function nextOfGpe(number: number): number {
  switch (number) {
    case 1:
      return PROTOCOL.ipv4;
    case 2:
      return PROTOCOL.ipv6;
    case 3:
      return PROTOCOL.ethernet;
    case 4:
      return PROTOCOL.nsh;
    case 5:
      return PROTOCOL.mpls;
    default:
      return PROTOCOL.other;
  }
}

/** What an IP protocol number announces; those without a decoder end the packet. */
export function protocolOfIp(protocol: number): number {
  switch (protocol) {
    case 6:
      return PROTOCOL.tcp;
    case 17:
      return PROTOCOL.udp;
    case 1:
      return PROTOCOL.icmp;
    case 58:
      return PROTOCOL.icmpv6;
    case 132:
      return PROTOCOL.sctp;
    case 47:
      return PROTOCOL.gre;
    case 50:
      return PROTOCOL.esp;
    case 4:
      return PROTOCOL.ipv4;
    case 41:
      return PROTOCOL.ipv6;
    case EXTENSION.authentication:
      return PROTOCOL.authentication;
    case 97:
      return PROTOCOL.etherIp;
    case 137:
      return PROTOCOL.mpls;
    // Ethernet by itself (RFC 8986).
    case 143:
      return PROTOCOL.ethernet;
    default:
      return PROTOCOL.end;
  }
}

/** The big-endian 16-bit number at `at`; the caller has checked the length. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}
