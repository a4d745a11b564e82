/** Streams out of segments: the same whatever order, cut and repetition they come in, and as each policy has it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/decode/packet.js';
import { LAYER_FLAG } from '../../src/decode/packet.js';
import { DIRECTION, type Direction } from '../../src/flow/flow.js';
import { HOST_POLICIES, type HostPolicy } from '../../src/util/host-policy.js';
import { FLUSH } from '../../src/stream/reassembler.js';
import type { ReassemblyOptions } from '../../src/stream/reassembly-options.js';
import { LOOKBACK_BYTES } from '../../src/stream/stream-reader.js';
import { StreamSpan } from '../../src/stream/stream-span.js';
import { segment } from '../flow/packet-of.js';
import { NaiveStream } from '../support/naive-stream.js';
import { ReadStreams } from '../support/streams.js';

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const CLIENT_START = 1000;
const SERVER_START = 5000;

/** A connection whose streams are read as text; `[n]` stands for a gap. */
class Reader extends ReadStreams {
  readonly seen = ['', ''];
  readonly offsets: number[] = [];
  closed = [false, false];
  /** How many bytes of each range the parser takes. */
  takes: (length: number) => number = (length) => length;
  private readonly span = new StreamSpan();
  private readonly peeked = new StreamSpan();

  open(clientStart = CLIENT_START, serverStart = SERVER_START): this {
    return this.see(
      segment('>', 'S', { seq: clientStart }),
      segment('<', 'SA', { seq: serverStart, ack: (clientStart + 1) >>> 0 }),
      segment('>', 'A', { seq: (clientStart + 1) >>> 0, ack: (serverStart + 1) >>> 0 }),
    );
  }

  protected read(direction: Direction): void {
    const { span, reassembler, flow } = this;
    while (this.tells(direction)) {
      if (span.gap > 0) this.seen[direction] += `[${span.gap}]`;
      if (span.length > 0) this.offsets.push(span.offset);
      const taken = span.last || span.cut ? span.length : this.takes(span.length);
      this.seen[direction] += latin(flow.arena.bytes.slice(span.start, span.start + taken));
      if (span.last) this.closed[direction] = true;
      reassembler.consumed(flow, direction, taken);
      if (!span.cut) return;
    }
  }

  /** Looks first, as another side does: that must tell the same, and change nothing. */
  private tells(direction: Direction): boolean {
    const { span, peeked, reassembler, flow } = this;
    const isTold = reassembler.peek(flow, direction, peeked);
    expect([reassembler.usable(flow, direction, span), span]).toEqual([isTold, peeked]);
    return isTold;
  }
}

const reader = (options: Partial<ReassemblyOptions> = {}): Reader => new Reader(options).open();
const data = (at: number, text: string | Uint8Array, extra: object = {}): Packet =>
  segment('>', 'PA', { seq: (CLIENT_START + 1 + at) >>> 0, ack: SERVER_START + 1, ...extra }, text);
const answer = (at: number, text: string, acked = 0): Packet =>
  segment('<', 'PA', { seq: SERVER_START + 1 + at, ack: CLIENT_START + 1 + acked }, text);
const acknowledge = (acked: number, ms = 0): Packet =>
  segment('<', 'A', { seq: SERVER_START + 1, ack: (CLIENT_START + 1 + acked) >>> 0 }, '', { timeUs: ms * 1000 });

