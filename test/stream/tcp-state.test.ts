import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/decode/packet.js';
import { LAYER_FLAG } from '../../src/decode/packet.js';
import { FLOW_STATE, type Direction, type Flow } from '../../src/flow/flow.js';
import { STREAM } from '../../src/flow/record.js';
import type { StreamStats } from '../../src/stream/stream-stats.js';
import { TCP_SEEN } from '../../src/stream/tcp-state.js';
import { segment } from '../flow/packet-of.js';
import { Streams } from '../support/streams.js';

/** Flow table and streams as the pipeline puts them together. */
class Connection extends Streams {
  constructor(midstream: boolean) {
    super({ midstream, parsed: false, depthBytes: 0 });
  }

  see(...packets: Packet[]): this {
    for (const packet of packets) this.take(packet);
    return this;
  }

  get established(): boolean {
    return this.flow.established;
  }
}

const columns = (flow: Flow, word: keyof typeof STREAM): number[] =>
  [0, 1].map((direction) => flow.words[flow.row(direction as Direction) + STREAM[word]]);
const strict = (...packets: Packet[]): Connection => new Connection(false).see(...packets);
const lenient = (...packets: Packet[]): Connection => new Connection(true).see(...packets);

const syn = segment('>', 'S', { seq: 1000 });
const synAck = segment('<', 'SA', { seq: 5000, ack: 1001 });
const ack = segment('>', 'A', { seq: 1001, ack: 5001 });
const request = segment('>', 'PA', { seq: 1001, ack: 5001 }, 'request');
const response = segment('<', 'PA', { seq: 5001, ack: 1008 }, 'response');
const handshake = [syn, synAck, ack];

