/** `absent`: the buffer could be there and is not. Where messages of a kind never have it, nothing is missed. */
import { describe, expect } from 'vitest';
import { builtIt } from '../support/built.js';
import { framesOf } from '../support/conversation.js';
import { alertsOfEach, eventsOfFrames } from '../support/reading.js';
import { concat } from '../support/packet-builder.js';
import { certificate } from '../app/support/certificates.js';
import { address, dnsMessage, inStream, query, TYPE } from '../app/support/dns-messages.js';
import { mail } from '../app/smtp/talks.js';
import * as tls from '../app/support/tls-messages.js';
import type { Said } from '../support/conversation.js';

const alerts = (serverPort: number, said: readonly Said[], ...options: string[]): string[] =>
  alertsOfEach(
    [{ serverPort, said }],
    options.map((option, index) => `alert tcp any any -> any any (${option} sid:${index + 1};)`),
  )[0]!.sort();

const DNS_TALK: readonly Said[] = [
  ['>', inStream(query('a.example'))],
  ['<', inStream(dnsMessage({ flags: 0x8180, answers: [{ name: 'b', type: TYPE.a, data: address('192.0.2.1') }] }))],
  ['>', inStream(dnsMessage({}))],
];
const HELLOS = concat(
  tls.handshake(tls.MESSAGE.serverHello, tls.serverHello({})),
  tls.handshake(tls.MESSAGE.certificate, tls.chain(certificate({}))),
);

describe('absent', () => {
  builtIt('holds for messages of DNS that could have the buffer', () => {
    expect(
      alerts(
        53,
        DNS_TALK,
        'dns.query; absent;',
        'dns.query; absent:or_else; content:!"a.ex";',
        'dns.answers.rrname; absent;',
      ),
    ).toEqual(['1>', '2>', '3>', '3>']);
  });

  builtIt('holds for no reply of a mail server, and for a mail without a file', () => {
    expect(alerts(25, mail('Subject: s\r\n\r\n'), 'app-layer-protocol:smtp; file.name; absent;')).toEqual(['1>']);
  });

  builtIt('holds for certificates of servers, as clients have none', () => {
    const talk: readonly Said[] = [
      ['>', tls.handshake(tls.MESSAGE.clientHello, tls.clientHello({}))],
      ['<', HELLOS],
    ];
    expect(alerts(443, talk, 'tls.subjectaltname; absent;')).toEqual(['1<']);
  });

  const GET = 'GET /first HTTP/1.1\r\nHost: a\r\nUser-Agent: u\r\n\r\n';
  const OK = 'HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 2\r\n\r\nok';
  const ASKED = ['flow:to_server; http.user_agent; absent;', 'flow:to_client; http.server; absent;'];

  builtIt('holds for headers that a message of HTTP lacks, and not for a response that never comes', () => {
    expect(
      alerts(
        80,
        [
          ['>', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
          ['<', OK],
        ],
        ...ASKED,
      ),
    ).toEqual(['1>']);
    const closed = { serverPort: 80, said: [['>', GET] as const], closer: '<' as const };
    // As in HTTP/0.9.
    const bare = { serverPort: 80, said: [['>', GET] as const, ['<', '<html>no line</html>\r\n'] as const] };
    const rules = [...ASKED, 'http.stat_code; absent;', 'http.response_body; absent;'];
    expect(
      alertsOfEach(
        [closed, bare],
        rules.map((options, index) => `alert http any any -> any any (${options} sid:${index + 1};)`),
      ),
    ).toEqual([[], ['2<', '3<']]);
  });

  builtIt('holds for no message of HTTP whose beginning, or part of whose headers, was lost', () => {
    const second = GET.replace('first', 'second').replace(': u', ': w');
    const answer = OK.replace('200', '203').replace(': s', ': t');
    const half = (text: string, at: string): string[] => [
      text.slice(0, text.indexOf(at)),
      text.slice(text.indexOf(at)),
    ];
    const [requestHead, requestRest] = half(second, 'User-Agent');
    const [responseHead, responseRest] = half(answer, 'Server');
    const said: readonly Said[] = [
      ['>', GET],
      ['<', OK],
      ['>', requestHead!],
      ['>', requestRest!],
      ['<', responseHead!],
      ['<', responseRest!],
      ['>', GET.replace('first', 'third')],
      ['<', OK],
    ];
    const rules = ASKED.map((options, index) => `alert http any any -> any any (${options} sid:${index + 1};)`);
    const lost = [[], [requestHead!, requestRest!], [requestRest!], [responseHead!, responseRest!], [responseRest!]];
    const frames = lost.flatMap((texts, index) =>
      framesOf({ serverPort: 80, host: index + 1, said }).filter(
        ({ bytes }) => !texts.some((text) => Buffer.from(bytes).includes(text)),
      ),
    );
    const events = eventsOfFrames(frames, rules, ['eve.types=alert,http']);
    expect(events.filter(({ alert }) => alert !== undefined)).toEqual([]);
    // What was read of each connection: with a response that is lost, its request is there.
    expect(events.filter(({ event_type }) => event_type === 'http').length).toBeGreaterThan(2 * lost.length);
  });
});