describe('in order', () => {
  it('bytes are usable once they are acknowledged', () => {
    const streams = reader();
    expect(streams.see(data(0, 'Hello, ')).seen[0]).toBe('');
    expect(streams.see(acknowledge(5)).seen[0]).toBe('Hello');
    expect(streams.see(data(7, 'world'), answer(0, 'Hi', 12)).seen).toEqual(['Hello, world', '']);
    expect(streams.see(data(12, '', { ack: SERVER_START + 3 })).seen[1]).toBe('Hi');
  });

  it('bytes are usable at once where one side alone is seen', () => {
    const streams = new Reader();
    streams.see(data(0, 'one'), data(3, 'two'));
    expect(streams.seen[0]).toBe('onetwo');
    const server = new Reader().see(answer(0, 'only '), answer(5, 'me'));
    expect(server.seen[1]).toBe('only me');
  });

  it('what waits for no acknowledgement is given when there is too much of it', () => {
    const streams = reader({ unackedBytes: 5 });
    expect(streams.see(data(0, '12345')).seen[0]).toBe('');
    expect(streams.see(data(5, '6')).seen[0]).toBe('123456');
  });

  it('what waits is given at a flush, and at the end', () => {
    const streams = reader().see(data(0, 'abc'));
    streams.reassembler.flush(streams.flow, FLUSH.waited);
    streams.readAll();
    expect(streams.seen[0]).toBe('abc');
    expect(streams.see(data(3, 'def')).seen[0]).toBe('abc');
    expect(streams.end().seen[0]).toBe('abcdef');
    expect(streams.closed[0]).toBe(true);
  });

  it('a RST gives what is ready, and does not end the stream: its receiver may not believe it', () => {
    const streams = reader().see(data(0, 'abc'), segment('>', 'R', { seq: CLIENT_START + 4 }));
    expect(streams.seen[0]).toBe('abc');
    expect(streams.see(data(3, 'def'), acknowledge(6)).seen[0]).toBe('abcdef');
  });

  it('a RST behind the FIN of its sender gives what is ready, too', () => {
    const fin = segment('>', 'FA', { seq: CLIENT_START + 4, ack: SERVER_START + 1 });
    const streams = reader().see(data(0, 'bye'), fin, segment('>', 'R', { seq: CLIENT_START + 5 }));
    expect(streams.seen[0]).toBe('bye');
  });

  it.each([
    ['behind what was sent', CLIENT_START + 5],
    ['before it', CLIENT_START + 3],
    ['far behind it', CLIENT_START + 100_000],
  ])('a RST with a number %s gives nothing, as its receiver ignores it (RFC 5961)', (_, seq) => {
    const streams = reader().see(data(0, 'abc'), segment('>', 'R', { seq }));
    expect(streams.seen[0]).toBe('');
    expect(streams.see(data(3, 'def'), acknowledge(6)).seen[0]).toBe('abcdef');
  });

  it('a RST behind a hole gives nothing either: what its receiver expects lies in the hole', () => {
    const streams = reader().see(data(0, 'abc'), data(6, 'ghi'), segment('>', 'R', { seq: CLIENT_START + 10 }));
    expect(streams.seen[0]).toBe('');
    expect(streams.see(data(3, 'def'), acknowledge(9)).seen[0]).toBe('abcdefghi');
  });

  it('a FIN says that nothing comes any more, with its data or without', () => {
    const streams = reader().see(data(0, 'bye'), segment('>', 'FA', { seq: CLIENT_START + 4, ack: SERVER_START + 1 }));
    expect(streams.closed[0]).toBe(false);
    streams.see(acknowledge(4));
    expect([streams.seen[0], streams.closed[0]]).toEqual(['bye', true]);
    const finWithData = segment('>', 'FPA', { seq: CLIENT_START + 1, ack: SERVER_START + 1 }, 'bye');
    const withData = reader().see(finWithData, acknowledge(4));
    expect([withData.seen[0], withData.closed[0], withData.flow.sentBytes(0)]).toEqual(['bye', true, 5]);
    expect(withData.end().stats.gaps).toBe(0);
  });

  it('a FIN has a number of its own: what its sender acknowledges behind it leaves no gap', () => {
    const fin = segment('>', 'FA', { seq: CLIENT_START + 4, ack: SERVER_START + 1 });
    const behind = segment('>', 'A', { seq: CLIENT_START + 5, ack: SERVER_START + 3 });
    const streams = reader().see(data(0, 'bye'), fin, answer(0, 'ok', 3), behind);
    expect([streams.seen, streams.closed[0]]).toEqual([['bye', 'ok'], true]);
    streams.see(segment('<', 'A', { seq: SERVER_START + 3, ack: CLIENT_START + 5 })).end();
    expect([streams.seen, streams.stats.gaps]).toEqual([['bye', 'ok'], 0]);
  });

  it('bytes behind a FIN go on: it was not what the receiver saw', () => {
    const forged = segment('>', 'FA', { seq: CLIENT_START + 4, ack: SERVER_START + 1 });
    expect(reader().see(data(0, 'abc'), forged, data(3, 'def'), acknowledge(6)).end().seen[0]).toBe('abcdef');
  });

  it('places count from the start of the stream', () => {
    const streams = reader().see(data(0, 'abc'), acknowledge(3), data(3, 'def'), acknowledge(6));
    expect(streams.offsets).toEqual([0, 3]);
    const midstream = new Reader().see(data(70_000, 'abc'), data(70_003, 'def'));
    expect(midstream.offsets).toEqual([0, 3]);
  });

  it('are not taken from malformed segments, nor before the connection is there', () => {
    const bad = data(0, 'bad');
    bad.flags |= LAYER_FLAG.malformed;
    expect(reader().see(bad, data(0, 'abc'), acknowledge(3)).seen[0]).toBe('abc');
    expect(new Reader({ midstream: false }).see(data(0, 'abc')).end().seen[0]).toBe('');
  });
});