describe('opening', () => {
  it('is over behind the packet that completes it, or with it where that carries data', () => {
    const steps = (connection: Connection, ...packets: Packet[]): boolean[] =>
      packets.map((packet) => connection.see(packet).flow.justEstablished);
    expect(steps(new Connection(false), ...handshake, ack, request)).toEqual([false, false, true, false, false]);
    expect(steps(new Connection(false), syn, synAck, request, ack)).toEqual([false, false, false, false]);
    expect(
      steps(
        new Connection(false),
        syn,
        synAck,
        segment('>', 'FA', { seq: 1001, ack: 5001 }),
        segment('<', 'A', { seq: 5001, ack: 1002 }),
      ),
    ).toEqual([false, false, true, false]);
    expect(steps(new Connection(true), ack, ack)).toEqual([true, false]);
    expect(steps(new Connection(true), request, ack)).toEqual([false, false]);
  });

  it.each([
    ['three-way handshake', handshake, true],
    ['its last step carries data', [syn, synAck, request], true],
    ['only SYN and SYN/ACK', [syn, synAck], false],
    ['SYN and data, no SYN/ACK', [syn, request], false],
    ['SYN/ACK of another SYN', [syn, segment('<', 'SA', { seq: 5000, ack: 999 }), ack], false],
    ['last step acknowledges another SYN/ACK', [syn, synAck, segment('>', 'A', { seq: 1001, ack: 4000 })], false],
    ['retransmitted SYN and SYN/ACK', [syn, syn, synAck, synAck, ack], true],
    [
      'a second SYN with a new number',
      [
        syn,
        segment('>', 'S', { seq: 2000 }),
        segment('<', 'SA', { seq: 5000, ack: 2001 }),
        segment('>', 'A', { seq: 2001, ack: 5001 }),
      ],
      true,
    ],
    ['a forged SYN behind the true one', [syn, segment('>', 'S', { seq: 101_000 }), synAck, ack], true],
    ['a forged SYN/ACK behind the true one', [syn, synAck, segment('<', 'SA', { seq: 105_000, ack: 1001 }), ack], true],
    [
      'a forged SYN/ACK that the client does not acknowledge, whose acknowledgement is not seen',
      [syn, synAck, segment('<', 'SA', { seq: 105_000, ack: 1001 }), response],
      true,
    ],
    ['a forged SYN, which nobody answers', [syn, segment('>', 'S', { seq: 101_000 }), ack, response], false],
    [
      'split handshake in four steps',
      [
        syn,
        segment('<', 'S', { seq: 5000 }),
        segment('>', 'SA', { seq: 1000, ack: 5001 }),
        segment('<', 'A', { seq: 5001, ack: 1001 }),
      ],
      true,
    ],
    [
      'simultaneous opening',
      [
        syn,
        segment('<', 'S', { seq: 5000 }),
        segment('>', 'SA', { seq: 1000, ack: 5001 }),
        segment('<', 'SA', { seq: 5000, ack: 1001 }),
        ack,
      ],
      true,
    ],
    [
      'fast open, data acknowledged',
      [
        segment('>', 'S', { seq: 1000 }, 'Hi!'),
        segment('<', 'SA', { seq: 5000, ack: 1004 }),
        segment('>', 'A', { seq: 1004, ack: 5001 }),
      ],
      true,
    ],
    ['fast open, data not acknowledged', [segment('>', 'S', { seq: 1000 }, 'Hi!'), synAck, ack], true],
    [
      'numbers wrap around',
      [
        segment('>', 'S', { seq: 0xffffffff }),
        segment('<', 'SA', { seq: 0xfffffffe, ack: 0 }),
        segment('>', 'A', { seq: 0, ack: 0xffffffff }),
      ],
      true,
    ],
    ['no SYN at all', [ack, request, response], false],
    ['SYN/ACK first', [synAck, ack, request], false],
    ['SYN with FIN opens nothing', [segment('>', 'SF', { seq: 1000 }), synAck, ack], false],
    ['data without ACK', [syn, synAck, segment('>', 'P', { seq: 1001 }, 'x')], false],
  ])('without midstream: %s', (_, packets, established) => {
    const connection = strict(...packets);
    expect(connection.established).toBe(established);
    expect(connection.flow.state).toBe(established ? FLOW_STATE.established : FLOW_STATE.new);
    expect(connection.flow.midstream).toBe(false);
  });

  it.each([
    ['three-way handshake', handshake, true, 0],
    ['only SYN and SYN/ACK', [syn, synAck], false, 0],
    ['a segment with ACK', [ack], true, 1],
    ['data from the server', [response], true, 1],
    ['SYN/ACK alone', [synAck], false, 1],
    ['SYN/ACK and ACK', [synAck, ack], true, 1],
    ['client only: SYN, then ACK', [syn, ack], true, 0],
    ['client only: SYN, then data', [syn, request], true, 0],
    ['server only: SYN/ACK, then data', [synAck, response], true, 1],
    ['SYN, and a bare ACK that answers it (RFC 5961)', [syn, segment('<', 'A', { seq: 77, ack: 88 })], false, 0],
    ['data that fits no SYN', [syn, segment('>', 'PA', { seq: 3e9, ack: 1 }, 'data')], true, 1],
    [
      'SYN/ACK of a SYN that we missed',
      [syn, segment('<', 'SA', { seq: 5000, ack: 2001 }), segment('>', 'A', { seq: 2001, ack: 5001 })],
      true,
      0,
    ],
    [
      'scans without ACK',
      [segment('>', 'F', { seq: 1 }), segment('>', '', { seq: 1 }), segment('>', 'FP', { seq: 1 })],
      false,
      0,
    ],
    ['a RST alone', [segment('>', 'RA', { seq: 1 })], false, 0],
  ])('with midstream: %s', (_, packets, established, pickups) => {
    const connection = lenient(...packets);
    expect(connection.established).toBe(established);
    expect(connection.stats.midstreamPickups).toBe(pickups);
    expect(connection.flow.midstream).toBe(pickups > 0);
  });

  it.each([
    ['SYN', [syn, segment('>', 'S', { seq: 999_000 }), synAck]],
    ['SYN, before the true one', [segment('>', 'S', { seq: 999_000 }), syn, synAck]],
    ['SYN/ACK', [syn, synAck, segment('<', 'SA', { seq: 999_000, ack: 1001 })]],
    ['SYN/ACK of a lower number', [syn, synAck, segment('<', 'SA', { seq: 4000, ack: 1001 })]],
    ['SYN/ACK, before the true one', [syn, segment('<', 'SA', { seq: 4000, ack: 1001 }), synAck]],
    ['SYN and SYN/ACK', [syn, segment('>', 'S', { seq: 9 }), synAck, segment('<', 'SA', { seq: 9, ack: 1001 })]],
    [
      'SYN and segment behind it',
      [syn, segment('>', 'S', { seq: 9 }), synAck, segment('>', 'PA', { seq: 10, ack: 5002 }, 'forged')],
    ],
    [
      'SYN/ACK, sent again',
      [syn, synAck, segment('<', 'SA', { seq: 4000, ack: 1001 }), synAck, segment('<', 'SA', { seq: 4000, ack: 1001 })],
    ],
  ])('is not led astray by a forged %s', (_, packets) => {
    for (const midstream of [false, true]) {
      const { flow } = new Connection(midstream).see(...packets, ack, request, response);
      expect([midstream, flow.established]).toEqual([midstream, true]);
      expect(columns(flow, 'initialSeq')).toEqual([1000, 5000]);
      expect(columns(flow, 'nextSeq')).toEqual([1008, 5009]);
    }
  });

  it('takes nothing from malformed packets', () => {
    const bad = segment('>', 'A', { seq: 1001, ack: 5001 });
    bad.flags |= LAYER_FLAG.malformed;
    expect(strict(syn, synAck, bad).established).toBe(false);
    expect(lenient(bad).flow.tcpState).toBe(0);
  });

  it('remembers the initial numbers, for stream_size', () => {
    const { flow } = strict(...handshake, request, response);
    expect(columns(flow, 'initialSeq')).toEqual([1000, 5000]);
    expect(columns(flow, 'nextSeq')).toEqual([1008, 5009]);
    expect([flow.sentBytes(0), flow.sentBytes(1)]).toEqual([8, 9]);
  });
});

