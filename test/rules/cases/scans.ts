/** Tests of rules/scans.rules. */
import { httpRequest } from '../../support/application-messages.js';
import { hex, TCP_FLAG, udp } from '../../support/packet-builder.js';
import { ATTACKER, connection, datagram, HOST, record, repeat, web, type RuleCase } from './case.js';

const { fin, syn, rst, psh, ack, urg, ece, cwr } = TCP_FLAG;
const SCANNER = '203.0.113.66';

const syns = (count: number, gapMs: number, fields: { window: number; id?: number; port?: (i: number) => number }) =>
  repeat(count, gapMs, (recording, i) => {
    const port = fields.port ?? ((n: number) => 1000 + n);
    recording.segment(
      ATTACKER,
      `${HOST}:${port(i)}`,
      { flags: syn, ack: 0, window: fields.window },
      fields.id === undefined ? {} : { id: fields.id },
    );
  });

const refusals = (count: number, gapMs: number, seq: number) =>
  repeat(count, gapMs, (recording, i) =>
    recording.segment(`${HOST}:${1000 + i}`, ATTACKER, { flags: rst | ack, seq, window: 0 }),
  );

const odd = (count: number, flags: number) =>
  repeat(count, 100, (recording, i) =>
    recording.segment(ATTACKER, `${HOST}:${1000 + i}`, { flags, ack: 0, window: 1024 }),
  );

const echo = (count: number, gapMs: number, from = SCANNER) =>
  repeat(count, gapMs, (recording, i) =>
    recording.icmp(from, `10.0.1.${1 + i}`, { type: 8, id: 7, seq: i }, 'abcdefgh'),
  );

const unreachable = (count: number, code: number) =>
  repeat(count, 100, (recording, i) =>
    recording.icmp(HOST, SCANNER, { type: 3, code, id: 0, seq: 0 }, udp({ srcPort: 51000, dstPort: 1000 + i }, 'x')),
  );

const agent = (name: string) => web(httpRequest('GET /', { headers: { 'User-Agent': name } }));
const searchFor = (name: string) => web(httpRequest(`GET /search?q=${encodeURIComponent(name)}`));

const sshLogins = (count: number, gapMs: number, from = SCANNER) =>
  repeat(count, gapMs, (recording, i) =>
    recording
      .tcp(`${from}:${40000 + i}`, `${HOST}:22`)
      .open()
      .server('SSH-2.0-OpenSSH_9.6\r\n')
      .client('SSH-2.0-Go\r\n'),
  );

