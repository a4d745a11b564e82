/** TLS as rules see it: however it is cut into records and segments, whatever is wrong with it, and where it ends. */
import { describe, expect, it } from 'vitest';
import { SSL_STATE, TLS_BUFFERS, TLS_CLIENT, TLS_SERVER } from '../../../src/app/tls/buffers.js';
import { conversationTarget } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import { concat, u16, u24 } from '../../support/packet-builder.js';
import { certificate } from '../support/certificates.js';
import type { Part, Seen } from '../support/talk.js';
import * as tls from '../support/tls-messages.js';
import { TLS, TLS_EVENTS } from '../../../src/app/tls/index.js';
import { Talk, talkInPieces, talksCutOnce } from '../support/talk.js';

const newTalk = () => new Talk(TLS, TLS_BUFFERS, TLS_EVENTS);
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const EXTENSIONS: readonly tls.Extension[] = [tls.serverName('www.example.com'), tls.alpn('h2', 'http/1.1')];
const HELLO = tls.message(1, tls.clientHello({ extensions: EXTENSIONS }));
const ANSWER = tls.message(2, tls.serverHello({ extensions: [tls.alpn('h2')] }));
const CHAIN = tls.message(
  11,
  tls.chain(
    certificate({
      alternatives: [
        [0x82, 'a.example'],
        [0x82, 'b.example'],
      ],
    }),
    certificate(),
  ),
);
const DONE = tls.message(14, []);
const CHANGE = tls.record(20, [1]);
const FINISHED = tls.record(22, new Uint8Array(40).fill(0x99));
const DATA = tls.record(23, new Uint8Array(100).fill(1));
const CLIENT_END = concat(tls.handshake(16, [1]), CHANGE, FINISHED);
const SERVER_END = concat(CHANGE, FINISHED);

/** The messages in records of `size` bytes. */
function inRecords(size: number, ...messages: Uint8Array[]): Uint8Array {
  const all = concat(...messages);
  const records: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += size) records.push(tls.record(22, all.slice(at, at + size)));
  return concat(...records);
}

const conversation = (size: number): Part[] => [
  ['>', inRecords(size, HELLO)],
  ['<', inRecords(size, ANSWER, CHAIN, DONE)],
  ['>', CLIENT_END],
  ['<', SERVER_END],
  ['>', DATA],
  ['<', DATA],
];
const only = (talk: InstanceType<typeof Talk>): Seen => talk.seen[0]!;
const eventsOf = (...parts: Part[]): readonly string[] => only(talkInPieces(newTalk(), parts, 100_000)).events;

describe('a connection', () => {
  const whole = only(talkInPieces(newTalk(), conversation(16_384), 100_000));

  it('has what its hellos and certificates say', () => {
    const { values } = whole;
    expect(values['> tls.sni']).toEqual(['www.example.com']);
    expect(values['> tls.alpn']).toEqual(['h2', 'http/1.1']);
    expect(values['< tls.alpn']).toEqual(['h2']);
    expect(values['< tls.cert_subject']).toEqual(['CN=example.com']);
    expect(values['< tls.cert_issuer']).toEqual(['C=US, CN=Issuer']);
    expect(values['< tls.cert_serial']).toEqual(['0A:BC:DE']);
    expect(values['< tls.subjectaltname']).toEqual(['a.example', 'b.example']);
    expect((values['< tls.certs'] as string[]).map((one) => one.length)).toEqual([
      certificate({
        alternatives: [
          [0x82, 'a.example'],
          [0x82, 'b.example'],
        ],
      }).length,
      certificate().length,
    ]);
    expect(values['< tls.cert_chain_len']).toEqual([2]);
    expect([values['> tls.version'], values['< ssl_version'], values['> ssl_state']]).toEqual([
      [0x0303],
      [16],
      [1 | 4],
    ]);
    expect(whole.progress).toEqual([TLS_CLIENT.finished, TLS_SERVER.finished]);
    expect(whole.events).toEqual([]);
  });

  it('whose hello names a server of no bytes has an event of it', () => {
    const talk = newTalk();
    talk.stream('>', tls.handshake(1, tls.clientHello({ extensions: [tls.serverName('')] })));
    expect(talk.seen.map(({ events }) => events)).toEqual([['invalid_sni_length']]);
  });

  it('is the same however messages are cut into records, and these into segments', () => {
    for (const size of [1, 2, 3, 7, 50, 1000])
      expect(only(talkInPieces(newTalk(), conversation(size), 100_000)), `${size}`).toEqual(whole);
    for (const size of [1, 2, 3, 5, 64])
      expect(only(talkInPieces(newTalk(), conversation(16_384), size)), `${size}`).toEqual(whole);
    expect(only(talkInPieces(newTalk(), conversation(9), 4))).toEqual(whole);
    for (const talk of talksCutOnce(newTalk, conversation(16_384))) expect(only(talk)).toEqual(whole);
  });

  it('gives back all memory', () => {
    const talk = talkInPieces(newTalk(), conversation(100), 100_000);
    expect(talk.arena.usedBytes).toBeGreaterThan(0);
    talk.reset();
    expect(talk.arena.usedBytes).toBe(0);
  });
});

