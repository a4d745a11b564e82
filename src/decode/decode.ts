/**
 * Decoding: the loop over the headers of one frame. Stage: between ingest and defragmentation, in the dispatcher's
 * thread. Zero copy; nothing is allocated and nothing throws, whatever the bytes.
 *
 * Each decoder reads one header at `frame.at`, moves `at` behind it and says what comes next (protocol.ts), or returns
 * a fault's code negated. It knows no other decoder; what a fault means for the frame is decided here alone.
 *
 * The mirror header is taken off: the layers before it leave the table, and `frame.start` is behind it. It is the VXLAN
 * or GENEVE that a socket delivered or that the *first* IP layer of a captured frame carries (UDP 4789, 6081), together
 * with a VXLAN that the first IP layer within that GENEVE carries, as a Gateway Load Balancer delivers it. The VNI is
 * the VXLAN's where there is one. All further tunnels are layers to inspect. A header that cannot be decoded makes a
 * frame from a socket unusable; in a capture, and in inner layers, the UDP packet that carries it stays as it is. So it
 * does where what follows the header is no frame: any datagram to the port of VXLAN may have that bit set.
 */
import { hashEndpoint, hashIpv4, hashIpv6, hashPair } from '../util/hash.js';
import { decodeAuthentication } from './authentication.js';
import { decodeIpOverInfiniband, decodeNflog, decodePktap, decodePpi, decodeRadiotap } from './capture-headers.js';
import { decodeErspan, decodeErspan3 } from './erspan.js';
import { decodeEsp } from './esp.js';
import { decodeEtherIp } from './etherip.js';
import { decodeEthernet } from './ethernet.js';
import { FAULT } from './fault.js';
import { decodeGeneve } from './geneve.js';
import { decodeGre } from './gre.js';
import { decodeHdlc } from './hdlc.js';
import { decodeIcmp, decodeIcmpv6 } from './icmp.js';
import { decodeIpv4 } from './ipv4.js';
import { decodeIpv6 } from './ipv6.js';
import { noteFault, openLayer, type DecodeCounts } from './layer.js';
import { decodeLinkTag } from './link-tags.js';
import { protocolOfLinkType } from './link-type.js';
import { decodeLinuxCooked, decodeLinuxCooked2 } from './linux-cooked.js';
import { decodeLlc } from './llc.js';
import { decodeLoopback, decodeRawIp } from './loopback.js';
import { decodeMpls } from './mpls.js';
import { decodeNsh } from './nsh.js';
import { LAYER, LAYER_FLAG, LAYER_WORDS, LINK_TYPE, type DecodedFrame } from './packet.js';
import { decodePpp } from './ppp.js';
import { decodePppoe } from './pppoe.js';
import { PROTOCOL } from './protocol.js';
import { decodeSctp } from './sctp.js';
import { decodeTcp } from './tcp.js';
import { decodeTeredo } from './teredo.js';
import { decodeUdp } from './udp.js';
import { decodeVlan } from './vlan.js';
import { decodeVxlan, decodeVxlanGpe, tunnelVni } from './vxlan.js';
import { decodeWifi } from './wifi.js';

export { DecodeCounts } from './layer.js';

/** Headers followed in one frame, of whatever kind; beyond it lies the fault `nesting_limit`. */
const MAX_HEADERS = 64;

/** Which mirror header may still come off. */
const MIRROR = { none: 0, vxlan: 1, any: 2 } as const;

/** Decodes `length` bytes at `offset` as a frame of `linkType` (a `LINK_TYPE`), overwriting all of `frame`. */
export function decodeFrame(
  bytes: Uint8Array,
  offset: number,
  length: number,
  linkType: number,
  frame: DecodedFrame,
  counts: DecodeCounts,
): void {
  frame.vni = -1;
  frame.tunnelDepth = 0;
  frame.mirrorIpVersion = 0;
  frame.mirrorSrcPort = 0;
  frame.mirrorDstPort = 0;
  frame.linkType = linkType;
  reset(frame, offset, length, MIRROR.any);
  decodeHeaders(bytes, protocolOfLinkType(linkType), frame, counts);
}