export const scanCases: readonly RuleCase[] = [
  {
    sid: 1000001,
    fires: { 'forty closed ports in four seconds': refusals(40, 100, 0) },
    silent: {
      'a client that tries every second': refusals(40, 1000, 0),
      'connections reset after they were open': refusals(40, 100, 90001),
    },
  },
  {
    sid: 1000002,
    fires: { 'twelve SYNs with a window of 1024': syns(12, 50, { window: 1024 }) },
    silent: {
      'a system with a window of its own': syns(12, 50, { window: 64240 }),
      'nine SYNs': syns(9, 50, { window: 1024 }),
    },
  },
  {
    sid: 1000003,
    fires: {
      'database port on twenty-five addresses': repeat(25, 100, (r, i) =>
        r.segment(ATTACKER, `10.0.1.${i + 1}:3306`, { flags: syn, ack: 0 }),
      ),
    },
    silent: {
      'a web port': repeat(25, 100, (r, i) => r.segment(ATTACKER, `10.0.1.${i + 1}:443`, { flags: syn, ack: 0 })),
      'from inside': repeat(25, 100, (r, i) =>
        r.segment('10.0.9.9:51000', `10.0.1.${i + 1}:3306`, { flags: syn, ack: 0 }),
      ),
      slowly: repeat(25, 1000, (r, i) => r.segment(ATTACKER, `10.0.1.${i + 1}:3306`, { flags: syn, ack: 0 })),
    },
  },
  {
    sid: 1000004,
    fires: { 'six FINs': odd(6, fin), 'six FINs with ECN bits': odd(6, fin | ece | cwr) },
    silent: { 'six connections closed': odd(6, fin | ack), 'four FINs': odd(4, fin) },
  },
  {
    sid: 1000005,
    fires: { 'six segments without flags': odd(6, 0) },
    silent: { acknowledgements: odd(6, ack), 'four segments without flags': odd(4, 0) },
  },
  {
    sid: 1000006,
    fires: { 'six segments with FIN, PSH and URG': odd(6, fin | psh | urg) },
    silent: {
      'ends of connections with urgent data': odd(6, fin | psh | urg | ack),
      'four such segments': odd(4, fin | psh | urg),
    },
  },
  {
    sid: 1000007,
    fires: { 'SYN and FIN': odd(1, syn | fin), 'SYN, FIN and more, several times': odd(4, syn | fin | psh | urg) },
    silent: { SYN: odd(1, syn), FIN: odd(1, fin) },
  },
  {
    sid: 1000008,
    fires: { 'probe U1': record((r) => r.udp(ATTACKER, `${HOST}:40125`, 'C'.repeat(300), { id: 0x1042 })) },
    silent: {
      'one byte less': record((r) => r.udp(ATTACKER, `${HOST}:40125`, 'C'.repeat(299), { id: 0x1042 })),
      'another identification': record((r) => r.udp(ATTACKER, `${HOST}:40125`, 'C'.repeat(300), { id: 0x1043 })),
    },
  },
  {
    sid: 1000009,
    fires: { 'probe IE1': record((r) => r.icmp(SCANNER, HOST, { type: 8, code: 9, seq: 295 }, new Uint8Array(120))) },
    silent: {
      'a ping of 120 bytes': record((r) => r.icmp(SCANNER, HOST, { type: 8, code: 0, seq: 295 }, new Uint8Array(120))),
      'another length': record((r) => r.icmp(SCANNER, HOST, { type: 8, code: 9, seq: 295 }, new Uint8Array(56))),
    },
  },
  {
    sid: 1000010,
    fires: { 'the probe': web('GET /nice%20ports%2C/Tri%6Eity.txt%2ebak HTTP/1.0\r\n\r\n') },
    silent: { 'a page about ports': web(httpRequest('GET /nice%20ports/Trinity.txt')) },
  },
  {
    sid: 1000011,
    fires: {
      'its user agent': agent('Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)'),
    },
    silent: {
      'a search for it': searchFor('Nmap Scripting Engine'),
      'its name in a form': web(httpRequest('POST /notes', { body: 'text=the Nmap Scripting Engine' })),
    },
  },
  {
    sid: 1000012,
    fires: { 'its user agent': agent('masscan/1.3 (https://github.com/robertdavidgraham/masscan)') },
    silent: { 'a search for it': searchFor('masscan/1.3') },
  },
  {
    sid: 1000013,
    fires: { 'its user agent': agent('Mozilla/5.0 zgrab/0.x') },
    silent: { 'an ordinary user agent': agent('Mozilla/5.0 (X11)'), 'a search for it': searchFor('zgrab/0.x') },
  },
  {
    sid: 1000014,
    fires: { 'three probes': syns(3, 500, { window: 65535, id: 54321 }) },
    silent: {
      'one by chance': syns(1, 500, { window: 65535, id: 54321 }),
      'other identifications': syns(3, 500, { window: 65535, id: 54320 }),
    },
  },
  {
    sid: 1000015,
    fires: { 'thirty addresses in three seconds': echo(30, 100) },
    silent: { 'a ping a second': echo(30, 1000), 'monitoring from inside': echo(30, 100, '10.0.9.9') },
  },
  {
    sid: 1000016,
    fires: { 'twenty-five ports in three seconds': unreachable(25, 3) },
    silent: { 'other reasons': unreachable(25, 1), 'ten ports': unreachable(10, 3) },
  },
  {
    sid: 1000017,
    fires: { 'its user agent': agent('sqlmap/1.8.4#stable (https://sqlmap.org)') },
    silent: { 'a search for it': searchFor('sqlmap/1.8') },
  },
  {
    sid: 1000018,
    fires: { 'its user agent': agent('Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:000001)') },
    silent: { 'a page about it': web(httpRequest('POST /notes', { body: 'it said (Nikto/2.5.0)' })) },
  },
  {
    sid: 1000019,
    fires: { 'its user agent': agent('Nuclei - Open-source project (github.com/projectdiscovery/nuclei)') },
    silent: { 'another project': agent('Nuclei Browser 1.0') },
  },
  {
    sid: 1000020,
    fires: { 'its user agent': agent('gobuster/3.6') },
    silent: { 'a search for it': searchFor('gobuster/3.6') },
  },
  {
    sid: 1000021,
    fires: {
      'an OPTIONS probe': datagram(
        ATTACKER,
        `${HOST}:5060`,
        'OPTIONS sip:100@10.0.1.20 SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n',
      ),
    },
    silent: {
      'a telephone': datagram(
        ATTACKER,
        `${HOST}:5060`,
        'OPTIONS sip:100@10.0.1.20 SIP/2.0\r\nUser-Agent: Zoiper rv2.10\r\n\r\n',
      ),
    },
  },
  {
    sid: 1000022,
    fires: { 'twenty connections in ten seconds': sshLogins(20, 500) },
    silent: { 'a colleague': sshLogins(4, 500), 'deployment from inside': sshLogins(20, 500, '10.0.9.9') },
  },
  {
    sid: 1000023,
    fires: { 'a monlist request': datagram(ATTACKER, `${HOST}:123`, hex('1700032a 00000000')) },
    silent: { 'a client asks for the time': datagram(ATTACKER, `${HOST}:123`, hex('23000000 0000032a')) },
  },
  {
    sid: 1000024,
    fires: { 'a stats request': datagram(ATTACKER, `${HOST}:11211`, '\x00\x01\x00\x00\x00\x01\x00\x00stats\r\n') },
    silent: {
      'an answer in two parts': datagram(ATTACKER, `${HOST}:11211`, '\x00\x01\x00\x00\x00\x02\x00\x00stats\r\n'),
      'over TCP': connection(ATTACKER, `${HOST}:11211`, ['>', 'stats\r\n']),
    },
  },
  {
    sid: 1000025,
    fires: {
      'a search from outside': datagram(
        ATTACKER,
        `${HOST}:1900`,
        'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\n\r\n',
      ),
    },
    silent: {
      'a search from inside': datagram(
        '10.0.9.9:51000',
        `${HOST}:1900`,
        'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\n\r\n',
      ),
      'a notification': datagram(ATTACKER, `${HOST}:1900`, 'NOTIFY * HTTP/1.1\r\n\r\n'),
    },
  },
];