describe('closing', () => {
  const fin = segment('>', 'FA', { seq: 1001, ack: 5001 });
  const finBack = segment('<', 'FA', { seq: 5001, ack: 1002 });

  it('takes a FIN from both sides', () => {
    expect(strict(...handshake, fin).flow.state).toBe(FLOW_STATE.established);
    const { flow } = strict(...handshake, fin, finBack);
    expect([flow.state, flow.established]).toEqual([FLOW_STATE.closed, true]);
  });

  it.each([
    ['at the number expected', segment('>', 'R', { seq: 1001 }), true],
    ['of the server, at the number expected', segment('<', 'RA', { seq: 5001, ack: 1001 }), true],
    ['a little ahead: something was lost', segment('>', 'R', { seq: 3000 }), true],
    ['a little behind: something was in flight', segment('>', 'R', { seq: 1000 }), true],
    ['out of any window', segment('>', 'R', { seq: 0x80000000 }), false],
    ['with the number 0 of a stray', segment('<', 'R', { seq: 0xf0000000 }), false],
  ])('takes a RST %s', (_, rst, closed) => {
    const { flow, stats } = strict(...handshake, rst);
    expect(flow.state).toBe(closed ? FLOW_STATE.closed : FLOW_STATE.established);
    expect(stats.outOfWindow).toBe(closed ? 0 : 1);
    expect(flow.established).toBe(true);
  });

  it('takes the RST that refuses a SYN, and no other', () => {
    expect(strict(syn, segment('<', 'RA', { seq: 0, ack: 1001 })).flow.state).toBe(FLOW_STATE.closed);
    expect(strict(syn, segment('<', 'RA', { seq: 0, ack: 4711 })).flow.state).toBe(FLOW_STATE.new);
    expect(strict(syn, segment('<', 'R', { seq: 0 })).flow.state).toBe(FLOW_STATE.new);
  });

  it('lets a connection be established after a RST that its receiver ignored', () => {
    const connection = strict(syn, segment('>', 'R', { seq: 1500 }));
    expect(connection.flow.state).toBe(FLOW_STATE.closed);
    expect(connection.see(synAck, ack).established).toBe(true);
    expect(connection.flow.state).toBe(FLOW_STATE.established);
    expect(connection.flows.stats.started).toBe(1);
  });
});