describe('the opening', () => {
  const fastSyn = segment('>', 'S', { seq: CLIENT_START }, 'GET');
  const synAck = (acked: number): Packet => segment('<', 'SA', { seq: SERVER_START, ack: CLIENT_START + 1 + acked });

  it('may bring bytes that the server takes', () => {
    expect(new Reader().see(fastSyn, synAck(3), data(3, ' /'), acknowledge(5)).seen[0]).toBe('GET /');
  });

  it('may bring bytes that the server does not take: those sent again count', () => {
    expect(new Reader().see(fastSyn, synAck(0), data(0, 'PUT /'), acknowledge(5)).seen[0]).toBe('PUT /');
    // The answer was not seen: the client's next number tells.
    expect(new Reader().see(fastSyn, data(0, 'PUT /')).seen[0]).toBe('PUT /');
    expect(new Reader().see(fastSyn, data(3, ' /')).seen[0]).toBe('GET /');
  });

  it('picked up by an acknowledgement, the stream begins with the first segment', () => {
    const streams = new Reader().see(acknowledge(10), data(4, 'before'), data(10, 'behind'));
    expect(streams.seen[0]).toBe('before');
    expect(streams.see(acknowledge(16)).seen[0]).toBe('beforebehind');
  });
});

describe('one byte', () => {
  it('of a keep-alive is nothing, whatever it is', () => {
    const streams = reader().see(data(0, 'abc'), data(2, 'X'), acknowledge(3), data(2, 'Y'));
    streams.see(data(3, 'd'), acknowledge(4));
    expect(streams.seen[0]).toBe('abcd');
    expect(streams.stats.differentOverlaps).toBe(0);
  });

  it('of a window probe counts when it was acknowledged', () => {
    const closed = segment('<', 'A', { seq: SERVER_START + 1, ack: CLIENT_START + 4, window: 0 });
    const open = segment('<', 'A', { seq: SERVER_START + 1, ack: CLIENT_START + 4, window: 500 });
    const probed = (...packets: Packet[]): string => reader().see(data(0, 'abc'), closed, ...packets).seen[0]!;
    expect(probed(data(3, 'X'), open, data(3, 'def'), acknowledge(6))).toBe('abcdef');
    expect(probed(data(3, 'd'), acknowledge(4), data(4, 'ef'), acknowledge(6))).toBe('abcdef');
  });
});

