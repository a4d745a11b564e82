/**
 * What lies in the ring from one dispatcher to one shard: frames with their decoded layers, and marks. Stage: dispatch.
 *
 *   record   0 size | 1 kind | 2-3 seq | 4-5 timeUs | 6-7 receivedMs | 8 capture | 9 vni | 10 weight | 11 layers, set
 *   << 8
 *            12 frame length | 13 wire length | 14 mirror ip version, depth << 8 | 15 mirror ports, dst << 16
 *            16-19 mirror source ip | 20-23 mirror destination ip | 24 frame offset in the record, bytes | 25 link type
 *            26-27 number of the frame in its capture
 *            28 … layer rows (LAYER_WORDS each, offsets from the frame's start) … frame bytes … padding
 *
 * Offsets above are 32-bit words. The ring itself is ring/record-ring.ts. Nothing here allocates after construction.
 */
import { LAYER, LAYER_WORDS, MAX_LAYERS, type DecodedFrame, type Packet } from '../decode/packet.js';
import { NO_RECORD, RingConsumer, RingObserver, RingProducer, type RingPlace } from './record-ring.js';

export const RECORD = {
  seq: 2,
  timeUs: 4,
  receivedMs: 6,
  capture: 8,
  vni: 9,
  weight: 10,
  layers: 11,
  frameLength: 12,
  wireLength: 13,
  mirrorInfo: 14,
  mirrorPorts: 15,
  mirrorSrcIp: 16,
  mirrorDstIp: 20,
  frameOffset: 24,
  linkType: 25,
  captureNumber: 26,
} as const;
const HEADER_WORDS = 28;

/** `capture`: the next capture starts (fresh flows). `end`: the producer is done. */
export const RECORD_KIND = { packet: 1, tick: 2, capture: 3, end: 4 } as const;

const ALL_LAYERS = (1 << MAX_LAYERS) - 1;

/** The largest record: a frame of the largest size that capture files hold, with all its layers. */
const MAX_RECORD_BYTES = (HEADER_WORDS + MAX_LAYERS * LAYER_WORDS) * 4 + 262_144 + 64;
/** The least size of a ring, so that the largest record always fits once the ring is empty. */
export const MIN_RING_BYTES = 2 * MAX_RECORD_BYTES;

/** The outer addresses of a mirrored frame, as they go into a record. Re-used. */
export class MirrorAddresses {
  ipVersion = 0;
  srcPort = 0;
  dstPort = 0;
  /** 16 bytes each, IPv4 in the first four. */
  readonly src = new Uint8Array(16);
  readonly dst = new Uint8Array(16);
}

/** When a frame came, and from where: what a record says beside the frame itself. Re-used. */
export class FrameStamp {
  seq = 0;
  /** Since 1970. */
  timeUs = 0;
  /** Since 1970; 0 in captures. */
  receivedMs = 0;
  capture = 0;
  /** Of the frame, in its capture; 0 where it has none. */
  captureNumber = 0;
  readonly mirror = new MirrorAddresses();
}

export class FrameRingWriter extends RingProducer {
  private source: Uint8Array = new Uint8Array(0);
  private sourceWords: Int32Array = new Int32Array(0);

  /**
   * Writes one packet record, unpublished, for the layers in the set `inspected` (a bit each). `bytes.byteOffset` must
   * be a multiple of 4.
   * @returns false when the ring has no room: nothing was written.
   */
  writePacket(
    bytes: Uint8Array,
    frame: DecodedFrame,
    wireLength: number,
    weight: number,
    stamp: FrameStamp,
    inspected = ALL_LAYERS,
  ): boolean {
    const { words, doubles } = this;
    const { mirror } = stamp;
    const layers = frame.layerCount;
    const rows = HEADER_WORDS * 4 + layers * LAYER_WORDS * 4;
    // PERF: the frame gets the alignment that it has in its source, so that it is copied word by word (bench: ring).
    const frameOffset = rows + (frame.start & 3);
    const at = this.reserve(frameOffset + frame.length, RECORD_KIND.packet);
    if (at < 0) return false;
    const w = at >> 2;
    doubles[(w + RECORD.seq) >> 1] = stamp.seq;
    doubles[(w + RECORD.timeUs) >> 1] = stamp.timeUs;
    doubles[(w + RECORD.receivedMs) >> 1] = stamp.receivedMs;
    doubles[(w + RECORD.captureNumber) >> 1] = stamp.captureNumber;
    words[w + RECORD.capture] = stamp.capture;
    words[w + RECORD.vni] = frame.vni;
    words[w + RECORD.weight] = weight;
    words[w + RECORD.layers] = layers | (inspected << 8);
    words[w + RECORD.frameLength] = frame.length;
    words[w + RECORD.wireLength] = wireLength;
    words[w + RECORD.mirrorInfo] = mirror.ipVersion | (frame.tunnelDepth << 8);
    words[w + RECORD.mirrorPorts] = mirror.srcPort | (mirror.dstPort << 16);
    words[w + RECORD.frameOffset] = frameOffset;
    words[w + RECORD.linkType] = frame.linkType;
    if (mirror.ipVersion !== 0) this.copyMirror(at, mirror);
    this.copyLayers(w + HEADER_WORDS, frame);
    this.copyFrame(bytes, frame.start, frame.length, at + frameOffset);
    return true;
  }

