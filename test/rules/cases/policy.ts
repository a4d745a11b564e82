/** Tests of rules/policy.rules. */
import { httpRequest, httpResponse } from '../../support/application-messages.js';
import { concat, ethernet, gre, hex, icmp, ipv4, ipv6, icmpv6, tcp, TCP_FLAG } from '../../support/packet-builder.js';
import { ATTACKER, CLIENT, connection, datagram, HOST, record, web, WEB, type RuleCase } from './case.js';

const toServer = (client: string, port: number, ...texts: (string | Uint8Array)[]) =>
  connection(client, `${HOST}:${port}`, ...texts.map((text) => ['>', text] as const));
const fromServer = (port: number, text: string) => connection(CLIENT, `${HOST}:${port}`, ['<', text]);
const outside = (text: string) => connection(CLIENT, '203.0.113.66:6881', ['>', text]);
const answer = (body: string) =>
  connection(CLIENT, WEB, ['>', httpRequest('GET /x')], ['<', httpResponse('200 OK', body)]);

const KEY = (kind: string) =>
  `-----BEGIN ${kind}-----\n${'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAA'}\n-----END ${kind}-----\n`;
const snmp = (community: string) =>
  concat([0x30, 0x20], [2, 1, 1], [4, community.length], community, hex('a0130201010201000201003008300606022b010500'));
const smb = (protocol: string, command: number) =>
  concat([0, 0, 0, 60], protocol, 'SMB', [command], new Uint8Array(55));
const rdp = concat(hex('03 00 00 13 0e e0 00 00 00 00 00 01 00 08 00 03 00 00 00'));

