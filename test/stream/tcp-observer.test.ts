/** Events of TCP connections: each with the packets that have it, and beside them packets that must not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYER_FLAG, type Packet } from '../../src/decode/packet.js';
import { Flow } from '../../src/flow/flow.js';
import { eventNames, TCP_EVENTS } from '../../src/stream/tcp-event.js';
import { TcpObserver } from '../../src/stream/tcp-observer.js';
import { packetOf, segment } from '../flow/packet-of.js';
import { hex, ipv4, tcp, TCP_FLAG } from '../support/packet-builder.js';
import { Streams } from '../support/streams.js';

/** The reassembler's own (reassembly-events.test.ts). */
const OF_REASSEMBLY = /^reassembly_/;

/** Flow table, TCP state and observer as the pipeline puts them together. */
class Connections {
  readonly streams: Streams;
  private readonly observer: TcpObserver;

  constructor(midstream: boolean) {
    this.observer = new TcpObserver(midstream);
    this.streams = new Streams({ midstream, parsed: false, depthBytes: 0 });
  }

  events(packet: Packet): string[] {
    // Test packets are used more than once; a pipeline loads them anew each time.
    packet.events = 0;
    packet.moreEvents = 0;
    const flow = this.streams.take(packet);
    this.observer.observe(flow, packet, this.streams.flows.direction);
    return eventNames(packet).filter((name) => !OF_REASSEMBLY.test(name));
  }
}

/** Events of each packet. */
const all = (packets: readonly Packet[], midstream = false): string[][] => {
  const connections = new Connections(midstream);
  return packets.map((packet) => connections.events(packet));
};
/** Events of the last packet; those before it are to have none. */
const last = (packets: readonly Packet[], midstream = false): string[] => {
  const events = all(packets, midstream);
  expect(events.slice(0, -1).flat()).toEqual([]);
  return events.at(-1)!;
};

type Way = '>' | '<';
const WINDOW = 1000;
const wide = { window: WINDOW };
const at = (way: Way, flags: string, seq: number, ack: number, data = '', window = WINDOW): Packet =>
  segment(way, flags, { seq, ack, window }, data);
/** A segment with a timestamp option: value, echo. */
const stamped = (way: Way, flags: string, seq: number, ack: number, value: number, echo: number, data = ''): Packet =>
  segment(
    way,
    flags,
    {
      seq,
      ack,
      ...wide,
      options: hex(`0101080a${value.toString(16).padStart(8, '0')}${echo.toString(16).padStart(8, '0')}`),
    },
    data,
  );

const SIGNATURE = hex('1312000102030405060708090a0b0c0d0e0f0000');

const syn = segment('>', 'S', { seq: 1000, ...wide });
const synAck = at('<', 'SA', 5000, 1001);
const ack = at('>', 'A', 1001, 5001);
const opened = [syn, synAck, ack];
const request = at('>', 'PA', 1001, 5001, 'request');
const response = at('<', 'PA', 5001, 1008, 'response');
const exchanged = [...opened, request, response, at('>', 'A', 1008, 5009)];

