/** DNS over HTTPS in HTTP/2 in clear text: messages of DNS in bodies and in queries, as rules over DNS see them. */
import { describe, expect, it } from 'vitest';
import { CarriedMessages, carriedMessages } from '../../../src/app/dns/carried-messages.js';
import { HTTP2, HTTP2_EVENTS } from '../../../src/app/http2/index.js';
import type { Transaction } from '../../../src/app/transaction.js';
import { BLOCK_BYTES, type Arena } from '../../../src/memory/arena.js';
import { conversationTarget } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import { builtIt } from '../../support/built.js';
import { framesOf, type Said } from '../../support/conversation.js';
import { concat, toBytes, type Payload } from '../../support/packet-builder.js';
import { pcapFile } from '../../support/pcap-writer.js';
import { alertsOfEach, eventsOfTalks } from '../../support/reading.js';
import { Folder, periscope } from '../../support/sensor.js';
import * as dns from '../support/dns-messages.js';
import { block, END_HEADERS, END_STREAM, frame, newTalk, PREFACE, SPECS } from './frames.js';

const ASKED = (name: string): Uint8Array => dns.dnsMessage({ id: 0, queries: [{ name, type: dns.TYPE.a }] });
const ANSWERED = (name: string): Uint8Array =>
  dns.dnsMessage({
    id: 0,
    flags: 0x8180,
    queries: [{ name, type: dns.TYPE.a }],
    answers: [{ name: dns.pointer(12), type: dns.TYPE.a, data: dns.address('192.0.2.7') }],
  });
const TYPE = ['content-type', 'application/dns-message'] as const;
const SETTINGS = frame('settings', 0, 0, new Uint8Array());
const headers = (stream: number, fields: readonly (readonly [string, string])[], flags = 0): Uint8Array =>
  frame('headers', END_HEADERS | flags, stream, block(fields));
const body = (stream: number, bytes: Payload): Uint8Array => frame('data', END_STREAM, stream, concat(bytes));

const post = (stream: number, bytes: Payload): Uint8Array =>
  concat(headers(stream, [[':method', 'POST'], [':path', '/dns-query'], TYPE]), body(stream, bytes));
const get = (stream: number, query: string): Uint8Array =>
  headers(
    stream,
    [
      [':method', 'GET'],
      [':path', `/dns-query?${query}`],
      ['accept', TYPE[1]],
    ],
    END_STREAM,
  );
const answer = (stream: number, bytes: Payload): Uint8Array =>
  concat(headers(stream, [[':status', '200'], TYPE]), body(stream, bytes));
const encoded = (name: string): string => Buffer.from(ASKED(name)).toString('base64url');

const OVER_HTTP: readonly Said[] = [
  ['>', concat(PREFACE, SETTINGS, post(1, ASKED('posted.example')))],
  ['<', concat(SETTINGS, answer(1, ANSWERED('posted.example')))],
  ['>', get(3, `a=b&dns=${encoded('got.example')}`)],
  ['<', answer(3, ANSWERED('got.example'))],
];
const PLAIN: readonly Said[] = [
  ['>', ASKED('posted.example')],
  ['<', ANSWERED('posted.example')],
];
const RULES = [
  'dns any any -> any any (dns.query; content:"posted";',
  'dns any any -> any any (dns.query; content:"got.example"; bsize:11;',
  'doh2 any any -> any any (dns.query; content:"posted";',
  'dns any any -> any any (dns.answers.rrname; content:"got";',
  'doh2 any any -> any any (dns.rcode:0; flow:to_client;',
  'dns any any -> any any (dns.queries.rrname; content:"posted"; flow:to_server;',
  'http2 any any -> any any (http.method; content:"POST";',
].map((rule, index) => `alert ${rule} sid:${index + 1};)`);

builtIt('is found by rules over DNS, however it is cut, and doh2 means no other DNS', () => {
  const carried = [1400, 7, 1].map((cut) => ({ serverPort: 80, said: OVER_HTTP, cut }));
  const found = alertsOfEach([...carried, { udp: true, serverPort: 53, said: PLAIN }], RULES);
  const expected = ['1>', '2>', '3>', '4<', '5<', '5<', '6>', '7>'];
  expect(found.map((alerts) => [...alerts].sort())).toEqual([expected, expected, expected, ['1>', '6>']]);
});

