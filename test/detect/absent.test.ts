/** `absent`: the buffer could be there and is not. Where messages of a kind never have it, nothing is missed. */
import { describe, expect } from 'vitest';
import { builtIt } from '../support/built.js';
import { alertsOfEach } from '../support/reading.js';
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
});
