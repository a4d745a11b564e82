/** What a stranger may do to streams: memory stays bounded, work linear, and the streams beside his are still seen. */
import { describe, expect, it } from 'vitest';
import { FLUSH } from '../../src/stream/reassembler.js';
import type { ReassemblyOptions } from '../../src/stream/reassembly-options.js';
import { StreamSpan } from '../../src/stream/stream-span.js';
import { segment } from '../flow/packet-of.js';
import { Streams } from '../support/streams.js';

const MIB = 1_048_576;
const HEALTHY = 60_000;
/** Flows with a hole each: PERISCOPE_HOLES=100000 plays so many. */
const HOLES = Number(process.env['PERISCOPE_HOLES'] ?? 2000);
/** Other flows of a mirror session. */
const PORTS = 50_000;

/** Streams of many ports; of those to the server, the text of the healthy flow is kept. */
class Crowd extends Streams {
  seen = '';
  readonly span = new StreamSpan();

  constructor(cap: number, options: Partial<ReassemblyOptions> = {}) {
    super({ depthBytes: 0, ...options }, { cap });
  }

  send(port: number, seq: number, text: string, flags = 'PA', timeUs = 0, vni = -1): void {
    this.take(segment('>', flags, { srcPort: port, seq, ack: 1 }, text, { timeUs, vni }));
    this.read(port);
  }

  answer(port: number, ack: number): void {
    this.take(segment('<', 'A', { dstPort: port, seq: 1, ack }));
    this.read(port);
  }

  read(port: number): void {
    const { span, reassembler, flow } = this;
    for (let more = reassembler.usable(flow, 0, span); more; more = span.cut && reassembler.usable(flow, 0, span)) {
      if (port === HEALTHY) this.keep();
      reassembler.consumed(flow, 0, span.length);
    }
  }

  private keep(): void {
    const { span, flow } = this;
    const text = Buffer.from(flow.arena.bytes.slice(span.start, span.start + span.length)).toString('latin1');
    this.seen += (span.gap > 0 ? `[${span.gap}]` : '') + text;
  }
}

describe('many flows', () => {
  it('each with a hole take no more than all windows may, and displace each other', () => {
    const crowd = new Crowd(Math.max(4096, HOLES + 1), { memoryBytes: MIB });
    let expected = '';
    crowd.send(HEALTHY, 1, '', 'A');
    crowd.answer(HEALTHY, 1);
    for (let i = 0; i < HOLES; i++) {
      const [port, vni] = [1 + (i % PORTS), Math.floor(i / PORTS) - 1];
      crowd.send(port, 1, '', 'A', i * 1000, vni);
      crowd.send(port, 2000, 'behind a hole', 'PA', i * 1000, vni);
      expect(crowd.reassembler.windowStats.windowBytes).toBeLessThanOrEqual(MIB);
      if (i % 20 !== 0) continue;
      // Two segments of the healthy one come the wrong way round, and wait for their acknowledgement.
      crowd.send(HEALTHY, 6 + expected.length, 'world', 'PA', i * 1000);
      crowd.send(HEALTHY, 1 + expected.length, 'hello', 'PA', i * 1000);
      expected += 'helloworld';
      crowd.answer(HEALTHY, 1 + expected.length);
    }
    expect(crowd.seen).toBe(expected);
    expect(crowd.reassembler.windowStats.evicted).toBeGreaterThan(1000);
    crowd.flows.clear();
    expect([crowd.reassembler.windowStats.windows, crowd.flows.arena.usedBytes]).toEqual([0, 0]);
  });

  it('that only open, with data in the SYN, give way before connections do', () => {
    const crowd = new Crowd(4096, { memoryBytes: MIB, midstream: false });
    crowd.take(segment('>', 'S', { srcPort: HEALTHY, seq: 0 }));
    crowd.take(segment('<', 'SA', { dstPort: HEALTHY, seq: 0, ack: 1 }));
    crowd.send(HEALTHY, 1, 'waits for ');
    for (let i = 0; i < 2000; i++) {
      crowd.take(segment('>', 'S', { srcPort: 1 + i, seq: 0 }, 'data', { timeUs: i * 10_000 }));
    }
    crowd.send(HEALTHY, 11, 'its answer');
    crowd.answer(HEALTHY, 21);
    expect(crowd.seen).toBe('waits for its answer');
    expect(crowd.reassembler.windowStats.evicted).toBeGreaterThan(1000);
  });
});