describe('connections without a fault', () => {
  it.each([
    ['opening and data', exchanged],
    [
      'the client closes first',
      [
        ...exchanged,
        at('>', 'FA', 1008, 5009),
        at('<', 'A', 5009, 1009),
        at('<', 'FA', 5009, 1009),
        at('>', 'A', 1009, 5010),
      ],
    ],
    [
      'the client closes first, the server at once',
      [...exchanged, at('>', 'FA', 1008, 5009), at('<', 'FA', 5009, 1009), at('>', 'A', 1009, 5010)],
    ],
    [
      'the server closes first',
      [
        ...exchanged,
        at('<', 'FA', 5009, 1008),
        at('>', 'A', 1008, 5010),
        at('>', 'FA', 1008, 5010),
        at('<', 'A', 5010, 1009),
      ],
    ],
    [
      'the server closes with its last data',
      [
        ...exchanged,
        at('<', 'FPA', 5009, 1008, 'bye'),
        at('>', 'A', 1008, 5013),
        at('>', 'FA', 1008, 5013),
        at('<', 'A', 5013, 1009),
      ],
    ],
    [
      'both close at once',
      [
        ...exchanged,
        at('<', 'FA', 5009, 1008),
        at('>', 'FA', 1008, 5009),
        at('<', 'A', 5010, 1009),
        at('>', 'A', 1009, 5010),
      ],
    ],
    [
      'half closed, and data goes on',
      [
        ...exchanged,
        at('>', 'FA', 1008, 5009),
        at('<', 'A', 5009, 1009),
        at('<', 'PA', 5009, 1009, 'more'),
        at('>', 'A', 1009, 5013),
        at('<', 'FA', 5013, 1009),
        at('>', 'A', 1009, 5014),
      ],
    ],
    ['refused', [syn, segment('<', 'RA', { seq: 0, ack: 1001, window: 0 })]],
    ['ended by a RST', [...exchanged, at('>', 'RA', 1008, 5009)]],
    ['an empty window, opened again', [...opened, at('<', 'A', 5001, 1001, '', 0), at('<', 'A', 5001, 1001, '', 900)]],
    ['keep-alive and its answer', [...exchanged, at('>', 'A', 1007, 5009), at('<', 'A', 5009, 1008)]],
    ['keep-alive with a byte', [...exchanged, at('>', 'A', 1007, 5009, 'x'), at('<', 'A', 5009, 1008)]],
    ['an old acknowledgement comes late', [...opened, request, at('<', 'A', 5001, 1008), at('<', 'A', 5001, 1005)]],
    [
      'a segment before the one that is missing',
      [...opened, at('>', 'PA', 1008, 5001, 'second'), request, at('<', 'A', 5001, 1014)],
    ],
    [
      'a four-way handshake',
      [syn, segment('<', 'S', { seq: 5000, ...wide }), at('>', 'SA', 1000, 5001), at('<', 'A', 5001, 1001)],
    ],
    ['a SYN sent again', [syn, syn, synAck, ack]],
    ['a SYN/ACK sent again', [syn, synAck, synAck, ack]],
    ['a SYN/ACK again, its acknowledgement lost', [...opened, synAck]],
    ['the last step is missing, data of the server', [syn, synAck, at('<', 'PA', 5001, 1001, 'hello')]],
    ['the last step is missing, data of the client', [syn, synAck, request, response]],
    [
      'fast open, data acknowledged',
      [
        segment('>', 'S', { seq: 1000, ...wide, options: hex('2202') }, 'Hi!'),
        at('<', 'SA', 5000, 1004),
        at('>', 'A', 1004, 5001),
      ],
    ],
    ...['fd04f989', 'fe0cf989261fb060cecab690'].map((options): [string, Packet[]] => [
      `fast open by an option of experiments, ${options}`,
      [
        segment('>', 'S', { seq: 1000, ...wide, options: hex(options) }, 'Hi!'),
        at('<', 'SA', 5000, 1004),
        at('>', 'A', 1004, 5001),
      ],
    ]),
    [
      'numbers that wrap around',
      [
        segment('>', 'S', { seq: 0xffff_fffe, ...wide }),
        at('<', 'SA', 0xffff_ffff, 0xffff_ffff),
        at('>', 'PA', 0xffff_ffff, 0, 'abc'),
        at('<', 'PA', 0, 2, 'def'),
        at('>', 'A', 2, 3),
      ],
    ],
    [
      'scaled windows',
      [
        segment('>', 'S', { seq: 1000, ...wide, options: hex('01030307') }),
        segment('<', 'SA', { seq: 5000, ack: 1001, ...wide, options: hex('01030307') }),
        ack,
        at('>', 'A', 1001, 5001),
        at('<', 'A', 5001, 1001),
        ...Array.from({ length: 20 }, (_, i) => at('>', 'PA', 1001 + 1400 * i, 5001, 'x'.repeat(1400))),
      ],
    ],
    [
      'timestamps that go on',
      [
        stamped('>', 'S', 1000, 0, 100, 0),
        stamped('<', 'SA', 5000, 1001, 900, 100),
        stamped('>', 'A', 1001, 5001, 101, 900),
        stamped('>', 'PA', 1001, 5001, 102, 900, 'abc'),
      ],
    ],
    [
      'timestamps that wrap around',
      [
        stamped('>', 'S', 1000, 0, 0xffff_ffff, 0),
        stamped('<', 'SA', 5000, 1001, 900, 0xffff_ffff),
        stamped('>', 'A', 1001, 5001, 3, 900),
      ],
    ],
    [
      'a timestamp off by one',
      [
        stamped('>', 'S', 1000, 0, 100, 0),
        stamped('<', 'SA', 5000, 1001, 900, 100),
        stamped('>', 'A', 1001, 5001, 99, 900),
      ],
    ],
    [
      'a SYN/ACK that echoes the first of two SYNs',
      [
        stamped('>', 'S', 1000, 0, 100, 0),
        stamped('>', 'S', 1000, 0, 200, 0),
        stamped('<', 'SA', 5000, 1001, 900, 100),
      ],
    ],
  ] as [string, Packet[]][])('%s', (_name, packets) => {
    expect(all(packets).flat()).toEqual([]);
    expect(all(packets, true).flat()).toEqual([]);
  });

  it.each([
    [
      'picked up in the middle',
      [
        request,
        response,
        at('>', 'A', 1008, 5009),
        at('<', 'PA', 5009, 1008, 'x'.repeat(1400)),
        at('>', 'FA', 1008, 6409),
      ],
    ],
    ['only the client is seen', [syn, ack, request, at('>', 'PA', 1008, 9001, 'more'), at('>', 'FA', 1012, 99_001)]],
    ['only the server is seen', [synAck, response, at('<', 'PA', 5009, 2000, 'more'), at('<', 'FA', 5013, 3000)]],
    ['the SYN/ACK is missing', [syn, request, response, at('>', 'A', 1008, 5009)]],
    ['the server is seen later', [request, at('>', 'PA', 1008, 5009, 'more'), at('<', 'PA', 5009, 1012, 'answer')]],
  ] as [string, Packet[]][])('with midstream: %s', (_name, packets) => {
    expect(all(packets, true).flat()).toEqual([]);
  });
});

