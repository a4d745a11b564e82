/** Segments that their receiver drops: what they bring hides nothing, and nothing honest is hidden. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/decode/packet.js';
import type { Direction } from '../../src/flow/flow.js';
import type { ReassemblyOptions } from '../../src/stream/reassembly-options.js';
import { StreamSpan } from '../../src/stream/stream-span.js';
import { segment } from '../flow/packet-of.js';
import { NaiveReceiver } from '../support/naive-receiver.js';
import { ReadStreams } from '../support/streams.js';

const CLIENT = 1001;
const SERVER = 5001;
/** Timestamps of the SYN and of the SYN/ACK. */
const FIRST = 1000;
const THEIRS = 90_000;
const WHOLE_DAYS = 25 * 86_400;

/** A connection whose streams are read as text; `[n]` stands for a gap. */
class Reader extends ReadStreams {
  readonly seen = ['', ''];
  private readonly span = new StreamSpan();

  protected read(direction: Direction): void {
    const { span, reassembler, flow } = this;
    while (reassembler.usable(flow, direction, span)) {
      if (span.gap > 0) this.seen[direction] += `[${span.gap}]`;
      const bytes = flow.arena.bytes.subarray(span.start, span.start + span.length);
      this.seen[direction] += Buffer.from(bytes).toString('latin1');
      reassembler.consumed(flow, direction, span.length);
      if (!span.cut) return;
    }
  }
}

interface Fields {
  ack?: number;
  time?: number;
  seconds?: number;
  flags?: string;
  window?: number;
}

const option = (timestamp: number, echo: number): Uint8Array => {
  const bytes = Buffer.from('0101080a0000000000000000', 'hex');
  bytes.writeUInt32BE(timestamp >>> 0, 4);
  bytes.writeUInt32BE(echo >>> 0, 8);
  return bytes;
};
/** `at`, `ack` count from the first byte of their side; `time` from the timestamp of the SYN. */
const said = (at: number, text: string, { ack = 0, time = 1, seconds = 0, flags = 'PA' }: Fields = {}): Packet =>
  segment(
    '>',
    flags,
    { seq: (CLIENT + at) >>> 0, ack: (SERVER + ack) >>> 0, options: option(FIRST + time, THEIRS) },
    text,
    {
      timeUs: seconds * 1e6,
    },
  );
const bare = (at: number, text: string, ack = 0): Packet =>
  segment('>', 'PA', { seq: CLIENT + at, ack: (SERVER + ack) >>> 0 }, text);
const answered = (ack: number, echo: number, text = '', at = 0, seconds = 0): Packet =>
  segment('<', 'PA', { seq: SERVER + at, ack: CLIENT + ack, options: option(THEIRS, FIRST + echo) }, text, {
    timeUs: seconds * 1e6,
  });
const answeredBare = (ack: number, text = '', at = 0): Packet =>
  segment('<', 'PA', { seq: SERVER + at, ack: CLIENT + ack }, text);
const opening = [
  segment('>', 'S', { seq: CLIENT - 1, options: option(FIRST, 0) }),
  segment('<', 'SA', { seq: SERVER - 1, ack: CLIENT, options: option(THEIRS, FIRST) }),
  segment('>', 'A', { seq: CLIENT, ack: SERVER, options: option(FIRST, THEIRS) }),
];
const bareOpening = [
  segment('>', 'S', { seq: CLIENT - 1 }),
  segment('<', 'SA', { seq: SERVER - 1, ack: CLIENT }),
  segment('>', 'A', { seq: CLIENT, ack: SERVER }),
];
const GARBAGE = 'garb';
const TRUTH = 'true';

