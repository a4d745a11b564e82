/**
 * What decoding a frame yields, and the view of one IP layer that every later stage reads.
 *
 * Stage: between decode (which fills a `DecodedFrame`) and the shard (which reads `Packet`s out of a ring record).
 * Both share one representation, a table of 32-bit words per IP layer, so that a ring record is a copy and no shard
 * parses a header again. Neither class allocates after construction. Nothing here checks lengths: decode did.
 */
import { TunnelPorts } from './tunnel-ports.js';
import { DOUBLE_ZERO } from '../util/double-zero.js';

/** IP layers inspected in one frame; a deeper nest is cut there with the fault `nesting_limit`. */
export const MAX_LAYERS = 8;

/**
 * Word offsets in one layer's row of `DecodedFrame.layers`. Offsets in bytes are from the start of the frame's buffer.
 */
export const LAYER = {
  /** 4, 6, or 0 for a frame without an IP layer (ARP and the like). */
  ipVersion: 0,
  ipOffset: 1,
  /** IPv4 with options, IPv6 with all extension headers; 0 without an IP layer. */
  ipHeaderLength: 2,
  /** The IP protocol after all extension headers. */
  protocol: 3,
  l4Offset: 4,
  /** 0 when the protocol has no header known here, or for a fragment. */
  l4HeaderLength: 5,
  payloadOffset: 6,
  /** Payload bytes that are present: at most what the headers claim and what was captured. */
  payloadLength: 7,
  srcPort: 8,
  dstPort: 9,
  /** A set of `LAYER_FLAG`. */
  flags: 10,
  /**
   * Codes of the first four faults met in this layer, a tunnel header it carries or a link header before it: a byte
   * each, the first lowest (decode/fault.ts).
   */
  faults: 11,
  /** Symmetric hash of the 5-tuple of the layer's flow (of addresses and protocol where there are no ports). */
  flowHash: 12,
  /** Payload bytes that the headers claim; more than `payloadLength` when the frame was cut. */
  claimedPayloadLength: 13,
  /** Offset of the IPv6 fragment header, or 0. */
  fragmentHeaderOffset: 14,
  /** Symmetric hash of the addresses alone: what routes fragments and protocols without ports. */
  addressHash: 15,
  /** VLAN tags in front of the layer: how many (3 at most) << 24, second id << 12, outermost id; and the third id. */
  vlans: 16,
  thirdVlan: 17,
  /**
   * Of an ICMP error that tells of a flow: protocol and ports (source << 16, destination) of the packet that it quotes,
   * whose IP header its payload begins with; 0 of all else. Its hashes are those of that flow.
   */
  quotedProtocol: 18,
  quotedPorts: 19,
} as const;
export const LAYER_WORDS = 20;

export const LAYER_FLAG = {
  /** The capture or the mirror session cut the frame: fewer bytes are present than the headers claim. */
  truncated: 1,
  /** A fragment of an IP datagram: no transport header was read. */
  fragment: 2,
  /** Put together by defragmentation. */
  reassembled: 4,
  /** This layer carries another IP layer (the next row). */
  tunnel: 8,
  /** A header of this layer cannot be trusted, so there is no payload to inspect; `faults` say why. */
  malformed: 16,
  /** An ICMP error: it answers a packet, and begins no flow. */
  icmpError: 32,
  /** What it holds is encrypted, as its flow has shown: nobody looks into it. Set in the shard. */
  concealed: 64,
} as const;

/** IP protocol numbers (IANA) that the engine treats by name. */
export const IP_PROTOCOL = {
  icmp: 1,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  esp: 50,
  icmpv6: 58,
  sctp: 132,
} as const;

/** Link types of frames: the pcap LINKTYPE numbers, and two of our own for datagrams from a mirror socket. */
export const LINK_TYPE = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  rawBsd: 12,
  pppHdlc: 50,
  pppoe: 51,
  raw: 101,
  ciscoHdlc: 104,
  wifi: 105,
  loop: 108,
  linuxCooked: 113,
  radiotap: 127,
  ppi: 192,
  mpls: 219,
  ipv4: 228,
  ipv6: 229,
  nflog: 239,
  ipOverInfiniband: 242,
  pktap: 258,
  linuxCooked2: 276,
  /** A UDP payload received on the VXLAN port. */
  vxlan: 0x10000,
  /** A UDP payload received on the GENEVE port. */
  geneve: 0x10001,
} as const;