const serverClosed = [...exchanged, at('<', 'FA', 5009, 1008)];
const serverClosedAcked = [...serverClosed, at('>', 'A', 1008, 5010)];
const clientClosed = [...exchanged, at('>', 'FA', 1008, 5009)];
const bothClosedClientFirst = [...clientClosed, at('<', 'FA', 5009, 1009)];
const bothClosedServerFirst = [...serverClosedAcked, at('>', 'FA', 1008, 5010)];
const closing = [...serverClosed, segment('>', 'F', { seq: 1008, ack: 0, ...wide })];
const stampedOpen = [
  stamped('>', 'S', 1000, 0, 100, 0),
  stamped('<', 'SA', 5000, 1001, 900, 100),
  stamped('>', 'A', 1001, 5001, 110, 900),
];
const fourWay = [syn, segment('<', 'S', { seq: 5000, ...wide })];
const different = (count: number): Packet[] =>
  Array.from({ length: count }, (_, i) => stamped('>', 'S', 1000, 0, 100 + i, 0));

describe('events', () => {
  const cases: [name: string, packets: Packet[], others?: string[], midstream?: boolean][] = [
    ['3whs_synack_with_wrong_ack', [syn, at('<', 'SA', 5000, 1002)]],
    ['3whs_synack_in_wrong_direction', [syn, at('>', 'SA', 5000, 1001)]],
    ['3whs_synack_tfo_data_ignored', [segment('>', 'S', { seq: 1000, ...wide, options: hex('2202') }, 'Hi!'), synAck]],
    ['3whs_syn_flood', different(12)],
    ['3whs_async_wrong_seq', [syn, at('>', 'A', 1005, 5001)], [], true],
    ['4whs_synack_with_wrong_ack', [...fourWay, at('>', 'SA', 1000, 5002)]],
    ['4whs_synack_with_wrong_syn', [...fourWay, at('>', 'SA', 1001, 5001)]],
    ['3whs_synack_toserver_on_syn_recv', [syn, synAck, at('>', 'SA', 1000, 5001)]],
    ['3whs_synack_resend_with_diff_ack', [syn, synAck, at('<', 'SA', 5000, 1002)]],
    ['3whs_synack_resend_with_diff_seq', [syn, synAck, at('<', 'SA', 6000, 1001)]],
    ['3whs_syn_toclient_on_syn_recv', [syn, synAck, segment('<', 'S', { seq: 5000, ...wide })]],
    ['3whs_syn_resend_diff_seq_on_syn_recv', [syn, synAck, segment('>', 'S', { seq: 1234, ...wide })]],
    ['3whs_right_seq_wrong_ack_evasion', [syn, synAck, at('>', 'A', 1001, 5002)]],
    ['3whs_wrong_seq_wrong_ack', [syn, synAck, at('>', 'A', 1000, 4000)]],
    ['3whs_wrong_seq_wrong_ack', [syn, synAck, at('<', 'PA', 5002 + WINDOW, 1001, 'x')]],
    ['4whs_wrong_seq', [...fourWay, at('>', 'SA', 1000, 5001), at('<', 'A', 5002, 1001)]],
    [
      '4whs_invalid_ack',
      [...fourWay, at('>', 'SA', 1000, 5001), at('<', 'A', 5001, 1002 + WINDOW)],
      ['pkt_invalid_ack'],
    ],
    ['est_packet_out_of_window', [...opened, at('>', 'PA', 1001 + WINDOW, 5001, 'x')]],
    ['est_pkt_before_last_ack', [...exchanged, at('>', 'PA', 1001, 5009, 'req')], ['pkt_spurious_retransmission']],
    [
      'est_ack_zwp_data',
      [...opened, at('<', 'A', 5001, 1001, '', 0), at('>', 'A', 1001, 5001, 'x'), at('<', 'A', 5001, 1002, '', 900)],
    ],
    ['est_invalid_ack', [...opened, at('>', 'A', 1001, 5002 + WINDOW)], ['pkt_invalid_ack']],
    ['est_synack_resend', [...opened, at('<', 'PA', 5001, 1001, 'hello'), synAck]],
    ['est_synack_resend_with_diff_ack', [...exchanged, synAck]],
    ['est_synack_resend_with_diff_seq', [...opened, at('<', 'SA', 5005, 1001)]],
    ['est_synack_toserver', [...opened, at('>', 'SA', 1000, 5001)]],
    ['est_syn_resend', [...opened, syn]],
    ['est_syn_resend_diff_seq', [...opened, segment('>', 'S', { seq: 9999, ...wide })]],
    ['est_syn_toclient', [...opened, segment('<', 'S', { seq: 5000, ...wide })]],
    ['fin_invalid_ack', [...opened, at('>', 'FA', 1001, 5002 + WINDOW)], ['pkt_invalid_ack']],
    ['fin_out_of_window', [...opened, at('>', 'FA', 1002 + WINDOW, 5001)]],
    ['fin_syn', [...opened, at('>', 'FSA', 1001, 5001)]],
    ['fin_but_no_session', [at('>', 'FA', 1001, 5001)]],
    ['fin_but_no_session', [at('>', 'FA', 1001, 5001)], [], true],
    ['rst_but_no_session', [at('>', 'RA', 1001, 5001)]],
    ['fin1_ack_wrong_seq', [...serverClosed, at('>', 'PA', 1008 + WINDOW, 5010, 'x')]],
    ['fin1_fin_wrong_seq', [...serverClosed, at('>', 'FA', 1009 + WINDOW, 5010)]],
    ['fin1_invalid_ack', [...serverClosed, at('>', 'A', 1008, 5011 + WINDOW)], ['pkt_invalid_ack']],
    ['fin2_ack_wrong_seq', [...serverClosedAcked, at('>', 'PA', 1008 + WINDOW, 5010, 'x')]],
    ['fin2_fin_wrong_seq', [...serverClosedAcked, at('>', 'FA', 1009 + WINDOW, 5010)]],
    ['fin2_invalid_ack', [...serverClosedAcked, at('>', 'A', 1008, 5012 + WINDOW)], ['pkt_invalid_ack']],
    ['closewait_ack_out_of_window', [...clientClosed, at('<', 'A', 5012 + WINDOW, 1009)]],
    ['closewait_fin_out_of_window', [...clientClosed, at('<', 'FA', 5010 + WINDOW, 1009)]],
    [
      'closewait_pkt_before_last_ack',
      [...clientClosed, at('<', 'PA', 5001, 1009, 'resp')],
      ['pkt_retransmission', 'pkt_spurious_retransmission'],
    ],
    ['closewait_invalid_ack', [...clientClosed, at('<', 'A', 5009, 1010 + WINDOW)], ['pkt_invalid_ack']],
    ['closing_ack_wrong_seq', [...closing, at('>', 'A', 1050, 5010)]],
    ['closing_invalid_ack', [...closing, at('>', 'A', 1009, 5011 + WINDOW)], ['pkt_invalid_ack']],
    ['lastack_ack_wrong_seq', [...bothClosedClientFirst, at('>', 'A', 1050, 5010)]],
    ['lastack_invalid_ack', [...bothClosedClientFirst, at('>', 'A', 1009, 5011 + WINDOW)], ['pkt_invalid_ack']],
    ['timewait_ack_wrong_seq', [...bothClosedServerFirst, at('<', 'A', 5050, 1009)]],
    ['timewait_invalid_ack', [...bothClosedServerFirst, at('<', 'A', 5010, 1010 + WINDOW)], ['pkt_invalid_ack']],
    ['shutdown_syn_resend', [...serverClosed, syn]],
    ['shutdown_syn_resend', [...serverClosedAcked, syn]],
    ['shutdown_syn_resend', [...clientClosed, syn]],
    ['shutdown_syn_resend', [...bothClosedClientFirst, syn]],
    ['shutdown_syn_resend', [...bothClosedServerFirst, syn]],
    ['shutdown_syn_resend', [...closing, syn]],
    ['rst_invalid_ack', [...opened, at('>', 'RA', 1001, 5002 + WINDOW)], ['pkt_invalid_ack']],
    ['rst_with_data', [...opened, at('>', 'RA', 1001, 5001, 'why')]],
    ['suspected_rst_inject', [syn, segment('<', 'RA', { seq: 0, ack: 1001, window: 0 }), synAck]],
    [
      'suspected_rst_inject',
      [...opened, segment('>', 'RA', { seq: 1001, ack: 5001, ...wide, options: SIGNATURE }), request],
    ],
    ['pkt_broken_ack', [...opened, segment('>', 'P', { seq: 1001, ack: 77, ...wide }, 'x')]],
    ['pkt_invalid_timestamp', [...stampedOpen, stamped('>', 'PA', 1001, 5001, 50, 900, 'old')]],
    ['pkt_invalid_timestamp', [stamped('>', 'S', 1000, 0, 100, 0), stamped('<', 'SA', 5000, 1001, 900, 99)]],
    ['pkt_invalid_timestamp', [syn, stamped('<', 'SA', 5000, 1001, 900, 99)]],
    ['pkt_retransmission', [...clientClosed, at('<', 'PA', 5009, 1009, 'more'), at('<', 'PA', 5009, 1009, 'more')]],
    ['pkt_bad_window_update', [...exchanged, at('<', 'A', 5050, 1030, '', 100)]],
  ];
  it.each(cases)('%s', (name, packets, others = [], midstream = false) => {
    expect(last(packets, midstream).sort()).toEqual([name, ...others].sort());
  });

  it('has a case for every event', () => {
    const tested = new Set(cases.flatMap(([name, , others = []]) => [name, ...others]));
    const names = TCP_EVENTS.map(({ name }) => name).filter((name) => !OF_REASSEMBLY.test(name));
    expect(names.filter((name) => !tested.has(name))).toEqual(['3whs_synack_flood']);
  });

  it('3whs_synack_flood, from the sixth different SYN/ACK on', () => {
    const floods = all([syn, synAck, ...Array.from({ length: 6 }, (_, i) => at('<', 'SA', 6000 + i, 1001))]).map(
      (events) => events.includes('3whs_synack_flood'),
    );
    expect(floods).toEqual([...new Array<boolean>(7).fill(false), true]);
  });
});

