/**
 * How conversations of each application protocol begin, built by hand from its specification: what identification is
 * tested with, and what peers are asked about. The first two texts suffice to tell the protocol.
 */
import type { ApplicationName } from '../../src/app/applications.js';
import { concat, hex, u16, u24, u32, type Payload } from './packet-builder.js';
import type { Said } from './conversation.js';

export interface ApplicationSample {
  readonly name: string;
  readonly application: ApplicationName;
  readonly udp?: boolean;
  readonly port: number;
  readonly said: readonly Said[];
}

const tcp = (name: string, application: ApplicationName, port: number, ...said: Said[]): ApplicationSample => ({
  name,
  application,
  port,
  said,
});
const udp = (name: string, application: ApplicationName, port: number, ...said: Said[]): ApplicationSample => ({
  name,
  application,
  port,
  said,
  udp: true,
});

const tlsRecord = (type: number, version: number, body: Payload): Uint8Array =>
  concat([type], u16(version), u16(concat(body).length), body);
const handshake = (type: number, body: Payload): Uint8Array => concat([type], u24(concat(body).length), body);
const hello = concat(u16(0x0303), new Uint8Array(32).fill(7), [0], u16(2), u16(0x1301), [1, 0], u16(0));
const serverHello = concat(u16(0x0303), new Uint8Array(32).fill(9), [0], u16(0x1301), [0], u16(0));
const dnsName = concat([7], 'example', [3], 'com', [0]);
const dnsMessage = (flags: number, answers: number): Uint8Array =>
  concat(
    u16(0x1234),
    u16(flags),
    u16(1),
    u16(answers),
    u16(0),
    u16(0),
    dnsName,
    u16(1),
    u16(1),
    answers === 0 ? [] : concat(u16(0xc00c), u16(1), u16(1), u32(60), u16(4), [192, 0, 2, 1]),
  );
const mdnsMessage = concat(
  u16(0),
  u16(0),
  u16(1),
  u16(0),
  u16(0),
  u16(0),
  [5],
  '_http',
  [4],
  '_tcp',
  [5],
  'local',
  [0],
  u16(12),
  u16(1),
);
const withLength16 = (message: Payload): Uint8Array => concat(u16(concat(message).length), message);
const withLength32 = (message: Payload): Uint8Array => concat(u32(concat(message).length), message);

const smb1 = concat(
  [0xff],
  'SMB',
  [0x72, 0, 0, 0, 0, 0x18, 0x53, 0xc8],
  new Uint8Array(20),
  [0],
  u16(12 * 256),
  [2],
  'NT LM 0.12',
  [0],
);
const smb2 = concat([0xfe], 'SMB', [64, 0], new Uint8Array(58), [36, 0, 1, 0, 1, 0], new Uint8Array(30), [2, 2]);
const smb2Answer = concat(
  [0xfe],
  'SMB',
  [64, 0],
  new Uint8Array(10),
  [1, 0, 0, 0],
  new Uint8Array(44),
  [65, 0, 1, 0],
  new Uint8Array(60),
);
const smb3 = concat([0xfd], 'SMB', new Uint8Array(60).fill(3));
const dcerpcBind = concat(
  [5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0],
  [0xb8, 0x10, 0xb8, 0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0],
  hex('08 83 af e1 1f 5d c9 11 91 a4 08 00 2b 14 a0 fa 03 00 00 00'),
  hex('04 5d 88 8a eb 1c c9 11 9f e8 08 00 2b 10 48 60 02 00 00 00'),
);
const dcerpcBindAck = concat(
  [5, 0, 12, 3, 0x10, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0],
  [0xb8, 0x10, 0xb8, 0x10, 1, 0, 0, 0, 4, 0],
  '135',
  [0],
  new Uint8Array(30),
);
const dcerpcDatagram = concat(
  [4, 0, 0x20, 0, 0x10, 0, 0, 0],
  hex('b8 4a 9f 4d 1c 7d cf 11 86 1e 00 20 af 6e 7c 57'),
  new Uint8Array(32).fill(1),
  u32(0),
  u32(0x01000000),
  u32(0),
  [0, 0, 0xff, 0xff, 0xff, 0xff, 20, 0, 0, 0, 0, 0],
  new Uint8Array(20),
);

const sipFields = (tag: string): string =>
  `Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:bob@example.com>${tag}\r\n` +
  'Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n';