/** What Linux 6.18 delivered of the same segments, and what it echoed last. */
const OF_LINUX: readonly (readonly [what: string, packets: readonly Packet[], delivered: string, echo: number])[] = [
  [
    'an old timestamp',
    [said(0, '', { time: 10 }), said(0, GARBAGE, { time: 8 }), said(0, TRUTH, { time: 10 })],
    TRUTH,
    10,
  ],
  [
    'one that is older by one',
    [said(0, '', { time: 10 }), said(0, GARBAGE, { time: 9 }), said(0, TRUTH, { time: 10 })],
    GARBAGE,
    10,
  ],
  ['one from before the SYN', [said(0, GARBAGE, { time: -2 }), said(0, TRUTH)], TRUTH, 1],
  [
    'one older than that of data',
    [said(0, 'aaaa', { time: 100 }), said(4, GARBAGE, { time: 50 }), said(4, TRUTH, { time: 100 })],
    'aaaatrue',
    100,
  ],
  [
    'one newer than that of bytes further on',
    [said(4, TRUTH, { time: 1000 }), said(0, GARBAGE, { time: 10 })],
    'garbtrue',
    10,
  ],
  [
    'an old one in a FIN',
    [said(0, '', { time: 100 }), said(0, GARBAGE, { time: 5, flags: 'FA' }), said(0, TRUTH, { time: 100 })],
    TRUTH,
    100,
  ],
  [
    'a new one in bytes sent long ago',
    [
      said(0, 'aaaa'),
      answered(4, 1),
      said(4, 'bbbb'),
      answered(8, 1),
      said(0, 'aaaa', { time: 5000 }),
      said(8, TRUTH, { time: 2 }),
    ],
    'aaaabbbbtrue',
    2,
  ],
  [
    'a new one in the bytes acknowledged last',
    [
      said(0, 'aaaa'),
      answered(4, 1),
      said(4, 'bbbb'),
      answered(8, 1),
      said(4, 'bbbb', { time: 5000 }),
      said(8, TRUTH, { time: 2 }),
    ],
    'aaaabbbb',
    5000,
  ],
  ['none, where they were agreed on', [bare(0, TRUTH)], TRUTH, 0],
  ['an acknowledgement of the next byte', [said(0, GARBAGE, { ack: 1 }), said(0, TRUTH)], TRUTH, 1],
  ['one of bytes far ahead', [said(0, GARBAGE, { ack: 1000 }), said(0, TRUTH)], TRUTH, 1],
  ['one of bytes far ahead, out of order', [said(4, 'GGGG', { ack: 100 }), said(0, TRUTH)], TRUTH, 1],
  ['one from before the SYN/ACK', [said(0, GARBAGE, { ack: -1 }), said(0, TRUTH)], TRUTH, 1],
  ['one from long before it', [said(0, GARBAGE, { ack: -100_000 }), said(0, TRUTH)], TRUTH, 1],
  ['one from before it, far away', [said(0, GARBAGE, { ack: -2_000_000_000 }), said(0, TRUTH)], TRUTH, 1],
  ['no ACK', [said(0, GARBAGE, { flags: 'P' }), said(0, TRUTH)], TRUTH, 1],
  ['data with SYN and ACK', [said(0, GARBAGE, { flags: 'SA' }), said(0, TRUTH)], TRUTH, 1],
  ['a timestamp of 0', [said(0, GARBAGE, { time: -FIRST }), said(0, TRUTH)], TRUTH, 1],
];