describe('a connection with an event', () => {
  it('goes on as if the segment had not been', () => {
    expect(all([...opened, at('>', 'A', 1001, 9_000_000), request, response]).map((events) => events.length)).toEqual([
      0, 0, 0, 2, 0, 0,
    ]);
  });

  it('takes the SYN/ACK that the client acknowledges', () => {
    expect(
      all([syn, synAck, at('<', 'SA', 6000, 1001), at('>', 'A', 1001, 6001), at('<', 'PA', 6001, 1001, 'x')])
        .slice(3)
        .flat(),
    ).toEqual([]);
  });

  it('may survive a RST that its receiver did not believe', () => {
    const events = all([syn, segment('<', 'RA', { seq: 0, ack: 1001, window: 0 }), synAck, ack, request, response]);
    expect(events.flat()).toEqual(['suspected_rst_inject']);
  });

  it.each([
    ['the client first', bothClosedClientFirst, '<', 1009, at('>', 'A', 1009, 5010), at('<', 'PA', 5100, 1009, 'more')],
    ['the server first', bothClosedServerFirst, '>', 5010, at('<', 'A', 5010, 1009), at('>', 'PA', 1100, 5010, 'more')],
  ] as const)(
    'stays closed where both sides ended it, %s, behind a signed RST that nobody can believe',
    (_name, closed, way, acked, lastAck, stray) => {
      const reset = segment(way, 'RA', { seq: 900_000, ack: acked, ...wide, options: SIGNATURE });
      expect(all([...closed, reset, lastAck, stray, stray]).slice(closed.length)).toEqual([
        [],
        [],
        ['suspected_rst_inject'],
        [],
      ]);
    },
  );

  it('takes an old timestamp after 24 days', () => {
    const late = stamped('>', 'PA', 1001, 5001, 50, 900, 'old');
    late.timeUs = 25 * 86_400 * 1e6;
    const connections = new Connections(false);
    for (const packet of stampedOpen) connections.events(packet);
    const flow = connections.streams.flows.lookup(stampedOpen[2]!)!;
    new TcpObserver(false).observe(flow, late, 0);
    expect(eventNames(late)).toEqual([]);
  });

  it('has no events of malformed packets, nor of those without a header', () => {
    const malformed = at('>', 'A', 1001, 9_000_000);
    malformed.flags |= LAYER_FLAG.malformed;
    expect(all([...opened, malformed]).flat()).toEqual([]);
    const cut = packetOf(ipv4({}, tcp({ flags: TCP_FLAG.rst }, 'x')).subarray(0, 36));
    new TcpObserver(false).observe(new Flow(), cut, 0);
    expect(eventNames(cut)).toEqual([]);
  });

  it('starts anew with the ports', () => {
    expect(
      all([
        ...opened,
        at('>', 'RA', 1001, 5001),
        segment('>', 'S', { seq: 70_000, ...wide }),
        at('<', 'SA', 8000, 70_001),
        at('>', 'A', 70_001, 8001),
      ]).flat(),
    ).toEqual([]);
  });
});

