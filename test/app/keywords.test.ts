/**
 * Keywords that no test of a protocol names, in rules over whole conversations: each finds what it is about, and not
 * something else.
 */
import { describe, expect } from 'vitest';
import { builtIt } from '../support/built.js';
import type { Conversation } from '../support/conversation.js';
import { concat, hex, u16, u32 } from '../support/packet-builder.js';
import { alertsOfEach } from '../support/reading.js';
import { dnsMessage, TYPE } from './support/dns-messages.js';
import * as h2 from './http2/frames.js';

type Talk = Omit<Conversation, 'host'>;
/** Options of a rule that finds something, and of one that does not. */
type Case = readonly [header: string, found: string, missed: string];

const REQUEST =
  'POST /a%20b?q=1 HTTP/1.1\r\nHost: One.Example\r\nCookie: id=7\r\nAccept-Encoding: gzip\r\n' +
  'Accept-Language: de\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody';
const RESPONSE = 'HTTP/1.1 202 Fine\r\nContent-Length: 6\r\n\r\nanswer';
const little = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 255);
const enip = (command: number, body: Uint8Array, session = 7): Uint8Array =>
  concat(
    little(command, 2),
    little(body.length, 2),
    little(session, 4),
    little(0, 4),
    new Uint8Array(8),
    little(0, 4),
    body,
  );
const item = (type: number, body: Uint8Array): Uint8Array => concat(little(type, 2), little(body.length, 2), body);
const items = (...all: Uint8Array[]): Uint8Array => concat(little(all.length, 2), ...all);
const cip = (body: Uint8Array): Uint8Array =>
  concat(little(0, 4), little(5, 2), items(item(0, new Uint8Array(0)), item(0xb2, body)));
const mqtt = (head: number, ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  return concat([head, body.length], body);
};
const text = (value: string): Uint8Array => concat(u16(value.length), value);
const proposal = concat(
  concat(u32(1), u32(1), [0, 0], u16(24), [1, 1, 0, 1], [0, 0], u16(16), [1, 1, 0, 0]),
  concat(u16(0x8001), u16(7), u16(0x8002), u16(2)),
);
const ike = (responder: string): Uint8Array => {
  const body = concat([0, 0], u16(proposal.length + 4), proposal);
  return concat(hex('0102030405060708'), hex(responder), [1, 0x10, 2, 0], u32(0), u32(28 + body.length), body);
};
const record = (of: string) => ({ name: of, type: TYPE.a, data: [1, 2, 3, 4] });
const RECORDS = {
  flags: 0x8400,
  queries: [{ name: 'asked', type: TYPE.a }],
  answers: [record('answer')],
  authorities: [record('authority')],
  additionals: [record('more')],
};
const settings = h2.frame('settings', 0, 0, new Uint8Array(0));
const h2Request = concat(
  h2.PREFACE,
  settings,
  h2.frame('headers', h2.END_HEADERS | h2.END_STREAM, 1, concat(h2.number(64, 5, 0x20), h2.GET)),
  h2.frame('priority', 0, 1, concat(u32(0), [41])),
);
const h2Answer = concat(settings, h2.frame('headers', h2.END_HEADERS | h2.END_STREAM, 1, h2.OK));
const content = (keyword: string, found: string, missed: string): readonly [string, string] => [
  `${keyword}; content:"${found}";`,
  `${keyword}; content:"${missed}";`,
];
const modifier = (keyword: string, found: string, missed: string): readonly [string, string] => [
  `content:"${found}"; ${keyword};`,
  `content:"${missed}"; ${keyword};`,
];
const number = (keyword: string, found: number | string, missed: number | string): readonly [string, string] => [
  `${keyword}:${found};`,
  `${keyword}:${missed};`,
];

const der = (tag: number, ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  return concat([tag], body.length < 0x80 ? [body.length] : [0x81, body.length], body);
};
const realm = der(0x1b, 'A.EXAMPLE');
const principal = der(0x30, der(0xa0, [2, 1, 1]), der(0xa1, der(0x30, der(0x1b, 'alice'))));
const encrypted = (type: number): Uint8Array => der(0x30, der(0xa0, [2, 1, type]), der(0xa2, der(4, 'cipher')));
const ticket = der(
  0x61,
  der(0x30, der(0xa0, [2, 1, 5]), der(0xa1, realm), der(0xa2, principal), der(0xa3, encrypted(23))),
);
const KERBEROS = der(
  0x6b,
  concat(
    der(
      0x30,
      concat(der(0xa0, [2, 1, 5]), der(0xa1, [2, 1, 11]), der(0xa3, realm), der(0xa4, principal)),
      concat(der(0xa5, ticket), der(0xa6, encrypted(18))),
    ),
  ),
);

