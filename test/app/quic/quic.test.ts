/** QUIC as rules see it: Initial packets opened, hellos put together, whatever else comes passed over. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QUIC_BUFFERS } from '../../../src/app/quic/buffers.js';
import { InitialKeys, VERSION_1, VERSION_2, VERSION_Q050 } from '../../../src/app/quic/keys.js';
import { TLS_BUFFERS } from '../../../src/app/tls/buffers.js';
import { conversationTarget, type Conversations } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import type { Said } from '../../support/conversation.js';
import { concat, u32 } from '../../support/packet-builder.js';
import { hasSuricata } from '../../support/suricata.js';
import * as peerTable from '../support/peer-table.js';
import {
  CONNECTION_ID,
  cryptoFrame,
  googleMessage,
  googlePacket,
  initialPacket,
  messageFrames,
  publicPacket,
  streamFrame,
} from '../support/quic-packets.js';
import type { Seen } from '../support/talk.js';
import * as tls from '../support/tls-messages.js';
import { QUIC, QUIC_EVENTS } from '../../../src/app/quic/index.js';
import { Talk } from '../support/talk.js';

const SPECS = [...TLS_BUFFERS, ...QUIC_BUFFERS];
const HELLO = tls.message(
  1,
  tls.clientHello({
    ciphers: [0x1a1a, 0x1301, 0x1302],
    extensions: [
      tls.serverName('quic.Example.com'),
      tls.alpn('h3'),
      tls.versions(0x0304),
      tls.groups(29),
      [57, [1, 2, 3]],
    ],
  }),
);
const ANSWER = tls.message(
  2,
  tls.serverHello({ ciphers: [0x1301], extensions: [tls.selectedVersion(0x0304), [51, [0, 29, 0, 1, 9]]] }),
);
const CLIENT = initialPacket(cryptoFrame(0, HELLO));
const SERVER = initialPacket(cryptoFrame(0, ANSWER), {
  side: 'server in',
  destination: new Uint8Array(0),
  source: [7, 7],
});
const SHORT = Uint8Array.from({ length: 60 }, () => 0x41);

type Datagram = readonly ['>' | '<', Uint8Array];
const newTalk = () => new Talk(QUIC, SPECS, QUIC_EVENTS);
function see(...datagrams: Datagram[]): Seen {
  const talk = newTalk();
  for (const [side, bytes] of datagrams) talk.datagram(side, bytes);
  return talk.seen[0]!;
}
const nameIn = (...datagrams: Datagram[]): unknown => see(...datagrams).values['> quic.sni'];

describe('keys', () => {
  it.each([
    [
      VERSION_1,
      'client in',
      '1f369613dd76d5467730efcbe3b1a22d fa044b2f42a3fd3b46fb255c 9f50449e04a0e810283a1e9933adedd2',
    ],
    [
      VERSION_1,
      'server in',
      'cf3a5331653c364c88f0f379b6067e37 0ac1493ca1905853b0bba03e c206b8d9b9f0f37644430b490eeaa314',
    ],
    [
      VERSION_2,
      'client in',
      '8b1a0bc121284290a29e0971b5cd045d 91f73e2351d8fa91660e909f 45b95e15235d6f45a6b19cbcb0294ba9',
    ],
    [
      VERSION_2,
      'server in',
      '82db637861d55e1d011f19ea71d5d2a7 dd13c276499c0249d3310652 edf6d05c83121201b436e16877593c3a',
    ],
  ] as const)('of version %i, %s, are those of RFC 9001 and RFC 9369, appendices A', (version, side, expected) => {
    const { key, iv, headerKey } = new InitialKeys(version, CONNECTION_ID, side);
    expect([key, iv, headerKey].map((bytes) => bytes.toString('hex')).join(' ')).toBe(expected);
  });

  it('open the first packet of RFC 9001, A.2', () => {
    const frame = Buffer.from(
      '060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c0' +
        '00000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e00050005' +
        '0100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302' +
        '0304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000' +
        'ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff',
      'hex',
    );
    const packet = initialPacket(frame);
    const published =
      'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8bab936b47d92ec356c0bab7df5976d27cd';
    expect(Buffer.from(packet.slice(0, published.length / 2)).toString('hex')).toBe(published);
    const { values } = see(['>', packet]);
    expect([values['> quic.sni'], values['> ja3.string']]).toEqual([
      ['example.com'],
      ['771,4865-4866,0-65281-10-16-5-51-43-13-45-28-57,29-23-24,'],
    ]);
  });
});

describe('a connection', () => {
  it('has what its hellos say', () => {
    const { values, events, progress } = see(['>', CLIENT], ['<', SERVER]);
    expect(values['> quic.sni']).toEqual(['quic.Example.com']);
    expect(values['> quic.version']).toEqual(['\0\0\0\x01']);
    expect(values['> ja3.string']).toEqual(['771,4865-4866,0-16-43-10-57,29,']);
    expect((values['> ja4.hash'] as string[])[0]).toMatch(/^q13d0205h3_/);
    expect(values['< ja3s.string']).toEqual(['771,4865,43-51']);
    expect([events, progress]).toEqual([[], [1, 1]]);
  });

  it('is put together from frames in any order, over packets and datagrams', () => {
    for (const cut of [1, 7, 40]) {
      const frames = messageFrames(HELLO, cut, (pieces) => [
        ...pieces.filter((_, i) => i % 2 === 1).slice(0, 30),
        ...pieces.filter((_, i) => i % 2 === 0),
        ...pieces,
      ]);
      expect(
        nameIn(
          ['>', initialPacket(concat(...frames.slice(0, 200)))],
          ['>', initialPacket(concat(...frames.slice(200)), { number: 3, size: 2400 })],
        ),
        `${cut}`,
      ).toEqual(['quic.Example.com']);
    }
    const [first, second] = messageFrames(HELLO, 60);
    const rest = messageFrames(HELLO, 60).slice(2);
    const coalesced = concat(
      initialPacket(second!, { number: 1, size: 100 }),
      initialPacket(concat(...rest, first!), { number: 0, size: 900 }),
    );
    expect(nameIn(['>', coalesced])).toEqual(['quic.Example.com']);
  });

  it('is read of version 2, and begins anew behind a retry', () => {
    const second = initialPacket(cryptoFrame(0, HELLO), { version: VERSION_2 });
    expect(see(['>', second]).values['> quic.version']).toEqual(['k3C\xcf']);
    expect(nameIn(['>', second])).toEqual(['quic.Example.com']);
    const retry = concat([0xf0], u32(1), [0], [4, 9, 9, 9, 9], new Uint8Array(40));
    const again = initialPacket(concat(...messageFrames(HELLO, 90)), {
      keyId: Uint8Array.from([9, 9, 9, 9]),
      token: [1, 2, 3],
    });
    const { values, events } = see(
      ['>', initialPacket(cryptoFrame(0, HELLO.slice(0, 50)))],
      ['<', retry],
      ['>', again],
    );
    expect([values['> quic.sni'], events]).toEqual([['quic.Example.com'], []]);
    // The hello was whole before: what the server says next is opened all the same.
    const server = initialPacket(cryptoFrame(0, ANSWER), { side: 'server in', keyId: Uint8Array.from([9, 9, 9, 9]) });
    const whole = see(['>', CLIENT], ['<', retry], ['>', again], ['<', server]);
    expect([whole.values['< ja3s.string'], whole.events]).toEqual([['771,4865,43-51'], []]);
  });

  it('begins anew once, where its server says so ahead of all else', () => {
    const retry = concat([0xf0], u32(1), [0], [4, 9, 9, 9, 9], new Uint8Array(40));
    const later = (id: number): Uint8Array => initialPacket([1], { keyId: new Uint8Array(4).fill(id) });
    const answer = initialPacket(cryptoFrame(0, ANSWER), { side: 'server in', keyId: new Uint8Array(4).fill(9) });
    const ja3s = (...datagrams: Datagram[]): unknown => see(...datagrams).values['< ja3s.string'];
    const begun = initialPacket(cryptoFrame(0, ANSWER.slice(0, 10)), { side: 'server in' });
    expect(ja3s(['>', CLIENT], ['>', retry], ['>', later(8)], ['<', SERVER])).toEqual(['771,4865,43-51']);
    expect(ja3s(['>', CLIENT], ['<', begun], ['<', retry], ['>', later(8)], ['<', SERVER])).toEqual(['771,4865,43-51']);
    expect(ja3s(['>', CLIENT], ['<', retry], ['>', later(9)], ['<', retry], ['>', later(8)], ['<', answer])).toEqual([
      '771,4865,43-51',
    ]);
  });

  it('of a version that is not known is complete at once, and one that has gone on too', () => {
    const odd = CLIENT.slice();
    odd.set([0x0a, 0x0a, 0x0a, 0x0a], 1);
    const unknown = see(['>', odd]);
    expect([unknown.values['> quic.version'], unknown.progress, unknown.events]).toEqual([['\n\n\n\n'], [1, 1], []]);
    expect(see(['>', CLIENT], ['<', SHORT]).progress).toEqual([1, 1]);
    expect(see(['>', CLIENT], ['<', concat([0x80], u32(0), [0], [0], u32(1))]).events).toEqual([]);
  });
});

describe("Google's QUIC", () => {
  const seenOf = (...packets: Uint8Array[]): readonly Seen[] => {
    const talk = newTalk();
    for (const packet of packets) talk.datagram('>', packet);
    return talk.seen;
  };
  const tagged = (names: string): readonly (readonly [string, string])[] =>
    names.split('-').map((name) => [name, name === 'SNI' ? 'g.example' : 'x']);
  const hello = (names: string): Uint8Array => streamFrame(googleMessage(tagged(names)));

  it.each([
    ['Q043', 'PAD-SNI-VER-CCS-PDMD-ICSL-MIDS-CFCW-SFCW', 'e030dea1f2eea44ac7db5fe4de792acd'],
    ['Q043', 'PAD-SNI-STK-VER-CCS-SCID-PDMD-ICSL-MIDS-CFCW-SFCW', '0811fab28e41e8c8a33e220a15b964d9'],
    [
      'Q046',
      'PAD-SNI-STK-VER-CCS-NONC-AEAD-UAID-SCID-TCID-PDMD-SMHL-ICSL-NONP-PUBS-MIDS-SCLS-KEXS-XLCT-CSCT-COPT-CCRT-IRTT-CFCW-SFCW',
      'a46560d4548108cf99308319b3b85346',
    ],
  ])('%s has the CYU that its authors publish: %s', (version, tags, hash) => {
    const packet = version === 'Q043' ? publicPacket(hello(tags)) : googlePacket(version, 0xc3, hello(tags));
    const { values, events } = seenOf(packet)[0]!;
    expect(values['> quic.cyu.string']).toEqual([`${version.slice(2)},${tags}`]);
    expect(values['> quic.cyu.hash']).toEqual([hash]);
    expect([values['> quic.sni'], values['> quic.version'], events]).toEqual([['g.example'], [version], []]);
  });

  it('of Q039 has names, and no CYU', () => {
    const { values, eve, events } = seenOf(publicPacket(hello('PAD-SNI-VER-UAID'), 'Q039'))[0]!;
    expect([values['> quic.sni'], values['> quic.ua'], values['> quic.version']]).toEqual([
      ['g.example'],
      ['x'],
      ['Q039'],
    ]);
    expect([values['> quic.cyu.string'], events]).toEqual([undefined, []]);
    expect(eve).toBe('"quic":{"version":"Q039","sni":"g.example","ua":"x"}');
  });

  it('has a transaction for each hello, of versions that are in the open', () => {
    const versions = [
      googlePacket('Q044', 0xff, hello('SNI-UAID')),
      googlePacket('Q045', 0xff, concat([0, 0], hello('SNI-STK'))),
      googlePacket('Q046', 0xc3, concat(hello('SNI'), hello('VER'))),
    ];
    const found = seenOf(...versions).map(({ values }) => values['> quic.cyu.string']);
    expect(found).toEqual([['44,SNI-UAID'], ['44,SNI-STK'], ['46,SNI'], ['46,VER']]);
    expect(seenOf(versions[0]!)[0]!.values['> quic.ua']).toEqual(['x']);
    // Not a hello, not the first packets, another version.
    expect(seenOf(googlePacket('Q046', 0xc3, streamFrame(googleMessage([['STK', 'x']], 'REJ'))))).toEqual([]);
    expect(seenOf(googlePacket('Q046', 0xe3, hello('SNI')), googlePacket('Q044', 0xfd, hello('SNI')))).toEqual([]);
  });

  it('of Q050 is opened first, and put together from frames', () => {
    const message = googleMessage([...tagged('SNI-UAID'), ['PAD', new Uint8Array(100)]]);
    const frames = messageFrames(message, 3).map((frame) => concat([8], frame.slice(1)));
    const { values, events, progress } = see([
      '>',
      initialPacket(concat(...frames.slice(1, 30), frames[0]!, ...frames.slice(30)), { version: VERSION_Q050 }),
    ]);
    expect([values['> quic.sni'], values['> quic.ua'], values['> quic.cyu.hash']]).toEqual([
      ['g.example'],
      ['x'],
      undefined,
    ]);
    expect([events, progress]).toEqual([[], [1, 0]]);
  });

  it('tells of hellos that do not fit', () => {
    const whole = googleMessage([['SNI', 'a']]);
    const falling = whole.slice();
    falling.set([9, 0, 0, 0], 12);
    const many = googleMessage(Array.from({ length: 129 }, () => ['VER', '']));
    for (const message of [whole.slice(0, 10), falling, many, googleMessage([])])
      expect(seenOf(googlePacket('Q046', 0xc3, streamFrame(message)))[0]!.events).toEqual(['error_on_data']);
  });
});

describe('events', () => {
  const damaged = CLIENT.slice();
  damaged[100]! ^= 1;
  const cases: readonly (readonly [string, Datagram[], readonly string[]])[] = [
    ['a packet that was changed', [['>', damaged]], ['failed_decrypt']],
    ['a header that is cut', [['>', CLIENT.slice(0, 12)]], ['error_on_data']],
    ['a frame of no type', [['>', initialPacket([0x3f])]], ['error_on_data']],
    ['no hello', [['>', initialPacket(cryptoFrame(0, [11, 0, 0, 1, 0]))]], ['error_on_data']],
    [
      'pieces without end',
      [['>', initialPacket(concat(...Array.from({ length: 40 }, (_, i) => cryptoFrame(10 + 3 * i, [1]))))]],
      ['crypto_frag_too_long'],
    ],
    [
      'a handshake of over 64 KiB',
      [['>', initialPacket(concat([6], [0x80, 1, 0, 0], [0x44, 0], new Uint8Array(1024)))]],
      ['crypto_frag_too_long'],
    ],
    [
      'packets without end',
      Array.from({ length: 17 }, (_, number): Datagram => ['>', initialPacket([1], { number })]),
      ['too_many_packets'],
    ],
    ['frames without end', [['>', initialPacket(new Uint8Array(5000).fill(1))]], ['error_on_data']],
    ['an id that is too long', [['>', concat([0xc3], u32(1), [21], new Uint8Array(60))]], ['error_on_data']],
  ];
  it.each(cases)('%s', (_name, datagrams, events) => expect(see(...datagrams).events).toEqual(events));
});

const TALKS: Pick<Conversations, 'protocol' | 'specs' | 'events' | 'udp'> = {
  protocol: QUIC,
  specs: SPECS,
  events: QUIC_EVENTS,
  udp: true,
};
describeFuzz(
  conversationTarget({
    ...TALKS,
    said: [
      [
        ['>', CLIENT],
        ['<', SERVER],
      ],
    ],
  }),
);
describeFuzz(
  conversationTarget({
    ...TALKS,
    suffix: '-frames',
    wrap: initialPacket,
    said: [[['>', concat(...messageFrames(HELLO, 50))]], [['>', concat(...messageFrames(HELLO, 5000))]]],
  }),
);

describe('as Suricata has it', () => {
  const GOOGLE_MESSAGE = googleMessage([
    ['PAD', new Uint8Array(20)],
    ['SNI', 'g.Example'],
    ['UAID', 'Chrome/70'],
    ['VER', 'Q046'],
  ]);
  const GOOGLE_HELLO = streamFrame(GOOGLE_MESSAGE);
  const FINGERPRINTS = 'GREASE is left out of JA3, and JA4 is as its authors have it';
  const one = (name: string, said: readonly Said[], differs = FINGERPRINTS): peerTable.PeerCase => ({
    name,
    differs,
    talk: { udp: true, serverPort: 443, said },
  });
  const cases: readonly peerTable.PeerCase[] = [
    one('a connection', [
      ['>', CLIENT],
      ['<', SERVER],
    ]),
    one('frames in another order', [
      ['>', initialPacket(concat(...messageFrames(HELLO, 50, (pieces) => [...pieces].reverse())))],
    ]),
    one('a retry', [
      ['>', CLIENT],
      ['<', concat([0xf0], u32(1), [0], [4, 9, 9, 9, 9], new Uint8Array(40))],
    ]),
    one('versions of Google in the open', [['>', googlePacket('Q046', 0xc3, GOOGLE_HELLO)]], ''),
    one('and those before them', [['>', googlePacket('Q044', 0xff, GOOGLE_HELLO)]], ''),
    one('Q043', [['>', publicPacket(GOOGLE_HELLO)]], 'the version is there too'),
    one(
      'Q050',
      [['>', initialPacket(concat([8], cryptoFrame(0, GOOGLE_MESSAGE).slice(1)), { version: VERSION_Q050 })]],
      '',
    ),
    one('version 2', [['>', initialPacket(cryptoFrame(0, HELLO), { version: VERSION_2 })]]),
  ];
  const options: peerTable.TableOptions = {
    application: 'quic',
    specs: SPECS,
    events: QUIC_EVENTS.filter(({ name }) => name !== 'too_many_packets'),
    keywords: new Set(SPECS.filter(({ applications }) => applications.includes('quic')).map(({ name }) => name)),
    asked: Object.fromEntries(
      ['ja3.hash', 'ja3s.hash', 'quic.cyu.hash'].map((name) => [
        name,
        (value: string | number) => `${name}; content:"${value}";`,
      ]),
    ),
    object: 'quic',
    settings: [
      'outputs.0.eve-log.types.10=quic',
      'app-layer.protocols.quic.ja3-fingerprints=yes',
      'app-layer.protocols.quic.ja4-fingerprints=yes',
    ],
  };
  const path = join(import.meta.dirname, 'answers.json');
  const seen = cases.map(({ talk: { said } }) => {
    const talk = newTalk();
    for (const [side, bytes] of said as Datagram[]) talk.datagram(side, bytes);
    return talk.seen;
  });
  const ours = seen.map((one) => peerTable.factsOf(one, () => '>'));
  if (hasSuricata && peerTable.isWriting) peerTable.writeTable(path, cases, peerTable.askAbout(cases, ours, options));
  const table = peerTable.readTable(path);

  it.each(cases.map(({ name, differs = '' }, index) => [name, index, differs] as const))(
    '%s',
    (name, index, differs) => {
      expect(peerTable.differences(ours[index]!, table[name]!.facts, options)).toEqual(table[name]!.differences);
      expect(table[name]!.differences.length > 0).toBe(differs !== '');
      const printed = seen[index]!.map(({ eve }) => (JSON.parse(`{${eve}}`) as { quic: unknown }).quic);
      if (differs === '') expect(printed).toEqual(table[name]!.objects);
    },
  );

  it.skipIf(!hasSuricata)('today', () => {
    const answers = peerTable.askAbout(cases, ours, options);
    expect(Object.fromEntries(cases.map(({ name }, index) => [name, answers[index]]))).toEqual(table);
  });
});