const sip = `OPTIONS sip:bob@example.com SIP/2.0\r\n${sipFields('')}`;
const sipAnswer = `SIP/2.0 200 OK\r\n${sipFields(';tag=2')}`;
const rdpRequest = concat(
  [3, 0],
  u16(44),
  [39, 0xe0, 0, 0, 0, 0, 0],
  'Cookie: mstshash=eltons\r\n',
  [1, 0, 8, 0, 0, 0, 0, 0],
);
const rdpConfirm = concat([3, 0], u16(19), [14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 0, 0, 0, 0]);

const der = (tag: number, ...parts: Payload[]): Uint8Array => {
  const body = concat(...parts);
  return concat([tag], body.length < 128 ? [body.length] : [0x82, ...u16(body.length)], body);
};
const realm = der(0x1b, 'EXAMPLE.COM');
const principal = der(0x30, der(0xa0, [2, 1, 1]), der(0xa1, der(0x30, der(0x1b, 'alice'))));
const kdcBody = der(
  0x30,
  der(0xa0, [3, 5, 0, 0x40, 0, 0, 0x10]),
  der(0xa1, principal),
  der(0xa2, realm),
  der(0xa3, principal),
  der(0xa5, der(0x18, '20300101000000Z')),
  der(0xa7, [2, 4, 1, 2, 3, 4]),
  der(0xa8, der(0x30, [2, 1, 18])),
);
const asRequest = der(0x6a, der(0x30, der(0xa1, [2, 1, 5]), der(0xa2, [2, 1, 10]), der(0xa4, kdcBody)));
const krbError = der(
  0x7e,
  der(
    0x30,
    der(0xa0, [2, 1, 5]),
    der(0xa1, [2, 1, 30]),
    der(0xa4, der(0x18, '20240101000000Z')),
    der(0xa5, [2, 2, 1, 1]),
    der(0xa6, [2, 1, 25]),
    der(0xa9, realm),
    der(0xaa, principal),
  ),
);
const ldapBind = der(0x30, [2, 1, 1], der(0x60, [2, 1, 3], der(4, 'cn=admin'), der(0x80, 'secret')));
const ldapAnswer = der(0x30, [2, 1, 1], der(0x61, [10, 1, 0, 4, 0, 4, 0]));
const ldapSearch = der(
  0x30,
  [2, 1, 1],
  der(0x63, der(4, ''), [10, 1, 0, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0], der(0x87, 'objectclass'), [0x30, 0]),
);
const ldapResult = concat(
  der(0x30, [2, 1, 1], der(0x64, der(4, ''), [0x30, 0])),
  der(0x30, [2, 1, 1], der(0x65, [10, 1, 0, 4, 0, 4, 0])),
);
const snmp = (version: number, pdu: number): Uint8Array =>
  der(
    0x30,
    [2, 1, version],
    der(4, 'public'),
    der(pdu, [2, 1, 1, 2, 1, 0, 2, 1, 0], der(0x30, der(0x30, hex('06 08 2b 06 01 02 01 01 01 00 05 00')))),
  );
const snmp3 = der(
  0x30,
  [2, 1, 3],
  der(0x30, [2, 2, 1, 2], [2, 3, 0, 0xff, 0xe3], [4, 1, 4], [2, 1, 3]),
  der(4, der(0x30, der(4), [2, 1, 0, 2, 1, 0], der(4), der(4), der(4))),
  der(0x30, der(4), der(4), der(0xa0, [2, 1, 1, 2, 1, 0, 2, 1, 0], der(0x30))),
);

const rpcCall = concat(u32(0x11223344), u32(0), u32(2), u32(100_003), u32(3), u32(0), u32(0), u32(0), u32(0), u32(0));
const rpcReply = concat(u32(0x11223344), u32(1), u32(0), u32(0), u32(0), u32(0));
const rpcRecord = (message: Uint8Array): Uint8Array => concat(u32(0x80000000 + message.length), message);

const mqttConnect = concat([0x10, 16], u16(4), 'MQTT', [4, 2], u16(60), u16(4), 'abcd');
const mqtt31Connect = concat([0x10, 18], u16(6), 'MQIsdp', [3, 2], u16(60), u16(4), 'abcd');
const modbus = concat(u16(1), u16(0), u16(6), [1, 3], u16(0), u16(10));
const modbusAnswer = concat(u16(1), u16(0), u16(7), [1, 3, 4], u32(99));
const dnp3Header = hex('05 64 05 c0 01 00 00 04 e9 21');
const dnp3Answer = hex('05 64 05 40 00 04 01 00 a3 96');
const enip = concat([0x65, 0, 4, 0], u32(0), u32(0), new Uint8Array(8), u32(0), [1, 0, 0, 0]);
const enipAnswer = concat([0x65, 0, 4, 0], hex('01 02 03 04'), u32(0), new Uint8Array(8), u32(0), [1, 0, 0, 0]);
const enipList = concat([0x63, 0, 0, 0], u32(0), u32(0), new Uint8Array(8), u32(0));
const enipListed = concat(
  [0x63, 0, 40, 0],
  u32(0),
  u32(0),
  new Uint8Array(8),
  u32(0),
  [1, 0, 0x0c, 0, 34, 0, 1, 0],
  new Uint8Array(32),
);

