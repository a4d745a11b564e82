/** What reassembly says of segments, as events: each with a segment that has it, and beside it one that has not. */
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/decode/packet.js';
import { DIRECTION } from '../../src/flow/flow.js';
import type { ReassemblyOptions } from '../../src/stream/reassembly-options.js';
import { StreamSpan } from '../../src/stream/stream-span.js';
import { eventNames } from '../../src/stream/tcp-event.js';
import { segment } from '../flow/packet-of.js';
import { Streams } from '../support/streams.js';

const START = 1001;
const data = (at: number, text: string): Packet => segment('>', 'PA', { seq: START + at, ack: 5001 }, text);
const acknowledge = (acked: number, ms = 0): Packet =>
  segment('<', 'A', { seq: 5001, ack: START + acked }, '', { timeUs: ms * 1000 });

/** Events of reassembly of each packet behind an opening, of a stream that is read as far as it goes. */
function events(packets: readonly Packet[], options: Partial<ReassemblyOptions> = {}): string[] {
  const streams = new Streams(options);
  const span = new StreamSpan();
  streams.take(segment('>', 'S', { seq: 1000 }));
  streams.take(segment('<', 'SA', { seq: 5000, ack: 1001 }));
  return packets.map((packet) => {
    const flow = streams.take(packet);
    const { reassembler } = streams;
    while (reassembler.usable(flow, DIRECTION.toServer, span) && span.length > 0)
      reassembler.consumed(flow, DIRECTION.toServer, span.length);
    while (reassembler.raw(flow, DIRECTION.toServer, span) && span.length > 0)
      reassembler.inspected(flow, DIRECTION.toServer, span.length);
    return eventNames(packet).join(' ');
  });
}

describe('reassembly_overlap_different_data', () => {
  const NAME = 'reassembly_overlap_different_data';

  it('is of bytes that were others before, whether they were acknowledged or not', () => {
    expect(events([data(0, 'hello'), data(0, 'HELLO')])).toEqual(['', NAME]);
    expect(events([data(0, 'hello'), acknowledge(5), data(2, 'LLOxx')])).toEqual(['', '', NAME]);
    expect(events([data(5, 'world'), data(5, 'WORLD')])).toEqual(['', NAME]);
  });

  it('is not of the same bytes again', () => {
    expect(events([data(0, 'hello'), data(0, 'hello'), data(3, 'lo you')])).toEqual(['', '', '']);
  });
});

describe('reassembly_seq_gap', () => {
  it('is of the packet by which missing bytes are given up', () => {
    const packets = [data(0, 'hello'), data(15, 'world'), ...[0, 100, 200, 300, 400].map((ms) => acknowledge(20, ms))];
    expect(events(packets)).toEqual(['', '', '', '', '', 'reassembly_seq_gap', '']);
  });

  it('is not where they come in another order', () => {
    expect(events([data(5, 'world'), acknowledge(10), data(0, 'hello'), acknowledge(10, 900)])).toEqual([
      '',
      '',
      '',
      '',
    ]);
  });
});

describe('reassembly_depth_reached', () => {
  it('is of the one segment that goes beyond the depth', () => {
    const packets = (): Packet[] => [data(0, 'hello'), data(5, 'world'), data(10, '!'), data(11, 'more')];
    expect(events(packets(), { depthBytes: 10 })).toEqual(['', '', 'reassembly_depth_reached', '']);
    expect(events(packets(), { depthBytes: Infinity })).toEqual(['', '', '', '']);
  });
});

describe('reassembly_no_segment', () => {
  it('is of a segment too far ahead of what is missing', () => {
    expect(events([data(0, 'hello'), data(300_000, 'far'), data(5, 'world')])).toEqual([
      '',
      'reassembly_no_segment',
      '',
    ]);
  });

  it('is of a segment without memory', () => {
    expect(events([data(0, 'hello')], { memoryBytes: 64 })).toEqual(['reassembly_no_segment']);
  });
});

describe('reassembly_segment_before_base_seq', () => {
  it('is of bytes that are gone, and were not acknowledged', () => {
    const one = new Array(40).fill(0).map((_, i) => data(1000 * i, 'x'.repeat(1000)));
    const options = { unackedBytes: 0 };
    expect(events([...one, data(0, 'x'.repeat(1000))], options).at(-1)).toBe('reassembly_segment_before_base_seq');
    expect(events([...one, acknowledge(40_000), data(0, 'x'.repeat(1000))], options).at(-1)).toBe('');
  });
});