describe('segments as Linux takes them', () => {
  it.each(OF_LINUX)('%s', (_, packets, delivered, echo) => {
    const streams = new Reader().see(...opening, ...packets, answered(delivered.length, echo));
    expect(streams.seen[0]).toBe(delivered);
    expect(streams.end().seen[0].slice(0, delivered.length)).toBe(delivered);
  });

  it('timestamps that were not agreed on say nothing', () => {
    const option0 = { seq: CLIENT, ack: SERVER, options: option(5000, 1) };
    const packets = [segment('>', 'A', option0), segment('>', 'PA', { ...option0, options: option(10, 1) }, TRUTH)];
    const streams = new Reader().see(...bareOpening, ...packets, bare(0, GARBAGE), answeredBare(4));
    expect(streams.seen[0]).toBe(TRUTH);
    expect(streams.stats.invalidTimestamps).toBe(0);
  });

  it('a SYN with a timestamp of 0 makes any a good one', () => {
    const first = segment('<', 'SA', { seq: SERVER - 1, ack: CLIENT, options: option(THEIRS, 0) });
    const streams = new Reader().see(
      opening[0]!,
      first,
      said(0, TRUTH, { time: 0x9000_0000 }),
      said(4, TRUTH),
      answered(8, 1),
    );
    expect(streams.seen[0]).toBe('truetrue');
    expect(streams.stats.invalidTimestamps).toBe(0);
  });

  it('one that is older by one is dropped by systems that are not Linux', () => {
    const packets = [
      said(0, '', { time: 10 }),
      said(0, GARBAGE, { time: 9 }),
      said(0, TRUTH, { time: 10 }),
      answered(4, 10),
    ];
    const seen = (policy: ReassemblyOptions['policy']): string =>
      new Reader({ policy }).see(...opening, ...packets).seen[0]!;
    expect([seen('linux'), seen('old-linux'), seen('vista'), seen('bsd')]).toEqual([GARBAGE, GARBAGE, TRUTH, TRUTH]);
  });

  it('timestamps go on from anywhere after 24 days', () => {
    const later = said(4, TRUTH, { time: -500, seconds: WHOLE_DAYS });
    const streams = new Reader({}).see(
      ...opening,
      said(0, TRUTH),
      answered(4, 1),
      later,
      said(4, GARBAGE, { time: -500, seconds: WHOLE_DAYS }),
    );
    streams.see(answered(8, -500, '', 0, WHOLE_DAYS));
    expect(streams.seen[0]).toBe('truetrue');
    expect(streams.stats.invalidTimestamps).toBe(0);
  });

  it('timestamps wrap around', () => {
    const wrap = (time: number, text: string, at: number): Packet => said(at, text, { time: time - FIRST });
    const ends = [
      wrap(0xffff_fff0, 'aaaa', 0),
      answered(4, 0xffff_fff0 - FIRST),
      wrap(3, 'bbbb', 4),
      answered(8, 3 - FIRST),
    ];
    const streams = new Reader().see(
      segment('>', 'S', { seq: CLIENT - 1, options: option(0xffff_ff00, 0) }),
      segment('<', 'SA', { seq: SERVER - 1, ack: CLIENT, options: option(THEIRS, 0xffff_ff00) }),
      ...ends,
      wrap(0xffff_fff0, GARBAGE, 8),
      wrap(4, TRUTH, 8),
      answered(12, 4 - FIRST),
    );
    expect(streams.seen[0]).toBe('aaaabbbbtrue');
    expect(streams.stats.invalidTimestamps).toBe(1);
  });

  it('segments of the server are judged likewise', () => {
    const streams = new Reader().see(
      ...opening,
      said(0, 'ask'),
      segment('<', 'PA', { seq: SERVER, ack: CLIENT + 3, options: option(THEIRS - 5, FIRST + 1) }, GARBAGE),
      answered(900, 1, GARBAGE),
      answered(3, 1, TRUTH),
      said(3, '', { ack: 4 }),
    );
    expect(streams.seen).toEqual(['ask', TRUTH]);
    expect(streams.stats).toMatchObject({ invalidTimestamps: 1, invalidAcks: 1 });
  });
});