const ntp = concat([0x23, 0, 6, 0xec], new Uint8Array(36), hex('e8 00 00 00 12 34 56 78'));
const ntpTime = (fraction: number): Uint8Array => concat(hex('e8 00 00 00'), u32(fraction));
const ntpAnswer = concat(
  [0x24, 2, 6, 0xec],
  hex('00 00 01 23 00 00 04 56 0a 00 00 01'),
  ...[0, 0x12345678, 99, 100].map(ntpTime),
);
const ntpPrivacy = concat([0x23, 0, 0, 0x20], new Uint8Array(36), hex('5a 17 99 01 12 34 56 78'));
const ntpControl = hex('16 02 00 01 00 00 00 00 00 00 00 00');
const ntpControlAnswer = concat(hex('16 82 00 01 06 15 00 00 00 00 00 10'), 'version="4.2.8"', [0]);
const ntpMonitors = concat(hex('97 00 03 2a 00 01 00 48'), new Uint8Array(72));
const dhcp = (op: number, kind: number): Uint8Array =>
  concat(
    [op, 1, 6, 0],
    hex('01020304'),
    new Uint8Array(20),
    hex('020000000001'),
    new Uint8Array(10),
    new Uint8Array(192),
    hex('63825363'),
    [53, 1, kind, 255],
    new Uint8Array(20),
  );
const tftp = concat(u16(1), 'boot.img', [0], 'octet', [0]);
const ike = concat(
  hex('0102030405060708'),
  new Uint8Array(8),
  [33, 0x20, 34, 8],
  u32(0),
  u32(28 + 44),
  concat([34, 0, 0, 44], [0, 0, 0, 40, 1, 1, 0, 4], new Uint8Array(32)),
);
const ike1 = concat(
  hex('0102030405060708'),
  new Uint8Array(8),
  [1, 0x10, 2, 0],
  u32(0),
  u32(28 + 44),
  concat([0, 0, 0, 44], u32(1), u32(1), [0, 0, 0, 32, 1, 1, 0, 1], new Uint8Array(24)),
);
const quicInitial = concat(
  [0xc3],
  u32(1),
  [8],
  hex('8394c8f03e515708'),
  [0],
  [0],
  [0x44, 0x9e],
  new Uint8Array(1182).fill(0x5a),
);
const quicAnswer = concat(
  [0xc1],
  u32(1),
  [0],
  [8],
  hex('f067a5502a4262b5'),
  [0],
  [0x40, 0x75],
  new Uint8Array(117).fill(0x6b),
  new Uint8Array(1000),
);

const mysqlGreeting = concat(
  [74, 0, 0, 0, 10],
  '8.0.36',
  [0],
  u32(8),
  'abcdefgh',
  [0],
  u16(0xffff),
  [255],
  u16(2),
  u16(0xc7ff),
  [21],
  new Uint8Array(10),
  'abcdefghijkl',
  [0],
  'mysql_native_password',
  [0],
);
const mysqlLogin = concat([38, 0, 0, 1], [0x85, 0xa6, 1, 0], [0, 0, 0, 1], [45], new Uint8Array(23), 'root', [0], [0]);
const pgStartup = concat(u32(41), u32(0x00030000), 'user', [0], 'postgres', [0], 'database', [0], 'testdb', [0], [0]);
const pgAnswer = concat('R', u32(12), u32(5), hex('01020304'));
const socks5 = [5, 1, 0];
const socks4 = concat([4, 1], u16(80), [192, 0, 2, 1], 'me', [0]);
const torrent = concat([19], 'BitTorrent protocol', new Uint8Array(48).fill(0x61));
const tracker = concat(u32(0x417), u32(0x27101980), u32(0), u32(7));
const dhtQuery = 'd1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe';
const dhtAnswer = 'd1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re';

