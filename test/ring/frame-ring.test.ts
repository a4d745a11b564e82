/** Frame records: what a dispatcher writes is what a shard reads, wherever frames lie and however the ring wraps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodedFrame, LAYER, LAYER_WORDS, MAX_LAYERS, Packet } from '../../src/decode/packet.js';
import {
  FrameRingObserver,
  FrameRingReader,
  FrameRingWriter,
  FrameStamp,
  MirrorAddresses,
  RECORD_KIND,
  skipHead,
} from '../../src/ring/frame-ring.js';
import { allocateRing, NO_RECORD } from '../../src/ring/record-ring.js';
import { isNoiseAround, ringAmid } from '../support/ring-place.js';

/** A frame somewhere in a buffer, with rows of any content: the ring moves numbers, it does not understand them. */
interface Written {
  readonly source: Uint8Array;
  readonly frame: DecodedFrame;
  readonly wireLength: number;
  readonly weight: number;
  readonly seq: number;
  readonly timeUs: number;
  readonly receivedMs: number;
  readonly capture: number;
  readonly captureNumber: number;
  readonly mirror: MirrorAddresses;
  readonly inspected: number;
}

const OFFSETS: readonly number[] = [LAYER.ipOffset, LAYER.l4Offset, LAYER.payloadOffset, LAYER.fragmentHeaderOffset];
const bytesOf = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size });

const mirrors = fc
  .record({
    ipVersion: fc.constantFrom(0, 4, 6),
    srcPort: fc.integer({ min: 0, max: 65_535 }),
    dstPort: fc.integer({ min: 0, max: 65_535 }),
    src: bytesOf(16),
    dst: bytesOf(16),
  })
  .map((fields) => {
    const mirror = Object.assign(new MirrorAddresses(), {
      ipVersion: fields.ipVersion,
      srcPort: fields.srcPort,
      dstPort: fields.dstPort,
    });
    mirror.src.set(fields.src);
    mirror.dst.set(fields.dst);
    return mirror;
  });

const records: fc.Arbitrary<Written> = fc
  .record({
    lead: fc.integer({ min: 0, max: 37 }),
    present: fc.uint8Array({ maxLength: 300 }),
    tail: fc.integer({ min: 0, max: 5 }),
    shift: fc.integer({ min: 0, max: 3 }),
    rows: fc.array(
      fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: LAYER_WORDS, maxLength: LAYER_WORDS }),
      { maxLength: MAX_LAYERS },
    ),
    offsets: fc.array(fc.nat(300), { minLength: 4, maxLength: 4 }),
    hasFragmentHeader: fc.boolean(),
    vni: fc.integer({ min: -1, max: 0xffffff }),
    tunnelDepth: fc.integer({ min: 0, max: 2 }),
    linkType: fc.constantFrom(1, 101, 276),
    wireLength: fc.nat(),
    weight: fc.nat(1000),
    seq: fc.maxSafeNat(),
    timeUs: fc.maxSafeNat(),
    receivedMs: fc.double({ noNaN: true }),
    capture: fc.nat(),
    captureNumber: fc.maxSafeNat(),
    mirror: mirrors,
    inspected: fc.integer({ min: 1, max: 255 }),
  })
  .map(({ lead, present, tail, shift, rows, offsets, hasFragmentHeader, vni, tunnelDepth, linkType, ...rest }) => {
    // A buffer within a larger one, at a multiple of 4 as the writer asks for; its end need not be one.
    const source = new Uint8Array(new ArrayBuffer(shift * 4 + lead + present.length + tail), shift * 4);
    source.fill(0xee);
    source.set(present, lead);
    const frame = Object.assign(new DecodedFrame(), {
      start: lead,
      length: present.length,
      layerCount: rows.length,
      vni,
      tunnelDepth,
      linkType,
    });
    rows.forEach((row, layer) => {
      frame.layers.set(row, layer * LAYER_WORDS);
      OFFSETS.forEach((word, i) => (frame.layers[layer * LAYER_WORDS + word] = lead + offsets[i]!));
      if (!hasFragmentHeader) frame.layers[layer * LAYER_WORDS + LAYER.fragmentHeaderOffset] = 0;
    });
    return { source, frame, ...rest };
  });