describe('missing bytes', () => {
  const patient = (acked: number): Packet[] => [0, 100, 200, 300].map((ms) => acknowledge(acked, ms));

  it('are a gap once they were acknowledged, 3 acknowledgements and 200 ms ago', () => {
    const streams = reader().see(data(0, 'abc'), data(5, 'fgh'), ...patient(8).slice(0, 2));
    expect(streams.seen[0]).toBe('abc');
    expect(streams.see(acknowledge(8, 200), acknowledge(8, 300)).seen[0]).toBe('abc[2]fgh');
    expect(streams.stats).toMatchObject({ gaps: 1, gapBytes: 2 });
  });

  it('are a gap after 64 acknowledgements, however fast these come', () => {
    const streams = reader().see(data(0, 'abc'), data(5, 'fgh'), acknowledge(8));
    for (let i = 0; i < 63; i++) streams.see(acknowledge(8));
    expect(streams.seen[0]).toBe('abc');
    expect(streams.see(acknowledge(8)).seen[0]).toBe('abc[2]fgh');
  });

  it('are none when they come late, and are not taken when they come too late', () => {
    expect(reader().see(data(3, 'def'), acknowledge(6), data(0, 'abc')).seen[0]).toBe('abcdef');
    const streams = reader().see(data(3, 'def'), ...patient(6), data(0, 'abc'), data(6, 'ghi'), acknowledge(9));
    expect(streams.seen[0]).toBe('[3]defghi');
    expect(streams.stats.late).toBe(1);
  });

  it('at the end of a flow are gaps, and lost only if they were acknowledged', () => {
    const streams = reader().see(data(1, 'b'), data(4, 'e'), acknowledge(2)).end();
    expect(streams.seen[0]).toBe('[1]b[2]e');
    expect(streams.stats).toMatchObject({ gaps: 1, gapBytes: 1 });
  });

  it('that the mirror cut are a gap at once, and not lost', () => {
    const cut = data(0, 'abcdef');
    cut.payloadLength = 2;
    const streams = reader().see(cut, data(6, 'ghi'), acknowledge(9));
    expect(streams.seen[0]).toBe('ab[4]ghi');
    expect(streams.end().stats).toMatchObject({ gaps: 0, gapBytes: 0, cutBytes: 4 });
    const late = data(3, 'defg');
    late.payloadLength = 1;
    expect(reader().see(late, data(7, 'h'), acknowledge(8), data(0, 'abc')).seen[0]).toBe('abcd[3]h');
  });

  it('pass over what the parser had left', () => {
    const streams = reader();
    streams.takes = () => 0;
    const cut = data(0, 'abcdef');
    cut.payloadLength = 2;
    const span = new StreamSpan();
    streams.take(cut);
    streams.take(data(6, 'ghi'));
    streams.take(acknowledge(9));
    const { reassembler, flow } = streams;
    expect(reassembler.usable(flow, 0, span)).toBe(true);
    expect(span).toMatchObject({ offset: 0, length: 2, gap: 0, cut: true });
    expect(reassembler.usable(flow, 0, span)).toBe(true);
    expect(span).toMatchObject({ offset: 6, length: 3, gap: 6, cut: false });
  });
});

describe('what the parser does not want', () => {
  it('is passed over, whether it has come or not', () => {
    const streams = reader();
    streams.take(data(0, 'abcdef'));
    streams.reassembler.skip(streams.flow, 0, 10);
    streams.see(acknowledge(6), data(6, 'ghijkl'), acknowledge(12));
    expect(streams.seen[0]).toBe('kl');
    expect(streams.offsets).toEqual([10]);
  });

  it('is not kept', () => {
    const streams = reader();
    streams.reassembler.skip(streams.flow, 0, 1e12);
    streams.see(data(0, 'a'.repeat(1000)), data(1000, 'b'.repeat(1000)), acknowledge(2000));
    expect(streams.reassembler.windowStats.windows).toBe(0);
  });

  it('any more at all is not told, but for the end', () => {
    const streams = reader().see(data(0, 'abc'), acknowledge(3));
    streams.reassembler.skip(streams.flow, 0, Infinity);
    const span = new StreamSpan();
    streams.take(data(3, 'def'));
    streams.take(acknowledge(6));
    expect(streams.reassembler.usable(streams.flow, 0, span)).toBe(false);
    expect(span).toMatchObject({ length: 0, gap: 0, cut: false, last: false });
    streams.take(segment('>', 'FA', { seq: CLIENT_START + 7, ack: SERVER_START + 1 }));
    streams.take(acknowledge(7));
    expect(streams.reassembler.usable(streams.flow, 0, span)).toBe(true);
    expect(span).toMatchObject({ length: 0, gap: 0, last: true });
  });

  it('hides no gap that lies behind it, and every one within it', () => {
    const streams = reader();
    streams.reassembler.skip(streams.flow, 0, 5);
    streams.see(data(0, 'a'), data(4, 'ef'), data(8, 'i'), acknowledge(9)).end();
    expect(streams.seen[0]).toBe('f[2]i');
  });
});