/**
 * Decodes a reassembled datagram, from its IP header on. `fragment` is the last fragment's frame, and may be `frame`
 * itself: VNI, tunnel depth, mirror ports and VLAN tags are its. A mirror header is looked for only where the fragment
 * may have carried one. `frame.mirrorIpOffset` is -1 unless one was found: an earlier one is in the fragment's bytes,
 * not here.
 */
export function decodeIp(
  bytes: Uint8Array,
  offset: number,
  length: number,
  frame: DecodedFrame,
  counts: DecodeCounts,
  fragment: DecodedFrame,
): void {
  const mirror = fragment.fragmentLayer === 0 ? fragment.mirrorAllowed : MIRROR.none;
  frame.vni = fragment.vni;
  frame.tunnelDepth = fragment.tunnelDepth;
  frame.mirrorIpVersion = fragment.mirrorIpVersion;
  frame.mirrorSrcPort = fragment.mirrorSrcPort;
  frame.mirrorDstPort = fragment.mirrorDstPort;
  const depth = frame.tunnelDepth;
  const row = fragment.fragmentLayer * LAYER_WORDS;
  const vlans = fragment.layers[row + LAYER.vlans];
  const thirdVlan = fragment.layers[row + LAYER.thirdVlan];
  frame.linkType = LINK_TYPE.raw;
  reset(frame, offset, length, mirror);
  frame.vlans = vlans;
  frame.thirdVlan = thirdVlan;
  decodeHeaders(bytes, PROTOCOL.rawIp, frame, counts);
  if (frame.layerCount > 0 && frame.tunnelDepth === depth) frame.layers[LAYER.flags] |= LAYER_FLAG.reassembled;
}

function reset(frame: DecodedFrame, offset: number, length: number, mirrorAllowed: number): void {
  frame.layerCount = 0;
  frame.start = offset;
  frame.length = length;
  frame.mirrorIpOffset = -1;
  frame.fault = 0;
  frame.linkFaults = 0;
  frame.vlans = 0;
  frame.thirdVlan = 0;
  frame.unusable = false;
  frame.fragmentLayer = -1;
  frame.truncated = false;
  frame.at = offset;
  frame.end = offset + length;
  frame.claimedEnd = frame.end;
  frame.mirrorAllowed = mirrorAllowed;
}

/** The loop. Afterwards the frame has a layer, or it is unusable and has a fault. */
function decodeHeaders(bytes: Uint8Array, first: number, frame: DecodedFrame, counts: DecodeCounts): void {
  let next = first;
  carrier.isThere = false;
  for (let headers = 0; next > PROTOCOL.other; headers++) {
    const at = frame.at;
    const current = headers === MAX_HEADERS ? PROTOCOL.end : next;
    next = decodeHeader(bytes, current, frame, counts);
    if (next > 0 && frame.layerCount <= 1 && isMirror(current, frame.mirrorAllowed)) {
      keepCarrier(frame);
      takeOffMirror(frame, tunnelVni(bytes, at));
      frame.linkType = next === PROTOCOL.ethernet ? LINK_TYPE.ethernet : LINK_TYPE.raw;
      frame.mirrorAllowed = current === PROTOCOL.geneve ? MIRROR.vxlan : MIRROR.none;
    }
  }
  if (next < 0) {
    noteFault(frame, counts, -next);
    if (frame.layerCount === 0) frame.fault = -next;
  }
  if (carrier.isThere && frame.layerCount === 0 && frame.linkFaults !== 0) putCarrierBack(frame);
  else if (next === PROTOCOL.other && frame.layerCount === 0) addNonIpLayer(frame);
  frame.unusable = frame.layerCount === 0;
  if (frame.truncated) counts.truncatedFrames++;
  for (let index = 0; index < frame.layerCount; index++) hashLayer(bytes, frame.layers, index * LAYER_WORDS);
}

function isMirror(protocol: number, allowed: number): boolean {
  return (
    (protocol === PROTOCOL.vxlan && allowed !== MIRROR.none) || (protocol === PROTOCOL.geneve && allowed === MIRROR.any)
  );
}