describe('any packets at all', () => {
  const near = (base: number) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: base - 3, max: base + 20 }) },
      { weight: 1, arbitrary: fc.nat({ max: 0xffff_ffff }) },
    );
  const step = fc.record({
    toServer: fc.boolean(),
    flags: fc.oneof(
      fc.constantFrom('S', 'SA', 'A', 'PA', 'FA', 'R', 'RA', 'F'),
      fc.subarray(['F', 'S', 'R', 'P', 'A']).map((letters) => letters.join('')),
    ),
    client: near(1000),
    server: near(5000),
    window: fc.constantFrom(0, 1, 100, 65535),
    length: fc.constantFrom(0, 0, 1, 5),
    options: fc.constantFrom('', '01030302', '0101080a0000006400000064', '0101080a0000003200000000', '2202', '1302'),
    other: fc.boolean(),
  });
  const packetOfStep = ({
    toServer,
    flags,
    client,
    server,
    window,
    length,
    options,
    other,
  }: typeof step extends fc.Arbitrary<infer T> ? T : never): Packet => {
    const packet = segment(
      toServer ? '>' : '<',
      flags,
      {
        seq: toServer ? client : server,
        ack: flags.includes('A') ? (toServer ? server : client) : 0,
        window,
        options: hex(options),
      },
      'x'.repeat(length),
    );
    // Another mirror session is another flow.
    packet.vni = other ? 2 : 1;
    return packet;
  };

  it('have events that are in the table, and never throw', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, midstream) => {
        const connections = new Connections(midstream);
        for (const each of steps) {
          const packet = packetOfStep(each);
          connections.events(packet);
          expect(TCP_EVENTS.length).toBeLessThanOrEqual(64);
          for (const name of eventNames(packet)) expect(TCP_EVENTS.some((event) => event.name === name)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('have the same events whatever other connections lie between them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, midstream) => {
        const together = new Connections(midstream);
        const apart = [new Connections(midstream), new Connections(midstream)];
        for (const each of steps) {
          const [one, two] = [packetOfStep(each), packetOfStep(each)];
          expect(together.events(one)).toEqual(apart[Number(each.other)]!.events(two));
        }
      }),
      { numRuns: 200 },
    );
  });
});