describe('raw inspection', () => {
  const DEPTH = 6000;
  /** What each look sees: [place, bytes looked back at, text]. */
  function looks(streams: Reader): [number, number, string][] {
    const span = new StreamSpan();
    const seen: [number, number, string][] = [];
    const { reassembler, flow } = streams;
    while (reassembler.raw(flow, 0, span)) {
      const back = reassembler.lookback(flow, 0);
      seen.push([span.offset, back, latin(flow.arena.bytes.slice(span.start - back, span.start + span.length))]);
      reassembler.inspected(flow, 0, span.length);
      if (!span.cut) break;
    }
    return seen;
  }

  it('looks back at what it has seen, though the parser has taken it', () => {
    const streams = reader({ depthBytes: DEPTH });
    streams.see(data(0, 'abc'), acknowledge(3));
    expect(looks(streams)).toEqual([[0, 0, 'abc']]);
    streams.see(data(3, 'def'), acknowledge(6));
    expect(looks(streams)).toEqual([[3, 3, 'abcdef']]);
    const text = 'x'.repeat(1400);
    for (let i = 0; i < 3; i++) streams.see(data(6 + i * 1400, text), acknowledge(6 + (i + 1) * 1400));
    expect(looks(streams)).toEqual([[6, 6, `abcdef${text.repeat(3)}`]]);
    streams.see(data(4206, 'end'), acknowledge(4209));
    expect(looks(streams)).toEqual([[4206, LOOKBACK_BYTES, `${'x'.repeat(LOOKBACK_BYTES)}end`]]);
  });

  it('begins anew behind a gap', () => {
    const streams = reader({ depthBytes: DEPTH });
    streams.see(data(0, 'abc'), acknowledge(3));
    looks(streams);
    const cut = data(3, 'defghi');
    cut.payloadLength = 1;
    streams.see(cut, data(9, 'jkl'), acknowledge(12));
    expect(looks(streams)).toEqual([
      [3, 3, 'abcd'],
      [9, 0, 'jkl'],
    ]);
  });

  it('ends at its depth', () => {
    const streams = reader({ depthBytes: 5 });
    streams.see(data(0, 'abc'), acknowledge(3), data(3, 'defg'), acknowledge(7));
    expect(looks(streams)).toEqual([[0, 0, 'abcde']]);
    expect(streams.see(data(7, 'hij'), acknowledge(10)).seen[0]).toBe('abcdefghij');
    expect(looks(streams)).toEqual([]);
    expect(streams.stats.depthReached).toBe(1);
  });

  it('has its last range where its depth is, however little that is', () => {
    const streams = reader({ depthBytes: 5 });
    const { reassembler, flow } = streams;
    const span = new StreamSpan();
    streams.see(data(0, 'abc'), acknowledge(3));
    expect([reassembler.raw(flow, 0, span), span.length, span.last]).toEqual([true, 3, false]);
    streams.see(data(3, 'defg'), acknowledge(7));
    expect([reassembler.raw(flow, 0, span), span.length, span.last]).toEqual([true, 5, true]);
  });

  it('sees what has come before the rest is bypassed, acknowledged or not, and nothing behind that', () => {
    const streams = reader({ depthBytes: DEPTH });
    streams.see(data(0, 'banner'));
    streams.reassembler.bypass(streams.flow, DIRECTION.toServer);
    expect(streams.reassembler.isFlushed(streams.flow, DIRECTION.toServer)).toBe(true);
    expect(looks(streams)).toEqual([[0, 0, 'banner']]);
    streams.see(data(6, 'encrypted'), acknowledge(15));
    expect(looks(streams)).toEqual([]);
    expect(streams.reassembler.holds(streams.flow)).toBe(false);
  });

  it('has ended where it has seen all that is not encrypted, and packets know', () => {
    const streams = reader({ depthBytes: DEPTH });
    const { reassembler, flow } = streams;
    streams.see(data(0, 'hello'), acknowledge(5));
    looks(streams);
    expect(reassembler.isConcealed(flow, DIRECTION.toServer)).toBe(false);
    reassembler.conceal(flow, DIRECTION.toServer, 5);
    streams.see(data(5, 'encrypted'), acknowledge(14));
    expect(looks(streams)).toEqual([]);
    expect(streams.seen[0]).toBe('helloencrypted');
    expect(reassembler.isConcealed(flow, DIRECTION.toServer)).toBe(true);
    expect(reassembler.isConcealed(flow, DIRECTION.toClient)).toBe(false);
  });

  it('goes on to where it is encrypted', () => {
    const streams = reader({ depthBytes: DEPTH });
    streams.see(data(0, 'hello'), acknowledge(5));
    streams.reassembler.conceal(streams.flow, DIRECTION.toServer, 5);
    expect(looks(streams)).toEqual([[0, 0, 'hello']]);
  });

  it('sees nothing of what is given up', () => {
    const streams = reader({ depthBytes: DEPTH });
    streams.see(data(0, 'banner'));
    streams.reassembler.giveUp(streams.flow, DIRECTION.toServer);
    streams.see(data(6, 'more'), acknowledge(10));
    expect(looks(streams)).toEqual([]);
  });

  it('leaves segments that begin beyond its depth to be inspected by themselves', () => {
    const streams = reader({ depthBytes: 5 });
    const isInStream = (packet: Packet): boolean => {
      streams.see(packet);
      return streams.inStream;
    };
    expect(isInStream(data(0, 'abc'))).toBe(true);
    expect(isInStream(data(4, 'efg'))).toBe(true);
    // Nothing is told of the gap yet, and the place counts all the same.
    expect(isInStream(data(7, 'h'))).toBe(false);
    expect(isInStream(data(5, 'fg'))).toBe(false);
    expect(isInStream(data(3, 'd'))).toBe(true);
    expect(isInStream(acknowledge(8))).toBe(true);
    looks(streams);
    expect(isInStream(data(8, 'i'))).toBe(false);
    expect(isInStream(data(9, ''))).toBe(true);
    streams.reassembler.bypass(streams.flow, DIRECTION.toServer);
    expect(isInStream(data(9, 'encrypted'))).toBe(true);
  });
});