builtIt('doh2 alone means no other DNS, either', () => {
  const talks = [
    { serverPort: 80, said: OVER_HTTP },
    { udp: true, serverPort: 53, said: PLAIN },
  ];
  const [carried, plain] = alertsOfEach(talks, ['alert doh2 any any -> any any (msg:"any"; sid:1;)']);
  expect([carried!.length > 0, plain]).toEqual([true, []]);
});

describe('events', () => {
  interface Told {
    readonly event_type: string;
    readonly src_ip: string;
    readonly alert?: { readonly signature_id: number };
    readonly http?: { readonly url: string; readonly http2: { readonly stream_id: number } };
    readonly dns?: Record<string, unknown> & { readonly queries: readonly { readonly rrname: string }[] };
  }
  const told = (said: readonly Said[], rules: readonly string[], ...types: readonly string[]): readonly Told[] =>
    eventsOfTalks(
      [{ serverPort: 80, said }],
      rules,
      types.map((type) => `eve.types=${type}`),
    )[0]! as unknown as readonly Told[];
  const short = ({ event_type, src_ip, http, dns }: Told): string =>
    `${event_type} ${src_ip} ${http?.http2.stream_id} ${dns?.['type']} ${dns?.queries[0]!.rrname}`;
  const plain = (stream: number): readonly Said[] => [
    ['>', headers(stream, [[':method', 'GET']], END_STREAM)],
    ['<', headers(stream, [[':status', '200']], END_STREAM)],
  ];
  const unanswered: Said = ['>', post(7, ASKED('unanswered.example'))];
  const SAID: readonly Said[] = [...OVER_HTTP, ...plain(5), unanswered];

  builtIt('have one for a request and its response, as Suricata has: of DNS, with both objects', () => {
    const events = told(SAID, [RULES[6]!], 'http,dns').filter(({ alert }) => alert === undefined);
    expect(events.map(short)).toEqual([
      'dns 10.8.0.1 1 response posted.example',
      'dns 10.8.0.1 3 response got.example',
      'http 10.8.0.1 5 undefined undefined',
      'dns 10.8.0.1 7 request unanswered.example',
    ]);
    expect(events[1]!.dns).toEqual({
      version: 3,
      type: 'response',
      tx_id: 0,
      id: 0,
      flags: '8180',
      qr: true,
      rd: true,
      ra: true,
      opcode: 0,
      rcode: 'NOERROR',
      queries: [{ rrname: 'got.example', rrtype: 'A' }],
      answers: [{ rrname: 'got.example', rrtype: 'A', ttl: 60, rdata: '192.0.2.7' }],
      grouped: { A: ['192.0.2.7'] },
    });
  });

  builtIt('have those of http where those of dns are not asked for, and the other way round', () => {
    const types = (...asked: readonly string[]): readonly string[] =>
      told(SAID, [RULES[0]!], ...asked).flatMap(({ event_type }) => (event_type === 'alert' ? [] : [event_type]));
    expect(types('http')).toEqual(['http', 'http', 'http', 'http']);
    expect(types('dns')).toEqual(['dns', 'dns', 'dns']);
  });

  builtIt('of alerts have both objects, whichever protocol the rule is over', () => {
    const alerts = told(SAID, RULES).map((event) => `${event.alert!.signature_id} ${short(event)}`);
    expect(alerts.sort()).toEqual([
      '1 alert 10.8.0.1 1 request posted.example',
      '2 alert 10.8.0.1 3 request got.example',
      '3 alert 10.8.0.1 1 request posted.example',
      '4 alert 10.9.0.1 3 response got.example',
      '5 alert 10.9.0.1 1 response posted.example',
      '5 alert 10.9.0.1 3 response got.example',
      '6 alert 10.8.0.1 1 request posted.example',
      '7 alert 10.8.0.1 1 request posted.example',
      '7 alert 10.8.0.1 7 request unanswered.example',
    ]);
  });
});