describe('a long message', () => {
  const roomy = () => new Talk(TLS, TLS_BUFFERS, TLS_EVENTS, 8);
  /** Names of as many bytes. */
  const named = (bytes: number): Uint8Array =>
    certificate({
      alternatives: Array.from({ length: Math.ceil(bytes / 1024) }, () => [0x82, 'a'.repeat(1020)] as const),
    });
  const answered = (...certificates: Uint8Array[]): Seen =>
    only(
      talkInPieces(
        roomy(),
        [
          ['>', inRecords(999, HELLO)],
          ['<', concat(inRecords(16_384, ANSWER, tls.message(11, tls.chain(...certificates)), DONE), SERVER_END)],
        ],
        16_000,
      ),
    );
  /** Of the first certificate: hellos are kept, too. */
  const KEPT = 262_144 - (HELLO.length - 4) - (ANSWER.length - 4) - 6;

  it('is read whole up to 256 KiB', () => {
    const [long, last] = [named(200_000), certificate({ subject: [['2.5.4.3', 'last']] })];
    const { values, events } = answered(long, last);
    expect(events).toEqual(['too_many_subject_alternative_names']);
    expect(values['< tls.cert_subject']).toEqual(['CN=example.com']);
    expect((values['< tls.certs'] as string[]).map(({ length }) => length)).toEqual([long.length, last.length]);
    expect(values['< tls.cert_fingerprint']).toHaveLength(1);
  });

  it('shows all names of a certificate that has two hundred', () => {
    const names = Array.from({ length: 200 }, (_, index) => `host-number-${index}.example.com`);
    const { eve } = answered(certificate({ alternatives: names.map((name) => [0x82, name]) }));
    const { tls: shown } = JSON.parse(`{${eve}}`) as { tls: { subjectaltname: string[] } };
    expect(shown.subjectaltname).toEqual(names);
  });

  it.each([300_000, 1_000_000])('of %i bytes is read as far as that, and what follows as ever', (bytes) => {
    const { values, events, eve } = answered(named(bytes), certificate());
    expect(events).toEqual(['too_many_subject_alternative_names', 'handshake_message_too_long']);
    expect(values).toMatchObject({
      '< tls.cert_subject': ['CN=example.com'],
      '< tls.cert_issuer': ['C=US, CN=Issuer'],
      '< tls.cert_chain_len': [1],
      '< tls_cert_expired': [0],
    });
    expect(values['< tls.subjectaltname']).toHaveLength(16);
    // Of a part there is none.
    expect(values['< tls.cert_fingerprint']).toBeUndefined();
    expect(eve).not.toContain('fingerprint');
    expect((values['< tls.certs'] as string[]).map(({ length }) => length)).toEqual([KEPT]);
    expect(eve).not.toContain('session_resumed');
  });

  it('of several certificates has those that are there', () => {
    const { values, events } = answered(named(200_000), named(200_000), certificate());
    expect(events).toContain('handshake_message_too_long');
    expect(values['< tls.cert_chain_len']).toEqual([2]);
  });

  it('of another kind is passed over', () => {
    const { values, events } = only(
      talkInPieces(
        roomy(),
        [['<', inRecords(16_384, ANSWER, tls.message(22, new Uint8Array(400_000)), CHAIN)]],
        16_000,
      ),
    );
    expect([events, values['< tls.cert_subject']]).toEqual([['handshake_message_too_long'], ['CN=example.com']]);
  });

  it('for which there is no memory is passed over, and what follows is read', () => {
    const messages = [ANSWER, tls.message(11, tls.chain(named(200_000))), tls.message(12, [1])];
    const { values, events } = only(talkInPieces(newTalk(), [['<', inRecords(16_384, ...messages)]], 16_000));
    expect(events).toContain('handshake_message_too_long');
    expect(values['< ssl_state']).toEqual([SSL_STATE.server_hello | SSL_STATE.server_keyx]);
  });

  it('is read the same however it is cut into records', () => {
    const messages = [ANSWER, tls.message(11, tls.chain(named(270_000))), tls.message(12, [1]), DONE];
    const of = (size: number): Seen => only(talkInPieces(roomy(), [['<', inRecords(size, ...messages)]], 65_536));
    const whole = of(16_384);
    for (const size of [1000, 4093, 16_383]) expect(of(size)).toEqual(whole);
  });
});