export const policyCases: readonly RuleCase[] = [
  {
    sid: 1004001,
    fires: { 'a prompt': fromServer(23, 'Debian GNU/Linux 12\r\nweb login: ') },
    silent: {
      'on another port': fromServer(2300, 'web login: '),
      'a greeting': fromServer(23, 'Last login: Sun Nov 22 from 10.0.0.1\r\n'),
    },
  },
  {
    sid: 1004002,
    fires: {
      'a password': toServer(CLIENT, 21, 'USER anna\r\n', 'PASS geheim\r\n'),
      twice: toServer(CLIENT, 21, 'PASS geheim\r\n', 'PASS geheim2\r\n'),
    },
    silent: {
      'a guest': toServer(CLIENT, 21, 'PASS anonymous\r\n'),
      'an address as courtesy says': toServer(CLIENT, 21, 'PASS anna@shop.example\r\n'),
      'passive mode': toServer(CLIENT, 21, 'PASV\r\n'),
    },
  },
  {
    sid: 1004003,
    fires: { 'on port 443': fromServer(443, 'SSH-2.0-OpenSSH_9.6\r\n') },
    silent: {
      'on port 22': fromServer(22, 'SSH-2.0-OpenSSH_9.6\r\n'),
      'the client says it': toServer(CLIENT, 443, 'SSH-2.0-OpenSSH_9.6\r\n'),
    },
  },
  {
    sid: 1004004,
    fires: { 'a request': web(httpRequest('GET /', { headers: { Authorization: 'Basic YW5uYTpnZWhlaW0=' } })) },
    silent: {
      'a token': web(httpRequest('GET /', { headers: { Authorization: 'Bearer YW5uYTpnZWhlaW0=' } })),
      'a text about it': web(httpRequest('POST /', { body: 'send Authorization: Basic <base64>\r\n' })),
    },
  },
  {
    sid: 1004005,
    fires: { 'a session': toServer(CLIENT, 445, smb('\xff', 0x73)) },
    silent: {
      'a negotiation': toServer(CLIENT, 445, smb('\xff', 0x72)),
      'version 2': toServer(CLIENT, 445, smb('\xfe', 0x73)),
    },
  },
  {
    sid: 1004006,
    fires: { 'from outside': toServer(ATTACKER, 3389, rdp) },
    silent: {
      'from inside': toServer(CLIENT, 3389, rdp),
      'only opened': toServer(ATTACKER, 3389),
      'something else': toServer(ATTACKER, 3389, 'GET / HTTP/1.1\r\n\r\n'),
    },
  },
  {
    sid: 1004007,
    fires: { 'a request': datagram(CLIENT, `${HOST}:161`, snmp('public')) },
    silent: {
      'another community': datagram(CLIENT, `${HOST}:161`, snmp('s3cr3t')),
      'a longer one': datagram(CLIENT, `${HOST}:161`, snmp('publicly')),
    },
  },
  {
    sid: 1004008,
    fires: {
      'through a proxy': toServer(
        CLIENT,
        3128,
        httpRequest('GET http://169.254.169.254/latest/meta-data/iam/security-credentials/web'),
      ),
    },
    silent: {
      'the name of the host': toServer(
        CLIENT,
        3128,
        httpRequest('GET http://169.254.169.254/latest/meta-data/hostname'),
      ),
      'in a body': toServer(
        CLIENT,
        80,
        httpRequest('POST /', { body: 'x=/latest/meta-data/iam/security-credentials/web' }),
      ),
    },
  },
  {
    sid: 1004009,
    fires: { 'an answer': answer('{"Code":"Success","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"x","Token":"y"}') },
    silent: {
      'half of it': answer('{"AccessKeyId":"AKIAEXAMPLE","Status":"Active"}'),
      'a form': web(httpRequest('POST /', { body: '{"AccessKeyId":"a","SecretAccessKey":"b","Token":"c"}' })),
    },
  },
  {
    sid: 1004010,
    fires: {
      OpenSSH: answer(KEY('OPENSSH PRIVATE KEY')),
      uploaded: web(httpRequest('PUT /id', { body: KEY('RSA PRIVATE KEY') })),
    },
    silent: {
      'a public key': answer(KEY('PUBLIC KEY')),
      'a text about it': answer('it begins with -----BEGIN PRIVATE KEY----- and then base64'),
    },
  },
  {
    sid: 1004011,
    fires: { 'with a packet': record((r) => r.ip(CLIENT, '203.0.113.66', gre({}, ipv4({}, icmp())))) },
    silent: { 'IP in IP': record((r) => r.ip(CLIENT, '203.0.113.66', ipv4({}, icmp()))) },
  },
  {
    sid: 1004012,
    fires: { 'with a packet': record((r) => r.ip(CLIENT, '203.0.113.66', ipv6({}, icmpv6()))) },
    silent: {
      'IPv6 in IPv6': record((r) => r.add(ethernet({}, ipv6({}, ipv6({}, icmpv6()))))),
      'IP in IP': record((r) => r.ip(CLIENT, '203.0.113.66', ipv4({}, icmp()))),
    },
  },
  {
    sid: 1004013,
    fires: {
      'a list': toServer(CLIENT, 2375, httpRequest('GET /v1.43/containers/json?all=1')),
      'a new one': toServer(ATTACKER, 2375, httpRequest('POST /containers/create')),
    },
    silent: {
      'a page': web(httpRequest('GET /shop/containers/json')),
      'another call': toServer(CLIENT, 2375, httpRequest('GET /v1.43/images/json')),
    },
  },
  {
    sid: 1004014,
    fires: { 'a command': toServer(ATTACKER, 6379, 'PING\r\n', 'INFO\r\n') },
    silent: {
      'from inside': toServer(CLIENT, 6379, 'PING\r\n'),
      'only opened': toServer(ATTACKER, 6379),
      'another port': toServer(ATTACKER, 443, 'PING\r\n'),
    },
  },
  {
    sid: 1004015,
    fires: { 'in one line': toServer(CLIENT, 587, 'EHLO x\r\n', 'AUTH PLAIN AGFubmEAZ2VoZWlt\r\n') },
    silent: {
      'without an answer yet': toServer(CLIENT, 587, 'AUTH PLAIN \r\n'),
      'encryption first': toServer(CLIENT, 587, 'STARTTLS\r\n'),
    },
  },
  {
    sid: 1004016,
    fires: { 'a read request': datagram(CLIENT, `${HOST}:69`, '\x00\x01boot.img\x00octet\x00') },
    silent: {
      'an acknowledgement': datagram(CLIENT, `${HOST}:69`, '\x00\x04\x00\x01'),
      'another mode': datagram(CLIENT, `${HOST}:69`, '\x00\x01boot.img\x00mail\x00'),
    },
  },
  {
    sid: 1004017,
    fires: { 'to a peer outside': outside(`\x13BitTorrent protocol${'\x00'.repeat(48)}`) },
    silent: {
      'a text about it': outside('about the BitTorrent protocol'),
      'to a peer inside': toServer(CLIENT, 6881, `\x13BitTorrent protocol${'\x00'.repeat(48)}`),
    },
  },
  {
    sid: 1004018,
    fires: {
      'by two routers': record((r) =>
        r.ip(ATTACKER, HOST, icmp(), { options: [131, 11, 4, 10, 0, 0, 1, 10, 0, 0, 2, 0] }),
      ),
    },
    silent: {
      'router alert': record((r) => r.ip(ATTACKER, HOST, icmp(), { options: [148, 4, 0, 0] })),
      'no options': record((r) => r.ip(ATTACKER, HOST, icmp())),
    },
  },
  {
    sid: 1004019,
    fires: {
      'to itself': record((r) =>
        r.ip(`${HOST}:80`, `${HOST}:80`, tcp({ srcPort: 80, dstPort: 80, flags: TCP_FLAG.syn })),
      ),
    },
    silent: {
      loopback: record((r) =>
        r.ip('127.0.0.1:80', '127.0.0.1:80', tcp({ srcPort: 80, dstPort: 80, flags: TCP_FLAG.syn })),
      ),
      'same port only': record((r) =>
        r.ip('10.0.1.21:80', `${HOST}:80`, tcp({ srcPort: 80, dstPort: 80, flags: TCP_FLAG.syn })),
      ),
    },
  },
];
