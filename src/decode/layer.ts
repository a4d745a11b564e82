/**
 * Writing the table of layers: opened by the IP decoders, completed by the transport decoders. Nothing is allocated.
 *
 * Invariant: every range in a row lies between `frame.start` and the end of what is present. An IP decoder opens a row
 * with everything behind its header as payload; a transport decoder moves the payload behind its own header.
 */
import { FAULT, FAULT_IS_MALFORMED } from './fault.js';
import { LAYER, LAYER_FLAG, LAYER_WORDS, MAX_LAYERS, type DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

/** The largest datagram (RFC 791). */
const MAX_DATAGRAM = 65535;
const IPV6_FRAGMENT_HEADERS = 48;

/** Counts of one decoding thread; they only rise. */
export class DecodeCounts {
  /** How often each fault was met, by code; several can be in one frame. */
  readonly faults: Float64Array;
  /** Frames with fewer bytes than their IP headers claim. */
  truncatedFrames = 0;
  /** VXLAN headers with a reserved bit set, accepted all the same (RFC 7348). */
  vxlanReservedBits = 0;

  constructor() {
    this.faults = new Float64Array(FAULT_IS_MALFORMED.length);
  }
}

/** Word offset of the last layer's row; only valid when there is one. */
export function currentRow(frame: DecodedFrame): number {
  return (frame.layerCount - 1) * LAYER_WORDS;
}

/**
 * Opens the next row for an IP header at `frame.at`, moves `at` behind the header and narrows `end` and `claimedEnd` to
 * the IP packet. The layer before becomes a tunnel. False when the table is full. The caller has checked that the
 * header is present; `claimedEnd` may lie behind the end of what is present, never before the header's end.
 */
export function openLayer(
  frame: DecodedFrame,
  ipVersion: number,
  headerLength: number,
  protocol: number,
  claimedEnd: number,
): boolean {
  if (frame.layerCount === MAX_LAYERS) return false;
  const layers = frame.layers;
  if (frame.layerCount > 0) layers[currentRow(frame) + LAYER.flags] |= LAYER_FLAG.tunnel;
  const row = frame.layerCount++ * LAYER_WORDS;
  if (claimedEnd > frame.end) frame.truncated = true;
  layers[row + LAYER.flags] = claimedEnd > frame.end ? LAYER_FLAG.truncated : 0;
  if (claimedEnd < frame.end) frame.end = claimedEnd;
  frame.claimedEnd = claimedEnd;
  layers[row + LAYER.ipVersion] = ipVersion;
  layers[row + LAYER.ipOffset] = frame.at;
  layers[row + LAYER.srcPort] = 0;
  layers[row + LAYER.dstPort] = 0;
  layers[row + LAYER.faults] = frame.linkFaults;
  layers[row + LAYER.vlans] = frame.vlans;
  layers[row + LAYER.thirdVlan] = frame.thirdVlan;
  frame.linkFaults = 0;
  frame.vlans = 0;
  frame.thirdVlan = 0;
  layers[row + LAYER.flowHash] = 0;
  layers[row + LAYER.addressHash] = 0;
  layers[row + LAYER.fragmentHeaderOffset] = 0;
  layers[row + LAYER.quotedProtocol] = 0;
  layers[row + LAYER.quotedPorts] = 0;
  setIpHeader(frame, row, headerLength, protocol);
  return true;
}

/** Gives a frame without a layer one that has its faults, and nothing else to look at. */
export function openUnusable(frame: DecodedFrame): void {
  frame.at = frame.end;
  openLayer(frame, 0, 0, -1, frame.end);
}

/** Sets the IP header's length (from its `ipOffset`) and protocol, and makes all behind it the payload. */
export function setIpHeader(frame: DecodedFrame, row: number, headerLength: number, protocol: number): void {
  const layers = frame.layers;
  frame.at = layers[row + LAYER.ipOffset] + headerLength;
  layers[row + LAYER.ipHeaderLength] = headerLength;
  layers[row + LAYER.protocol] = protocol;
  layers[row + LAYER.l4Offset] = frame.at;
  setPayload(frame, row, 0);
}

/** Moves `at` behind a transport header of `headerLength` bytes, all present, and makes the rest the payload. */
export function setPayload(frame: DecodedFrame, row: number, headerLength: number): void {
  const layers = frame.layers;
  const at = frame.at + headerLength;
  layers[row + LAYER.l4HeaderLength] = headerLength;
  layers[row + LAYER.payloadOffset] = at;
  layers[row + LAYER.payloadLength] = frame.end - at;
  layers[row + LAYER.claimedPayloadLength] = frame.claimedEnd - at;
  frame.at = at;
}

/** Takes the payload away from a layer: its transport header is cut or cannot be trusted. */
export function clearPayload(frame: DecodedFrame, row: number): void {
  frame.layers[row + LAYER.payloadOffset] = frame.end;
  frame.layers[row + LAYER.payloadLength] = 0;
  frame.layers[row + LAYER.claimedPayloadLength] = 0;
}

/**
 * Marks the last layer as a fragment of a datagram, from byte `offset` of its data on: decoding ends, with the
 * fragment's data as payload. What defragmentation will refuse it for is noted for rules; it is counted there.
 */
export function markFragment(frame: DecodedFrame, offset: number, more: boolean): number {
  const row = currentRow(frame);
  frame.fragmentLayer = frame.layerCount - 1;
  frame.layers[row + LAYER.flags] |= LAYER_FLAG.fragment;
  const length = frame.layers[row + LAYER.claimedPayloadLength];
  // A datagram's length has the IPv4 header in it, and of IPv6 the extension headers but the one of the fragment.
  const header =
    frame.layers[row + LAYER.ipHeaderLength] - (frame.layers[row + LAYER.ipVersion] === 6 ? IPV6_FRAGMENT_HEADERS : 0);
  if (header + offset + length > MAX_DATAGRAM) noteLayerFault(frame, row, FAULT.fragment_too_large);
  else if (more && (length % 8 !== 0 || length === 0)) noteLayerFault(frame, row, FAULT.fragment_bad_length);
  return PROTOCOL.end;
}

/**
 * The outcome for a transport header of `length` bytes at `frame.at` that is not present in full: without a fault when
 * the packet was cut by the mirror, else with `fault`.
 */
export function shortTransport(frame: DecodedFrame, row: number, length: number, fault: number): number {
  const claimed = frame.at + length <= frame.claimedEnd;
  clearPayload(frame, row);
  return claimed ? PROTOCOL.end : -fault;
}

/** The outcome for a tunnel or link header of `length` bytes that is not present in full, as in `shortTransport`. */
export function shortHeader(frame: DecodedFrame, length: number, fault: number): number {
  return frame.layerCount > 0 && frame.at + length <= frame.claimedEnd ? PROTOCOL.end : -fault;
}

/**
 * Counts a fault and notes it in its last layer, or where there is none yet in the next, and in the frame if it is its
 * first.
 */
export function noteFault(frame: DecodedFrame, counts: DecodeCounts, fault: number): void {
  counts.faults[fault]++;
  if (frame.fault === 0) frame.fault = fault;
  if (frame.layerCount > 0) noteLayerFault(frame, currentRow(frame), fault);
  else frame.linkFaults = withFault(frame.linkFaults, fault);
}

/** Notes a fault in the layer at `row`. */
export function noteLayerFault(frame: DecodedFrame, row: number, fault: number): void {
  const layers = frame.layers;
  layers[row + LAYER.faults] = withFault(layers[row + LAYER.faults], fault);
  if (FAULT_IS_MALFORMED[fault] === 1) layers[row + LAYER.flags] |= LAYER_FLAG.malformed;
}

/** Codes of faults with one more behind them, each once; as they were when there are four. */
function withFault(faults: number, fault: number): number {
  let shift = 0;
  for (let rest = faults; rest !== 0; rest >>>= 8) {
    if ((rest & 0xff) === fault) return faults;
    shift += 8;
  }
  return shift === 32 ? faults : faults | (fault << shift);
}