describe('what is encrypted', () => {
  const bypassed = (...parts: Part[]): number => talkInPieces(newTalk(), parts, 100_000).connection.status.bypassed;
  const start = conversation(16_384).slice(0, 2);

  it('is passed over from the first data behind both changes of ciphers', () => {
    expect(bypassed(...start, ['>', concat(CLIENT_END, DATA)])).toBe(0);
    expect(bypassed(...start, ['>', CLIENT_END], ['<', SERVER_END])).toBe(0);
    expect(bypassed(...start, ['>', CLIENT_END], ['<', SERVER_END], ['>', DATA])).toBe(1);
    expect(bypassed(...conversation(16_384))).toBe(3);
  });

  it('is passed over behind the hellos of TLS 1.3', () => {
    const answer = tls.handshake(2, tls.serverHello({ extensions: [tls.selectedVersion(0x0304)] }));
    expect(bypassed(['>', inRecords(999, HELLO)], ['<', concat(answer, CHANGE)])).toBe(0);
    expect(bypassed(['>', inRecords(999, HELLO)], ['<', concat(answer, CHANGE, DATA)])).toBe(2);
    expect(
      bypassed(['>', inRecords(999, HELLO)], ['<', concat(answer, CHANGE, DATA)], ['>', concat(CHANGE, DATA)]),
    ).toBe(3);
    const draft = tls.handshake(2, concat([0x7f, 28], tls.serverHello({ extensions: [] }).slice(2)));
    expect(bypassed(['>', inRecords(999, HELLO)], ['<', concat(draft, DATA)])).toBe(2);
    // Sent early, before anything was agreed on.
    expect(bypassed(['>', concat(inRecords(999, HELLO), DATA)])).toBe(0);
  });

  it('is passed over where one side alone was seen', () =>
    expect(bypassed(['>', concat(inRecords(999, HELLO), CLIENT_END, DATA)])).toBe(1));
});

describe('what is printed of a session', () => {
  const printed = (...messages: Uint8Array[]): string =>
    only(
      talkInPieces(
        newTalk(),
        [
          ['>', inRecords(999, HELLO)],
          ['<', concat(inRecords(16_000, ...messages), SERVER_END)],
        ],
        100_000,
      ),
    ).eve;

  it('is resumed where the server goes on without a certificate', () => {
    expect(printed(ANSWER)).toContain('"session_resumed":true');
    expect(printed(ANSWER, CHAIN, DONE)).not.toContain('session_resumed');
  });

  it('is not where its certificates were too long to be read', () => {
    expect(printed(ANSWER, tls.message(11, new Uint8Array(300_000)))).not.toContain('session_resumed');
  });

  it('has a version that there is not in digits, as Suricata has it', () => {
    const hello = tls.message(2, tls.serverHello({ extensions: [tls.selectedVersion(0x7e01)] }));
    expect(printed(hello)).toContain('"version":"32257"');
  });
});

