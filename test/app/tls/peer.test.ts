/** TLS as Suricata 8 has it: the same texts, numbers, events and objects, but for what docs/protocols/tls.md says. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TLS_BUFFERS } from '../../../src/app/tls/buffers.js';
import type { Said } from '../../support/conversation.js';
import { concat, u16 } from '../../support/packet-builder.js';
import { hasSuricata } from '../../support/suricata.js';
import { certificate, der, STRING, type Name } from '../support/certificates.js';
import * as peerTable from '../support/peer-table.js';
import { describeDamaged } from '../support/protocol-suite.js';
import * as tls from '../support/tls-messages.js';
import { TLS, TLS_EVENTS } from '../../../src/app/tls/index.js';
import { Talk } from '../support/talk.js';

type PeerCase = peerTable.PeerCase;

const TABLE = join(import.meta.dirname, 'answers.json');
const OWN = new Set(['gap', 'too_many_certificates', 'handshake_message_too_long']);
/** Asked by words, or by a date: `ssl_state` tells what a call of the peer's parser saw, dates are compared by day. */
const NOT_ASKED = new Set(['ssl_state', 'tls_cert_notbefore', 'tls_cert_notafter']);
const VERSIONS: Readonly<Record<number, string>> = { 0x0301: '1.0', 0x0302: '1.1', 0x0303: '1.2', 0x0304: '1.3' };
const BITS: Readonly<Record<number, string>> = {
  1: 'sslv2',
  2: 'sslv3',
  4: 'tls1.0',
  8: 'tls1.1',
  16: 'tls1.2',
  32: 'tls1.3',
};
const whole = (name: string) => (value: string | number) => (value === 0 ? undefined : `${name}; content:"${value}";`);

const OPTIONS: peerTable.TableOptions = {
  application: 'tls',
  specs: TLS_BUFFERS,
  events: TLS_EVENTS.filter(({ name }) => !OWN.has(name)),
  keywords: new Set(TLS_BUFFERS.map(({ name }) => name).filter((name) => !NOT_ASKED.has(name))),
  asked: {
    'tls.version': (value) =>
      VERSIONS[Number(value)] === undefined ? undefined : `tls.version:${VERSIONS[Number(value)]};`,
    ssl_version: (value) => `ssl_version:${BITS[Number(value)]};`,
    'tls.cert_chain_len': (value) => `tls.cert_chain_len:${value};`,
    tls_cert_expired: (value) => (value === 1 ? 'tls_cert_expired;' : undefined),
    tls_cert_valid: (value) => (value === 1 ? 'tls_cert_valid;' : undefined),
    // Their contents must be whole hashes.
    'ja3.hash': whole('ja3.hash'),
    'ja3s.hash': whole('ja3s.hash'),
    'tls.cert_fingerprint': whole('tls.cert_fingerprint'),
    'tls.cert_serial': whole('tls.cert_serial'),
  },
  object: 'tls',
  settings: ['app-layer.protocols.tls.ja3-fingerprints=yes', 'app-layer.protocols.tls.ja4-fingerprints=yes'],
};

const EXTENSIONS: readonly tls.Extension[] = [
  [0x1a1a, []],
  tls.serverName('Www.Example.COM'),
  tls.groups(0x2a2a, 29, 23),
  tls.pointFormats(0),
  tls.signatures(0x0403, 0x0804),
  tls.alpn('h2', 'http/1.1'),
  [23, []],
  [0xff01, [0]],
];
const hello = (more: tls.HelloFields = {}) =>
  tls.handshake(1, tls.clientHello({ ciphers: [0x3a3a, 0xc02f, 0x009c], extensions: EXTENSIONS, ...more }), 0x0301);
const answer = (more: tls.HelloFields = {}) =>
  tls.handshake(2, tls.serverHello({ extensions: [tls.alpn('h2'), [0xff01, [0]]], ...more }));
