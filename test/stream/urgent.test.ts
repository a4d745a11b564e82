/** Urgent bytes: a part of the stream, no part of it, or missing in it, as the setting says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/decode/packet.js';
import { DIRECTION } from '../../src/flow/flow.js';
import { FLUSH } from '../../src/stream/reassembler.js';
import { StreamSpan } from '../../src/stream/stream-span.js';
import type { UrgentPolicy } from '../../src/stream/urgent.js';
import { segment } from '../flow/packet-of.js';
import { Streams } from '../support/streams.js';

const START = 0xffff_ff00;
const SERVER = 5000;

class Connection extends Streams {
  parsed = '';
  raw = '';
  private readonly span = new StreamSpan();

  constructor(urgent: UrgentPolicy) {
    super({ urgent, depthBytes: 1_000_000 });
    for (const packet of [
      segment('>', 'S', { seq: START }),
      segment('<', 'SA', { seq: SERVER, ack: START + 1 }),
      segment('>', 'A', { seq: START + 1, ack: SERVER + 1 }),
    ])
      this.take(packet);
  }

  /** A segment, and its acknowledgement. `urgent`: the pointer; 0 is one without the flag. */
  send(at: number, text: string, urgent = 0): this {
    const seq = (START + 1 + at) >>> 0;
    return this.see(segment('>', urgent > 0 ? 'UPA' : 'PA', { seq, ack: SERVER + 1, urgent }, text));
  }

  acknowledge(at: number): this {
    return this.see(segment('<', 'A', { seq: SERVER + 1, ack: (START + 1 + at) >>> 0 }));
  }

  end(): this {
    this.reassembler.flush(this.flow, FLUSH.end);
    this.read();
    return this;
  }

  private see(packet: Packet): this {
    this.take(packet);
    this.read();
    return this;
  }

  /** The parser leaves a byte where it can, as one that waits for the end of a line does. */
  private read(): void {
    const { span, reassembler, flow } = this;
    const text = (length: number): string =>
      Buffer.from(flow.arena.bytes.slice(span.start, span.start + length)).toString();
    while (reassembler.usable(flow, DIRECTION.toServer, span)) {
      const taken = span.last || span.cut ? span.length : Math.max(0, span.length - 1);
      this.parsed += (span.gap > 0 ? `[${span.gap}]` : '') + text(taken);
      reassembler.consumed(flow, DIRECTION.toServer, taken);
      if (!span.cut) break;
    }
    while (reassembler.raw(flow, DIRECTION.toServer, span)) {
      this.raw += text(span.length);
      reassembler.inspected(flow, DIRECTION.toServer, span.length);
      if (!span.cut) break;
    }
  }
}

/** What parser and rules see of a segment with this pointer, and one behind it. */
const seen = (policy: UrgentPolicy, pointer: number): string => {
  const streams = new Connection(policy).send(0, 'abcdef', pointer).acknowledge(6).send(6, 'ghi').acknowledge(9).end();
  expect(streams.raw).toBe(streams.parsed.replaceAll(/\[\d+\]/g, ''));
  return streams.parsed;
};

describe('an urgent byte', () => {
  it.each<[UrgentPolicy, number, string]>([
    ['inline', 6, 'abcdefghi'],
    ['inline', 3, 'abcdefghi'],
    ['oob', 6, 'abcdeghi'],
    ['oob', 3, 'abdefghi'],
    ['oob', 1, 'bcdefghi'],
    ['gap', 6, 'abcde[1]ghi'],
    ['gap', 3, 'ab[1]defghi'],
    ['gap', 1, '[1]bcdefghi'],
    // The pointer is behind the segment, or the flag is not set.
    ['oob', 7, 'abcdefghi'],
    ['gap', 7, 'abcdefghi'],
    ['oob', 0, 'abcdefghi'],
    ['gap', 0, 'abcdefghi'],
  ])('%s, pointer %d: %s', (policy, pointer, expected) => expect(seen(policy, pointer)).toBe(expected));

  it('is counted, also where it stays because something in front of it is missing', () => {
    const streams = new Connection('oob').send(0, 'ab!', 3).acknowledge(3);
    expect(streams.stats).toMatchObject({ urgentTakenOut: 1, urgentKept: 0 });
    streams.send(5, 'ef!', 3).send(3, 'cd').acknowledge(8).end();
    expect(streams.stats).toMatchObject({ urgentTakenOut: 1, urgentKept: 1 });
    expect(streams.parsed).toBe('abcdef!');
  });

  it('is taken out once, however often its segment is sent before anybody reads it', () => {
    const streams = new Connection('oob');
    for (let times = 0; times < 3; times++) streams.send(0, 'abcdef', 3);
    streams.acknowledge(6).end();
    expect(streams.parsed).toBe('abdef');
    expect(streams.stats).toMatchObject({ urgentTakenOut: 1, urgentKept: 2 });
    // Nor is one that came as another byte: nobody knows what the receiver has made of it.
    const later = new Connection('oob').send(0, 'abcdef').send(0, 'abcdef', 3).acknowledge(6).end();
    expect(later.parsed).toBe('abcdef');
  });

  it('is taken out of what waits, whatever has been read, across a wrap of the numbers', () => {
    const piece = fc.record({
      text: fc.string({ minLength: 1, maxLength: 90, unit: fc.constantFrom('a', 'b', 'c') }),
      urgent: fc.nat(100),
      isAcked: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const streams = new Connection('oob');
        let expected = '';
        let at = 0;
        for (const { text, urgent, isAcked } of pieces) {
          streams.send(at, text, urgent);
          at += text.length;
          if (isAcked) streams.acknowledge(at);
          expected += urgent > 0 && urgent <= text.length ? text.slice(0, urgent - 1) + text.slice(urgent) : text;
        }
        streams.acknowledge(at).end();
        expect([streams.parsed, streams.raw]).toEqual([expected, expected]);
        expect(streams.stats).toMatchObject({ urgentKept: 0, gaps: 0 });
      }),
      { numRuns: 100 },
    );
  });
});
