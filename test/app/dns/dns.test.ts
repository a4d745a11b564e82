/** Messages of DNS as rules see them: names, numbers, events, and the object in events. */
import { describe, expect, it } from 'vitest';
import { DNS_BUFFERS } from '../../../src/app/dns/buffers.js';
import type { Flow } from '../../../src/flow/flow.js';
import { conversationTarget } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import { concat, u16, u32, type Payload } from '../../support/packet-builder.js';
import {
  address,
  dnsMessage,
  inStream,
  labels,
  pointer,
  query,
  TYPE,
  type MessageFields,
} from '../support/dns-messages.js';
import type { Part, Seen } from '../support/talk.js';
import { DNS, DNS_EVENTS, LLMNR, MDNS } from '../../../src/app/dns/index.js';
import { Talk, talkInPieces, talksCutOnce } from '../support/talk.js';

const newTalk = (protocol = DNS) => new Talk(protocol, DNS_BUFFERS, DNS_EVENTS);
const RESPONSE = 0x8180;
const answer = (more: MessageFields): Uint8Array =>
  dnsMessage({ flags: RESPONSE, queries: [{ name: 'q.example', type: TYPE.a }], ...more });

function datagrams(...parts: Part[]): readonly Seen[] {
  const talk = newTalk();
  for (const [side, bytes] of parts) talk.datagram(side, bytes as Uint8Array);
  return talk.seen;
}

const ofOne = (side: '>' | '<', message: Uint8Array): Seen => datagrams([side, message])[0]!;
const many = (count: number, make: (index: number) => Payload): Uint8Array =>
  concat(...Array.from({ length: count }, (_, index) => make(index)));

const ALL_SECTIONS = answer({
  answers: [
    { name: pointer(12), type: TYPE.cname, data: labels('to.Example') },
    { name: 'to.Example', type: TYPE.mx, data: concat(u16(5), labels('mail.example')) },
    { name: 'srv.example', type: TYPE.srv, data: concat(u16(1), u16(2), u16(3), labels('sip.example')) },
  ],
  authorities: [
    {
      name: 'zone.example',
      type: TYPE.soa,
      data: concat(labels('first.example'), labels('admin.example'), ...[1, 2, 3, 4, 5].map(u32)),
    },
  ],
  additionals: [
    { name: 'more.example', type: TYPE.a, data: address('192.0.2.1') },
    { name: '', type: TYPE.opt, class: 4096, ttl: 0x01000000 },
  ],
});