/** Result of decoding one frame; re-used for every frame. */
export class DecodedFrame {
  /** Which UDP ports carry tunnels. */
  readonly tunnelPorts: TunnelPorts;
  readonly layers = new Int32Array(MAX_LAYERS * LAYER_WORDS);
  layerCount = 0;
  /** Start of the inspected frame in the buffer: behind the mirror header where there is one. */
  start = 0;
  /** Bytes of the inspected frame that are present. */
  length = 0;
  /** LINK_TYPE of the inspected frame. */
  linkType: number = LINK_TYPE.ethernet;
  /** VNI of the mirror session, or -1. */
  vni = -1;
  /**
   * Nesting depth of tunnel headers taken off before the first inspected layer (0 none, 1 VXLAN, 2 VXLAN in GENEVE).
   */
  tunnelDepth = 0;
  /**
   * Offset of the IP header that carried the mirror header, or -1 (none, or it came from a socket); its version below.
   */
  mirrorIpOffset = -1;
  mirrorIpVersion = 0;
  mirrorSrcPort = 0;
  mirrorDstPort = 0;
  /** First fault in the frame, 0 for none; of one that is not usable, the fault that makes it so. */
  fault = 0;
  /** True where the fault leaves nothing to inspect: the frame is a counted drop. */
  unusable = false;
  /** Index of the layer that is an IP fragment, or -1. Decoding stops there. */
  fragmentLayer = -1;
  /** Some IP header, a mirror's included, claims more bytes than are present. */
  truncated = false;

  /** Working state of the decoders: the next byte, the end of what is present, the end that headers claim. */
  at = 0;
  end = 0;
  claimedEnd = 0;
  /** Which mirror header may still come off (decode.ts). */
  mirrorAllowed = 0;
  /** Of the next layer: faults of its link headers, and VLAN tags, as in its row. */
  linkFaults = 0;
  vlans = 0;
  thirdVlan = 0;

  constructor(tunnelPorts: TunnelPorts = new TunnelPorts()) {
    this.tunnelPorts = tunnelPorts;
  }
}

/** One IP layer of one received frame. Re-used; all offsets are absolute in `bytes`. */
export class Packet {
  bytes: Uint8Array = new Uint8Array(0);
  /** Start and present length of the inspected frame; `wireLength` is what was on the wire. */
  frameOffset = 0;
  frameLength = 0;
  wireLength = 0;
  /** LINK_TYPE of the inspected frame. */
  linkType: number = LINK_TYPE.ethernet;
  /** Position of the layer in the dispatch order of this run, the frame's and within it; rises, starts at 0. */
  seq = 0;
  /** Capture time, microseconds since 1970. */
  timeUs = 0;
  /** Index of the capture file in `read`, 0 in `run`. */
  capture = 0;
  /** Number of the frame in its capture, from 1; of a reassembled datagram the last fragment's. 0 for live traffic. */
  captureNumber = DOUBLE_ZERO;
  /** Where the packet stands for a flow, that of the latest packet of the other direction; else 0. */
  otherNumber = DOUBLE_ZERO;
  vni = -1;
  /**
   * Tunnel endpoints of the mirror header: offset in `bytes` of srcIp(16) dstIp(16), or -1; ports and version beside
   * it.
   */
  tunnelOffset = -1;
  tunnelIpVersion = 0;
  tunnelSrcPort = 0;
  tunnelDstPort = 0;
  tunnelDepth = 0;
  /**
   * Received frames that this record stands for: 1; the number of fragments of a reassembled datagram; 0 for a visit
   * that is not counted.
   */
  weight = 1;

  layerIndex = 0;
  layerCount = 0;
  ipVersion = 0;
  ipOffset = 0;
  ipHeaderLength = 0;
  protocol = 0;
  l4Offset = 0;
  l4HeaderLength = 0;
  payloadOffset = 0;
  payloadLength = 0;
  claimedPayloadLength = 0;
  srcPort = 0;
  dstPort = 0;
  flags = 0;
  faults = 0;
  flowHash = 0;
  fragmentHeaderOffset = 0;
  vlans = 0;
  thirdVlan = 0;
  quotedProtocol = 0;
  quotedPorts = 0;
  /**
   * Events of the TCP connection at this segment, as bits by number (stream/tcp-event.ts); loading a layer clears them.
   */
  events = 0;
  moreEvents = 0;
  /** Source and destination have changed places (`reverse`); loading a layer puts them back. */
  private reversed = false;