const DONE = tls.handshake(14, []);
const KEYS = tls.handshake(16, [1, 2, 3]);
const CHANGE = tls.record(20, [1]);
const FINISHED = tls.record(22, new Uint8Array(40).fill(0x99));
const BEAT = tls.record(24, [1, 0, 1, 9, ...new Uint8Array(16)]);
const BEAT_BACK = tls.record(24, [2, 0, 1, 9, ...new Uint8Array(16)]);
const DATA = tls.record(23, new Uint8Array(100).fill(1));

const connection = (...certificates: Uint8Array[]): Said[] => [
  ['>', hello()],
  ['<', concat(answer(), tls.handshake(11, tls.chain(...certificates)), DONE)],
  ['>', concat(KEYS, CHANGE, FINISHED)],
  ['<', concat(CHANGE, FINISHED)],
  ['>', DATA],
  ['<', DATA],
];
const one = (name: string, said: readonly Said[], differs = ''): PeerCase => ({
  name,
  differs,
  talk: { serverPort: 443, said },
});
const certified = (name: string, bytes: Uint8Array, differs = ''): PeerCase => one(name, connection(bytes), differs);

const ATTRIBUTES: Name = [
  '2.5.4.3',
  '2.5.4.4',
  '2.5.4.5',
  '2.5.4.6',
  '2.5.4.7',
  '2.5.4.8',
  '2.5.4.9',
  '2.5.4.10',
  '2.5.4.11',
  '2.5.4.12',
  '2.5.4.13',
  '2.5.4.15',
  '2.5.4.17',
  '2.5.4.18',
  '2.5.4.41',
  '2.5.4.42',
  '2.5.4.43',
  '2.5.4.44',
  '2.5.4.46',
  '2.5.4.97',
  '1.2.840.113549.1.9.1',
  '1.2.840.113549.1.9.2',
  '0.9.2342.19200300.100.1.1',
  '0.9.2342.19200300.100.1.25',
  '1.3.6.1.4.1.311.60.2.1.1',
  '1.3.6.1.4.1.311.60.2.1.2',
  '1.3.6.1.4.1.311.60.2.1.3',
  '1.2.3.4',
].map((type, index) => [type, `v${index}`] as const);

const FAULTY = 'what else there is is inspected';