describe('ports used again', () => {
  const end = segment('<', 'R', { seq: 5001 });
  const nextSyn = segment('>', 'S', { seq: 90000 }, '', { timeUs: 5 });

  it('start a new flow with a SYN of another number after the end', () => {
    const connection = strict(...handshake, end);
    const { id } = connection.flow;
    connection.see(nextSyn);
    expect(connection.flow.id).not.toBe(id);
    expect(connection.flow).toMatchObject({
      packetsToServer: 1,
      packetsToClient: 0,
      established: false,
      tcpState: TCP_SEEN.syn,
    });
  });

  it('do not with the SYN of the connection that ended, sent again', () => {
    expect(strict(...handshake, end, syn).flows.stats.started).toBe(1);
  });

  it('do not while the connection is open: its receiver ignores such a SYN (RFC 5961)', () => {
    const connection = lenient(...handshake, nextSyn, request);
    expect(connection.flows.stats.started).toBe(1);
    expect(connection.established).toBe(true);
  });

  it('do when that SYN is answered: we missed the end', () => {
    const connection = lenient(...handshake, nextSyn, segment('<', 'SA', { seq: 7, ack: 90001 }));
    expect(connection.flows.stats.started).toBe(2);
    expect(connection.flow).toMatchObject({ packetsToServer: 0, packetsToClient: 1 });
    expect(connection.see(segment('>', 'A', { seq: 90001, ack: 8 })).established).toBe(true);
  });

  it('start a new flow with a SYN after strays of an older connection', () => {
    const connection = strict(request, response, syn);
    expect(connection.flows.stats.started).toBe(2);
    expect(connection.see(synAck, ack).established).toBe(true);
  });

  it('may change the client', () => {
    const connection = strict(...handshake, end, segment('<', 'S', { seq: 1 }), segment('>', 'SA', { seq: 1, ack: 2 }));
    expect(connection.flow.clientIsLower).toBe(false);
    expect(columns(connection.flow, 'initialSeq')).toEqual([1, 1]);
  });
});

describe('loss before us', () => {
  const data = (seq: number, length: number, acked = 5001): Packet =>
    segment('>', 'A', { seq, ack: acked }, 'd'.repeat(length));
  const acknowledge = (number: number, ms = 0): Packet =>
    segment('<', 'A', { seq: 5001, ack: number }, '', { timeUs: ms * 1000 });
  /** One acknowledgement and as many more, as late as a hole waits for. */
  const patient = (number: number): Packet[] => [0, 100, 200, 300].map((ms) => acknowledge(number, ms));

  it('is none where nothing is missing', () => {
    expect(
      strict(...handshake, data(1001, 100), acknowledge(1101), data(1101, 50), acknowledge(1151)).stats,
    ).toMatchObject({ gaps: 0, gapBytes: 0, outOfWindow: 0 });
  });

  it('is what was acknowledged and is still missing three acknowledgements and 200 ms later', () => {
    const connection = strict(...handshake, data(1001, 100), data(1301, 100), acknowledge(1401, 0));
    const seen = [100, 150, 199, 200, 300].map((ms) => connection.see(acknowledge(1401, ms)).stats.gapBytes);
    expect(seen).toEqual([0, 0, 0, 200, 200]);
    expect(connection.stats).toMatchObject({ gaps: 1, gapBytes: 200 });
    const slow = strict(...handshake, data(1001, 100), data(1301, 100), acknowledge(1401, 0));
    expect([1000, 2000, 3000].map((ms) => slow.see(acknowledge(1401, ms)).stats.gapBytes)).toEqual([0, 0, 200]);
  });

  it('counts bytes of which not even the segment behind them was seen, when the flow ends', () => {
    const connection = strict(...handshake, ...patient(1501));
    // Whoever acknowledges what was not sent makes no gap: it may yet come.
    expect(connection.stats).toMatchObject({ gaps: 0, gapBytes: 0 });
    connection.flows.clear();
    expect(connection.stats).toMatchObject({ gaps: 1, gapBytes: 500 });
  });

  it('counts them before that where any segment of their side shows that they were sent', () => {
    const shows = segment('>', 'A', { seq: 1501, ack: 5001 });
    expect(strict(...handshake, ...patient(1501), shows, ...patient(1501)).stats).toMatchObject({
      gaps: 1,
      gapBytes: 500,
    });
    expect(strict(...handshake, shows, ...patient(1501)).stats).toMatchObject({ gaps: 1, gapBytes: 500 });
  });

  it('counts what is missing of a flow that ends', () => {
    const short = strict(...handshake, data(1001, 100), data(1301, 100), acknowledge(1351));
    short.flows.clear();
    expect(short.stats).toMatchObject({ gaps: 1, gapBytes: 200 });
    const unacknowledged = strict(...handshake, data(1001, 100), data(1301, 100), acknowledge(1101));
    unacknowledged.flows.clear();
    expect(unacknowledged.stats).toMatchObject({ gaps: 0, gapBytes: 0 });
    const again = strict(
      ...handshake,
      acknowledge(1501),
      segment('<', 'R', { seq: 5001 }),
      segment('>', 'S', { seq: 90000 }),
    );
    expect(again.stats.gapBytes).toBe(500);
  });

  it('is none when the segments come late', () => {
    const late = [...handshake, data(1101, 100), acknowledge(1201), data(1001, 100), ...patient(1201)];
    expect(strict(...late).stats).toMatchObject({ gaps: 0, gapBytes: 0 });
    expect(strict(...handshake, acknowledge(1101), data(1001, 100), ...patient(1101)).stats).toMatchObject({
      gapBytes: 0,
    });
  });

  it('is the rest when some of it comes late', () => {
    const shows = data(1301, 0);
    expect(strict(...handshake, acknowledge(1301), data(1101, 100), shows, ...patient(1301)).stats).toMatchObject({
      gaps: 2,
      gapBytes: 200,
    });
    expect(
      strict(...handshake, acknowledge(1301), data(1001, 100), data(1251, 100), ...patient(1351)).stats,
    ).toMatchObject({ gaps: 1, gapBytes: 150 });
  });

  it('says nothing of a side that is not mirrored', () => {
    const served = [1001, 5001, 9001, 13001].map((number) => segment('<', 'A', { seq: 5001, ack: number }));
    expect(lenient(...served).stats).toMatchObject({ gaps: 0, gapBytes: 0, midstreamPickups: 1 });
  });

  it('is not measured by segments out of any window', () => {
    const connection = strict(...handshake, data(0x90000000, 10), acknowledge(0x70000000));
    expect(connection.stats).toMatchObject({ outOfWindow: 2, gaps: 0 });
    expect(columns(connection.flow, 'nextSeq')[0]).toBe(1001);
  });

  it('goes by what was on the wire where the mirror cut packets', () => {
    const cut = data(1001, 100);
    cut.payloadLength = 10;
    expect(strict(...handshake, cut, data(1101, 10), ...patient(1111)).stats.gapBytes).toBe(0);
  });
});