describe('a message', () => {
  it('of a request has the names that it asks for, their types, opcode and response code', () => {
    const { values, progress } = ofOne(
      '>',
      dnsMessage({
        queries: [
          { name: 'a.Example', type: 1 },
          { name: 'b.example', type: 28 },
        ],
      }),
    );
    expect(values).toEqual({
      '> dns.query': ['a.Example', 'b.example'],
      '> dns.query.name': ['a.Example', 'b.example'],
      '> dns.queries.rrname': ['a.Example', 'b.example'],
      '> dns.opcode': [0],
      '> dns.rcode': [0],
      '> dns.rrtype': [1, 28],
    });
    expect(progress).toEqual([1, 1]);
  });

  it('of a response has the names of each section, and those that records lead to', () => {
    expect(ofOne('<', ALL_SECTIONS).values).toEqual({
      '< dns.query.name': ['q.example'],
      '< dns.queries.rrname': ['q.example'],
      '< dns.answer.name': ['q.example', 'to.Example', 'srv.example'],
      '< dns.answers.rrname': ['q.example', 'to.Example', 'srv.example'],
      '< dns.authorities.rrname': ['zone.example'],
      '< dns.additionals.rrname': ['more.example'],
      '< dns.response.rrname': [
        'q.example',
        'q.example',
        'to.Example',
        'to.Example',
        'mail.example',
        'srv.example',
        'zone.example',
        'first.example',
        'more.example',
      ],
      '< dns.opcode': [0],
      '< dns.rcode': [0],
      '< dns.rrtype': [TYPE.cname, TYPE.mx, TYPE.srv],
    });
  });

  it('of mDNS has its names in either direction', () => {
    const talk = newTalk(MDNS);
    talk.datagram(
      '>',
      dnsMessage({ flags: 0x8400, answers: [{ name: 'x.local', type: TYPE.ptr, data: labels('y.local') }] }),
    );
    expect(talk.seen[0]!.values).toEqual({
      '> mdns.answers.rrname': ['x.local'],
      '> mdns.response.rrname': ['x.local', 'y.local'],
    });
    expect(talk.seen[0]!.events).toEqual([]);
  });

  it('of LLMNR is shown with the flags of RFC 4795 and contents under their types', () => {
    const talk = newTalk(LLMNR);
    const queries = [{ name: 'host', type: TYPE.a }];
    talk.datagram('>', dnsMessage({ id: 7, flags: 0, queries }));
    const answers = [{ name: pointer(12), type: TYPE.a, ttl: 30, data: address('192.0.2.1') }];
    talk.datagram('<', dnsMessage({ id: 7, flags: 0x8502, queries, answers }));
    const shown = talk.seen.map(({ eve }) => JSON.parse(`{${eve}}`) as unknown);
    expect(shown).toEqual([
      { llmnr: { type: 'request', tx_id: 0, id: 7, opcode: 0, queries: [{ rrname: 'host', rrtype: 'A' }] } },
      {
        llmnr: {
          type: 'response',
          tx_id: 1,
          id: 7,
          flags: ['c', 't'],
          opcode: 0,
          rcode: 'SERVFAIL',
          queries: [{ rrname: 'host', rrtype: 'A' }],
          answers: [{ rrname: 'host', rrtype: 'A', ttl: 30, a: '192.0.2.1' }],
          grouped: { A: ['192.0.2.1'] },
        },
      },
    ]);
  });

  it('keeps bytes of labels as they are', () => {
    expect(ofOne('>', query(concat([4], 'a.b\x00', [3], '\xff\\"', [0]))).values['> dns.query']).toEqual([
      'a.b\x00.\xff\\"',
    ]);
  });

  it('without a name has none', () => {
    expect(Object.keys(ofOne('>', query('')).values)).toEqual(['> dns.opcode', '> dns.rcode', '> dns.rrtype']);
  });

  it('cut anywhere is never more than what came, and says so', () => {
    for (let length = 0; length < ALL_SECTIONS.length; length++) {
      const { values, events } = ofOne('<', ALL_SECTIONS.slice(0, length));
      const whole = ofOne('<', ALL_SECTIONS).values;
      for (const [name, found] of Object.entries(values)) expect(whole[name]!.slice(0, found.length)).toEqual(found);
      expect(
        events.filter((event) => event.startsWith('invalid') || event === 'malformed_data'),
        `${length}`,
      ).toHaveLength(1);
    }
  });
});