function decodeHeader(bytes: Uint8Array, protocol: number, frame: DecodedFrame, counts: DecodeCounts): number {
  switch (protocol) {
    case PROTOCOL.ethernet:
      return decodeEthernet(bytes, frame, counts);
    case PROTOCOL.ipv4:
      return decodeIpv4(bytes, frame, counts);
    case PROTOCOL.tcp:
      return decodeTcp(bytes, frame, counts);
    case PROTOCOL.udp:
      return decodeUdp(bytes, frame);
    case PROTOCOL.vxlan:
      return decodeVxlan(bytes, frame, counts);
    case PROTOCOL.ipv6:
      return decodeIpv6(bytes, frame, counts);
    default:
      return decodeOther(bytes, protocol, frame, counts);
  }
}

/**
 * PERF: apart from the headers that nearly all packets have, so that those stay inlined in the loop (bench: decode).
 */
function decodeOther(bytes: Uint8Array, protocol: number, frame: DecodedFrame, counts: DecodeCounts): number {
  switch (protocol) {
    case PROTOCOL.icmp:
      return decodeIcmp(bytes, frame, counts);
    case PROTOCOL.icmpv6:
      return decodeIcmpv6(bytes, frame, counts);
    case PROTOCOL.vlan:
      return decodeVlan(bytes, frame, counts);
    case PROTOCOL.mpls:
      return decodeMpls(bytes, frame, counts);
    case PROTOCOL.pppoe:
      return decodePppoe(bytes, frame);
    case PROTOCOL.ppp:
      return decodePpp(bytes, frame, counts);
    case PROTOCOL.hdlc:
      return decodeHdlc(bytes, frame, counts);
    case PROTOCOL.linuxCooked:
      return decodeLinuxCooked(bytes, frame, counts);
    case PROTOCOL.linuxCooked2:
      return decodeLinuxCooked2(bytes, frame, counts);
    case PROTOCOL.loopback:
      return decodeLoopback(bytes, frame, counts);
    case PROTOCOL.rawIp:
      return decodeRawIp(bytes, frame);
    case PROTOCOL.sctp:
      return decodeSctp(bytes, frame);
    case PROTOCOL.gre:
      return decodeGre(bytes, frame, counts);
    case PROTOCOL.erspan:
      return decodeErspan(bytes, frame);
    case PROTOCOL.geneve:
      return decodeGeneve(bytes, frame);
    case PROTOCOL.esp:
      return decodeEsp(frame);
    case PROTOCOL.vnTag:
    case PROTOCOL.eTag:
    case PROTOCOL.backbone:
    case PROTOCOL.fabricPath:
      return decodeLinkTag(bytes, frame, protocol, counts);
    case PROTOCOL.llc:
      return decodeLlc(bytes, frame, counts);
    case PROTOCOL.nsh:
      return decodeNsh(bytes, frame, counts);
    case PROTOCOL.authentication:
      return decodeAuthentication(bytes, frame, counts);
    case PROTOCOL.etherIp:
      return decodeEtherIp(bytes, frame);
    case PROTOCOL.erspan3:
      return decodeErspan3(bytes, frame);
    case PROTOCOL.teredo:
      return decodeTeredo(bytes, frame);
    case PROTOCOL.vxlanGpe:
      return decodeVxlanGpe(bytes, frame, counts);
    default:
      return decodeCaptureHeader(bytes, protocol, frame, counts);
  }
}

/** Headers that only captures have. */
function decodeCaptureHeader(bytes: Uint8Array, protocol: number, frame: DecodedFrame, counts: DecodeCounts): number {
  switch (protocol) {
    case PROTOCOL.wifi:
    case PROTOCOL.wifiPadded:
      return decodeWifi(bytes, frame, counts, protocol === PROTOCOL.wifiPadded);
    case PROTOCOL.radiotap:
      return decodeRadiotap(bytes, frame);
    case PROTOCOL.ppi:
      return decodePpi(bytes, frame);
    case PROTOCOL.pktap:
      return decodePktap(bytes, frame);
    case PROTOCOL.nflog:
      return decodeNflog(bytes, frame, counts);
    case PROTOCOL.ipOverInfiniband:
      return decodeIpOverInfiniband(bytes, frame, counts);
    case PROTOCOL.unsupported:
      return -FAULT.unsupported_link_type;
    default:
      return -FAULT.nesting_limit;
  }
}