describe('a connection of which the sensor misses something', () => {
  it('is read where an acknowledgement is of bytes that it did not see', () => {
    const streams = new Reader().see(...bareOpening, bare(0, 'one'), answeredBare(3), bare(3, 'two', 500));
    expect(streams.seen[0]).toBe('one');
    // The server goes on behind what was missed, and has taken the request.
    expect(streams.see(answeredBare(6, 'more', 500)).seen[0]).toBe('onetwo');
    expect(streams.stats.invalidAcks).toBe(1);
    expect(streams.see(bare(6, 'three', 504), answeredBare(11)).seen[0]).toBe('onetwothree');
    expect(streams.stats.invalidAcks).toBe(1);
  });

  it('is read where both sides acknowledge what it did not see', () => {
    const streams = new Reader().see(
      ...bareOpening,
      bare(100, 'two', 500),
      answeredBare(103, 'four', 500),
      bare(103, '', 504),
    );
    streams.end();
    expect(streams.seen).toEqual(['[100]two', '[500]four']);
  });

  it('is read when it ends without an acknowledgement', () => {
    expect(new Reader().see(...bareOpening, bare(0, 'one', 500)).end().seen[0]).toBe('one');
  });

  it('is read on where the answers are not seen any more', () => {
    const streams = new Reader().see(...bareOpening, answeredBare(0, 'x'), bare(0, '', 1));
    const text = 'abcdefgh'.repeat(125);
    for (let i = 0; i < 400; i++) streams.see(bare(1000 * i, text, 1000 + i));
    expect(streams.seen[0]!.length).toBeGreaterThan(200_000);
    expect(streams.end().seen[0]).toBe(text.repeat(400));
  });

  it('is read where timestamps come out of order behind their acknowledgement', () => {
    const streams = new Reader().see(
      ...opening,
      answered(4, 1),
      said(4, 'late', { time: 12 }),
      said(0, 'data', { time: 10 }),
    );
    expect(streams.see(answered(8, 12)).seen[0]).toBe('datalate');
  });

  it('is read where timestamps are not what was thought, once the receiver says so', () => {
    // The receiver has dropped the one with the new timestamp for something that is not looked at here.
    const streams = new Reader().see(...opening, said(0, '', { time: 1_000_000 }), said(0, 'abc', { time: 5 }));
    expect(streams.see(answered(3, 5)).seen[0]).toBe('abc');
    expect(streams.see(said(3, 'def', { time: 6 }), said(3, GARBAGE, { time: 6 }), answered(6, 6)).seen[0]).toBe(
      'abcdef',
    );
    expect(streams.stats.invalidTimestamps).toBe(1);
  });

  it('is not believed to be lost what was never sent, however often it is acknowledged', () => {
    const streams = new Reader().see(...bareOpening);
    for (let i = 0; i < 100; i++) streams.see(bare(0, '', 4));
    expect(streams.see(answeredBare(0, TRUTH), bare(0, '', 4)).seen[1]).toBe(TRUTH);
  });

  it('is read as the receiver has it where both sides say what the other drops', () => {
    const streams = new Reader().see(...bareOpening, answeredBare(0, 'zza'), bare(0, 'NNN', 200_000));
    streams.see(answeredBare(200_000, 'NNNNN', 3), answeredBare(0, 'lphaz', 3), bare(0, '', 8));
    expect(streams.seen[1]).toBe('zzalphaz');
  });

  it('picked up in the middle, is read from both ends', () => {
    const streams = new Reader().see(
      said(10, 'one', { ack: 700 }),
      answered(13, 1, 'two', 700),
      said(13, 'three', { ack: 703 }),
    );
    streams.see(said(18, GARBAGE, { ack: 703, time: -9 }), said(18, TRUTH, { ack: 703 }), answered(22, 1, '', 703));
    expect(streams.seen).toEqual(['onethreetrue', 'two']);
    const alone = new Reader().see(said(0, 'a', { time: 9 }), said(1, 'b', { ack: 900 }), said(2, 'c', { time: -900 }));
    expect(alone.seen[0]).toBe('abc');
    expect(alone.stats).toMatchObject({ invalidAcks: 0, invalidTimestamps: 0 });
  });
});

describe('what is kept in doubt', () => {
  it('never changes what is there, with any policy', () => {
    for (const policy of ['first', 'last', 'linux', 'bsd', 'solaris', 'windows'] as const) {
      const streams = new Reader({ policy }).see(...opening, said(0, TRUTH, { time: 9 }), said(6, 'xy', { time: 9 }));
      streams.see(
        said(0, 'NNNNNNNNNN', { ack: 3 }),
        said(4, 'is', { time: 9 }),
        said(8, 'z!', { time: 9 }),
        answered(10, 9),
      );
      expect([policy, streams.seen[0]]).toEqual([policy, 'trueisxyz!']);
    }
  });

  it('is bounded: what goes beyond is a segment to be inspected by itself', () => {
    const streams = new Reader().see(...bareOpening);
    const kept = Array.from({ length: 6 }, (_, i) => streams.see(bare(1 + 10 * i, 'x', 9)).inStream);
    expect(kept).toEqual([true, true, true, true, false, false]);
    expect(streams.stats.noMemory).toBe(2);
    expect(streams.see(bare(0, 'a'.repeat(60)), answeredBare(60)).seen[0]).toBe('a'.repeat(60));
  });
});

