/** LDAP as Suricata 8 has it, but for what docs/protocols/ldap.md says. */
import { join } from 'node:path';
import { LDAP_BUFFERS } from '../../../src/app/ldap/buffers.js';
import { LDAP, LDAP_EVENTS } from '../../../src/app/ldap/index.js';
import { concat } from '../../support/packet-builder.js';
import { der } from '../support/certificates.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';
import { kerberos, ntlm } from '../support/sasl-buffers.js';

const message = (id: number, operation: Uint8Array): Uint8Array => der(0x30, [2, 1, id], operation);
const octets = (value: string): Uint8Array => der(4, value);
const result = (tag: number, code: number, text = ''): Uint8Array => der(tag, [10, 1, code], octets(''), octets(text));
const search = der(
  0x63,
  octets('dc=example,dc=com'),
  [10, 1, 2, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0],
  der(0x87, 'objectClass'),
  der(0x30, octets('cn'), octets('mail')),
);
const entry = der(
  0x64,
  octets('cn=a,dc=example,dc=com'),
  der(0x30, der(0x30, octets('cn'), der(0x31, octets('a'))), der(0x30, octets('mail'), der(0x31, octets('a@b')))),
);
const signed = (wrap: (text: Uint8Array) => Uint8Array): PeerCase['talk'] => ({
  serverPort: 389,
  said: [
    ['>', message(1, der(0x60, [2, 1, 3], octets(''), der(0xa3, octets('GSS-SPNEGO'), octets('token'))))],
    ['<', message(1, der(0x61, [10, 1, 0], octets(''), octets(''), der(0x87, 'token')))],
    ['>', wrap(message(2, search))],
    ['<', wrap(concat(message(2, entry), message(2, result(0x65, 0))))],
  ],
});
const CASES: readonly PeerCase[] = [
  {
    name: 'a search that is signed by Kerberos',
    differs: 'what is signed is read',
    talk: signed((text) => kerberos(text, { turns: 12 })),
  },
  { name: 'a search that is signed by NTLM', differs: 'what is signed is read', talk: signed(ntlm) },
  {
    name: 'a bind',
    talk: {
      serverPort: 389,
      said: [
        ['>', message(1, der(0x60, [2, 1, 3], octets('cn=admin'), der(0x80, 'secret')))],
        ['<', message(1, result(0x61, 49, 'wrong'))],
      ],
    },
  },
  {
    name: 'a search',
    talk: {
      serverPort: 389,
      said: [
        ['>', message(2, search)],
        ['<', concat(message(2, entry), message(2, result(0x65, 0)))],
      ],
    },
  },
  {
    name: 'a deletion',
    talk: {
      serverPort: 389,
      said: [
        ['>', message(3, der(0x4a, 'cn=a'))],
        ['<', message(3, result(0x6b, 32, 'none'))],
      ],
    },
  },
  {
    name: 'an addition',
    talk: {
      serverPort: 389,
      said: [
        ['>', message(4, der(0x68, octets('cn=b'), der(0x30, der(0x30, octets('cn'), der(0x31, octets('b'))))))],
        ['<', message(4, result(0x69, 0))],
      ],
    },
  },
  {
    name: 'SASL, controls and extensions',
    talk: {
      serverPort: 389,
      said: [
        ['>', message(5, der(0x60, [2, 1, 3], octets(''), der(0xa3, octets('GSS-SPNEGO'), octets('NTLM'))))],
        ['<', message(5, der(0x61, [10, 1, 14], octets(''), octets(''), der(0x87, 'CHALLENGE')))],
        [
          '>',
          message(
            6,
            concat(search, der(0xa0, der(0x30, octets('1.2.3'), [1, 1, 255], octets('x')), der(0x30, octets('1.2')))),
          ),
        ],
        ['<', concat(message(6, der(0x73, octets('ldap://other'))), message(6, result(0x65, 10)))],
        ['>', message(7, der(0x77, der(0x80, '1.3.6.1.4.1.4203.1.11.3'), der(0x81, 'value')))],
        ['<', message(7, der(0x78, [10, 1, 0], octets(''), octets(''), der(0x8a, '1.2.3'), der(0x8b, 'dn:cn=a')))],
      ],
    },
  },
  {
    name: 'changes',
    talk: {
      serverPort: 389,
      said: [
        [
          '>',
          message(
            8,
            der(
              0x66,
              octets('cn=a'),
              der(
                0x30,
                der(0x30, [10, 1, 2], der(0x30, octets('mail'), der(0x31, octets('a@b'), der(4, [255, 1])))),
                der(0x30, [10, 1, 1], der(0x30, octets('cn'), der(0x31))),
              ),
            ),
          ),
        ],
        ['<', message(8, result(0x67, 50, 'no'))],
        ['>', message(9, der(0x6c, octets('cn=a'), octets('cn=b'), [1, 1, 255], der(0x80, 'dc=c')))],
        ['<', message(9, result(0x6d, 0))],
        ['>', message(10, der(0x6e, octets('cn=a'), der(0x30, octets('mail'), octets('a@b'))))],
        ['<', message(10, result(0x6f, 6))],
        ['>', message(11, der(0x50, [8]))],
        ['>', message(12, der(0x42))],
      ],
    },
  },
  {
    name: 'two messages in a datagram',
    talk: {
      serverPort: 389,
      udp: true,
      said: [
        ['>', message(1, search)],
        ['<', concat(message(1, entry), message(1, result(0x65, 0)))],
      ],
    },
  },
];
const NUMBERS = LDAP_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

describeProtocol({
  name: 'LDAP',
  protocol: LDAP,
  cases: CASES,
  events: LDAP_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'ldap',
    specs: LDAP_BUFFERS,
    events: [],
    keywords: new Set(
      LDAP_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    object: 'ldap',
    settings: ['outputs.0.eve-log.types.10=ldap'],
  },
});
