/** What rules over streams see of messages that follow each other: as a rule each by itself. */
import { describe, expect, it } from 'vitest';
import { NfsFiles } from '../app/support/nfs-files.js';
import { create2, frame, smb2, write2 } from '../app/support/smb-messages.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import type { Said } from '../support/conversation.js';
import { concat, u16, u24, type Payload } from '../support/packet-builder.js';
import { alertsOfEach, eventsOfTalks } from '../support/reading.js';

const FIRST = 'GET /one HTTP/1.1\r\nHost: h\r\nReferer: r\r\n\r\n';
const SECOND = 'GET /two HTTP/1.1\r\nHost: h\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const RULES = [
  'alert http any any -> any any (flow:to_server; content:"/two"; content:!"Referer"; sid:1;)',
  'alert tcp any any -> any any (flow:to_server,only_stream; content:"GET"; startswith; sid:2;)',
  'alert http any any -> any any (flow:to_server; content:"/one"; content:"/two"; sid:3;)',
  'alert http any any -> any any (flow:to_server; content:"/two"; sid:4;)',
  'alert smtp any any -> any any (flow:to_server; content:"one"; content:"two"; sid:5;)',
];

function inPieces(text: Payload, size: number, side: '>' | '<' = '>'): Said[] {
  const bytes = concat(text);
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => [side, bytes.slice(i * size, (i + 1) * size)] as const);
}

const inTurn = (size: number): Said[] => [...inPieces(FIRST, size), ['<', OK], ...inPieces(SECOND, size), ['<', OK]];
const CUT = SECOND.indexOf('wo');
const TALKS: readonly Said[][] = [
  inTurn(1),
  inTurn(7),
  inTurn(1000),
  [
    ['>', FIRST + SECOND.slice(0, CUT)],
    ['>', SECOND.slice(CUT)],
    ['<', OK + OK],
  ],
  [
    ['<', '220 s\r\n'],
    ['>', 'HELO one\r\n'],
    ['<', '250 s\r\n'],
    ['>', 'MAIL FROM:<two@example>\r\n'],
    ['<', '250 ok\r\n'],
  ],
];
const [byte, some, whole, begun, mail] = alertsOfEach(
  TALKS.map((said, index) => ({ serverPort: index < 4 ? 80 : 25, said })),
  RULES,
);

describe('requests of a connection', () => {
  it('are inspected each by itself, and from their start on, however they are cut', () => {
    for (const alerts of [byte, some, whole]) expect(alerts!.sort()).toEqual(['1>', '2>', '2>', '4>']);
  });

  it('are inspected with what came before them where one has begun when the other ends', () => {
    expect(begun!.filter((alert) => alert === '4>')).toEqual(['4>']);
  });
});

it('commands of SMTP are one talk: contents of several are found together', () => {
  expect(mail).toEqual(['5>']);
});

it('banners and packets of SSH are one talk: a client that speaks first is seen with what the server says', () => {
  const rules = [
    'alert tcp any any -> any any (flow:to_client; content:"SSH-"; depth:4; flowbits:set,server; flowbits:noalert; sid:1;)',
    'alert tcp any any -> any any (flow:to_server; content:"SSH-"; depth:4; flowbits:isset,server; sid:2;)',
  ];
  const banners: readonly Said[] = [
    ['>', 'SSH-2.0-client\r\n'],
    ['<', 'SSH-2.0-server\r\n'],
  ];
  expect(alertsOfEach([{ serverPort: 2022, said: banners }], rules)).toEqual([['2>']]);
});

const said = (name: string): readonly Said[] => APPLICATION_SAMPLES.find((sample) => sample.name === name)!.said;
const record = (type: number, body: Payload): Uint8Array => concat([type], u16(0x0303), u16(concat(body).length), body);
const heartbeat = (bytes: number): Uint8Array =>
  record(24, concat([2], u16(bytes), new Uint8Array(bytes + 16).fill(5)));

describe('records of TLS', () => {
  const rules = [
    'alert tcp any any -> any any (flow:to_client,only_stream; content:"|18 03|"; depth:2; byte_test:2,>,150,3; sid:1;)',
    'alert tcp any any -> any any (flow:to_client,only_stream; content:"|18 03|"; content:"|18 03|"; distance:0; sid:2;)',
  ];
  const [hello, answer] = said('tls');
  const after = (...parts: readonly Said[][]): Said[] => [hello!, answer!, ...parts.flat()];
  const both = concat(heartbeat(400), heartbeat(300));

  it('begin a range each, as soon as the one before is whole, however they are cut', () => {
    const cut = [1, 7, 100, 1000].map((size) =>
      after(
        inPieces(heartbeat(400), size, '<'),
        inPieces(heartbeat(20), size, '<'),
        inPieces(heartbeat(300), size, '<'),
      ),
    );
    const across = after([
      ['<', both.slice(0, 500)],
      ['<', both.slice(500)],
    ]);
    const [byte, seven, hundred, whole, shared] = alertsOfEach(
      [...cut, across].map((talk) => ({ serverPort: 443, said: talk })),
      rules,
    );
    for (const alerts of [byte, seven, hundred, whole, shared]) expect(alerts).toEqual(['1<', '1<']);
  });

  it('are inspected when they are whole, not when the handshake is over', () => {
    const said = after([['<', heartbeat(400)]], inPieces(heartbeat(20), 1, '<'));
    const [events] = eventsOfTalks([{ serverPort: 443, said }], rules);
    // Behind the handshake of TCP, two hellos and the heartbeat, all acknowledged.
    expect(events!.map(({ pcap_cnt }) => pcap_cnt)).toEqual([3 + 2 * 3]);
  });
});