const write = (
  ring: FrameRingWriter,
  { source, frame, wireLength, weight, seq, timeUs, receivedMs, capture, captureNumber, mirror, inspected }: Written,
): boolean =>
  ring.writePacket(
    source,
    frame,
    wireLength,
    weight,
    Object.assign(new FrameStamp(), { seq, timeUs, receivedMs, capture, captureNumber, mirror }),
    inspected,
  );

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A layer as a shard sees it, with offsets from the start of the frame. */
function layerOf(packet: Packet, layer: number): Record<string, number> {
  const from = packet.frameOffset;
  const {
    ipVersion,
    ipHeaderLength,
    protocol,
    l4HeaderLength,
    payloadLength,
    claimedPayloadLength,
    srcPort,
    dstPort,
    flags,
    faults,
    flowHash,
    vlans,
    thirdVlan,
  } = packet;
  return {
    layer,
    ipVersion,
    ipHeaderLength,
    protocol,
    l4HeaderLength,
    payloadLength,
    claimedPayloadLength,
    srcPort,
    dstPort,
    flags,
    faults,
    flowHash,
    vlans,
    thirdVlan,
    ip: packet.ipOffset - from,
    l4: packet.l4Offset - from,
    payload: packet.payloadOffset - from,
    fragmentHeader: packet.fragmentHeaderOffset === 0 ? 0 : packet.fragmentHeaderOffset - from,
  };
}

function expectRecord(reader: FrameRingReader, { source, frame, ...written }: Written): void {
  const packet = new Packet();
  reader.loadFrame(packet);
  expect(hex(packet.bytes.subarray(packet.frameOffset, packet.frameOffset + packet.frameLength))).toBe(
    hex(source.subarray(frame.start, frame.start + frame.length)),
  );
  const { wireLength, weight, seq, timeUs, capture, captureNumber, vni, tunnelDepth, linkType } = packet;
  expect({
    wireLength,
    weight,
    seq,
    timeUs,
    capture,
    captureNumber,
    vni,
    tunnelDepth,
    linkType,
    receivedMs: reader.receivedMs,
    layers: reader.layerCount,
    inspected: reader.inspectedLayers,
  }).toEqual({
    wireLength: written.wireLength,
    weight: written.weight,
    seq: written.seq,
    timeUs: written.timeUs,
    capture: written.capture,
    captureNumber: written.captureNumber,
    vni: frame.vni,
    tunnelDepth: frame.tunnelDepth,
    linkType: frame.linkType,
    receivedMs: written.receivedMs,
    layers: frame.layerCount,
    inspected: written.inspected,
  });
  expectMirror(packet, written.mirror);
  const direct = new Packet();
  for (let layer = 0; layer < frame.layerCount; layer++) {
    reader.loadLayer(packet, layer);
    expect(packet.seq).toBe(written.seq + layer);
    direct.loadFrame(source, frame, layer);
    expect(layerOf(packet, layer)).toEqual(layerOf(direct, layer));
  }
}

function expectMirror(packet: Packet, mirror: MirrorAddresses): void {
  expect(packet.tunnelIpVersion).toBe(mirror.ipVersion);
  if (mirror.ipVersion === 0) {
    expect(packet.tunnelOffset).toBe(-1);
    return;
  }
  expect(hex(packet.bytes.subarray(packet.tunnelOffset, packet.tunnelOffset + 32))).toBe(
    hex(mirror.src) + hex(mirror.dst),
  );
  expect([packet.tunnelSrcPort, packet.tunnelDstPort]).toEqual([mirror.srcPort, mirror.dstPort]);
}

/** Where positions begin: some are about to pass 2^31 or 2^32. */
const nearWrap = fc.constantFrom(0, -64, 0x7fffff00);