  /** Takes layer `index` from a table of layer rows at word `base`; `shift` is added to every byte offset. */
  loadLayer(words: Int32Array, base: number, index: number, layerCount: number, shift: number): void {
    const row = base + index * LAYER_WORDS;
    this.layerIndex = index;
    this.layerCount = layerCount;
    this.ipVersion = words[row + LAYER.ipVersion];
    this.ipOffset = words[row + LAYER.ipOffset] + shift;
    this.ipHeaderLength = words[row + LAYER.ipHeaderLength];
    this.protocol = words[row + LAYER.protocol];
    this.l4Offset = words[row + LAYER.l4Offset] + shift;
    this.l4HeaderLength = words[row + LAYER.l4HeaderLength];
    this.payloadOffset = words[row + LAYER.payloadOffset] + shift;
    this.payloadLength = words[row + LAYER.payloadLength];
    this.claimedPayloadLength = words[row + LAYER.claimedPayloadLength];
    this.srcPort = words[row + LAYER.srcPort];
    this.dstPort = words[row + LAYER.dstPort];
    this.flags = words[row + LAYER.flags];
    this.faults = words[row + LAYER.faults];
    this.flowHash = words[row + LAYER.flowHash];
    const fragmentHeader = words[row + LAYER.fragmentHeaderOffset];
    this.fragmentHeaderOffset = fragmentHeader === 0 ? 0 : fragmentHeader + shift;
    this.vlans = words[row + LAYER.vlans];
    this.thirdVlan = words[row + LAYER.thirdVlan];
    this.quotedProtocol = words[row + LAYER.quotedProtocol];
    this.quotedPorts = words[row + LAYER.quotedPorts];
    this.events = 0;
    this.moreEvents = 0;
    this.reversed = false;
  }

  /**
   * Lets source and destination change places: the packet is then as the other side would have sent it, which is what
   * rules are to see where this one acknowledges, and so makes known, what the other side has sent. Twice is not at
   * all.
   */
  reverse(): void {
    this.reversed = !this.reversed;
    const port = this.srcPort;
    this.srcPort = this.dstPort;
    this.dstPort = port;
    if (this.otherNumber === 0) return;
    const number = this.captureNumber;
    this.captureNumber = this.otherNumber;
    this.otherNumber = number;
  }

  /** Takes a freshly decoded frame as it lies in `bytes`, for tests and tools that have no ring. */
  loadFrame(bytes: Uint8Array, frame: DecodedFrame, index: number): void {
    this.bytes = bytes;
    this.frameOffset = frame.start;
    this.frameLength = frame.length;
    this.wireLength = frame.length;
    this.linkType = frame.linkType;
    this.vni = frame.vni;
    this.tunnelOffset = -1;
    this.tunnelDepth = frame.tunnelDepth;
    this.loadLayer(frame.layers, 0, index, frame.layerCount, 0);
  }

  /** Offset of the source address (4 or 16 bytes, by `ipVersion`). */
  get srcIpOffset(): number {
    return this.reversed ? this.secondIpOffset : this.firstIpOffset;
  }

  /** VLAN tags in front of the layer, 3 at most. */
  get vlanLayers(): number {
    return this.vlans >>> 24;
  }

  /** It belongs to a flow, if to any, as an error about it, and is none of what the flow's sides have sent. */
  get isError(): boolean {
    return (this.flags & LAYER_FLAG.icmpError) !== 0;
  }

  /** Id of a VLAN tag, the outermost being 0; `index` is less than `vlanLayers`. */
  vlanId(index: number): number {
    if (index === 0) return this.vlans & 0xfff;
    return index === 1 ? (this.vlans >>> 12) & 0xfff : this.thirdVlan;
  }

  /** Offset of the destination address (4 or 16 bytes, by `ipVersion`). */
  get dstIpOffset(): number {
    return this.reversed ? this.firstIpOffset : this.secondIpOffset;
  }

  private get firstIpOffset(): number {
    return this.ipVersion === 4 ? this.ipOffset + 12 : this.ipOffset + 8;
  }

  private get secondIpOffset(): number {
    return this.ipVersion === 4 ? this.ipOffset + 16 : this.ipOffset + 24;
  }
}