type Step =
  | { readonly kind: 'say' | 'repeat' | 'ahead' | 'answer'; readonly length: number }
  | { readonly kind: 'false'; readonly length: number; readonly how: 'time' | 'ahead' | 'old'; readonly off: number };

const length = fc.integer({ min: 1, max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('say', 'repeat', 'ahead'), length }),
  fc.record({
    kind: fc.constant('false' as const),
    length,
    how: fc.constantFrom('time', 'ahead', 'old'),
    off: fc.nat(12),
  }),
  fc.record({ kind: fc.constant('answer' as const), length: fc.nat(5) }),
);
/** The true text, in small letters; what is false is in capitals. */
const letters = (at: number, count: number, first: number): string =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(first + ((at + i) % 26))).join('');

/** A client that says true and false things, and the receiver by the book. */
class Talk {
  readonly packets: Packet[] = [];
  readonly receiver = new NaiveReceiver(FIRST);
  private said = 0;
  private heard = 0;
  private clock = 1;

  play(steps: readonly Step[]): this {
    for (const one of steps) this.step(one);
    this.send(0, this.said, 0x61, this.heard, ++this.clock);
    this.answer('');
    return this;
  }

  private step(one: Step): void {
    const { said } = this;
    if (one.kind === 'answer') this.answer('r'.repeat(one.length));
    else if (one.kind === 'say') this.say(said, one.length);
    else if (one.kind === 'repeat') this.say(Math.max(0, said - one.length), one.length);
    else if (one.kind === 'ahead') this.say(said + one.length, one.length);
    else if (one.kind === 'false') this.lie(one);
  }

  private lie({ length: count, how, off }: Extract<Step, { kind: 'false' }>): void {
    const at = Math.max(0, this.said - 6 + off);
    if (how === 'time') this.send(at, count, 0x41, this.heard, this.receiver.recent - FIRST - 2 - off);
    else this.send(at, count, 0x41, how === 'ahead' ? this.receiver.sent + 1 + off : -1 - off, this.clock);
  }

  private say(at: number, count: number): void {
    this.send(at, count, 0x61, this.heard, ++this.clock);
    this.said = Math.max(this.said, at + count);
  }

  private send(at: number, count: number, first: number, ack: number, time: number): void {
    const text = letters(at, count, first);
    this.packets.push(said(at, text, { ack, time }));
    this.receiver.take({ at, ack, timestamp: FIRST + time, text });
  }

  private answer(text: string): void {
    const { at, ack, echo } = this.receiver.answer(text);
    this.packets.push(answered(ack, echo - FIRST, text, at));
    this.heard = this.receiver.sent;
  }
}

describe('beside a receiver by the book', () => {
  it('the stream is what it has, whatever it drops', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { packets, receiver } = new Talk().play(steps);
        const streams = new Reader().see(...opening, ...packets);
        expect(streams.seen[0]).toBe(receiver.text);
      }),
      { numRuns: 200 },
    );
  });

  it('the stream misses nothing that was seen, whatever the mirror loses', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(fc.nat(5), { minLength: 35, maxLength: 35 }),
        (steps, lost) => {
          const { packets, receiver } = new Talk().play(steps);
          // The last two are seen: everything that was said, and its acknowledgement.
          const seen = packets.filter((_, i) => i >= packets.length - 2 || lost[i] !== 0);
          const text = new Reader().see(...opening, ...seen).end().seen[0]!;
          expect(text.toLowerCase().slice(0, receiver.text.length)).toBe(receiver.text);
        },
      ),
      { numRuns: 200 },
    );
  });
});
