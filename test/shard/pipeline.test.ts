import { describe, expect, it } from 'vitest';
import { decodeFrame, DecodeCounts } from '../../src/decode/decode.js';
import { DecodedFrame, LINK_TYPE } from '../../src/decode/packet.js';
import type { CandidateSink } from '../../src/detect/event/candidate.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import { Detector } from '../../src/detect/detect.js';
import { RuleSet } from '../../src/block/rule-set.js';
import {
  FrameRingReader,
  FrameRingWriter,
  MIN_RING_BYTES,
  FrameStamp,
  RECORD_KIND,
  skipHead,
} from '../../src/ring/frame-ring.js';
import { FlowOrigins } from '../../src/flow/flow-origins.js';
import { FlowTable } from '../../src/flow/table.js';
import { SHARD_LAYOUT, SHARD_SLOTS } from '../../src/counters/names.js';
import { Pipeline } from '../../src/shard/pipeline.js';
import { CONTROL, CONTROL_BYTES } from '../../src/shard/task.js';
import { allocateRing } from '../../src/ring/record-ring.js';
import { placeBlock } from '../support/detecting.js';
import { naiveTables, NaiveScanner } from '../support/naive-scanner.js';
import { ethernet, ipv4, tcp, TCP_FLAG } from '../support/packet-builder.js';
import { programOf } from '../support/rule-options.js';
import { reassemblerOf } from '../support/streams.js';

function pipeline(sink: CandidateSink = { emit: () => true }, counts = new Float64Array(SHARD_LAYOUT.size)): Pipeline {
  const flows = new FlowTable({ cap: 8, vniInKey: true, midstream: true });
  return new Pipeline({
    flows,
    sink,
    reassembler: reassemblerOf(flows),
    origins: new FlowOrigins(8, true),
    midstream: true,
    counts,
    control: new Int32Array(CONTROL_BYTES / 4),
  });
}

const stampOf = (seq: number, timeUs: number): FrameStamp => Object.assign(new FrameStamp(), { seq, timeUs });

describe('events of TCP', () => {
  it('are noted before rules look, where one asks for them', () => {
    const seen: number[] = [];
    const memory = allocateRing(MIN_RING_BYTES);
    const writer = new FrameRingWriter(memory);
    const frame = new DecodedFrame();
    [
      ['syn', 1000, 0],
      ['synAck', 5000, 7],
      ['synAck', 5000, 1001],
    ].forEach(([kind, seq, ack], i) => {
      const fromClient = kind === 'syn';
      const bytes = ethernet(
        {},
        ipv4(
          fromClient ? { src: '10.0.0.1', dst: '10.0.0.2' } : { src: '10.0.0.2', dst: '10.0.0.1' },
          tcp({
            srcPort: fromClient ? 4000 : 80,
            dstPort: fromClient ? 80 : 4000,
            seq: Number(seq),
            ack: Number(ack),
            flags: fromClient ? TCP_FLAG.syn : TCP_FLAG.syn | TCP_FLAG.ack,
          }),
        ),
      );
      const aligned = new Uint8Array((bytes.length + 7) & ~3);
      aligned.set(bytes);
      decodeFrame(aligned, 0, bytes.length, LINK_TYPE.ethernet, frame, new DecodeCounts());
      writer.writePacket(aligned, frame, bytes.length, 1, stampOf(i, 1e6 * i));
    });
    writer.publish();
    const shard = pipeline({ emit: ({ seq }) => seen.push(seq) > 0 });
    const block = placeBlock(
      compileRules([programOf('stream-event:3whs_synack_with_wrong_ack;')], { compilePatterns: naiveTables }).block,
    );
    shard.detector = new Detector(new RuleSet(block), new NaiveScanner(block));
    shard.drain(new FrameRingReader(memory), 0, 10);
    expect(seen).toEqual([1]);
  });
});

describe('layers of a frame', () => {
  it('are inspected where the record says so, numbered from the frame on; its bytes are counted where its weight is', () => {
    const bytes = ethernet(
      {},
      ipv4({ src: '192.0.2.1' }, ipv4({ src: '192.0.2.2' }, ipv4({ src: '192.0.2.3' }, tcp({}, 'x')))),
    );
    const aligned = new Uint8Array((bytes.length + 7) & ~3);
    aligned.set(bytes);
    const frame = new DecodedFrame();
    decodeFrame(aligned, 0, bytes.length, LINK_TYPE.ethernet, frame, new DecodeCounts());
    const memory = allocateRing(MIN_RING_BYTES);
    const writer = new FrameRingWriter(memory);
    writer.writePacket(aligned, frame, bytes.length, 0, stampOf(100, 0), 0b101);
    writer.writePacket(aligned, frame, bytes.length, 1, stampOf(100, 0), 0b010);
    writer.publish();
    const seen: string[] = [];
    const counts = new Float64Array(SHARD_LAYOUT.size);
    const shard = pipeline({ emit: ({ seq, srcIp }) => seen.push(`${seq} ${srcIp[3]}`) > 0 }, counts);
    const block = placeBlock(compileRules([programOf('ttl:>0;')], { compilePatterns: naiveTables }).block);
    shard.detector = new Detector(new RuleSet(block), new NaiveScanner(block));
    shard.drain(new FrameRingReader(memory), 0, 10);
    expect(seen).toEqual(['100 1', '102 3', '101 2']);
    expect([counts[SHARD_SLOTS.inspectedPackets], counts[SHARD_SLOTS.inspectedBytes]]).toEqual([1, bytes.length]);
  });
});