describe('events', () => {
  const BEAT = [1, 0, 1, 9, ...new Array<number>(16).fill(0)];
  const BEAT_BACK = [2, ...BEAT.slice(1)];
  const heartbeat = (...body: number[]): Uint8Array => concat(inRecords(999, HELLO), tls.record(24, body));
  const cases: readonly (readonly [name: string, parts: Part[], events: readonly string[]])[] = [
    ['what is no record', [['>', bytesOf('GET / HTTP/1.1\r\n')]], ['invalid_tls_header']],
    ['a record of no type', [['>', concat([30, 3, 3], u16(1), [0])]], ['invalid_record_type']],
    ['a record of no version', [['>', concat([22, 5, 3], u16(1), [0])]], ['invalid_record_version']],
    ['a record that is too long', [['>', concat([22, 3, 3], u16(30_000), [0])]], ['invalid_ssl_record']],
    ['a message of no type', [['>', tls.handshake(99, [1])]], ['invalid_ssl_record']],
    [
      'a hello that breaks off',
      [['>', tls.handshake(1, tls.clientHello().slice(0, 40))]],
      ['handshake_invalid_length'],
    ],
    [
      'a hello whose extensions break off',
      [['>', tls.handshake(1, tls.clientHello({ extensions: EXTENSIONS }).slice(0, -3))]],
      ['handshake_invalid_length'],
    ],
    ['the answer of a client', [['>', inRecords(999, ANSWER)]], ['invalid_handshake_message']],
    ['a heartbeat', [['>', heartbeat(...BEAT)]], []],
    [
      'two, each behind the answer to the one before',
      [
        ['>', heartbeat(...BEAT)],
        ['<', tls.record(24, BEAT_BACK)],
        ['>', tls.record(24, BEAT)],
      ],
      [],
    ],
    ['two in flight', [['>', concat(heartbeat(...BEAT), tls.record(24, BEAT))]], ['invalid_heartbeat_message']],
    ['one of no type', [['>', heartbeat(3, ...BEAT.slice(1))]], ['invalid_heartbeat_message']],
    ['one that claims too much', [['>', heartbeat(1, 0x40, 0)]], ['overflow_heartbeat_message']],
    ['one without padding', [['>', heartbeat(1, 0, 1, 9)]], ['invalid_heartbeat_message']],
    [
      'an encrypted one that is answered by more',
      [
        ...conversation(999).slice(0, 4),
        ['>', tls.record(24, new Uint8Array(30))],
        ['<', tls.record(24, new Uint8Array(300))],
      ],
      ['dataleak_heartbeat_mismatch'],
    ],
    ['an alert of no level', [['<', tls.record(21, [9, 9])]], ['invalid_alert_message']],
    [
      'certificates that do not fit',
      [['<', concat(inRecords(999, ANSWER), tls.handshake(11, concat(u24(9), [0, 0, 30], [1, 2, 3, 4, 5, 6])))]],
      ['certificate_invalid_length'],
    ],
    ['a certificate that is none', [['<', tls.handshake(11, tls.chain(bytesOf('abc')))]], ['invalid_certificate']],
    [
      'a date that is none',
      [['<', tls.handshake(11, tls.chain(certificate({ notAfter: '999999999999Z' })))]],
      ['certificate_invalid_date'],
    ],
    [
      '300 alternative names',
      [
        [
          '<',
          tls.handshake(
            11,
            tls.chain(certificate({ alternatives: Array.from({ length: 300 }, () => [0x82, 'a'] as const) })),
          ),
        ],
      ],
      ['too_many_subject_alternative_names'],
    ],
    [
      '70 certificates',
      [['<', tls.handshake(11, tls.chain(...Array.from({ length: 70 }, () => bytesOf('abc'))))]],
      ['invalid_certificate', 'too_many_certificates'],
    ],
    [
      'bytes that are missing',
      [
        ['>', inRecords(999, HELLO).slice(0, 50)],
        ['>', 100],
        ['>', DATA],
        ['<', inRecords(999, ANSWER)],
      ],
      ['gap'],
    ],
  ];
  it.each(cases)('%s', (_name, parts, events) => expect(eventsOf(...parts)).toEqual(events));

  it('a gap leaves the other side as it is', () => {
    const { values } = only(
      talkInPieces(
        newTalk(),
        [
          ['>', 100],
          ['<', inRecords(999, ANSWER, CHAIN)],
        ],
        999,
      ),
    );
    expect(values['< tls.cert_subject']).toEqual(['CN=example.com']);
  });
});

describe('drafts of TLS 1.3', () => {
  it('have hellos of servers without session and compression before number 22', () => {
    const body = concat([0x7f, 18], tls.RANDOM, u16(0x1301), u16(8), u16(51), u16(4), u16(29), u16(0));
    const { values, events, eve } = only(talkInPieces(newTalk(), [['<', tls.handshake(2, body)]], 999));
    expect(events).toEqual([]);
    expect(values['< ja3s.string']).toEqual(['32530,4865,51']);
    expect(values['< tls.version']).toEqual([0x7f12]);
    expect(eve).toContain('"version":"TLS 1.3 draft-18"');
    expect(eventsOf(['<', tls.handshake(2, body.slice(0, 35))])).toEqual(['handshake_invalid_length']);
  });
});

it('names drafts of Fizz as Suricata does', () => {
  const body = concat([0xfb, 26], tls.RANDOM, [0], u16(0x1301), [0], u16(0));
  const { eve } = only(talkInPieces(newTalk(), [['<', tls.handshake(2, body)]], 999));
  expect(eve).toContain('"version":"TLS 1.3 draft-26-fb"');
});