describe('a frame ring', () => {
  it('gives back what was written: bytes, rows, offsets, mirror addresses; across its end and that of its positions', () => {
    fc.assert(
      fc.property(
        fc.array(records, { minLength: 1, maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }),
        nearWrap,
        (frames, turns, near) => {
          const memory = ringAmid(8192, near);
          const writer = new FrameRingWriter(memory);
          const reader = new FrameRingReader(memory);
          const waiting: Written[] = [];
          const take = (): void => {
            expect(reader.next()).toBe(RECORD_KIND.packet);
            expectRecord(reader, waiting.shift()!);
            reader.release();
          };
          frames.forEach((frame, i) => {
            while (!write(writer, frame)) {
              // Full: what was refused has left no trace.
              writer.publish();
              expect(waiting.length).toBeGreaterThan(0);
              take();
            }
            waiting.push(frame);
            if (i % turns[i % turns.length]! !== 0) return;
            writer.publish();
            while (waiting.length > 2) take();
          });
          writer.publish();
          while (waiting.length > 0) take();
          expect(reader.next()).toBe(NO_RECORD);
          expect(isNoiseAround(memory)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('carries marks between frames, in order, with their time and capture', () => {
    const memory = allocateRing(8192);
    const writer = new FrameRingWriter(memory);
    const reader = new FrameRingReader(memory);
    writer.writeMark(RECORD_KIND.capture, 10, 0, 2);
    writer.writeMark(RECORD_KIND.tick, 11, 1_700_000_000_123_456, 2);
    writer.writeMark(RECORD_KIND.end, 12, 1_700_000_000_123_456, 2);
    writer.publish();
    const seen: number[][] = [];
    for (let kind = reader.next(); kind !== NO_RECORD; kind = reader.next()) {
      seen.push([kind, reader.seq, reader.timeUs, reader.capture, reader.weight]);
      reader.release();
    }
    expect(seen).toEqual([
      [RECORD_KIND.capture, 10, 0, 2, 0],
      [RECORD_KIND.tick, 11, 1_700_000_000_123_456, 2, 0],
      [RECORD_KIND.end, 12, 1_700_000_000_123_456, 2, 0],
    ]);
  });

  it('passes over the packet a dead consumer was at, tells what it was, and leaves the rest to the next one', () => {
    fc.assert(
      fc.property(fc.array(records, { minLength: 1, maxLength: 8 }), fc.nat(8), nearWrap, (frames, done, near) => {
        const memory = ringAmid(8192, near);
        const writer = new FrameRingWriter(memory);
        const written = frames.filter((frame) => write(writer, frame));
        writer.publish();
        const taken = Math.min(done, written.length);
        const dead = new FrameRingReader(memory);
        for (let i = 0; i < taken; i++) {
          dead.next();
          dead.release();
        }
        dead.next();
        const observer = new FrameRingObserver(memory);
        expect(observer.headSeq()).toBe(written[taken]?.seq);
        observer.replaceConsumer();
        const at = written[taken];
        expect(skipHead(memory)).toEqual(at && { kind: RECORD_KIND.packet, weight: at.weight, seq: at.seq });
        // Wherever the dead one wakes up, it touches nothing any more.
        const counts = new Float64Array(1);
        dead.releaseCounted(counts, 0, 1);
        dead.release();
        expect(counts[0]).toBe(0);
        const next = new FrameRingReader(memory);
        for (const frame of written.slice(taken + 1)) {
          expect(next.next()).toBe(RECORD_KIND.packet);
          expectRecord(next, frame);
          next.release();
        }
        expect(next.next()).toBe(NO_RECORD);
      }),
      { numRuns: 100 },
    );
  });

  it('never passes over a mark: the end of a source is not a packet', () => {
    const memory = allocateRing(8192);
    const writer = new FrameRingWriter(memory);
    expect(skipHead(memory)).toBeUndefined();
    writer.writeMark(RECORD_KIND.end, 1, 0, 0);
    writer.publish();
    expect(skipHead(memory)).toBeUndefined();
    expect(new FrameRingReader(memory).next()).toBe(RECORD_KIND.end);
  });
});