describe('a mark that a shard dies at', () => {
  it.each(['tick', 'capture'] as const)('is passed over: %s', (kind) => {
    const memory = allocateRing(MIN_RING_BYTES);
    const writer = new FrameRingWriter(memory);
    writer.writeMark(RECORD_KIND[kind], 1, 0, 0);
    writer.writeMark(RECORD_KIND.tick, 2, 0, 0);
    writer.writeMark(RECORD_KIND.end, 3, 0, 0);
    writer.publish();
    const control = new Int32Array(CONTROL_BYTES / 4);
    const flows = new FlowTable({ cap: 8, vniInKey: true, midstream: true });
    flows.sweep = flows.clear = () => {
      throw new Error('broken');
    };
    const dying = new Pipeline({
      flows,
      sink: { emit: () => true },
      reassembler: reassemblerOf(flows),
      origins: new FlowOrigins(8, true),
      midstream: true,
      counts: new Float64Array(SHARD_LAYOUT.size),
      control,
    });
    expect(() => dying.drain(new FrameRingReader(memory), 0, 10)).toThrow('broken');
    expect(control[CONTROL.ring]).toBe(1);
    expect(skipHead(memory)).toEqual({ kind: RECORD_KIND[kind], weight: 0, seq: 1 });
    // The one behind it is still there, and the end stays for whoever comes.
    expect(skipHead(memory)).toEqual({ kind: RECORD_KIND.tick, weight: 0, seq: 2 });
    expect(skipHead(memory)).toBeUndefined();
    expect(pipeline().drain(new FrameRingReader(memory), 0, 10)).toBe(-1);
  });
});

describe('the end of a ring', () => {
  it('is told once everything before it is taken', () => {
    const memory = allocateRing(MIN_RING_BYTES);
    const writer = new FrameRingWriter(memory);
    writer.writeMark(RECORD_KIND.tick, 1, 0, 0);
    writer.writeMark(RECORD_KIND.end, 2, 0, 0);
    writer.publish();
    const reader = new FrameRingReader(memory);
    expect(pipeline().drain(reader, 0, 1)).toBe(1);
    expect(pipeline().drain(reader, 0, 10)).toBe(-1);
  });

  it('is there for a successor, too', () => {
    const memory = allocateRing(MIN_RING_BYTES);
    const writer = new FrameRingWriter(memory);
    writer.writeMark(RECORD_KIND.end, 1, 0, 0);
    writer.publish();
    expect(pipeline().drain(new FrameRingReader(memory), 0, 10)).toBe(-1);
    expect(pipeline().drain(new FrameRingReader(memory), 0, 10)).toBe(-1);
  });
});

describe('connections of which one side is seen', () => {
  it('are counted at their end, unless they are a few unanswered packets', () => {
    const counts = new Float64Array(SHARD_LAYOUT.size);
    const flows = new FlowTable({
      cap: 8,
      vniInKey: true,
      midstream: true,
      onEnd: (flow, reason) => shard.flowEnded(flow, reason),
    });
    const shard = new Pipeline({
      flows,
      sink: { emit: () => true },
      reassembler: reassemblerOf(flows),
      origins: new FlowOrigins(8, true),
      midstream: true,
      counts,
      control: new Int32Array(CONTROL_BYTES / 4),
    });
    const block = placeBlock(compileRules([], { compilePatterns: naiveTables }).block);
    shard.detector = new Detector(new RuleSet(block), new NaiveScanner(block));
    const memory = allocateRing(MIN_RING_BYTES);
    const writer = new FrameRingWriter(memory);
    const frame = new DecodedFrame();
    // Clients by number; an answer is negative.
    const packets = [1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, -3];
    packets.forEach((client, i) => {
      const [fromClient, port] = [client > 0, 4000 + Math.abs(client)];
      const ends = fromClient ? { src: '10.0.0.1', dst: '10.0.0.2' } : { src: '10.0.0.2', dst: '10.0.0.1' };
      const ports = fromClient ? { srcPort: port, dstPort: 80 } : { srcPort: 80, dstPort: port };
      const bytes = ethernet({}, ipv4(ends, tcp({ ...ports, seq: 1000 + i, ack: 1, flags: TCP_FLAG.ack })));
      const aligned = new Uint8Array((bytes.length + 7) & ~3);
      aligned.set(bytes);
      decodeFrame(aligned, 0, bytes.length, LINK_TYPE.ethernet, frame, new DecodeCounts());
      writer.writePacket(aligned, frame, bytes.length, 1, stampOf(i, 1e6 + i));
    });
    writer.publish();
    shard.drain(new FrameRingReader(memory), 0, packets.length);
    flows.clear();
    expect([counts[SHARD_SLOTS.tcpConnections], counts[SHARD_SLOTS.tcpOneSided]]).toEqual([2, 1]);
  });
});