describe('SSLv2', () => {
  const old = (version: number): Uint8Array => {
    const body = concat([1], u16(version), u16(3), u16(0), u16(16), [1, 0, 0x80], new Uint8Array(16));
    return concat(u16(0x8000 | body.length), body);
  };

  it('has a hello for later versions, and its own', () => {
    const upgraded = only(
      talkInPieces(
        newTalk(),
        [
          ['>', old(0x0301)],
          ['<', inRecords(999, ANSWER)],
        ],
        1,
      ),
    );
    expect([
      upgraded.values['> tls.version'],
      upgraded.values['> ssl_state'],
      upgraded.values['< tls.version'],
    ]).toEqual([[0x0301], [1], [0x0303]]);
    expect(only(talkInPieces(newTalk(), [['>', old(2)]], 1)).values['> ssl_version']).toEqual([1]);
    expect(eventsOf(['>', concat([0x80, 4, 1, 0, 2, 0])])).toEqual(['invalid_sslv2_header']);
  });
});

describe('a server that refuses', () => {
  it('has the version of the record of its alert, where it has said no hello', () => {
    const refusal = tls.record(21, [2, 40], 0x0300);
    const client = tls.handshake(1, tls.clientHello({}));
    const refused = only(
      talkInPieces(
        newTalk(),
        [
          ['>', client],
          ['<', refusal],
        ],
        1,
      ),
    );
    expect([refused.values['< ssl_version'], refused.values['< tls.version']]).toEqual([[2], [0x0300]]);
    const answered = only(
      talkInPieces(
        newTalk(),
        [
          ['>', client],
          ['<', concat(inRecords(999, ANSWER), refusal)],
        ],
        1,
      ),
    );
    expect(answered.values['< ssl_version']).toEqual([16]);
  });
});

describe('fingerprints', () => {
  const of = (hello: tls.HelloFields, side: '>' | '<' = '>'): Seen['values'] => {
    const body = side === '>' ? tls.clientHello(hello) : tls.serverHello(hello);
    return only(talkInPieces(newTalk(), [[side, tls.handshake(side === '>' ? 1 : 2, body)]], 9999)).values;
  };
  const empty = (...types: number[]): tls.Extension[] => types.map((type) => [type, []]);

  it('JA3 is as its authors publish it', () => {
    const first = of({
      version: 769,
      ciphers: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
      extensions: [tls.serverName('a'), tls.groups(23, 24, 25), tls.pointFormats(0)],
    });
    expect(first['> ja3.string']).toEqual(['769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0']);
    expect(first['> ja3.hash']).toEqual(['ada70206e40642a3e4461f35503241d5']);
    const second = of({ version: 769, ciphers: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99] });
    expect(second['> ja3.hash']).toEqual(['de350869b8c85de67a350c8d186f11e6']);
    const third = of({ version: 771, ciphers: [4866], extensions: [tls.selectedVersion(0x0304), [51, []]] }, '<');
    expect([third['< ja3s.string'], third['< ja3s.hash']]).toEqual([
      ['771,4866,43-51'],
      ['15af977ce25de452b96affa2addb1036'],
    ]);
  });

  it('JA4 is as its authors publish it, whatever GREASE is in it', () => {
    const ciphers = [
      0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f,
      0x0035,
    ];
    const extensions = [
      ...empty(0x001b),
      tls.serverName('a.example'),
      tls.versions(0x3a3a, 0x0304, 0x0303),
      ...empty(0x0033, 0x0023, 0x000b, 0x0017, 0x0012),
      tls.alpn('h2', 'http/1.1'),
      tls.signatures(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601),
      ...empty(0xff01, 0x0005, 0x000a, 0x002d, 0x4469, 0x0015),
    ];
    expect(of({ ciphers, extensions })['> ja4.hash']).toEqual(['t13d1516h2_8daaf6152771_e5627efa2ab1']);
    expect(
      of({ ciphers: [0xdada, ...ciphers], extensions: [...empty(0x4a4a), ...extensions, ...empty(0xfafa)] })[
        '> ja4.hash'
      ],
    ).toEqual(['t13d1516h2_8daaf6152771_e5627efa2ab1']);
    expect(of({ extensions: [tls.versions(0x7f17, 0x0304, 0x0303)] })['> ja4.hash']![0]).toMatch(/^t00i020100_/);
    expect(of({ extensions: [tls.alpn('\xab\xcd')] })['> ja4.hash']![0]).toMatch(/^t12i0201ad_/);
  });
});

describeFuzz(
  conversationTarget({
    protocol: TLS,
    specs: TLS_BUFFERS,
    events: TLS_EVENTS,
    said: [16_384, 200, 23].map((size) => conversation(size)),
  }),
);