/** What changes of a frame where its mirror header is taken off. */
interface Outside {
  start: number;
  length: number;
  linkType: number;
  vni: number;
  tunnelDepth: number;
  mirrorIpOffset: number;
  mirrorIpVersion: number;
  mirrorSrcPort: number;
  mirrorDstPort: number;
}

/** What a frame was before its mirror header was taken off: one IP layer, which is still in the first row. */
const carrier: Outside & { isThere: boolean } = {
  isThere: false,
  start: 0,
  length: 0,
  linkType: 0,
  vni: 0,
  tunnelDepth: 0,
  mirrorIpOffset: 0,
  mirrorIpVersion: 0,
  mirrorSrcPort: 0,
  mirrorDstPort: 0,
};

function copyOutside(from: Readonly<Outside>, to: Outside): void {
  to.start = from.start;
  to.length = from.length;
  to.linkType = from.linkType;
  to.vni = from.vni;
  to.tunnelDepth = from.tunnelDepth;
  to.mirrorIpOffset = from.mirrorIpOffset;
  to.mirrorIpVersion = from.mirrorIpVersion;
  to.mirrorSrcPort = from.mirrorSrcPort;
  to.mirrorDstPort = from.mirrorDstPort;
}

/** Of packets that the mirror has cut, what is left of the inside is no frame, either. */
function keepCarrier(frame: DecodedFrame): void {
  carrier.isThere = frame.layerCount === 1 && !frame.truncated;
  if (carrier.isThere) copyOutside(frame, carrier);
}

/** What was taken for a mirror header was none: the packet is a datagram with its payload. */
function putCarrierBack(frame: DecodedFrame): void {
  copyOutside(carrier, frame);
  frame.layerCount = 1;
  frame.mirrorAllowed = MIRROR.none;
  frame.fault = 0;
  frame.linkFaults = 0;
  frame.vlans = 0;
  frame.thirdVlan = 0;
}

/** Makes what follows the mirror header at hand (`frame.at` is behind it) the inspected frame. */
function takeOffMirror(frame: DecodedFrame, vni: number): void {
  if (frame.layerCount === 1) {
    frame.mirrorIpOffset = frame.layers[LAYER.ipOffset];
    frame.mirrorIpVersion = frame.layers[LAYER.ipVersion];
    frame.mirrorSrcPort = frame.layers[LAYER.srcPort];
    frame.mirrorDstPort = frame.layers[LAYER.dstPort];
  }
  frame.vni = vni;
  frame.tunnelDepth++;
  frame.layerCount = 0;
  frame.fault = 0;
  frame.linkFaults = 0;
  frame.start = frame.at;
  frame.length = frame.end - frame.at;
}

/** The one layer of a frame without IP: what lies behind the link headers is its payload. */
function addNonIpLayer(frame: DecodedFrame): void {
  openLayer(frame, 0, 0, -1, frame.claimedEnd);
}

/**
 * Symmetric hashes of addresses, and of addresses, ports (0 where there are none) and protocol: of the layer, or of
 * what it quotes.
 */
function hashLayer(bytes: Uint8Array, layers: Int32Array, row: number): void {
  const version = layers[row + LAYER.ipVersion];
  if (version === 0) return;
  const quoted = layers[row + LAYER.quotedProtocol];
  const at = layers[row + (quoted === 0 ? LAYER.ipOffset : LAYER.payloadOffset)];
  const ports = layers[row + LAYER.quotedPorts];
  const srcPort = quoted === 0 ? layers[row + LAYER.srcPort] : ports >>> 16;
  const dstPort = quoted === 0 ? layers[row + LAYER.dstPort] : ports & 0xffff;
  const src = version === 4 ? hashIpv4(bytes, at + 12) : hashIpv6(bytes, at + 8);
  const dst = version === 4 ? hashIpv4(bytes, at + 16) : hashIpv6(bytes, at + 24);
  layers[row + LAYER.addressHash] = hashPair(src, dst, 0);
  const protocol = quoted === 0 ? layers[row + LAYER.protocol] : quoted;
  layers[row + LAYER.flowHash] = hashPair(hashEndpoint(src, srcPort), hashEndpoint(dst, dstPort), protocol);
}