describe('events', () => {
  const options = (...data: number[]): Uint8Array =>
    query('a.example', TYPE.a, { additionals: [{ name: '', type: TYPE.opt, class: 4096, data }] });

  const cases: readonly (readonly [name: string, side: '>' | '<', message: Uint8Array, events: readonly string[]])[] = [
    ['options of EDNS', '>', options(0, 8, 0, 2, 1, 1, 0, 10, 0, 0), []],
    ['an option that breaks off', '>', options(0, 8, 0, 3, 1, 1), ['invalid_additionals']],
    ['bytes behind the last option', '>', options(0, 8, 0, 0, 0, 10), ['invalid_additionals']],
    ['a header that is cut', '>', query('a.example').slice(0, 11), ['malformed_data']],
    ['more entries than there is room for', '>', query('a.example', 1, { counts: [1, 500, 0, 0] }), ['malformed_data']],
    ['a label of a reserved kind', '>', query(concat([0x41], 'a', [0])), ['malformed_data']],
    [
      'a record that leads to no name',
      '<',
      answer({ answers: [{ name: 'a', type: TYPE.cname, data: [9, 2, 3] }] }),
      ['malformed_data'],
    ],
    [
      'a mail exchange without name',
      '<',
      answer({ answers: [{ name: 'a', type: TYPE.mx, data: [1] }] }),
      ['malformed_data'],
    ],
    ['a response to a server', '>', answer({}), ['not_request']],
    ['a request to a client', '<', query('a.example'), ['not_response']],
    ['the reserved bit', '>', query('a.example', 1, { flags: 0x0140 }), ['z_flag_set']],
    ['an opcode that is not defined', '>', query('a.example', 1, { flags: 0x3900 }), ['invalid_opcode']],
    ['a pointer to itself', '>', query(pointer(12)), ['malformed_data', 'infinite_loop']],
    ['a pointer to such', '>', query(concat(pointer(14), pointer(14))), ['infinite_loop']],
    ['labels in a loop', '>', query(concat([1], 'a', pointer(12))), ['name_too_long', 'too_many_labels']],
    [
      'a name of 1280 bytes',
      '>',
      query(
        concat(
          many(20, () => concat([63], 'a'.repeat(63))),
          [0],
        ),
      ),
      ['name_too_long'],
    ],
    [
      'an authority that is cut',
      '<',
      answer({ authorities: [{ name: 'a', type: 1, data: [1, 2, 3, 4] }] }).slice(0, -1),
      ['invalid_authorities'],
    ],
    [
      'an additional that is cut',
      '<',
      answer({ additionals: [{ name: 'a', type: 1, data: [1, 2, 3, 4] }] }).slice(0, -1),
      ['invalid_additionals'],
    ],
    [
      '300 names',
      '<',
      answer({ answers: Array.from({ length: 300 }, () => ({ name: 'a', type: 1 })) }),
      ['too_many_names'],
    ],
    ['something behind the message', '>', concat(query('a.example'), 'more'), []],
  ];
  it('of sides go by who asks, where a server was seen first', () => {
    const begun = (clientPort: number, ...parts: Part[]): readonly (readonly string[])[] => {
      const talk = newTalk();
      talk.connection.noteFlow({ clientIsLower: true, port: (end: number) => [clientPort, 4444][end] } as Flow);
      for (const [side, bytes] of parts) talk.datagram(side, bytes as Uint8Array);
      return talk.seen.map(({ events }) => events);
    };
    const question = query('a.example');
    expect(begun(53, ['>', answer({})], ['<', question], ['>', answer({})])).toEqual([[], [], []]);
    expect(begun(53, ['>', answer({})], ['>', question])).toEqual([[], ['not_response']]);
    expect(begun(53, ['>', question], ['>', answer({})])).toEqual([[], ['not_request']]);
    expect(begun(5353, ['>', answer({})])).toEqual([['not_request']]);
  });

  it.each(cases)('%s', (_name, side, message, events) => expect(ofOne(side, message).events).toEqual(events));
});

