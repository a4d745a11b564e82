/**
 * A capture as another path would have brought it: its TCP segments cut into small ones, those of one direction
 * shuffled within a window as long as nothing else of their connection comes between, some of them sent again. What the
 * endpoints see stays the same, so whatever rules find in streams and transactions must, too.
 *
 * Segments that are cut, fragments, tunnels and malformed packets stay as they are; a RST, too. The first `wholeAfter`
 * bytes of a direction are cut to `size`, later ones to `LATER` times that, lest a capture become a thousandfold.
 */
import { decodeFrame, DecodeCounts } from '../../src/decode/decode.js';
import { DecodedFrame, IP_PROTOCOL, LAYER, LAYER_FLAG } from '../../src/decode/packet.js';
import { FIN, RST, SYN } from '../../src/decode/tcp.js';
import { CaptureSource } from '../../src/ingest/capture-source.js';
import { Random } from '../property/mutator.js';

export interface TimedFrame {
  readonly linkType: number;
  readonly timeUs: number;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
}

export interface CutOptions {
  /** Bytes of a segment. */
  readonly size: number;
  /** Segments that change places. */
  readonly window: number;
  /** One in so many segments is sent again; 0 for none. */
  readonly again: number;
  readonly seed: number;
  /** Bytes of a direction that are cut to `size`. */
  readonly fine?: number;
}

const FINE_BYTES = 8192;
const LATER = 64;
/** How far back the segment that is sent again may lie. */
const BACK = 16;

export function readFrames(path: string): TimedFrame[] {
  const source = new CaptureSource([path]);
  const frames: TimedFrame[] = [];
  for (let count = source.next(); count > 0; count = source.next()) {
    const { batch } = source;
    for (let i = 0; i < count; i++) {
      const at = batch.offset[i];
      frames.push({
        linkType: batch.linkType[i],
        timeUs: batch.timeUs[i],
        bytes: batch.bytes.slice(at, at + batch.length[i]),
        wireLength: batch.wireLength[i],
      });
    }
  }
  source.close();
  return frames;
}

/** A run: segments of one direction that may change places. */
interface Run {
  readonly direction: string;
  /** Where in the output they are. */
  readonly places: number[];
}

interface Segment {
  readonly connection: string;
  readonly direction: string;
  readonly ip: number;
  readonly version: number;
  readonly tcp: number;
  readonly payload: number;
  readonly length: number;
  readonly flags: number;
}

export function cutSegments(frames: readonly TimedFrame[], options: CutOptions): TimedFrame[] {
  return new Cutter(options).cut(frames);
}

class Cutter {
  private readonly options: CutOptions;
  private readonly random: Random;
  private readonly out: TimedFrame[] = [];
  private readonly runs = new Map<string, Run>();
  private readonly seen = new Map<string, number>();
  private readonly decoded = new DecodedFrame();
  private readonly counts = new DecodeCounts();

  constructor(options: CutOptions) {
    this.options = options;
    this.random = new Random(options.seed);
  }

  cut(frames: readonly TimedFrame[]): TimedFrame[] {
    for (const frame of frames) this.take(frame);
    for (const run of this.runs.values()) this.end(run);
    return this.out;
  }

  private take(frame: TimedFrame): void {
    const segment = this.segmentOf(frame);
    if (segment === undefined) {
      this.out.push(frame);
      return;
    }
    const isPlain = segment.length > 0 && (segment.flags & (SYN | RST | FIN)) === 0;
    const run = this.runs.get(segment.connection);
    if (run !== undefined && (!isPlain || run.direction !== segment.direction)) {
      this.end(run);
      this.runs.delete(segment.connection);
    }
    if (segment.length === 0 || (segment.flags & (SYN | RST)) !== 0) this.out.push(frame);
    else this.pieces(frame, segment, isPlain);
  }

  private pieces(frame: TimedFrame, segment: Segment, isPlain: boolean): void {
    const { size, again, fine = FINE_BYTES } = this.options;
    const before = this.seen.get(segment.direction) ?? 0;
    this.seen.set(segment.direction, before + segment.length);
    const run = this.runs.get(segment.connection) ?? { direction: segment.direction, places: [] };
    if (isPlain) this.runs.set(segment.connection, run);
    for (let at = 0; at < segment.length;) {
      const length = Math.min(segment.length - at, before + at < fine ? size : size * LATER);
      if (isPlain) run.places.push(this.out.length);
      this.out.push(piece(frame, segment, at, length));
      at += length;
      if (!isPlain || again === 0 || !this.random.oneIn(again)) continue;
      const { places } = run;
      const repeated = this.out[places[places.length - 1 - this.random.below(Math.min(BACK, places.length))]];
      places.push(this.out.length);
      this.out.push({ ...repeated, timeUs: frame.timeUs });
    }
  }

  /** Shuffles what stands at the places of a run, within windows. */
  private end({ places }: Run): void {
    const { window } = this.options;
    for (let start = 0; start < places.length; start += window) {
      const end = Math.min(start + window, places.length);
      for (let i = end - 1; i > start; i--) {
        const other = start + this.random.below(i - start + 1);
        const [a, b] = [this.out[places[i]], this.out[places[other]]];
        this.out[places[i]] = { ...b, timeUs: a.timeUs };
        this.out[places[other]] = { ...a, timeUs: b.timeUs };
      }
    }
  }

  private segmentOf({ bytes, linkType }: TimedFrame): Segment | undefined {
    const { decoded } = this;
    decodeFrame(bytes, 0, bytes.length, linkType, decoded, this.counts);
    const { layers, layerCount } = decoded;
    const unusable = LAYER_FLAG.truncated | LAYER_FLAG.fragment | LAYER_FLAG.malformed;
    if (layerCount !== 1 || layers[LAYER.protocol] !== IP_PROTOCOL.tcp) return undefined;
    if ((layers[LAYER.flags] & unusable) !== 0) return undefined;
    const [ip, tcp, version] = [layers[LAYER.ipOffset], layers[LAYER.l4Offset], layers[LAYER.ipVersion]];
    const [from, width] = version === 4 ? [ip + 12, 4] : [ip + 8, 16];
    const hex = (at: number, length: number): string => Buffer.from(bytes.subarray(at, at + length)).toString('hex');
    const source = `${hex(from, width)}:${layers[LAYER.srcPort]}`;
    const destination = `${hex(from + width, width)}:${layers[LAYER.dstPort]}`;
    return {
      connection: [source, destination].sort().join(' '),
      direction: `${source} ${destination}`,
      ip,
      version,
      tcp,
      payload: layers[LAYER.payloadOffset],
      length: layers[LAYER.payloadLength],
      flags: bytes[tcp + 13],
    };
  }
}

/** The segment with `length` of its bytes from `at` on; a FIN goes with the last. Checksums become wrong. */
function piece(frame: TimedFrame, segment: Segment, at: number, length: number): TimedFrame {
  const { ip, version, tcp, payload } = segment;
  const bytes = new Uint8Array(payload + length);
  bytes.set(frame.bytes.subarray(0, payload));
  bytes.set(frame.bytes.subarray(payload + at, payload + at + length), payload);
  const view = new DataView(bytes.buffer);
  view.setUint32(tcp + 4, (view.getUint32(tcp + 4) + at) >>> 0);
  if (version === 4) view.setUint16(ip + 2, payload + length - ip);
  else view.setUint16(ip + 4, payload + length - ip - 40);
  if (at + length < segment.length) bytes[tcp + 13] &= ~FIN;
  return { ...frame, bytes, wireLength: bytes.length };
}