const CASES: readonly PeerCase[] = [
  certified('a connection', certificate()),
  certified('all attributes of names', certificate({ subject: ATTRIBUTES })),
  certified(
    'parts of several attributes, a zero',
    certificate({
      subject: [
        [
          ['2.5.4.3', 'a,b=c+d'],
          ['2.5.4.10', ' x"\\'],
        ],
        ['2.5.4.11', 'z\x00q'],
      ],
      serial: [0, 0xff, 1],
    }),
  ),
  certified(
    'UTF-8 and BMP',
    certificate({ subject: [['2.5.4.3', '\xc3\xa9']], issuer: [['2.5.4.3', [0, 0x41, 0, 0xe9], STRING.bmp]] }),
  ),
  certified(
    'no texts',
    certificate({ subject: [['2.5.4.3', [0, 0, 0, 0x41], STRING.universal]], issuer: [['2.5.4.3', 'x', 2]] }),
  ),
  certified('empty names', certificate({ subject: [], issuer: [] })),
  certified(
    'Latin-1',
    certificate({ subject: [['2.5.4.3', '\xe9t\xe9', STRING.teletex]] }),
    'bytes are kept, not given up',
  ),
  certified(
    'alternative names',
    certificate({
      alternatives: [
        [0x82, 'a.Example'],
        [0x82, 'b\x00c'],
        [0x81, 'm@x.example'],
        [0x86, 'http://u'],
        [0x88, [1, 2, 3]],
        [0xa4, der(0x30, der(0x31, der(0x30, der(6, [0x55, 4, 3]), der(12, 'dir'))))],
        [0x82, ''],
      ],
    }),
  ),
  certified(
    'alternative addresses',
    certificate({ alternatives: [[0x87, [192, 0, 2, 1]]] }),
    'addresses are written as such',
  ),
  certified(
    'years of two digits and of four',
    certificate({ notBefore: '500101000000Z', notAfter: '20491231235959Z' }),
  ),
  certified('an expired one', certificate({ notBefore: '100101000000Z', notAfter: '110101000000Z' })),
  certified('one that is not valid yet', certificate({ notBefore: '20400101000000Z', notAfter: '20491231235959Z' })),
  one('a chain', connection(certificate(), certificate({ subject: [['2.5.4.3', 'ca']] }))),
  one(
    'no extensions',
    [
      ['>', hello({ extensions: undefined as never })],
      ['<', answer({ extensions: undefined as never })],
    ],
    'JA4 as its authors have it',
  ),
  one('SSLv3', [
    ['>', hello({ version: 0x0300 })],
    ['<', answer({ version: 0x0300 })],
  ]),
  one('TLS 1.3', [
    ['>', hello({ session: new Uint8Array(32), extensions: [...EXTENSIONS, tls.versions(0x7a7a, 0x0304, 0x0303)] })],
    [
      '<',
      concat(answer({ extensions: [tls.selectedVersion(0x0304), [51, concat(u16(29), u16(1), [9])]] }), CHANGE, DATA),
    ],
    ['>', concat(CHANGE, DATA)],
    ['<', DATA],
  ]),
  one(
    'two server names',
    [['>', hello({ extensions: [tls.serverName('a.example'), tls.serverName('b.example')] })]],
    FAULTY,
  ),
  one('a server name of another kind', [['>', hello({ extensions: [[0, concat(u16(4), [1], u16(1), 'a')]] })]], FAULTY),
  one(
    'a heartbeat that claims too much',
    [
      ['>', concat(hello(), tls.record(24, [1, 0x40, 0]))],
      ['<', answer()],
    ],
    FAULTY,
  ),
  one('a heartbeat and its answer', [
    ['>', hello()],
    ['<', answer()],
    ['>', BEAT],
    ['<', BEAT_BACK],
  ]),
  one(
    'two heartbeats in flight',
    [
      ['>', hello()],
      ['<', answer()],
      ['>', BEAT],
      ['>', BEAT],
      ['<', BEAT_BACK],
    ],
    'one direction has the event',
  ),
];

function see({ talk: { said } }: PeerCase) {
  const talk = new Talk(TLS, TLS_BUFFERS, TLS_EVENTS);
  said.forEach(([side, bytes], index) => talk.stream(side, bytes as Uint8Array, false, 1_700_000_000_000_000 + index));
  return talk.seen;
}

describeDamaged(TLS, OPTIONS, CASES);

describe('TLS', () => {
  const seen = CASES.map(see);
  const ours = seen.map((one) => peerTable.factsOf(one, () => '>'));
  if (hasSuricata && peerTable.isWriting) peerTable.writeTable(TABLE, CASES, peerTable.askAbout(CASES, ours, OPTIONS));
  const table = peerTable.readTable(TABLE);

  it.each(CASES.map(({ name, differs = '' }, index) => [name, index, differs] as const))(
    '%s',
    (name, index, differs) => {
      const { facts, differences, objects } = table[name]!;
      expect(peerTable.differences(ours[index]!, facts, OPTIONS)).toEqual(differences);
      expect(differences.length > 0).toBe(differs !== '');
      const printed = seen[index]!.map(({ eve }) => (JSON.parse(`{${eve}}`) as { tls: unknown }).tls);
      if (differs === '' && objects.length > 0) expect(printed).toEqual(objects);
    },
  );

  it.skipIf(!hasSuricata)('is what Suricata answers today', () => {
    const answers = peerTable.askAbout(CASES, ours, OPTIONS);
    expect(Object.fromEntries(CASES.map(({ name }, index) => [name, answers[index]]))).toEqual(table);
  });
});