export const APPLICATION_SAMPLES: readonly ApplicationSample[] = [
  tcp(
    'http',
    'http',
    80,
    ['>', 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'],
    ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ),
  tcp(
    'http 1.0',
    'http',
    80,
    ['>', 'POST /a HTTP/1.0\r\nContent-Length: 0\r\n\r\n'],
    ['<', 'HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
  ),
  tcp(
    'http2',
    'http2',
    80,
    ['>', concat('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', u24(0), [4, 0], u32(0))],
    ['<', concat(u24(6), [4, 0], u32(0), u16(3), u32(100), u24(0), [4, 1], u32(0))],
  ),
  tcp(
    'tls',
    'tls',
    443,
    ['>', tlsRecord(22, 0x0301, handshake(1, hello))],
    ['<', tlsRecord(22, 0x0303, handshake(2, serverHello))],
  ),
  tcp(
    'sslv2',
    'tls',
    443,
    [
      '>',
      concat(
        [0x80, 46, 1],
        u16(2),
        u16(21),
        u16(0),
        u16(16),
        hex('010080 020080 030080 040080 050080 060040 0700c0'),
        new Uint8Array(16).fill(5),
      ),
    ],
    ['<', concat([0x80, 40, 4, 0, 1], u16(2), u16(10), u16(3), u16(16), new Uint8Array(29))],
  ),
  udp('dns', 'dns', 53, ['>', dnsMessage(0x0100, 0)], ['<', dnsMessage(0x8180, 1)]),
  tcp(
    'dns over tcp',
    'dns',
    53,
    ['>', withLength16(dnsMessage(0x0100, 0))],
    ['<', withLength16(dnsMessage(0x8180, 1))],
  ),
  udp('mdns', 'mdns', 5353, ['>', mdnsMessage]),
  udp('llmnr', 'llmnr', 5355, ['>', dnsMessage(0, 0)], ['<', dnsMessage(0x8000, 1)]),
  udp('quic', 'quic', 443, ['>', quicInitial], ['<', quicAnswer]),
  tcp('ssh', 'ssh', 22, ['<', 'SSH-2.0-OpenSSH_9.6\r\n'], ['>', 'SSH-2.0-OpenSSH_9.7\r\n']),
  tcp(
    'smtp',
    'smtp',
    25,
    ['<', '220 mail.example.com ESMTP ready\r\n'],
    ['>', 'EHLO a.example.com\r\n'],
    ['<', '250 mail.example.com\r\n'],
    ['>', 'QUIT\r\n'],
  ),
  tcp(
    'imap',
    'imap',
    143,
    ['<', '* OK [CAPABILITY IMAP4rev1] ready\r\n'],
    ['>', 'a1 CAPABILITY\r\n'],
    ['<', '* CAPABILITY IMAP4rev1\r\na1 OK done\r\n'],
  ),
  tcp(
    'pop3',
    'pop3',
    110,
    ['<', '+OK POP3 ready <1.2@example.com>\r\n'],
    ['>', 'CAPA\r\n'],
    ['<', '+OK\r\nUSER\r\n.\r\n'],
    ['>', 'USER a\r\n'],
  ),
  tcp(
    'ftp',
    'ftp',
    21,
    ['<', '220 (vsFTPd 3.0.5)\r\n'],
    ['>', 'USER anonymous\r\n'],
    ['<', '331 Please specify the password.\r\n'],
    ['>', 'PASS x\r\n'],
  ),
  tcp(
    'ftp without parentheses',
    'ftp',
    21,
    ['<', '220 FTP Server ready.\r\n'],
    ['>', 'USER anonymous\r\n'],
    ['<', '331 Password required\r\n'],
  ),
  tcp('smb1', 'smb', 445, ['>', withLength32(smb1)], ['<', withLength32(smb1)]),
  tcp('smb2', 'smb', 445, ['>', withLength32(smb2)], ['<', withLength32(smb2Answer)]),
  tcp('smb1 to smb2', 'smb', 445, ['>', withLength32(smb1)], ['<', withLength32(smb2Answer)]),
  tcp('smb3', 'smb', 445, ['>', withLength32(smb3)], ['<', withLength32(smb3)]),
  tcp(
    'smb over netbios',
    'smb',
    139,
    [
      '>',
      concat(
        [0x81, 0, 0, 68, 32],
        'CKFDENECFDEFFCFGEFFCCACACACACACA',
        [0, 32],
        'EMEJEOFFFICACACACACACACACACACACA',
        [0],
      ),
    ],
    ['<', [0x82, 0, 0, 0]],
    ['>', withLength32(smb1)],
  ),
  tcp('dcerpc', 'dcerpc', 135, ['>', dcerpcBind], ['<', dcerpcBindAck]),
  udp('dcerpc over udp', 'dcerpc', 1027, ['>', dcerpcDatagram]),
  udp('sip', 'sip', 5060, ['>', sip], ['<', sipAnswer]),
  tcp('sip over tcp', 'sip', 5060, ['>', sip], ['<', sipAnswer]),
  tcp('rdp', 'rdp', 3389, ['>', rdpRequest], ['<', rdpConfirm]),
  tcp('telnet', 'telnet', 23, ['<', [255, 253, 24, 255, 253, 32]], ['>', [255, 251, 24, 255, 252, 32]]),
  udp('krb5', 'krb5', 88, ['>', asRequest], ['<', krbError]),
  tcp('krb5 over tcp', 'krb5', 88, ['>', withLength32(asRequest)], ['<', withLength32(krbError)]),
  tcp('ldap', 'ldap', 389, ['>', ldapBind], ['<', ldapAnswer]),
  udp('ldap over udp', 'ldap', 389, ['>', ldapSearch], ['<', ldapResult]),
  tcp('nfs', 'nfs', 2049, ['>', rpcRecord(rpcCall)], ['<', rpcRecord(rpcReply)]),
  udp('nfs over udp', 'nfs', 2049, ['>', rpcCall], ['<', rpcReply]),
  tcp('mqtt', 'mqtt', 1883, ['>', mqttConnect], ['<', [0x20, 2, 0, 0]]),
  tcp('mqtt 3.1', 'mqtt', 1883, ['>', mqtt31Connect], ['<', [0x20, 2, 0, 0]]),
  tcp('modbus', 'modbus', 502, ['>', modbus], ['<', modbusAnswer]),
  tcp('dnp3', 'dnp3', 20000, ['>', dnp3Header], ['<', dnp3Answer]),
  tcp('enip', 'enip', 44818, ['>', enip], ['<', enipAnswer]),
  udp('enip over udp', 'enip', 44818, ['>', enipList], ['<', enipListed]),
  udp('ntp', 'ntp', 123, ['>', ntp], ['<', ntpAnswer]),
  udp('ntp that says little', 'ntp', 123, ['>', ntpPrivacy], ['<', ntpAnswer]),
  udp('ntp of old clients', 'ntp', 123, ['>', concat([0x1b], new Uint8Array(47))], ['<', ntpAnswer]),
  udp('ntp control', 'ntp', 123, ['>', ntpControl], ['<', ntpControlAnswer]),
  udp('ntp private', 'ntp', 123, ['>', hex('17 00 03 2a 00 00 00 00')], ['<', ntpMonitors]),
  udp('dhcp', 'dhcp', 67, ['>', dhcp(1, 1)], ['<', dhcp(2, 2)]),
  udp('snmp', 'snmp', 161, ['>', snmp(1, 0xa0)], ['<', snmp(1, 0xa2)]),
  udp('snmp 3', 'snmp', 161, ['>', snmp3]),
  udp('tftp', 'tftp', 69, ['>', tftp]),
  udp('ike', 'ike', 500, ['>', ike], ['<', ike]),
  udp('ike 1', 'ike', 500, ['>', ike1], ['<', ike1]),
  tcp('rfb', 'rfb', 5900, ['<', 'RFB 003.008\n'], ['>', 'RFB 003.008\n'], ['<', [1, 1]]),
  udp('bittorrent-dht', 'bittorrent-dht', 6881, ['>', dhtQuery], ['<', dhtAnswer]),
  tcp('bittorrent', 'bittorrent', 6881, ['>', torrent], ['<', torrent]),
  udp('bittorrent tracker', 'bittorrent', 6969, ['>', tracker], ['<', concat(u32(0), u32(7), u32(9), u32(10))]),
  tcp('pgsql', 'pgsql', 5432, ['>', pgStartup], ['<', pgAnswer]),
  tcp(
    'pgsql with tls',
    'pgsql',
    5432,
    ['>', concat(u32(8), u32(80877103))],
    ['<', 'N'],
    ['>', pgStartup],
    ['<', pgAnswer],
  ),
  tcp('mysql', 'mysql', 3306, ['<', mysqlGreeting], ['>', mysqlLogin]),
  tcp('redis', 'redis', 6379, ['>', '*1\r\n$4\r\nPING\r\n'], ['<', '+PONG\r\n']),
  tcp('socks 5', 'socks', 1080, ['>', socks5], ['<', [5, 0]], ['>', concat([5, 1, 0, 1, 192, 0, 2, 1], u16(80))]),
  tcp('socks 4', 'socks', 1080, ['>', socks4], ['<', concat([0, 0x5a], new Uint8Array(6))]),
];
