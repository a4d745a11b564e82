/** Probes by themselves: what they are, what they are not, that they settle, and that they stand any bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER, PROBE_BYTES, type Probe } from '../../src/app/probe/answer.js';
import { probeBittorrent, probeTracker } from '../../src/app/probe/bittorrent.js';
import { probeMysql, probePgsql, probeRedis } from '../../src/app/probe/databases.js';
import { probeDcerpc } from '../../src/app/probe/dcerpc.js';
import { probeKrb5Tcp, probeLdap, probeSnmp } from '../../src/app/probe/directory.js';
import { probeDns, probeDnsTcp } from '../../src/app/probe/dns.js';
import { probeFtp } from '../../src/app/probe/ftp.js';
import { probeHttp, probeHttp2, probeHttpLine } from '../../src/app/probe/http.js';
import { probeDnp3, probeEnip } from '../../src/app/probe/industrial.js';
import { probeImap, probePop3, probeSmtp } from '../../src/app/probe/mail.js';
import { probeModbus } from '../../src/app/probe/modbus.js';
import { probeMqtt } from '../../src/app/probe/mqtt.js';
import { probeNfsTcp } from '../../src/app/probe/nfs.js';
import { probeNtp } from '../../src/app/probe/ntp.js';
import { probeProxy } from '../../src/app/probe/proxy.js';
import { probeRdp } from '../../src/app/probe/rdp.js';
import { probeRfb } from '../../src/app/probe/rfb.js';
import { probeSip } from '../../src/app/probe/sip.js';
import { probeSmb } from '../../src/app/probe/smb.js';
import { probeSocks } from '../../src/app/probe/socks.js';
import { probeSsh } from '../../src/app/probe/ssh.js';
import { probeTelnet } from '../../src/app/probe/telnet.js';
import { probeTls } from '../../src/app/probe/tls.js';
import { DIRECTION, type Direction } from '../../src/flow/flow.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { concat, hex, toBytes, u16, u32, type Payload } from '../support/packet-builder.js';
import { inStream, query } from './support/dns-messages.js';

const STREAM_PROBES: Readonly<Record<string, Probe>> = {
  probeBittorrent,
  probeDcerpc,
  probeDnp3,
  probeDnsTcp,
  probeEnip,
  probeFtp,
  probeHttp,
  probeHttp2,
  probeHttpLine,
  probeImap,
  probeKrb5Tcp,
  probeLdap,
  probeModbus,
  probeMqtt,
  probeMysql,
  probeNfsTcp,
  probePgsql,
  probePop3,
  probeProxy,
  probeRdp,
  probeRedis,
  probeRfb,
  probeSip,
  probeSmb,
  probeSmtp,
  probeSocks,
  probeSsh,
  probeTelnet,
  probeTls,
};
const DIRECTIONS = [DIRECTION.toServer, DIRECTION.toClient] as const;
const { no, more, open, yes } = ANSWER;

/** Surrounded by noise, so that reading beyond the bytes shows. */
function ask(probe: Probe, text: Payload, direction: Direction = DIRECTION.toServer, noise = 0x47): number {
  const bytes = concat(new Uint8Array(3).fill(noise), text, new Uint8Array(64).fill(noise));
  return probe(bytes, 3, toBytes(text).length, direction);
}

