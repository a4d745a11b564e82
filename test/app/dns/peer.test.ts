/** DNS as Suricata 8 has it: the same names, numbers, events and objects, but for what docs/protocols/dns.md says. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DNS_BUFFERS } from '../../../src/app/dns/buffers.js';
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
import { hasSuricata } from '../../support/suricata.js';
import {
  askAbout,
  differences,
  factsOf,
  isWriting,
  readTable,
  writeTable,
  type PeerCase,
  type TableOptions,
} from '../support/peer-table.js';
import { describeDamaged } from '../support/protocol-suite.js';
import type { Seen } from '../support/talk.js';
import { DNS, DNS_EVENTS, MDNS } from '../../../src/app/dns/index.js';
import { Talk } from '../support/talk.js';

const TABLE = join(import.meta.dirname, 'answers.json');
const MDNS_TABLE = join(import.meta.dirname, 'mdns-answers.json');

/** Our own events: it cannot be asked for them. */
const OWN = new Set(['too_many_names', 'out_of_sync']);
const EVENTS = DNS_EVENTS.filter(({ name }) => !OWN.has(name));
const keywordsOf = (application: string): Set<string> =>
  new Set(DNS_BUFFERS.map(({ name }) => name).filter((name) => name.startsWith(`${application}.`)));
const number = (name: string) => (value: string | number) => `${name}:${value};`;
const OPTIONS: TableOptions = {
  application: 'dns',
  specs: DNS_BUFFERS,
  events: EVENTS,
  keywords: keywordsOf('dns'),
  asked: { 'dns.opcode': number('dns.opcode'), 'dns.rcode': number('dns.rcode'), 'dns.rrtype': number('dns.rrtype') },
  object: 'dns',
};
const MDNS_OPTIONS: TableOptions = {
  application: 'mdns',
  specs: DNS_BUFFERS,
  events: EVENTS,
  keywords: keywordsOf('mdns'),
  object: 'mdns',
  settings: ['outputs.0.eve-log.types.10=mdns'],
};

const RESPONSE = 0x8180;
const answer = (more: MessageFields): Uint8Array =>
  dnsMessage({ flags: RESPONSE, queries: [{ name: 'q.example', type: TYPE.a }], ...more });
const RECORDS = [
  { name: 'Www.Example.COM', type: TYPE.cname, data: labels('cname.Example.net') },
  { name: pointer(12), type: TYPE.a, data: address('192.0.2.7') },
  { name: 'six.example', type: TYPE.aaaa, data: address('2001:db8::1') },
  { name: 'mx.example', type: TYPE.mx, data: concat(u16(10), labels('mail.example')) },
  { name: 'srv.example', type: TYPE.srv, data: concat(u16(1), u16(2), u16(5060), labels('sip.example')) },
  { name: 'txt.example', type: TYPE.txt, data: concat([5], 'hello', [5], 'w"\\\x01\xff') },
  { name: 'ptr.example', type: TYPE.ptr, data: labels('pointed.example') },
  { name: 'null.example', type: TYPE.null, data: 'a"b\\c\x00\xfe' },
  { name: 'ssh.example', type: TYPE.sshfp, data: concat([1, 2], 'abcdef') },
  { name: 'unknown.example', type: 65_500, data: 'zzz' },
  { name: 'https.example', type: TYPE.https, data: concat(u16(1), labels('h.example')) },
  { name: 'ns.example', type: TYPE.ns, data: labels('server.example') },
  {
    name: 'soa.example',
    type: TYPE.soa,
    data: concat(labels('first.example'), labels('admin.example'), ...[1, 2, 3, 4, 5].map(u32)),
  },
  { name: '', type: TYPE.opt, class: 4096, ttl: 0x01008000, data: concat(u16(10), u16(4), u32(7)) },
];
const long = concat(...Array.from({ length: 20 }, () => concat([63], 'a'.repeat(63))), [0]);

const asked = (name: string, message: Payload, differs = ''): PeerCase => ({
  name,
  differs,
  talk: { udp: true, serverPort: 53, said: [['>', message]] },
});
const answered = (name: string, message: Payload, differs = ''): PeerCase => ({
  name,
  differs,
  talk: {
    udp: true,
    serverPort: 53,
    said: [
      ['>', query('q.example')],
      ['<', message],
    ],
  },
});

const BREAKS_OFF = 'what stands before a fault is inspected';