/** Pieces of `text`, in an order and with repetitions of their own: [start, end). */
const cuts = (length: number): fc.Arbitrary<[number, number][]> =>
  fc
    .record({
      points: fc.array(fc.nat({ max: length }), { maxLength: 40 }),
      order: fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
      again: fc.array(fc.tuple(fc.nat({ max: length }), fc.nat({ max: length })), { maxLength: 10 }),
    })
    .map(({ points, order, again }) => {
      const sorted = [...new Set([0, ...points, length])].toSorted((a, b) => a - b);
      const pieces = sorted.slice(1).map((end, i): [number, number] => [sorted[i]!, end]);
      const more = again.map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]).filter(([a, b]) => a < b);
      const placed = [...pieces, ...more].map((piece, i) => ({ piece, at: order[i % order.length]! + i / 1000 }));
      return placed.toSorted((a, b) => a.at - b.at).map(({ piece }) => piece);
    });

describe('any order', () => {
  const LENGTH = 9000;
  const text = latin(Uint8Array.from({ length: LENGTH }, (_, i) => 33 + ((i * 7 + (i >>> 5)) % 90)));

  it('gives the same stream, however it is cut, shuffled, repeated, acknowledged and read', () => {
    const starts = fc.constantFrom(CLIENT_START, 0xffff_ffff - 3000, 0x7fff_ffff - 100);
    const policies = fc.constantFrom(...HOST_POLICIES);
    const takes = fc.infiniteStream(fc.nat({ max: 3000 }));
    const cases = fc.tuple(cuts(LENGTH), starts, policies, takes, fc.boolean());
    fc.assert(
      fc.property(cases, ([pieces, start, policy, random, acks]) => {
        const streams = new Reader({ policy, depthBytes: 0 }).open(start);
        streams.takes = (length) => Math.min(length, random.next().value as number);
        const seen = new Uint8Array(LENGTH + 1);
        for (const [from, to] of pieces) {
          streams.see(
            segment('>', 'PA', { seq: (start + 1 + from) >>> 0, ack: SERVER_START + 1 }, text.slice(from, to)),
          );
          seen.fill(1, from, to);
          if (acks) streams.see(segment('<', 'A', { seq: SERVER_START + 1, ack: (start + 1 + seen.indexOf(0)) >>> 0 }));
        }
        streams.end();
        expect(streams.seen[0]).toBe(text);
        expect(streams.stats).toMatchObject({ differentOverlaps: 0, gaps: 0, noMemory: 0, tooFar: 0 });
        expect(streams.flow.arena.usedBytes).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('overlap', () => {
  const LENGTH = 300;
  /** A dot for each byte of a gap. */
  const withDots = (text: string): string =>
    text.replace(/\[(\d+)\]/g, (_, count: string) => '·'.repeat(Number(count)));
  const fill = (letter: number, length: number): Uint8Array => new Uint8Array(length).fill(97 + (letter % 26));

  it('is settled as the policy has it, byte for byte', () => {
    // A first byte that never comes keeps everything waiting.
    const range = fc.tuple(fc.integer({ min: 1, max: LENGTH }), fc.integer({ min: 2, max: 80 }));
    const segments = fc.array(range, { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(segments, fc.constantFrom(...HOST_POLICIES), fc.boolean(), (list, policy, inOrder) => {
        const streams = reader({ policy });
        const expected = new NaiveStream(policy);
        list.forEach(([from, length], i) => {
          const at = inOrder ? from - 1 : from;
          streams.see(data(at, fill(i, length)));
          expected.take(at, fill(i, length));
        });
        streams.end();
        expect(withDots(streams.seen[0]!)).toBe(expected.text);
      }),
      { numRuns: 300 },
    );
  });

  /** An older segment D..G at 3, a newer one around it: what the published tables say of each. */
  const TABLE: readonly (readonly [string, number, number, readonly HostPolicy[]])[] = [
    ['before it, ends in it', 1, 5, ['last', 'bsd', 'bsd-right', 'windows', 'macos', 'linux', 'old-linux']],
    [
      'before it, ends with it',
      1,
      7,
      ['last', 'bsd', 'bsd-right', 'windows', 'macos', 'linux', 'old-linux', 'solaris'],
    ],
    [
      'before it, ends behind it',
      1,
      9,
      ['last', 'bsd', 'bsd-right', 'windows', 'macos', 'linux', 'old-linux', 'solaris'],
    ],
    ['with it, ends in it', 3, 5, ['last']],
    ['with it, ends with it', 3, 7, ['last', 'old-linux', 'solaris']],
    ['with it, ends behind it', 3, 9, ['last', 'linux', 'old-linux', 'solaris']],
    ['in it, ends in it', 4, 6, ['last']],
    ['in it, ends with it', 4, 7, ['last']],
    ['in it, ends behind it', 4, 9, ['last', 'solaris']],
  ];
  it.each(TABLE)('of a segment that begins %s', (_, from, to, newWins) => {
    for (const policy of HOST_POLICIES) {
      const streams = reader({ policy })
        .see(data(3, 'oooo'), data(from, 'n'.repeat(to - from)))
        .end();
      const overlapped = newWins.includes(policy) ? 'n' : 'o';
      const seen = withDots(streams.seen[0]!);
      const [start, end] = [Math.max(3, from), Math.min(7, to)];
      expect([policy, seen.slice(start, end)]).toEqual([policy, overlapped.repeat(end - start)]);
      expect(streams.stats.differentOverlaps).toBe(1);
    }
  });

  it('never changes what somebody was given', () => {
    for (const policy of HOST_POLICIES) {
      const streams = reader({ policy });
      streams.takes = () => 0;
      streams.see(data(0, 'old'), acknowledge(3), data(0, 'new'), data(3, '!'), acknowledge(4)).end();
      expect(streams.seen[0]).toBe('old!');
    }
  });
});