describe('a probe', () => {
  const anyText = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .tuple(
        fc.constantFrom(...APPLICATION_SAMPLES.flatMap(({ said }) => said.map(([, text]) => toBytes(text)))),
        fc.nat(400),
        fc.nat(255),
        fc.nat(120),
      )
      .map(([text, at, value, length]) => {
        const changed = Uint8Array.from(text.slice(0, 600));
        changed[at % changed.length] = value;
        return changed.slice(0, length + 1);
      }),
  );

  it.each(Object.entries(STREAM_PROBES))('%s: what it has said, more bytes do not change', (_name, probe) => {
    fc.assert(
      fc.property(
        anyText,
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(...DIRECTIONS),
        (text, tail, direction) => {
          const whole = concat(text, tail);
          let settled: number | undefined;
          for (let length = 0; length <= whole.length; length++) {
            const answer = ask(probe, whole.slice(0, length), direction);
            if (settled !== undefined) expect([length, answer]).toEqual([length, settled]);
            else if (answer === no || answer === yes) settled = answer;
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each(Object.entries(STREAM_PROBES))(
    '%s: looks at its bytes alone, and waits for a limited number',
    (_name, probe) => {
      fc.assert(
        fc.property(anyText, fc.constantFrom(...DIRECTIONS), (text, direction) => {
          expect(ask(probe, text, direction, 0)).toBe(ask(probe, text, direction, 0xff));
        }),
        { numRuns: 150 },
      );
      for (const direction of DIRECTIONS) {
        for (const first of [
          'a',
          'A',
          '220 ',
          '+OK ',
          'GET',
          '* ok',
          '\0',
          '\x16\x03\x01\x01\x01\x01',
          'PROXY ',
          'USER ',
          '4.',
          'A B',
        ]) {
          expect(ask(probe, first + 'Z'.repeat(PROBE_BYTES), direction)).not.toBe(more);
        }
      }
    },
  );

  it.each(APPLICATION_SAMPLES.filter(({ udp }) => udp === undefined).map((sample) => [sample.name, sample] as const))(
    'no other says yes to %s',
    (_name, { application, said }) => {
      for (const side of ['>', '<'] as const) {
        const text = concat(...said.filter(([from]) => from === side).map(([, part]) => part));
        if (text.length === 0) continue;
        const sayYes = Object.entries(STREAM_PROBES)
          .filter(([, probe]) => ask(probe, text, side === '>' ? 0 : 1) === yes)
          .map(([name]) => name.toLowerCase());
        const own = application.replace('http2', 'http');
        for (const name of sayYes)
          expect([name.includes(own) || (own === 'sip' && name === 'probehttp'), name, application]).toEqual([
            true,
            name,
            application,
          ]);
      }
    },
  );
});

describe('what is not a protocol though it looks like it', () => {
  const cases: readonly (readonly [what: string, probe: Probe, text: Payload, direction: Direction, answer: number])[] =
    [
      ['RTSP', probeHttp, 'OPTIONS rtsp://a/ RTSP/1.0\r\n', 0, no],
      ['a method that goes on', probeHttp, 'GETTING / HTTP/1.1\r\n', 0, no],
      ['any method, with a version', probeHttpLine, 'FOO /a HTTP/1.1\r\n', 0, yes],
      ['any method, without', probeHttpLine, 'FOO /a\r\n', 0, no],
      ['a method in small letters', probeHttp, 'get / http/1.1\r\n', 0, yes],
      ['a record that is too long', probeTls, hex('16 03 01 ff ff 01'), 0, no],
      ['a hello of a server from a client', probeTls, hex('16 03 01 00 40 02'), 0, no],
      ['application data alone', probeTls, hex('17 03 03 00 40 00'), 0, open],
      ['an alert', probeTls, hex('15 03 01 00 02 02 28'), 1, yes],
      [
        'SSLv2 with lengths that do not fit',
        probeTls,
        concat([0x80, 47, 1], u16(2), u16(21), u16(0), u16(16), new Uint8Array(40)),
        0,
        no,
      ],
      [
        'a name of NetBIOS',
        probeDns,
        concat(
          u16(1),
          u16(0x0110),
          u16(1),
          u16(0),
          u16(0),
          u16(0),
          [32],
          'CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
          [0],
          u16(0x21),
          u16(1),
        ),
        0,
        no,
      ],
      [
        'a question of no class',
        probeDns,
        concat(u16(1), u16(0x0100), u16(1), u16(0), u16(0), u16(0), [1], 'a', [0], u16(1), u16(99)),
        0,
        no,
      ],
      ['an answer without a question', probeDns, concat(u16(1), u16(0x8180), u16(0), u16(0), u16(0), u16(0)), 1, open],
      ['SSH without a version', probeSsh, 'SSH-x', 1, no],
      ['a greeting that says nothing', probeSmtp, '220 ready\r\n', 1, open],
      ['a greeting that says nothing', probeFtp, '220 ready\r\n', 1, open],
      ['a greeting of FTP', probeSmtp, '220 My FTP Server\r\n', 1, no],
      ['a greeting of SMTP', probeFtp, '220 a ESMTP\r\n', 1, no],
      ['USER of FTP and POP3', probeFtp, 'USER bob\r\n', 0, open],
      ['USER of FTP and POP3', probePop3, 'USER bob\r\n', 0, open],
      ['USER of IRC', probeFtp, 'USER bob 0 * :real name\r\n', 0, no],
      ['+OK of Redis', probePop3, '+OK\r\n', 1, open],
      ['a stamp of POP3', probePop3, '+OK hello <1.2@a>\r\n', 1, yes],
      ['a sentence', probeImap, 'list of things\r\n', 0, no],
      ['an IMAP command', probeImap, 'a.1 login a b\r\n', 0, yes],
      ['SOCKS 5 as the peer takes DCE/RPC', probeDcerpc, [5, 0], 1, more],
      ['SOCKS 5 as the peer takes DCE/RPC', probeDcerpc, concat([5, 0, 0, 1], new Uint8Array(20)), 1, no],
      ['a connection of ISO without words of RDP', probeRdp, hex('03 00 00 0b 06 e0 00 00 00 01 00'), 0, open],
      ['a connect of conferences and of RDP', probeRdp, hex('03 00 00 32 02 f0 80 7f 65 28'), 0, open],
      ['its answer', probeRdp, hex('03 00 00 32 02 f0 80 7f 66 28'), 1, open],
      ['its answer from the wrong side', probeRdp, hex('03 00 00 32 02 f0 80 7f 66 28'), 0, no],
      ['data of ISO that are no connect', probeRdp, hex('03 00 00 32 02 f0 80 32 01 28'), 0, no],
      ['one option', probeTelnet, [255, 251, 1], 1, open],
      ['MP3', probeTelnet, [255, 251, 0x90, 0x44], 1, no],
      ['DNP3 with a wrong check sum', probeDnp3, hex('05 64 05 c0 01 00 00 04 00 00'), 0, open],
      [
        'a word of six bytes that writes nothing',
        probeModbus,
        concat(u16(1), u16(0), u16(9), [1, 3], u32(0), u32(0)),
        0,
        no,
      ],
      ['a read of Modbus of too many registers', probeModbus, hex('0001 0000 0006 01 03 0000 0100'), 0, open],
      ['a write of Modbus with a wrong count', probeModbus, hex('0001 0000 0009 01 10 0000 0001 04 0000'), 0, open],
      ['a function of Modbus without a count', probeModbus, hex('0001 0000 0006 01 06 0000 0100'), 0, open],
      ['an NTP exchange at an odd time', probeNtp, concat([0x24, 1, 6, 0xec], new Uint8Array(44).fill(0x60)), 1, open],
      ['an NTP exchange of a length it has not', probeNtp, concat([0x1b], new Uint8Array(48)), 0, open],
      ['an NTP head with no clock like it', probeNtp, concat([0x1b, 17], new Uint8Array(46)), 0, no],
      ['a hello of DTLS, which begins as NTP does', probeNtp, hex('16 fe ff 00 00 00 00 00 00 00 00 00 36'), 0, open],
      ['settings of HTTP/2 without one', probeHttp2, hex('00 00 00 04 00 00 00 00 00'), 1, open],
      ['settings of HTTP/2 that nobody knows', probeHttp2, hex('00 00 06 04 00 00 00 00 00 00 50'), 1, open],
      ['an acknowledgement of MQTT 5', probeMqtt, hex('20 03 00 00 00'), 1, open],
      ['a list of EtherNet/IP of unknown items', probeEnip, concat([0x63, 0, 6, 0], new Uint8Array(26)), 1, open],
      ['BitTorrent of another name', probeBittorrent, concat([0x13], 'BitTorrent Protocol'), 0, no],
      ['a tracker of another number', probeTracker, concat(u32(0x417), u32(0x27101981), u32(0), u32(0)), 0, no],
      ['a MySQL login of old clients', probeMysql, concat([40, 0, 0, 1], u16(5), new Uint8Array(40)), 0, no],
      ['PostgreSQL of another version', probePgsql, concat(u32(20), u32(0x00040000), 'user'), 0, no],
      ['Redis inline', probeRedis, 'PING\r\n', 0, open],
      [
        'SNMP is not LDAP',
        probeLdap,
        hex('30 1a 02 01 01 04 06 70 75 62 6c 69 63 a0 0d 02 01 01 02 01 00 02 01 00 30 02 30 00'),
        0,
        no,
      ],
      ['LDAP that ends', probeLdap, hex('30 05 02 01 03 42 00'), 0, yes],
      ['LDAP that removes an entry', probeLdap, concat(hex('30 0b 02 01 01 4a 06'), 'cn=www'), 0, yes],
      ['LDAP that removes an entry, in part', probeLdap, concat(hex('30 0b 02 01 01 4a 06'), 'c'), 0, yes],
      ['LDAP that takes a request back', probeLdap, hex('30 06 02 01 05 50 01 02'), 0, yes],
      ['LDAP that ends with more than that', probeLdap, hex('30 06 02 01 03 42 01 00'), 0, no],
      ['a name to remove beyond its message', probeLdap, concat(hex('30 0b 02 01 01 4a 07'), 'cn=www1'), 0, no],
      ['servers do not remove', probeLdap, concat(hex('30 0b 02 01 01 4a 06'), 'cn=www'), 1, no],
      ['LDAP is not SNMP', probeSnmp, hex('30 0c 02 01 01 60 07 02 01 03 04 00 80 00'), 0, no],
      ["SIP in HTTP's words", probeSip, 'OPTIONS / HTTP/1.1\r\n', 0, no],
      ['a PROXY header of the future', probeProxy, concat('\r\n\r\n\0\r\nQUIT\n', [0x31, 0, 0, 0]), 0, no],
      ['a PROXY line with a port too many', probeProxy, 'PROXY TCP4 1.2.3.4 1.2.3.5 1 2 3\r\n', 0, no],
    ];
  it.each(cases)('%s: %o', (_what, probe, text, direction, answer) => {
    expect(ask(probe, text, direction)).toBe(answer);
  });
});

describe('a question of DNS', () => {
  it('is told whatever its opcode, in datagrams; in streams of those alone that are defined, or nearly', () => {
    const told = (probe: Probe, bytes: Uint8Array): number => probe(bytes, 0, bytes.length, DIRECTION.toServer);
    for (let opcode = 0; opcode < 16; opcode++) {
      const message = query('a.example', 1, { flags: 0x0100 | (opcode << 11) });
      expect([opcode, told(probeDns, message)]).toEqual([opcode, ANSWER.yes]);
      const expected = opcode < 7 ? ANSWER.yes : ANSWER.no;
      expect([opcode, told(probeDnsTcp, inStream(message))]).toEqual([opcode, expected]);
    }
  });
});