describe('one flow', () => {
  it('may have any number of holes', () => {
    const crowd = new Crowd(8);
    crowd.send(HEALTHY, 1, '', 'A');
    const holes = 10_000;
    for (let i = 0; i < holes; i++) crowd.send(HEALTHY, 2 + 2 * i, 'o');
    expect(crowd.seen).toBe('');
    for (let i = holes - 1; i >= 0; i--) crowd.send(HEALTHY, 1 + 2 * i, 'e');
    expect(crowd.seen).toBe('eo'.repeat(holes));
    expect(crowd.stats).toMatchObject({ gaps: 0, late: 0, tooFar: 0, noMemory: 0 });
  });

  it('that goes on behind a hole is given up on when half of a window waits, not before', () => {
    const crowd = new Crowd(8);
    const text = 'x'.repeat(1000);
    crowd.send(HEALTHY, 1, '', 'A');
    for (let i = 1; i <= 100; i++) crowd.send(HEALTHY, 1 + 1000 * i, text);
    expect(crowd.seen).toBe('');
    for (let i = 101; i <= 400; i++) crowd.send(HEALTHY, 1 + 1000 * i, text);
    expect(crowd.seen).toBe(`[1000]${text.repeat(400)}`);
    expect(crowd.reassembler.windowStats.windowBytes).toBeLessThanOrEqual(262_144);
  });

  it('cannot hide what comes by a byte from far ahead', () => {
    const crowd = new Crowd(8);
    crowd.send(HEALTHY, 1, '', 'A');
    crowd.send(HEALTHY, 400_001, '!');
    expect([crowd.stats.tooFar, crowd.inStream]).toEqual([1, false]);
    crowd.send(HEALTHY, 1, 'seen');
    crowd.send(HEALTHY, 5, ' all the same');
    expect(crowd.seen).toBe('seen all the same');
    expect(crowd.reassembler.windowStats.windowBytes).toBeLessThanOrEqual(8192);
  });

  it('has lost what its numbers skip where that can have been carried meanwhile, and nothing else', () => {
    const skip = (count: number, afterUs: number): object => {
      const crowd = new Crowd(8);
      crowd.send(HEALTHY, 1, '', 'A');
      crowd.send(HEALTHY, 1, 'before');
      crowd.send(HEALTHY, 7 + count, 'behind', 'PA', afterUs);
      const acknowledge = (timeUs: number): unknown =>
        crowd.take(segment('<', 'A', { dstPort: HEALTHY, seq: 1, ack: 13 + count }, '', { timeUs }));
      for (let i = 1; i <= 5; i++) acknowledge(afterUs + i * 100_000);
      const { gaps, gapBytes, jumps } = crowd.stats;
      return { gaps, gapBytes, jumps };
    };
    const second = 1_000_000;
    expect(skip(500_000, 10)).toEqual({ gaps: 1, gapBytes: 500_000, jumps: 0 });
    expect(skip(900_000_000, 10)).toEqual({ gaps: 0, gapBytes: 0, jumps: 1 });
    expect(skip(900_000_000, second)).toEqual({ gaps: 1, gapBytes: 900_000_000, jumps: 0 });
  });

  it('goes on beyond 4 GiB, whose numbers wrap', () => {
    const crowd = new Crowd(8);
    const jumbo = segment('>', 'A', { srcPort: HEALTHY, seq: 1, ack: 1 }, 'x'.repeat(60_000));
    const view = new DataView(jumbo.bytes.buffer, jumbo.bytes.byteOffset);
    const COUNT = 75_000;
    crowd.send(HEALTHY, 1, '', 'A');
    crowd.reassembler.skip(crowd.flow, 0, COUNT * 60_000);
    for (let i = 0; i < COUNT; i++) {
      view.setUint32(jumbo.l4Offset + 4, 1 + i * 60_000);
      crowd.take(jumbo);
    }
    expect(crowd.reassembler.windowStats.windows).toBe(0);
    crowd.send(HEALTHY, (1 + COUNT * 60_000) >>> 0, 'the end');
    expect([crowd.seen, crowd.span.offset]).toEqual(['the end', COUNT * 60_000]);
  });
});

describe('what waits', () => {
  it('is flushed by flow, in the order of their last packets', () => {
    const crowd = new Crowd(16);
    for (const [port, second] of [
      [50_007, 3],
      [50_005, 1],
      [50_006, 2],
    ] as const) {
      crowd.send(port, 1, '', 'A', second * 1e6);
      crowd.answer(port, 1);
      crowd.send(port, 1, 'unacknowledged', 'PA', second * 1e6);
    }
    const lastOf = (index: number): number => crowd.flow.use(index).lastUs / 1e6;
    expect(crowd.reassembler.waitingSince(1)).toEqual([]);
    expect(crowd.reassembler.waitingSince(3).map(lastOf)).toEqual([1, 2]);
    const due = crowd.reassembler.waitingSince(9);
    expect(due.map(lastOf)).toEqual([1, 2, 3]);
    for (const index of due) {
      crowd.flow = crowd.flow.use(index);
      crowd.reassembler.flush(crowd.flow, FLUSH.waited);
      crowd.read(HEALTHY);
    }
    expect(crowd.seen).toBe('unacknowledged'.repeat(3));
    expect(crowd.reassembler.waitingSince(99)).toEqual([]);
  });

  it('is also what raw inspection has not seen to the end of a range', () => {
    const crowd = new Crowd(16, { depthBytes: MIB });
    crowd.send(HEALTHY, 1, '', 'A', 1e6);
    crowd.send(HEALTHY, 1, 'given at once', 'PA', 1e6);
    expect(crowd.seen).toBe('given at once');
    expect(crowd.reassembler.waitingSince(1)).toEqual([]);
    expect(crowd.reassembler.waitingSince(2)).toEqual([crowd.flow.index]);
    expect(crowd.reassembler.raw(crowd.flow, 0, crowd.span)).toBe(true);
    crowd.reassembler.inspected(crowd.flow, 0, crowd.span.length);
    expect(crowd.reassembler.waitingSince(2)).toEqual([]);
  });
});