builtIt('what is refused is a metric', async () => {
  const folder = new Folder();
  try {
    const said: readonly Said[] = [['>', concat(PREFACE, SETTINGS, post(1, new Uint8Array(65_536)))]];
    const capture = folder.write('large.pcap', pcapFile(framesOf({ serverPort: 80, host: 1, said })));
    const rules = folder.write('test.rules', `${RULES[0]}\n`);
    await periscope(['read', capture, '--rules', rules, '--workers', '1', '--stats', folder.at('stats.json')]);
    const { metrics } = JSON.parse(folder.read('stats.json')) as { metrics: Record<string, number> };
    expect(metrics['carried_dns_refused_total']).toBe(1);
  } finally {
    folder.remove();
  }
});

describe('what is no message', () => {
  /** The queries and events of messages in what a client has sent. */
  function messagesIn(...frames: readonly Uint8Array[]): readonly string[] {
    const talk = newTalk();
    talk.stream('>', concat(PREFACE, ...frames));
    const carried = carriedMessages(talk.arena);
    const seen = carried.messages
      .slice(0, carried.count)
      .map((message) => `${message.messageId} ${message.hasEvents ? 'malformed' : 'whole'}`);
    carried.clear();
    talk.reset();
    expect(talk.arena.usedBytes).toBe(0);
    return seen;
  }

  it('is malformed, or none', () => {
    expect(messagesIn(post(1, ASKED('a.b')))).toEqual(['0 whole']);
    expect(messagesIn(post(1, 'not a message of DNS'))).toEqual([`${0x6e6f} malformed`]);
    expect(messagesIn(post(1, [1, 2]))).toEqual(['-1 malformed']);
    expect(messagesIn(get(1, 'dns='), get(3, 'x=1'), get(5, 'dns=!'))).toEqual([]);
    expect(messagesIn(get(1, `dns=${encoded('a.b')}&x=1`))).toEqual(['0 whole']);
    expect(messagesIn(headers(1, [[':method', 'POST'], TYPE], END_STREAM))).toEqual([]);
  });

  it('is refused and counted where it is too long', () => {
    const talk = newTalk();
    talk.stream('>', concat(PREFACE, post(1, new Uint8Array(65_535)), post(3, new Uint8Array(65_536))));
    const { count, refused } = carriedMessages(talk.arena);
    expect([talk.connection.count, count, refused]).toEqual([2, 1, 1]);
  });

  /** A transaction to carry messages, and its arena. */
  function carrying(): { readonly arena: Arena; readonly carrier: Transaction } {
    const talk = newTalk();
    talk.stream('>', concat(PREFACE, headers(1, [[':method', 'GET']])));
    return { arena: talk.arena, carrier: talk.connection.transactions[0]! };
  }

  it('is refused and counted where there is no memory', () => {
    const { arena, carrier } = carrying();
    const carried = new CarriedMessages(arena);
    const blocks: number[] = [];
    for (let size = BLOCK_BYTES.length - 1; size >= 0; size--)
      for (let block = arena.allocate(size); block !== 0; block = arena.allocate(size)) blocks.push(block);
    const start = blocks[0]!;
    arena.bytes.fill(0x41, start, start + 200);
    carried.add(carrier, 0, start, 100);
    carried.addEncoded(carrier, 0, start, 100);
    expect([carried.count, carried.refused]).toEqual([0, 2]);
    for (const block of blocks) arena.free(block);
    carried.add(carrier, 0, start, 100);
    expect([carried.count, carried.refused]).toEqual([1, 2]);
  });

  it('is refused and counted beyond as many as a shard has', () => {
    const { arena, carrier } = carrying();
    const carried = new CarriedMessages(arena);
    for (let index = 0; index < 65_540; index++) carried.add(carrier, 0, 0, 0);
    expect([carried.count, carried.refused]).toEqual([65_536, 4]);
    carried.clear();
    carried.add(carrier, 0, 0, 0);
    expect([carried.count, carried.refused]).toEqual([1, 4]);
  });
});

describeFuzz(
  conversationTarget({
    protocol: HTTP2,
    specs: SPECS,
    events: HTTP2_EVENTS,
    suffix: '-doh',
    said: [OVER_HTTP.map(([side, bytes]) => [side, toBytes(bytes)] as const)],
  }),
);