describe('loss before us, in any order of packets', () => {
  const SIZE = 100;
  const START = 0xffff_f000;
  const dataOf = (index: number): Packet =>
    segment('>', 'A', { seq: (START + 1 + index * SIZE) >>> 0, ack: 5001 }, 'd'.repeat(SIZE));
  const ackOf = (index: number): Packet =>
    segment('<', 'A', { seq: 5001, ack: (START + 1 + (index + 1) * SIZE) >>> 0 });

  /** Each segment comes up to `late` places behind its acknowledgement, but for those that are lost. */
  function stats(lateness: readonly number[], lost: ReadonlySet<number>, spacingUs: number): StreamStats {
    const events = lateness.flatMap((late, index) => [
      { at: index * 2 + late * 2, packet: dataOf(index), lost: lost.has(index) },
      { at: index * 2 + 1, packet: ackOf(index), lost: false },
    ]);
    const connection = strict(
      segment('>', 'S', { seq: START }),
      segment('<', 'SA', { seq: 5000, ack: START + 1 }),
      segment('>', 'A', { seq: START + 1, ack: 5001 }),
    );
    const packets = events
      .toSorted((a, b) => a.at - b.at)
      .filter((event) => !event.lost)
      .map(({ packet }) => packet);
    packets.push(...Array.from({ length: 4 }, () => ackOf(lateness.length - 1)));
    packets.forEach((packet, i) => (packet.timeUs = i * spacingUs + (i > packets.length - 4 ? 1e6 : 0)));
    connection.see(...packets);
    connection.flows.clear();
    return connection.stats;
  }
  const delays = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 120 });

  it('is none where everything comes, however late behind its acknowledgement', () => {
    fc.assert(
      fc.property(delays, fc.constantFrom(1, 1000, 5000), (lateness, spacing) => {
        expect(stats(lateness, new Set(), spacing)).toMatchObject({ gaps: 0, gapBytes: 0, outOfWindow: 0 });
      }),
      { numRuns: 200 },
    );
  });

  it('is the very bytes that never come', () => {
    fc.assert(
      fc.property(
        delays,
        fc.array(fc.nat({ max: 119 })),
        fc.constantFrom(1, 1000, 5000),
        (lateness, indexes, spacing) => {
          const lost = new Set(indexes.filter((index) => index < lateness.length));
          expect(stats(lateness, lost, spacing).gapBytes).toBe(lost.size * SIZE);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is the sum where there are more holes than are kept', () => {
    const lost = new Set(Array.from({ length: 400 }, (_, i) => 2 * i));
    expect(stats(new Array<number>(800).fill(0), lost, 1)).toMatchObject({ gapBytes: 400 * SIZE });
    // All of them at once, before the first acknowledgement.
    const connection = strict(
      segment('>', 'S', { seq: START }),
      segment('<', 'SA', { seq: 5000, ack: START + 1 }),
      segment('>', 'A', { seq: START + 1, ack: 5001 }),
    );
    for (let index = 1; index < 800; index += 2) connection.see(dataOf(index));
    for (let index = 100; index < 800; index += 7) connection.see(ackOf(index));
    connection.see(ackOf(799));
    connection.flows.clear();
    expect(connection.stats.gapBytes).toBe(400 * SIZE);
  });
});

describe('flows with holes', () => {
  const FLOWS = 10_000;
  const syns = (port: number): Packet => segment('>', 'S', { seq: 1000, srcPort: port });
  const synAcks = (port: number): Packet => segment('<', 'SA', { seq: 5000, ack: 1001, dstPort: port });
  const behindHole = (port: number): Packet => segment('>', 'PA', { seq: 2001, ack: 5001, srcPort: port }, 'x');

  it('as many as a stranger likes leave room for bits and tags of every other flow', () => {
    const streams = new Streams({ midstream: false, parsed: false, depthBytes: 0 }, { cap: 2 * FLOWS });
    const take = (packet: Packet): Flow => streams.take(packet);
    for (let port = 1; port <= FLOWS; port++) {
      take(syns(port));
      take(synAcks(port));
      take(behindHole(port));
    }
    const { arena } = take(behindHole(1));
    expect(streams.reassembler.windowStats.evicted).toBeGreaterThan(0);
    const { refused } = arena;
    for (let port = FLOWS + 1; port <= 2 * FLOWS; port++) expect(take(syns(port)).setBit(7)).toBe(true);
    expect(arena.refused).toBe(refused);
    streams.flows.clear();
    expect(arena.usedBytes).toBe(0);
  });
});

describe('any packets at all', () => {
  const anything = fc.record({
    way: fc.constantFrom('>', '<') as fc.Arbitrary<'>' | '<'>,
    flags: fc.subarray(['F', 'S', 'R', 'P', 'A']).map((letters) => letters.join('')),
    seq: fc.oneof(fc.integer({ min: 995, max: 1010 }), fc.nat({ max: 0xffffffff })),
    ack: fc.oneof(fc.integer({ min: 995, max: 1010 }), fc.nat({ max: 0xffffffff })),
    length: fc.constantFrom(0, 1, 5),
  });

  it('leave a state that makes sense', () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 30 }), fc.boolean(), (steps, midstream) => {
        const connection = new Connection(midstream);
        for (const { way, flags, seq, ack: acked, length } of steps) {
          connection.see(segment(way, flags, { seq, ack: acked }, 'x'.repeat(length)));
          const { flow, stats } = connection;
          if (flow.state === FLOW_STATE.established) expect(flow.established).toBe(true);
          if (flow.established) expect(flow.state).not.toBe(FLOW_STATE.new);
          if (!midstream) expect(flow.midstream).toBe(false);
          // Once data with ACK was seen, midstream misses nothing.
          if (midstream && length > 0 && flags.includes('A') && !/[SR]/.test(flags))
            expect(flow.established).toBe(true);
          expect(stats.gapBytes >= stats.gaps).toBe(true);
        }
        connection.flows.clear();
        expect(connection.stats.gapBytes).toBeGreaterThanOrEqual(connection.stats.gaps);
      }),
      { numRuns: 300 },
    );
  });
});
