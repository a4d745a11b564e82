/** Talks whose frames are asked for, of protocols one by one. */
import type { Conversation } from '../../support/conversation.js';
import { concat, hex, u16, u24, u32, type Payload } from '../../support/packet-builder.js';
import { kexinit, packet as sshPacket } from '../ssh/conversations.js';
import { der } from '../support/certificates.js';
import { query, TYPE } from '../support/dns-messages.js';
import * as dcerpc from '../support/dcerpc-messages.js';
import { message as mqtt, text } from '../support/mqtt-messages.js';
import * as nfs from '../support/nfs-messages.js';
import * as smb from '../support/smb-messages.js';
import * as tls from '../support/tls-messages.js';

export type Talk = Omit<Conversation, 'host'>;

const little = (value: number): number[] => [value & 255, value >>> 8];
const enip = (command: number, ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  return concat(little(command), little(body.length), [1, 0, 0, 0], new Uint8Array(16), body);
};
/** The null address, and a call of CIP without a connection. */
const call = (body: Uint8Array): Uint8Array =>
  concat(new Uint8Array(6), [2, 0, 0, 0, 0, 0, 0xb2, 0], little(body.length), body);
const ldap = (id: number, operation: Uint8Array): Uint8Array => der(0x30, [2, 1, id], operation);
const sip = (first: string, body: string): string =>
  `${first}\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n` +
  `Content-Length: ${body.length}\r\n\r\n${body}`;
const INVITE = sip('INVITE sip:b@x SIP/2.0', 'v=0\r\no=- 1 1 IN IP4 a\r\n');
const ANSWERED = sip('SIP/2.0 200 OK', 'v=0\r\n');
const RINGING = sip('SIP/2.0 180 Ringing', '');

/** What is encrypted: its header with a signature, a nonce, its size, flags, a session; MS-SMB2 2.2.41. */
const SEALED = concat(
  [0xfd],
  'SMB',
  'S'.repeat(16),
  'N'.repeat(16),
  dcerpc.long(100),
  [0, 0, 1, 0],
  new Uint8Array(8),
  'x'.repeat(100),
);
const UNIX = concat(u32(1), u32(24), u32(5), u32(1), 'm', [0, 0, 0], u32(0), u32(0), u32(0));
const NOBODY = concat(u32(0), u32(0));
const call4 = (id: number, procedure: number, credentials: Uint8Array, body: Payload): Uint8Array =>
  nfs.record(concat(u32(id), u32(0), u32(2), u32(100_003), u32(4), u32(procedure), credentials, NOBODY, body));
const answer4 = (id: number, body: Payload): Uint8Array =>
  nfs.record(concat(u32(id), u32(1), u32(0), NOBODY, u32(0), body));
/** Compounds of PUTROOTFH and GETFH, with an empty tag. */
const COMPOUND = concat(u32(0), u32(0), u32(2), u32(24), u32(10));
const COMPOUNDED = concat(u32(0), u32(0), u32(2), u32(24), u32(0), u32(10), u32(0), u32(4), 'root');
const SET_OF_CALLS = concat(
  hex('0a 02 20 02 24 01'),
  little(2),
  little(6),
  little(14),
  hex('0e 03 20 01 24 01 30 07'),
  hex('0e 03 20 01 24 01 30 06'),
);
const SET_OF_ANSWERS = hex('8a 00 00 00 02 00 06 00 0c 00 8e 00 00 00 01 02 8e 00 00 00 03 04');
const IDENTITY = concat([1, 0], little(0x0c), little(34), [1, 0], new Uint8Array(31), [0]);

const HEARTBEAT = tls.record(24, concat([1], u16(16), new Uint8Array(16), new Uint8Array(16)));

