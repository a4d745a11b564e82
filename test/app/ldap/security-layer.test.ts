/** Messages of LDAP within a SASL security layer: read as they are without one, where they are not sealed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LDAP_BUFFERS } from '../../../src/app/ldap/buffers.js';
import { LDAP, LDAP_EVENTS } from '../../../src/app/ldap/index.js';
import { builtIt } from '../../support/built.js';
import type { Said } from '../../support/conversation.js';
import { concat, u32 } from '../../support/packet-builder.js';
import { alertsOfEach } from '../../support/reading.js';
import { der } from '../support/certificates.js';
import type { PeerCase } from '../support/peer-table.js';
import { describeDamaged } from '../support/protocol-suite.js';
import { buffer, digest, kerberos, ntlm, oldKerberos } from '../support/sasl-buffers.js';
import { Talk, talkInPieces, talksCutOnce, type Part, type Seen } from '../support/talk.js';

const octets = (value: string): Uint8Array => der(4, value);
const message = (id: number, operation: Uint8Array): Uint8Array => der(0x30, [2, 1, id], operation);
const search = (id: number, base: string): Uint8Array =>
  message(
    id,
    der(0x63, octets(base), [10, 1, 2, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0], der(0x87, 'o'), der(0x30, octets('cn'))),
  );
const entry = (id: number, name: string): Uint8Array => message(id, der(0x64, octets(name), der(0x30)));
const done = (id: number): Uint8Array => message(id, der(0x65, [10, 1, 0], octets(''), octets('')));
const BIND: readonly Part[] = [
  ['>', message(1, der(0x60, [2, 1, 3], octets(''), der(0xa3, octets('GSS-SPNEGO'), octets('NTLM'))))],
  ['<', message(1, der(0x61, [10, 1, 0], octets(''), octets(''), der(0x87, 'OK')))],
];
const REQUESTS = [search(2, 'dc=example,dc=com'), search(3, 'cn=a'), message(4, der(0x4a, 'cn=b'))];
const ANSWERS = [entry(2, 'cn=a,dc=example'), entry(2, 'cn=b,dc=example'), done(2), done(3)];
const CLEAR = [concat(...REQUESTS), concat(...ANSWERS)] as const;

const newTalk = (pages = 8): Talk => new Talk(LDAP, LDAP_BUFFERS, LDAP_EVENTS, pages);
const behindBind = (toServer: Uint8Array, toClient: Uint8Array = new Uint8Array(0)): readonly Part[] => [
  ...BIND,
  ['>', toServer],
  ['<', toClient],
];
const seen = (parts: readonly Part[]): readonly Seen[] => talkInPieces(newTalk(), parts, Infinity).seen;
const names = (parts: readonly Part[]): unknown => seen(parts).map(({ values }) => values['> ldap.request.dn']?.[0]);

type Wrap = (text: Uint8Array) => Uint8Array;
const WRAPS: Readonly<Record<string, Wrap>> = {
  'Kerberos (RFC 4121)': (text) => kerberos(text),
  'the sum in front, as Windows has it': (text) => kerberos(text, { turns: 12 }),
  'a part of the sum in front': (text) => kerberos(text, { turns: 5 }),
  'a part of the text in front': (text) => kerberos(text, { turns: 30 }),
  'turned more than once': (text) => kerberos(text, { turns: 40_000, sumBytes: 24 }),
  'no sum': (text) => kerberos(text, { turns: 3, sumBytes: 0 }),
  'Kerberos by DES (RFC 1964)': (text) => oldKerberos(text),
  'Kerberos by DES3': (text) => oldKerberos(text, 'DES3'),
  'Kerberos by RC4 (RFC 4757)': (text) => oldKerberos(text, 'RC4'),
  NTLM: ntlm,
  'Digest (RFC 2831)': digest,
};
const inBuffers = (text: Uint8Array, wrap: Wrap, size: number): Uint8Array =>
  concat(
    ...Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
      wrap(text.subarray(index * size, (index + 1) * size)),
    ),
  );
const wrapped = (wrap: Wrap, size = Infinity): readonly Part[] =>
  behindBind(
    ...([inBuffers(CLEAR[0], wrap, Math.min(size, 1e6)), inBuffers(CLEAR[1], wrap, Math.min(size, 1e6))] as const),
  );

describe('LDAP that is signed', () => {
  const clear = seen(behindBind(...CLEAR));

  it.each(Object.entries(WRAPS))('is read: %s', (_name, wrap) => {
    expect(clear).toHaveLength(4);
    expect(seen(wrapped(wrap))).toEqual(clear);
    const parts = behindBind(concat(...REQUESTS.map(wrap)), concat(...ANSWERS.map(wrap)));
    expect(seen(parts)).toEqual(clear);
    expect(talkInPieces(newTalk(), parts, 1).seen).toEqual(clear);
    for (const cut of talksCutOnce(newTalk, parts)) expect(cut.seen).toEqual(clear);
  });

  it('is read however buffers divide messages', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });
    const turns = fc.array(fc.nat(70), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, turns, fc.nat(40), (cuts, turned, sumBytes) => {
        const sides = CLEAR.map((text) => {
          const buffers: Uint8Array[] = [];
          for (let at = 0, n = 0; at < text.length; n++) {
            const end = at + cuts[n % cuts.length]!;
            buffers.push(kerberos(text.subarray(at, end), { turns: turned[n % turned.length]!, sumBytes }));
            at = end;
          }
          return concat(...buffers);
        });
        expect(seen(behindBind(sides[0]!, sides[1]!))).toEqual(clear);
      }),
    );
  });

  it('has frames of the messages', () => {
    const frames = (parts: readonly Part[]): readonly string[] =>
      talkInPieces(newTalk().watchFrames(), parts, Infinity).seenFrames;
    expect(frames(wrapped(kerberos))).toEqual(frames(behindBind(...CLEAR)));
  });

  it('may have long messages in one buffer, and long ones in many', () => {
    const long = message(2, der(0x68, octets('cn=long'), der(0x30, octets('x'.repeat(70_000)))));
    const text = concat(long, REQUESTS[1]!);
    for (const size of [1e6, 30_000, 500]) {
      const parts = behindBind(inBuffers(text, kerberos, size));
      expect(names(parts)).toEqual(['', 'cn=long', 'cn=a']);
      expect(talkInPieces(newTalk(), parts, 1460).seen).toEqual(seen(parts));
    }
  });
});

describe('LDAP that is sealed', () => {
  const sealed = Uint8Array.from({ length: 60 }, (_, n) => (n * 151 + 7) & 0xff);

  it.each([
    ['Kerberos (RFC 4121)', kerberos(sealed, { flags: 3, sumBytes: 0 })],
    ['Kerberos (RFC 1964)', oldKerberos(sealed, 'DES', 0)],
    ['Kerberos by RC4', oldKerberos(sealed, 'RC4', 0x1000)],
    ['NTLM', ntlm(sealed)],
    ['Digest', digest(sealed)],
    ['another mechanism', buffer(sealed)],
  ])('is passed over: %s', (_name, bytes) => {
    const parts = behindBind(concat(bytes, bytes), bytes);
    expect(names(parts)).toEqual(['']);
    const talk = talkInPieces(newTalk(), parts, 1);
    expect(talk.seen).toEqual(seen(parts));
    expect(talk.connection.broken).toBe(false);
    // Nothing keeps a client from signing its next message alone.
    expect(names([...parts, ['>', kerberos(REQUESTS[1]!)]])).toEqual(['', 'cn=a']);
  });

  it('ends a message that was signed to there', () => {
    const [first, second] = [REQUESTS[0]!, REQUESTS[1]!];
    const text = [kerberos(first.subarray(0, 20)), kerberos(sealed, { flags: 3 }), kerberos(first.subarray(20))];
    expect(names(behindBind(concat(...text, kerberos(second))))).toEqual(['', 'cn=a']);
  });
});

describe('a buffer that is malformed', () => {
  const good = kerberos(REQUESTS[1]!);
  it.each([
    ['empty', u32(0)],
    ['of one byte', buffer([5])],
    ['a token that breaks off', buffer([5, 4, 0, 0xff, 0, 0])],
    ['a token without anything behind its head', kerberos('', { sumBytes: 0 })],
    ['a sum that is longer than the token', buffer([5, 4, 0, 0xff, 0, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3])],
    ['filler that is none', buffer([5, 4, 0, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...REQUESTS[0]!])],
    ['padding of nothing', oldKerberos(concat(REQUESTS[0]!.subarray(0, 30), new Uint8Array(8)), 'RC4').fill(0, -1)],
    ['padding that is longer than the block', oldKerberos(REQUESTS[0]!.subarray(0, 30), 'RC4').fill(9, -1)],
    ['a frame without a token', buffer(der(0x60, [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2]))],
    ['a frame of another mechanism', buffer(der(0x60, [6, 6, 0x2b, 6, 1, 5, 5, 2], new Uint8Array(60)))],
    ['a frame whose length is longer than it', buffer([0x60, 0xff, ...new Uint8Array(40)])],
    ['NTLM that breaks off', buffer([1, 0, 0, 0, 1, 2, 3])],
    ['a digest that breaks off', buffer([0x30, 1, 2, 3])],
    ['text that is no message', kerberos('no message')],
    ['text that is none behind one', kerberos(concat(message(9, der(0x50, [1])), 'no message'))],
  ])('is passed over: %s', (name, bytes) => {
    const parts = behindBind(concat(bytes, good));
    expect(names(parts)).toEqual(name.endsWith('behind one') ? ['', undefined, 'cn=a'] : ['', 'cn=a']);
    expect(talkInPieces(newTalk(), parts, 1).seen).toEqual(seen(parts));
  });

  it('is passed over where its text is turned and too long to wait for', () => {
    const long = kerberos(concat(REQUESTS[0]!, new Uint8Array(65_600)), { turns: 40 });
    expect(names(behindBind(concat(long, good)))).toEqual(['', 'cn=a']);
  });
});

describe('bytes that are missing of a security layer', () => {
  it.each(Object.entries(WRAPS))('cost no more than the buffers that they are of: %s', (_name, wrap) => {
    const lost = wrap(REQUESTS[0]!);
    const parts = (from: number): readonly Part[] => [
      ...BIND,
      ['>', concat(wrap(message(8, der(0x50, [1]))), lost.subarray(0, from))],
      ['>', lost.length - from - 3],
      ['>', concat(lost.subarray(-3), wrap(REQUESTS[1]!))],
    ];
    for (const from of [0, 3, 20, 30]) expect(names(parts(from))).toEqual(['', undefined, 'cn=a']);
  });

  it('may be of a message in several buffers', () => {
    const text = concat(REQUESTS[0]!, REQUESTS[1]!);
    const [first, second] = [kerberos(text.subarray(0, 20)), kerberos(text.subarray(20))];
    const parts: readonly Part[] = [...BIND, ['>', first], ['>', second.length], ['>', kerberos(REQUESTS[2]!)]];
    expect(names(parts)).toEqual(['', 'cn=b']);
    expect(names([...BIND, ['>', 5], ['>', concat(second, kerberos(REQUESTS[2]!))]])).toEqual(['', 'cn=b']);
  });
});

builtIt('raises alerts of messages that are signed, not of the text of those that are sealed', () => {
  const rules = [
    'alert ldap any any -> any any (ldap.request.dn; content:"cn=a"; sid:1;)',
    'alert ldap any any -> any any (ldap.responses.dn; content:"cn=b,dc=example"; sid:2;)',
  ];
  const talk = (wrap: Wrap): PeerCase['talk'] => ({
    serverPort: 3890,
    said: behindBind(inBuffers(CLEAR[0], wrap, 70), inBuffers(CLEAR[1], wrap, 70)) as readonly Said[],
  });
  const sealed: Wrap = (text) => kerberos(text, { flags: 2 });
  const turned: Wrap = (text) => kerberos(text, { turns: 40 });
  expect(alertsOfEach([talk(kerberos), talk(turned), talk(ntlm), talk(sealed)], rules)).toEqual([
    ['1>', '2<'],
    ['1>', '2<'],
    ['1>', '2<'],
    [],
  ]);
});

it('gives back all memory of the security layer', () => {
  const talk = talkInPieces(newTalk(), behindBind(kerberos(REQUESTS[0]!.subarray(0, 20))), Infinity);
  talk.reset();
  expect(talk.arena.usedBytes).toBe(0);
});

it('passes over what there is no memory for', () => {
  const talk = talkInPieces(newTalk(0), behindBind(kerberos(REQUESTS[0]!)), Infinity);
  expect(talk.connection.broken).toBe(false);
});

describeDamaged(
  LDAP,
  { specs: LDAP_BUFFERS, events: LDAP_EVENTS },
  Object.entries(WRAPS).map(([name, wrap]) => ({
    name,
    talk: { serverPort: 389, said: wrapped(wrap, 50) as readonly Said[] },
  })),
);