  /** Writes a record without a frame: a tick, the start of capture `capture`, or the end. */
  writeMark(kind: number, seq: number, timeUs: number, capture: number): boolean {
    const at = this.reserve(HEADER_WORDS * 4, kind);
    if (at < 0) return false;
    const w = at >> 2;
    this.doubles[(w + RECORD.seq) >> 1] = seq;
    this.doubles[(w + RECORD.timeUs) >> 1] = timeUs;
    this.words[w + RECORD.capture] = capture;
    this.words[w + RECORD.weight] = 0;
    return true;
  }

  private copyMirror(at: number, mirror: MirrorAddresses): void {
    const { bytes } = this;
    const src = at + RECORD.mirrorSrcIp * 4;
    const dst = at + RECORD.mirrorDstIp * 4;
    for (let i = 0; i < 16; i++) {
      bytes[src + i] = mirror.src[i];
      bytes[dst + i] = mirror.dst[i];
    }
  }

  private copyLayers(to: number, frame: DecodedFrame): void {
    const { words } = this;
    const { layers, start } = frame;
    for (let i = 0; i < frame.layerCount; i++) {
      const from = i * LAYER_WORDS;
      const row = to + from;
      for (let k = 0; k < LAYER_WORDS; k++) words[row + k] = layers[from + k];
      words[row + LAYER.ipOffset] -= start;
      words[row + LAYER.l4Offset] -= start;
      words[row + LAYER.payloadOffset] -= start;
      if (layers[from + LAYER.fragmentHeaderOffset] !== 0) words[row + LAYER.fragmentHeaderOffset] -= start;
    }
  }

  /** Copies whole words around the range; source and target agree modulo 4, and records are padded, so that is safe. */
  private copyFrame(source: Uint8Array, from: number, length: number, to: number): void {
    if (source !== this.source) {
      this.source = source;
      this.sourceWords = new Int32Array(source.buffer, source.byteOffset, source.length >> 2);
    }
    const { words, bytes } = this;
    const input = this.sourceWords;
    let word = from >> 2;
    const end = (from + length) >> 2;
    let target = to >> 2;
    while (word < end) words[target++] = input[word++];
    for (let i = Math.max(end << 2, from); i < from + length; i++) bytes[to + (i - from)] = source[i];
  }
}

export class FrameRingReader extends RingConsumer {
  get seq(): number {
    return this.doubles[(this.current + RECORD.seq) >> 1];
  }

  get timeUs(): number {
    return this.doubles[(this.current + RECORD.timeUs) >> 1];
  }

  get receivedMs(): number {
    return this.doubles[(this.current + RECORD.receivedMs) >> 1];
  }

  get capture(): number {
    return this.words[this.current + RECORD.capture];
  }

  get weight(): number {
    return this.words[this.current + RECORD.weight];
  }

  get layerCount(): number {
    return this.words[this.current + RECORD.layers] & 0xff;
  }

  /** The layers that this record is for, as a set; the others are in other shards' records. */
  get inspectedLayers(): number {
    return this.words[this.current + RECORD.layers] >>> 8;
  }

  /** Fills what all layers of the current packet record share. */
  loadFrame(packet: Packet): void {
    const { words, doubles, bytes } = this;
    const w = this.current;
    packet.bytes = bytes;
    packet.frameOffset = w * 4 + words[w + RECORD.frameOffset];
    packet.frameLength = words[w + RECORD.frameLength];
    packet.wireLength = words[w + RECORD.wireLength];
    packet.linkType = words[w + RECORD.linkType];
    packet.seq = this.seq;
    packet.timeUs = this.timeUs;
    packet.capture = words[w + RECORD.capture];
    packet.captureNumber = doubles[(w + RECORD.captureNumber) >> 1];
    packet.vni = words[w + RECORD.vni];
    packet.weight = words[w + RECORD.weight];
    const mirror = words[w + RECORD.mirrorInfo];
    const ports = words[w + RECORD.mirrorPorts];
    packet.tunnelIpVersion = mirror & 0xff;
    packet.tunnelDepth = mirror >> 8;
    packet.tunnelOffset = packet.tunnelIpVersion === 0 ? -1 : (w + RECORD.mirrorSrcIp) * 4;
    packet.tunnelSrcPort = ports & 0xffff;
    packet.tunnelDstPort = ports >>> 16;
  }

  /** Fills layer `index` of the current packet record. */
  loadLayer(packet: Packet, index: number): void {
    packet.loadLayer(this.words, this.current + HEADER_WORDS, index, this.layerCount, packet.frameOffset);
    packet.seq = this.seq + index;
  }
}

/** The main thread's look at a frame ring. */
export class FrameRingObserver extends RingObserver {
  /** Sequence number of the oldest frame that is not done, or undefined when the ring is empty. */
  headSeq(): number | undefined {
    return this.peekDouble(RECORD.seq);
  }
}

export interface SkippedRecord {
  readonly kind: number;
  /** Frames that it stands for; a mark has none. */
  readonly weight: number;
  readonly seq: number;
}

/**
 * Passes over the record that a dead consumer was at, once that consumer is shut out and before a new one starts; the
 * end stays.
 */
export function skipHead(place: RingPlace): SkippedRecord | undefined {
  const reader = new FrameRingReader(place);
  const kind = reader.next();
  if (kind === NO_RECORD || kind === RECORD_KIND.end) return undefined;
  const skipped = { kind, weight: reader.weight, seq: reader.seq };
  reader.release();
  return skipped;
}