it('lie beside the transaction of their message also where a part of the next one is inspected with them', () => {
  const [request] = said('krb5 over tcp');
  const begun = concat([0, 0], u16(4000), new Uint8Array(3000).fill(0x61));
  const start = Buffer.from(concat(request![1]).slice(0, 6)).toString('hex');
  const rule = `alert krb5 any any -> any any (content:"|${start}|"; krb5_msg_type:10; sid:1;)`;
  const talk = { serverPort: 88, cut: 5000, said: [['>', concat(request![1], begun)] as const] };
  expect(alertsOfEach([talk], [rule])).toEqual([['1>']]);
});

it('messages of SMB begin a range where it has become long; short ones are one range', () => {
  const message = (fill: number, bytes: number): Uint8Array => {
    const [, text] = said('smb1')[0]!;
    const smb = concat(concat(text).slice(4, 36), [0], u16(bytes), new Uint8Array(bytes).fill(fill));
    return concat([0], u24(smb.length), smb);
  };
  const [request, answer] = said('smb1');
  const rules = [
    'alert tcp any any -> any any (flow:to_server,only_stream; content:"|ff|SMB"; offset:4; depth:4; content:"CCCC"; sid:1;)',
    'alert tcp any any -> any any (flow:to_server,only_stream; content:"aaaa"; content:"bbbb"; distance:0; sid:2;)',
  ];
  const long = concat(message(0x42, 3000), message(0x43, 3000));
  const short = concat(message(0x61, 100), message(0x62, 100));
  const talks = [1, 100, 1400].map((size) => [request!, answer!, ...inPieces(long, size)]);
  const alerts = alertsOfEach(
    [...talks, [request!, answer!, ...inPieces(short, 100)]].map((said) => ({ serverPort: 445, said })),
    rules,
  );
  expect(alerts.slice(0, 3).map((list) => [...new Set(list)])).toEqual([['1>'], ['1>'], ['1>']]);
  expect(alerts[3]).toEqual(['2>']);
});

describe('data of a file that is read as it comes', () => {
  const data = new Uint8Array(120_000).fill(0x2e);
  const nfs = new NfsFiles();
  const [[written]] = [nfs.write('big.bin', 0, data)] as const;

  it.each([
    ['smb', 445, frame(smb2(5, create2('big.bin'), { messageId: 1 })), frame(smb2(9, write2(data), { messageId: 2 }))],
    ['nfs', 2049, nfs.lookUp('big.bin')[0]![1], concat(written![1])],
  ] as const)('is one range with what came of its message before (%s)', (_, serverPort, first, message) => {
    const places = Array.from({ length: 80 }, (_, at) => 1_400 * (at + 1));
    for (const [index, at] of places.entries()) message.set(Buffer.from(`<${100 + index}>`), at - 2);
    const rules = places.map(
      (_, index) =>
        `alert tcp any any -> any any (flow:to_server,only_stream; content:"<${100 + index}>"; sid:${index + 1};)`,
    );
    const [alerts] = alertsOfEach([{ serverPort, said: [['>', first], ...inPieces(message, 1_400)] }], rules);
    expect(new Set(alerts).size).toBe(places.length);
  });
});

describe('conversations of all applications that are said three times on one connection', () => {
  // These begin once: what comes again is something else.
  const ONCE = ['sslv2', 'ssh', 'rfb'];
  const samples = APPLICATION_SAMPLES.filter(({ udp, name }) => udp !== true && !ONCE.includes(name));
  const starts = new Set(
    samples.flatMap(({ said }) =>
      said.map(([side, text]) => {
        const start = Buffer.from(concat(text).slice(0, 6)).toString('hex');
        return `flow:${side === '>' ? 'to_server' : 'to_client'},only_stream; content:"|${start}|"; startswith`;
      }),
    ),
  );
  const rules = [...starts].map((options, i) => `alert tcp any any -> any any (${options}; sid:${i + 1};)`);
  const CUTS = [1, 5, 1400];
  const alerts = alertsOfEach(
    samples.flatMap(({ port, said }) =>
      CUTS.map((cut) => ({ serverPort: port, cut, said: [...said, ...said, ...said] })),
    ),
    rules,
  );

  it.each(samples.map(({ name }, i) => [name, i] as const))('begin ranges where they are not cut (%s)', (_, i) => {
    const [byte, five, whole] = CUTS.map((_, cut) => alerts[i * CUTS.length + cut]!.sort());
    expect(whole!.length).toBeGreaterThan(0);
    expect([byte, five]).toEqual([whole, whole]);
  });

  it('begin one with each message of DNS, TLS, LDAP, Modbus and others', () => {
    const counts = samples.map(({ name }, i) => [name, alerts[i * CUTS.length]!.length] as const);
    expect(Object.fromEntries(counts)).toMatchObject({
      'dns over tcp': 6,
      tls: 6,
      ldap: 6,
      modbus: 6,
      nfs: 6,
      smb2: 2,
    });
  });
});