const MDNS: readonly Case[] = [
  ['mdns', ...content('mdns.queries.rrname', 'asked', 'answer')],
  ['mdns', ...content('mdns.answers.rrname', 'answer', 'asked')],
  ['mdns', ...content('mdns.authorities.rrname', 'authority', 'answer')],
  ['mdns', ...content('mdns.additionals.rrname', 'more', 'answer')],
  ['mdns', ...content('mdns.response.rrname', 'authority', 'none')],
];
const LLMNR: readonly Case[] = [
  ['llmnr', ...content('llmnr.queries.rrname', 'asked', 'answer')],
  ['llmnr', ...content('llmnr.answers.rrname', 'answer', 'asked')],
  ['llmnr', ...content('llmnr.authorities.rrname', 'authority', 'answer')],
  ['llmnr', ...content('llmnr.additionals.rrname', 'more', 'answer')],
  ['llmnr', ...content('llmnr.response.rrname', 'authority', 'none')],
];

const TALKS: readonly (readonly [title: string, talk: Talk, cases: readonly Case[]])[] = [
  ['mdns', { serverPort: 5353, clientPort: 5353, udp: true, said: [['<', dnsMessage(RECORDS)]] }, MDNS],
  ['llmnr', { serverPort: 5355, udp: true, said: [['<', dnsMessage(RECORDS)]] }, LLMNR],
  [
    'HTTP by names of old',
    {
      serverPort: 80,
      said: [
        ['>', REQUEST],
        ['<', RESPONSE],
      ],
    },
    (
      [
        ['uricontent:"/a b";', 'uricontent:"/a%20b";'],
        modifier('http_uri', '/a b', '/a%20b'),
        modifier('http_header', 'Host|3a 20|One', 'Cookie'),
        modifier('http_host', 'one.example', 'One.Example'),
        modifier('http_stat_code', '202', '404'),
        modifier('http_raw_uri', '/a%20b', '/a b'),
        modifier('http_raw_header', 'Host|3a 20|One', 'User-Agent'),
        content('http_raw_header_complete', 'Cookie|3a 20|id=7', 'HTTP/1.1'),
        modifier('http_cookie', 'id=7', 'Cookie'),
        modifier('http_raw_host', 'One.Example', 'one.example'),
        modifier('http_client_body', 'body', 'answer'),
        modifier('http_server_body', 'answer', 'body'),
        modifier('http_stat_msg', 'Fine', '202'),
        content('http.accept_enc', 'gzip', 'de'),
        content('http.accept_lang', 'de', 'gzip'),
        content('http.connection', 'close', 'keep'),
      ] as const
    ).map((pair) => ['http', ...pair]),
  ],
  [
    'HTTP/2',
    {
      serverPort: 80,
      said: [
        ['>', h2Request],
        ['<', h2Answer],
      ],
    },
    (
      [
        number('http2.priority', 41, 40),
        number('http2.size_update', 64, 63),
        content('http2.header', 'x|3a 20|y', 'y|3a 20|x'),
      ] as const
    ).map((pair) => ['http2', ...pair]),
  ],
  [
    'MQTT',
    {
      serverPort: 1883,
      said: [
        ['>', mqtt(0x10, text('MQTT'), [4, 2], u16(60), text('device'))],
        ['<', mqtt(0x20, [0, 0])],
        ['>', mqtt(0xa2, u16(7), text('left/alone'))],
        ['<', mqtt(0xb0, u16(7))],
      ],
    },
    [['mqtt', ...content('mqtt.unsubscribe.topic', 'left/alone', 'device')]],
  ],
  [
    'Modbus',
    {
      serverPort: 502,
      said: [
        ['>', concat(u16(1), u16(0), u16(6), [1, 3], u16(10), u16(2))],
        ['<', concat(u16(1), u16(0), u16(7), [1, 3, 4], u32(99))],
        ['>', concat(u16(2), u16(0), u16(11), [1, 16], u16(500), u16(2), [4], u32(0x00c8_00c9))],
        ['<', concat(u16(2), u16(0), u16(6), [1, 16], u16(500), u16(2))],
        ['>', concat(u16(3), u16(0), u16(6), [1, 8], u16(4), u16(0))],
        ['<', concat(u16(3), u16(0), u16(6), [1, 8], u16(4), u16(0))],
      ],
    },
    [
      // Addresses count from 1.
      ['modbus', ...number('modbus', 'function 16', 'function 15')],
      ['modbus', ...number('modbus', 'function 8, subfunction 4', 'function 8, subfunction 5')],
      ['modbus', ...number('modbus', 'function assigned', 'function !assigned')],
      ['modbus', ...number('modbus', 'unit 1, function 3', 'unit 2, function 3')],
      ['modbus', ...number('modbus', 'access read holding, address 12', 'access read holding, address 10')],
      ['modbus', ...number('modbus', 'access write holding', 'access write coils')],
      [
        'modbus',
        'modbus:access write holding, address 501, value >200;',
        'modbus:access write holding, address 500, value >200;',
      ],
      ['modbus', ...content('modbus_data', '|00 0a 00 02|', '|03 00 0a|')],
      ['modbus', ...number('modbus_func', 'read_holding_registers', 'read_coils')],
      ['modbus', ...number('modbus_unit', 1, 2)],
    ],
  ],
  [
    'EtherNet/IP',
    {
      serverPort: 44818,
      said: [
        ['>', enip(4, new Uint8Array(0), 0)],
        ['<', enip(4, items(item(0x100, concat(little(1, 2), little(0x120, 2), 'Communications\0\0'))), 0)],
        ['>', enip(0x6f, cip(hex('0e 03 20 01 24 01 30 07')))],
        ['<', enip(0x6f, cip(hex('8e 00 05 01 34 12')))],
      ],
    },
    [
      ['enip', ...content('enip.service_name', 'Communications', 'PLC')],
      ['enip', ...number('enip.capabilities', 0x120, 0x121)],
      ['enip', ...number('enip.cip_extendedstatus', 0x1234, 0x1235)],
      ['enip', 'enip_req; enip_command:4;', 'enip_req; enip_command:99;'],
      ['enip', 'enip_rsp; enip_command:4;', 'enip_rsp; enip_command:99;'],
      ['enip', 'cip_req; cip_class:1;', 'cip_req; cip_class:2;'],
      ['enip', 'cip_service:14,1;', 'cip_service:14,2;'],
      ['enip', 'cip_rsp; cip_status:5;', 'cip_rsp; cip_status:6;'],
    ],
  ],
  [
    'DNP3',
    {
      serverPort: 20000,
      said: [
        ['>', hex('05640ec401000200e066c0c1013c02063c03062914')],
        ['<', 'x'],
      ],
    },
    [['dnp3', ...number('dnp3_obj', '60,2', '60,1')]],
  ],
  [
    'Kerberos',
    {
      serverPort: 88,
      udp: true,
      said: [
        ['>', der(0x6a, der(0x30, der(0xa1, [2, 1, 5]), der(0xa2, [2, 1, 10])))],
        ['<', KERBEROS],
      ],
    },
    [['krb5', ...number('krb5.ticket_encryption', 'rc4-hmac', 'aes256-cts-hmac-sha1-96')]],
  ],
  [
    'IKE',
    {
      serverPort: 500,
      udp: true,
      said: [
        ['>', ike('0000000000000000')],
        ['<', ike('1112131415161718')],
      ],
    },
    [['ike', 'ike.chosen_sa_attribute:alg_hash=2;', 'ike.chosen_sa_attribute:alg_hash=3;']],
  ],
  [
    'SSH',
    {
      serverPort: 22,
      said: [
        ['<', 'SSH-2.0-OpenSSH_9.9\r\n'],
        ['>', 'SSH-1.99-dropbear\r\n'],
      ],
    },
    [
      ['ssh', ...number('ssh.protoversion', '1.99', '1.5')],
      ['ssh', ...number('ssh.softwareversion', 'dropbear', 'putty')],
    ],
  ],
  [
    'SSH with a banner that is too long',
    {
      serverPort: 22,
      said: [
        ['<', 'SSH-2.0-OpenSSH_9.9\r\n'],
        ['>', `SSH-2.0-${'x'.repeat(300)}\r\n`],
      ],
    },
    [['ssh', 'app-layer-event:ssh.long_banner;', 'app-layer-event:ssh.invalid_banner;']],
  ],
  [
    'SIP that breaks off',
    { serverPort: 5060, udp: true, said: [['>', 'INVITE sip:b@x SIP/2.0\r\nVia: 1\r\n']] },
    [['sip', 'app-layer-event:sip.incomplete_data;', 'app-layer-event:sip.invalid_data;']],
  ],
  [
    'FTP',
    {
      serverPort: 21,
      said: [
        ['<', '220 ready\r\n'],
        ['>', 'USER a\r\n'],
        ['<', '331 who\r\n'],
        ['>', 'PORT 192,0,2,9,4,1\r\n'],
        ['<', '200 so\r\n'],
      ],
    },
    [['ftp', 'ftp.command; content:"PORT"; ftpbounce;', 'ftp.command; content:"USER"; ftpbounce;']],
  ],
];

describe('a keyword', () => {
  builtIt('finds what it is about, and not something else', () => {
    const all = TALKS.flatMap(([, , cases], talk) => cases.map((one) => ({ talk, one })));
    const rules = all.flatMap(({ one: [header, found, missed] }, index) =>
      [found, missed].map(
        (options, kind) => `alert ${header} any any -> any any (${options} sid:${2 * index + kind + 1};)`,
      ),
    );
    const found = alertsOfEach(
      TALKS.map(([, talk]) => talk),
      rules,
    ).map((alerts) => [...new Set(alerts.map((alert) => Number(alert.slice(0, -1))))].sort((a, b) => a - b));
    const told = found.map((sids) => sids.map((sid) => rules[sid - 1]));
    const expected = TALKS.map((_, talk) => all.flatMap((of, index) => (of.talk === talk ? rules[2 * index] : [])));
    expect(told).toEqual(expected);
  });
});