/** As they are behind an upgrade: a text with a mask, a text, a ping that is empty. */
export const UPGRADED = {
  serverPort: 80,
  said: [
    [
      '>',
      'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ],
    [
      '<',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    ],
    ['>', concat([0x81, 0x85, 1, 2, 3, 4], [0x68 ^ 1, 0x65 ^ 2, 0x6c ^ 3, 0x6c ^ 4, 0x6f ^ 1])],
    ['<', concat([0x81, 5], 'world')],
    ['<', [0x89, 0]],
  ],
} as const satisfies Talk;

/** Options of Telnet: the type of the terminal is asked for, and will be told. */
const DO_TYPE = [255, 253, 24, 255, 253, 39];
const WILL_TYPE = [255, 251, 24, 255, 251, 39];

export const FRAME_TALKS = {
  http2: {
    serverPort: 80,
    said: [
      [
        '>',
        concat(
          'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
          concat(u24(0), [4, 0], u32(0)),
          concat(u24(3), [1, 4], u32(1), [0x83, 0x86, 0x84]),
          concat(u24(5), [0, 1], u32(1), 'asked'),
        ),
      ],
      ['<', concat(u24(0), [4, 0], u32(0), u24(0), [4, 1], u32(0))],
      ['<', concat(u24(1), [1, 4], u32(1), [0x88], u24(8), [0, 1], u32(1), 'answered')],
    ],
  },
  mdns: { serverPort: 5353, clientPort: 5353, udp: true, said: [['>', query('a.local', TYPE.a, { id: 0, flags: 0 })]] },
  tls: {
    serverPort: 443,
    said: [
      ['>', tls.handshake(1, tls.clientHello({ extensions: [tls.serverName('a.example')] }))],
      ['<', tls.handshake(2, tls.serverHello({}))],
      ['>', HEARTBEAT],
      ['<', tls.record(21, [2, 40])],
    ],
  },
  ssh: {
    serverPort: 22,
    said: [
      ['<', 'SSH-2.0-OpenSSH_9.9\r\n'],
      ['>', 'SSH-2.0-client\r\n'],
      ['>', kexinit('a')],
      ['<', kexinit('b')],
      ['>', sshPacket(concat([30], 'D'.repeat(40)))],
      ['<', sshPacket(concat([31], 'E'.repeat(40)))],
      ['<', sshPacket([21])],
      ['>', sshPacket([21])],
      ['>', 'encrypted'.repeat(9)],
    ],
  },
  smb2: {
    serverPort: 445,
    said: [
      ['>', smb.frame(smb.smb2(0, smb.negotiate2(0x202, 0x311)))],
      ['<', smb.frame(smb.smb2(0, smb.negotiated2(0x202), { response: true }))],
      ['>', smb.frame(smb.smb2(3, smb.tree2('\\\\h\\data'), { messageId: 2 }))],
      ['<', smb.frame(smb.smb2(3, smb.treed2(1), { messageId: 2, tree: 5, response: true }))],
      [
        '>',
        smb.frame(
          smb.compound(
            { command: 5, body: smb.create2('a.txt'), fields: { messageId: 3, tree: 5 } },
            { command: 6, body: smb.close2(smb.RELATED), fields: { messageId: 4, tree: 5, flags: 4 } },
          ),
        ),
      ],
      ['>', concat([0x85, 0, 0, 0])],
      ['>', smb.frame(SEALED)],
      ['>', smb.frame(concat([0xfc], 'SMB', dcerpc.long(100), dcerpc.long(1), dcerpc.long(0), 'y'.repeat(60)))],
    ],
  },
  smb1: {
    serverPort: 445,
    said: [
      ['>', smb.frame(smb.smb1(0x72, smb.negotiate1('NT LM 0.12')))],
      ['<', smb.frame(smb.smb1(0x72, smb.negotiated1(0), { response: true }))],
      ['>', smb.frame(smb.smb1(0x75, smb.tree1('\\\\h\\data', '?????'), { messageId: 2 }))],
      ['<', smb.frame(smb.smb1(0x75, smb.treed1('A:'), { messageId: 2, tree: 5, response: true }))],
    ],
  },
  dcerpc: {
    serverPort: 135,
    said: [
      ['>', dcerpc.bind([{ uuid: dcerpc.SRVSVC } as never])],
      ['<', dcerpc.bindAck([0])],
      ['>', dcerpc.request('arguments', { opnum: 15 })],
      ['<', dcerpc.response('results')],
    ],
  },
  enip: {
    serverPort: 44818,
    said: [
      ['>', enip(0x65, [1, 0, 0, 0])],
      ['<', enip(0x65, [1, 0, 0, 0])],
      ['>', enip(0x6f, call(hex('0e 03 20 01 24 01 30 07')))],
      ['<', enip(0x6f, call(hex('8e 00 00 00 34 12')))],
      ['>', enip(0x6f, call(SET_OF_CALLS))],
      ['<', enip(0x6f, call(SET_OF_ANSWERS))],
      ['>', enip(0x63)],
      ['<', enip(0x63, IDENTITY)],
    ],
  },
  nfs: {
    serverPort: 2049,
    said: [
      ['>', nfs.record(nfs.call(1, 3, 1))],
      ['<', nfs.record(nfs.answer(1))],
      ['>', nfs.record(nfs.call(2, 3, 4))],
      ['<', nfs.record(nfs.answer(2))],
    ],
  },
  'nfs 4': {
    serverPort: 2049,
    said: [
      ['>', call4(1, 1, UNIX, COMPOUND)],
      ['<', answer4(1, COMPOUNDED)],
      ['>', call4(2, 0, NOBODY, '')],
      ['<', answer4(2, '')],
    ],
  },
  'nfs over udp': {
    serverPort: 2049,
    udp: true,
    said: [
      ['>', nfs.call(1, 3, 1)],
      ['<', nfs.answer(1)],
    ],
  },
  sip: {
    serverPort: 5060,
    udp: true,
    said: [
      ['>', INVITE],
      ['<', RINGING],
      ['<', ANSWERED],
    ],
  },
  'sip over tcp': {
    serverPort: 5060,
    said: [
      ['>', INVITE],
      ['<', RINGING],
      ['<', ANSWERED],
    ],
  },
  rfb: {
    serverPort: 5900,
    said: [
      ['<', 'RFB 003.008\n'],
      ['>', 'RFB 003.008\n'],
      ['<', [1, 2]],
      ['>', [2]],
      ['<', 'c'.repeat(16)],
      ['>', 'r'.repeat(16)],
      ['<', [0, 0, 0, 0]],
      ['>', [1]],
      ['<', concat(u16(640), u16(480), new Uint8Array(16), u32(4), 'desk')],
      ['>', [0, 0, 0, 0, 1]],
    ],
  },
  'rfb 3.3': {
    serverPort: 5900,
    said: [
      ['<', 'RFB 003.003\n'],
      ['>', 'RFB 003.003\n'],
      ['<', u32(2)],
      ['<', 'c'.repeat(16)],
      ['>', 'r'.repeat(16)],
      ['<', u32(0)],
      ['>', [1]],
      ['<', concat(u16(640), u16(480), new Uint8Array(16), u32(4), 'desk')],
    ],
  },
  'rfb that fails': {
    serverPort: 5900,
    said: [
      ['<', 'RFB 003.008\n'],
      ['>', 'RFB 003.008\n'],
      ['<', [1, 2]],
      ['>', [2]],
      ['<', 'c'.repeat(16)],
      ['>', 'r'.repeat(16)],
      ['<', concat(u32(1), u32(3), 'bad')],
    ],
  },
  mqtt: {
    serverPort: 1883,
    said: [
      ['>', mqtt(0x10, text('MQTT'), [4, 2], u16(60), text('me'))],
      ['<', mqtt(0x20, [0, 0])],
      ['>', concat(mqtt(0x30, text('a/b'), 'hello'), mqtt(0xc0))],
      ['<', mqtt(0xd0)],
    ],
  },
  'mqtt with a long message': {
    serverPort: 1883,
    said: [
      ['>', mqtt(0x10, text('MQTT'), [4, 2], u16(60), text('me'))],
      ['<', mqtt(0x20, [0, 0])],
      ['>', concat([0x30, 0x80 | (203 & 127), 203 >> 7], text('a'), 'm'.repeat(200))],
      ['>', mqtt(0xe0)],
    ],
  },
  ldap: {
    serverPort: 389,
    said: [
      ['>', ldap(1, der(0x60, [2, 1, 3], der(4, 'cn=a'), der(0x80, 'secret')))],
      ['<', ldap(1, der(0x61, [10, 1, 0], der(4, ''), der(4, '')))],
      ['>', concat(ldap(2, der(0x4a, 'cn=x')), ldap(3, der(0x4a, 'cn=y')))],
      ['<', ldap(2, der(0x6b, [10, 1, 0], der(4, ''), der(4, 'no')))],
    ],
  },
  'ldap over udp': {
    serverPort: 389,
    udp: true,
    said: [
      [
        '>',
        ldap(
          1,
          der(0x63, der(4, ''), [10, 1, 0, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0], der(0x87, 'objectclass'), [0x30, 0]),
        ),
      ],
    ],
  },
  telnet: {
    serverPort: 23,
    said: [
      ['<', [...DO_TYPE, 255, 253, 32, 255, 251, 1]],
      ['>', [...WILL_TYPE, 255, 252, 32]],
      ['<', [255, 250, 24, 1, 255, 240]],
      ['>', concat([255, 250, 24, 0], 'XTERM', [255, 240])],
      ['<', concat('Wel', [255, 241], 'come\r\nNote: for all\r\nlogin: ')],
      ['>', 'alice\r\n'],
      ['<', 'alice\r\nPassword: '],
      ['>', concat('secret\r\n', [255, 244, 255, 253, 6])],
      ['<', '\r\nLast login: today\r\n$ '],
      ['>', concat('ls\r\n', [255, 255], 'a', [255, 241], 'b\n')],
      ['<', concat('ls: no\r\n', [255, 251, 6])],
    ],
  },
  'telnet by a client that ends lines with CR NUL': {
    serverPort: 23,
    said: [
      ['<', concat(DO_TYPE, 'login: ')],
      ['>', concat(WILL_TYPE, 'al')],
      ['>', 'ice\r\0'],
      ['<', 'alice\r\nPassword: '],
      ['>', 'secret\r\0ls\r\n'],
      ['<', 'a\r\0b\r\nc: d\r\n'],
    ],
  },
  'telnet with the byte 255 in an option': {
    serverPort: 23,
    said: [
      ['<', concat(DO_TYPE, 'login: ')],
      ['>', concat(WILL_TYPE, [255, 250, 31, 0, 255, 255, 240, 24, 255, 240], 'alice\r\n')],
    ],
  },
} as const satisfies Record<string, Talk>;