describe('bounds', () => {
  it('hold for names: 1025 bytes, 256 in a message, 32 KiB in all', () => {
    const long = concat(
      many(20, () => concat([63], 'a'.repeat(63))),
      [0],
    );
    expect((ofOne('>', query(long)).values['> dns.query']![0] as string).length).toBe(1025);
    const repeated = answer({
      queries: [{ name: long, type: 1 }],
      answers: Array.from({ length: 250 }, () => ({ name: concat([1], 'a', pointer(12)), type: 1 })),
    });
    const { values, events } = ofOne('<', repeated);
    const names = values['< dns.response.rrname'] as string[];
    expect(names.join('').length).toBeLessThanOrEqual(32_768);
    expect(names.length).toBeGreaterThan(30);
    expect(events).toContain('too_many_names');
  });

  it('give back all memory', () => {
    const talk = newTalk();
    for (let count = 0; count < 50; count++) talk.datagram('<', ALL_SECTIONS);
    expect(talk.arena.usedBytes).toBeGreaterThan(0);
    talk.reset();
    expect(talk.arena.usedBytes).toBe(0);
  });

  it('of the arena: a message without room is seen without its names', () => {
    const talk = new Talk(DNS, DNS_BUFFERS, DNS_EVENTS, 0);
    talk.datagram('>', query('a.example'));
    expect(talk.seen[0]!.values).toEqual({ '> dns.opcode': [0], '> dns.rcode': [0], '> dns.rrtype': [1] });
    expect(talk.seen[0]!.events).toEqual(['too_many_names']);
  });
});

describe('a stream', () => {
  const parts: Part[] = [
    ['>', concat(inStream(query('a.example')), [0, 0], inStream(query('b.example', TYPE.aaaa)))],
    ['<', concat(inStream(ALL_SECTIONS), inStream(answer({})))],
  ];

  it('holds many messages, however its bytes come', () => {
    const whole = talkInPieces(newTalk(), parts, 100_000).seen;
    expect(whole.map(({ values }) => (values['> dns.query'] ?? values['< dns.query.name'])![0])).toEqual([
      'a.example',
      'b.example',
      'q.example',
      'q.example',
    ]);
    for (const talk of [talkInPieces(newTalk(), parts, 1), ...talksCutOnce(newTalk, parts)]) {
      expect(talk.seen).toEqual(whole);
      expect(talk.waiting).toBe(0);
    }
  });

  it('goes on behind a message that is malformed, and ends where none can be one', () => {
    const bad = query('a.example').slice(0, -3);
    const seen = talkInPieces(newTalk(), [['>', concat(inStream(bad), inStream(query('b.example')))]], 999).seen;
    expect(seen.map(({ events }) => events)).toEqual([['malformed_data'], []]);
    const talk = talkInPieces(
      newTalk(),
      [['>', inStream(Uint8Array.from('GET / HTTP/1.1', (c) => c.charCodeAt(0)))]],
      999,
    );
    expect([talk.connection.broken, talk.seen.length]).toEqual([true, 1]);
  });

  it('is found again behind a gap, however its bytes come', () => {
    const lost: Part[] = [
      ['>', inStream(query('a.example')).slice(0, 9)],
      ['>', 40],
      ['>', concat('ample', [0, 0, 1, 0, 1], inStream(query('b.example')), inStream(query('c.example')))],
    ];
    const whole = talkInPieces(newTalk(), lost, 100_000).seen;
    expect(whole.map(({ values, events }) => [values['> dns.query'], events])).toEqual([
      [['b.example'], ['out_of_sync']],
      [['c.example'], []],
    ]);
    for (const talk of [talkInPieces(newTalk(), lost, 1), ...talksCutOnce(newTalk, lost)])
      expect(talk.seen).toEqual(whole);
  });
});

const MESSAGES = [
  ALL_SECTIONS,
  query('www.example.com'),
  answer({ answers: [{ name: pointer(12), type: TYPE.txt, data: concat([3], 'abc') }] }),
];
for (const protocol of [DNS, MDNS, LLMNR]) {
  const of = { protocol, specs: DNS_BUFFERS, events: DNS_EVENTS };
  describeFuzz(conversationTarget({ ...of, udp: true, said: MESSAGES.map((bytes) => [['<', bytes]]) }));
  if (protocol === MDNS) continue;
  const asked = [
    ['>', inStream(query('www.example.com'))],
    ['<', inStream(ALL_SECTIONS)],
  ] as const;
  describeFuzz(
    conversationTarget({ ...of, said: [asked, ...MESSAGES.map((bytes) => [['>', inStream(bytes)]] as const)] }),
  );
}
