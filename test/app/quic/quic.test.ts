/** QUIC as rules see it: Initial packets opened, hellos put together, whatever else comes passed over. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUIC_BUFFERS } from '../../../src/app/quic/buffers.js';
import { InitialKeys, VERSION_1, VERSION_2 } from '../../../src/app/quic/keys.js';
import { TLS_BUFFERS } from '../../../src/app/tls/buffers.js';
import type { Said } from '../../support/conversation.js';
import { concat, u32 } from '../../support/packet-builder.js';
import { hasSuricata } from '../../support/suricata.js';
import * as peerTable from '../support/peer-table.js';
import { CONNECTION_ID, cryptoFrame, initialPacket, messageFrames } from '../support/quic-packets.js';
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
  it('are those of RFC 9001, appendix A, and of RFC 9369', () => {
    const client = new InitialKeys(VERSION_1, CONNECTION_ID, 'client in');
    expect(client.key.toString('hex')).toBe('1f369613dd76d5467730efcbe3b1a22d');
    expect(client.iv.toString('hex')).toBe('fa044b2f42a3fd3b46fb255c');
    expect(client.headerKey.toString('hex')).toBe('9f50449e04a0e810283a1e9933adedd2');
    const server = new InitialKeys(VERSION_1, CONNECTION_ID, 'server in');
    expect(server.key.toString('hex')).toBe('cf3a5331653c364c88f0f379b6067e37');
    expect(new InitialKeys(VERSION_2, CONNECTION_ID, 'client in').key.toString('hex')).toBe(
      '8b1a0bc121284290a29e0971b5cd045d',
    );
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

  it('of a version that is not known is complete at once, and one that has gone on too', () => {
    const odd = CLIENT.slice();
    odd.set([0x0a, 0x0a, 0x0a, 0x0a], 1);
    const unknown = see(['>', odd]);
    expect([unknown.values['> quic.version'], unknown.progress, unknown.events]).toEqual([['\n\n\n\n'], [1, 1], []]);
    expect(see(['>', CLIENT], ['<', SHORT]).progress).toEqual([1, 1]);
    expect(see(['>', CLIENT], ['<', concat([0x80], u32(0), [0], [0], u32(1))]).events).toEqual([]);
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
  ];
  it.each(cases)('%s', (_name, datagrams, events) => expect(see(...datagrams).events).toEqual(events));
});

describe('whatever is sent', () => {
  it('nothing throws, and nothing stays', () => {
    const talk = newTalk();
    const frames = concat(...messageFrames(HELLO, 50));
    const change = fc.tuple(fc.nat(1300), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5 }), fc.array(change, { maxLength: 5 }), (inside, outside) => {
        const plain = frames.slice();
        for (const [at, value] of inside) plain[at % plain.length] = value;
        const packet = initialPacket(plain);
        for (const [at, value] of outside) packet[at % packet.length] = value;
        talk.datagram('>', packet);
        talk.datagram('<', SERVER);
        for (const { eve } of talk.seen) expect(() => JSON.parse(`{${eve}}`) as unknown).not.toThrow();
        talk.reset();
        expect(talk.arena.usedBytes).toBe(0);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1000) },
    );
  });
});

describe('as Suricata has it', () => {
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
    one('version 2', [['>', initialPacket(cryptoFrame(0, HELLO), { version: VERSION_2 })]]),
  ];
  const options: peerTable.TableOptions = {
    application: 'quic',
    specs: SPECS,
    events: QUIC_EVENTS,
    keywords: new Set(['quic.sni', 'quic.version', 'ja3.hash', 'ja3.string', 'ja3s.hash', 'ja3s.string', 'ja4.hash']),
    asked: Object.fromEntries(
      ['ja3.hash', 'ja3s.hash'].map((name) => [name, (value: string | number) => `${name}; content:"${value}";`]),
    ),
    object: 'quic',
    settings: [
      'outputs.0.eve-log.types.10=quic',
      'app-layer.protocols.quic.ja3-fingerprints=yes',
      'app-layer.protocols.quic.ja4-fingerprints=yes',
    ],
  };
  const path = join(import.meta.dirname, 'answers.json');
  const ours = cases.map(({ talk: { said } }) => peerTable.factsOf([see(...(said as Datagram[]))], () => '>'));
  if (hasSuricata && peerTable.isWriting) peerTable.writeTable(path, cases, peerTable.askAbout(cases, ours, options));
  const table = peerTable.readTable(path);

  it.each(cases.map(({ name, differs = '' }, index) => [name, index, differs] as const))(
    '%s',
    (name, index, differs) => {
      expect(peerTable.differences(ours[index]!, table[name]!.facts, options)).toEqual(table[name]!.differences);
      expect(table[name]!.differences.length > 0).toBe(differs !== '');
    },
  );

  it.skipIf(!hasSuricata)('today', () => {
    const answers = peerTable.askAbout(cases, ours, options);
    expect(Object.fromEntries(cases.map(({ name }, index) => [name, answers[index]]))).toEqual(table);
  });
});