const CASES: readonly PeerCase[] = [
  asked('a request', query('Www.Example.COM')),
  asked(
    'two questions',
    dnsMessage({
      queries: [
        { name: 'a.example', type: 1 },
        { name: 'b.example', type: 28 },
      ],
    }),
  ),
  asked('bytes in labels', query(concat([4], 'a.b\x00', [3], '\xff\\"', [0]))),
  asked('no name', query('', TYPE.ns)),
  asked('an undefined opcode', query('a.example', 1, { flags: 0x3900 })),
  asked(
    'an update',
    query('a.example', 1, { flags: 0x2800, authorities: [{ name: 'new.example', type: 1, data: [1, 1, 1, 1] }] }),
    'authorities of requests are inspected',
  ),
  asked('the reserved bit', query('a.example', 1, { flags: 0x0140 })),
  asked(
    'an answer in a request',
    query('a.example', 1, { answers: [{ name: 'b.example', type: 5, data: labels('c.example') }] }),
  ),
  asked('a name of 1280 bytes', query(long)),
  asked('labels in a loop', query(concat([1], 'a', pointer(12)))),
  asked(
    'a compressed question',
    dnsMessage({
      queries: [
        { name: 'abc.example', type: 1 },
        { name: concat([1], 'x', pointer(16)), type: 1 },
      ],
    }),
  ),
  asked('bytes behind the message', concat(query('a.example'), 'more')),
  asked(
    'an additional that is cut',
    query('a.example', 1, { additionals: [{ name: 'b.example', type: 1, data: [1, 1, 1, 1] }] }).slice(0, -3),
    BREAKS_OFF,
  ),
  answered(
    'a response of all sections',
    answer({ answers: RECORDS, authorities: RECORDS.slice(0, 3), additionals: RECORDS.slice(-2) }),
  ),
  answered('no such name', answer({ flags: 0x8183 })),
  answered('all flags', answer({ flags: 0x87ff })),
  answered('an address of three bytes', answer({ answers: [{ name: 'b.example', type: 1, data: [1, 2, 3] }] })),
  answered('an empty name as data', answer({ answers: [{ name: 'b.example', type: 5, data: [] }] })),
  answered(
    'bytes behind the data',
    answer({ answers: [{ name: 'b.example', type: 5, data: concat(labels('c.example'), 'abc') }] }),
  ),
  answered(
    'an authority that is cut',
    answer({ authorities: [{ name: 'b.example', type: 1, data: [1, 1, 1, 1] }] }).slice(0, -3),
    BREAKS_OFF,
  ),
  answered('data that is no name', answer({ answers: [{ name: 'b.example', type: 5, data: [9, 2, 3] }] }), BREAKS_OFF),
  answered(
    'an answer that is cut',
    answer({ answers: [{ name: 'b.example', type: 1, data: [1, 1, 1, 1] }] }).slice(0, -3),
    BREAKS_OFF,
  ),
  answered('a request from the server', query('a.example'), 'the peer takes it as one to the server'),
  {
    name: 'a stream',
    talk: {
      serverPort: 53,
      said: [
        ['>', concat(inStream(query('a.example')), [0, 0], inStream(query('b.example')))],
        ['<', inStream(answer({ answers: RECORDS }))],
      ],
    },
  },
];

const multicast = (name: string, ...messages: Payload[]): PeerCase => ({
  name,
  talk: { udp: true, serverPort: 5353, clientPort: 5353, said: messages.map((message) => ['>', message]) },
});
const MDNS_CASES: readonly PeerCase[] = [
  multicast('a question', query('_x._tcp.local', TYPE.ptr, { flags: 0 })),
  multicast('an announcement', dnsMessage({ flags: 0x8400, answers: RECORDS, additionals: RECORDS })),
  multicast('odd flags', query(concat([3], '\xff\xfe"', [0]), 255, { flags: 0x3bf3, id: 0 })),
];

function see(protocol: typeof DNS, { talk: { said, udp } }: PeerCase): readonly Seen[] {
  const talk = new Talk(protocol, DNS_BUFFERS, DNS_EVENTS);
  for (const [side, bytes] of said) {
    if (udp === true) talk.datagram(side, bytes as Uint8Array);
    else talk.stream(side, bytes as Uint8Array);
  }
  return talk.seen;
}

const sideOf = ({ values }: Seen): '>' | '<' => (Object.keys(values)[0]?.startsWith('<') === true ? '<' : '>');
const objectsOf = (seen: readonly Seen[]): unknown[] =>
  seen
    .filter(({ eve }) => eve !== '')
    .map(({ eve }) => Object.values(JSON.parse(`{${eve}}`) as Record<string, unknown>)[0]);

describeDamaged(DNS, OPTIONS, CASES);
describeDamaged(MDNS, MDNS_OPTIONS, MDNS_CASES);

describe.each([
  ['DNS', DNS, CASES, OPTIONS, TABLE],
  ['mDNS', MDNS, MDNS_CASES, MDNS_OPTIONS, MDNS_TABLE],
] as const)('%s', (_name, protocol, cases, options, path) => {
  const seen = cases.map((one) => see(protocol, one));
  const ours = seen.map((one) => factsOf(one, sideOf));
  if (hasSuricata && isWriting) writeTable(path, cases, askAbout(cases, ours, options));
  const table = readTable(path);

  it.each(cases.map((one, index) => [one.name, index] as const))('%s', (name, index) => {
    const { facts, differences: known, objects } = table[name]!;
    const differs = cases[index]!.differs ?? '';
    expect(differences(ours[index]!, facts, options)).toEqual(known);
    expect(known.length > 0).toBe(differs !== '');
    if (differs === '') expect(objectsOf(seen[index]!)).toEqual(objects);
  });

  it.skipIf(!hasSuricata)('is what Suricata answers today', () => {
    const answers = askAbout(cases, ours, options);
    expect(Object.fromEntries(cases.map(({ name }, index) => [name, answers[index]]))).toEqual(table);
  });
});
