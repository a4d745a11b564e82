/** Kerberos as Suricata 8 has it, but for what docs/protocols/krb5.md says. */
import { join } from 'node:path';
import { KRB5_BUFFERS } from '../../../src/app/krb5/buffers.js';
import { KRB5, KRB5_EVENTS } from '../../../src/app/krb5/index.js';
import { concat, u16, u32 } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const der = (tag: number, ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  const { length } = body;
  return concat([tag], length < 0x80 ? [length] : length < 256 ? [0x81, length] : concat([0x82], u16(length)), body);
};

const text = (value: string): Uint8Array => der(0x1b, value);
const name = (...parts: string[]): Uint8Array =>
  der(0x30, der(0xa0, [2, 1, 1]), der(0xa1, der(0x30, ...parts.map(text))));
const encrypted = (type: number): Uint8Array => der(0x30, der(0xa0, [2, 1, type]), der(0xa2, der(4, 'cipher')));
const request = (type: number): Uint8Array =>
  der(
    0x60 | type,
    der(
      0x30,
      der(0xa1, [2, 1, 5]),
      der(0xa2, [2, 1, type]),
      der(
        0xa4,
        der(
          0x30,
          der(0xa0, [3, 5, 0, 0x50, 0x80, 0, 0]),
          der(0xa1, name('alice')),
          der(0xa2, text('EXAMPLE.COM')),
          der(0xa3, name('krbtgt', 'EXAMPLE.COM')),
        ),
      ),
    ),
  );
const reply = (type: number, ticket: number, part: number): Uint8Array =>
  der(
    0x60 | type,
    der(
      0x30,
      der(0xa0, [2, 1, 5]),
      der(0xa1, [2, 1, type]),
      der(0xa3, text('EXAMPLE.COM')),
      der(0xa4, name('alice')),
      der(
        0xa5,
        der(
          0x61,
          der(
            0x30,
            der(0xa0, [2, 1, 5]),
            der(0xa1, text('EXAMPLE.COM')),
            der(0xa2, name('cifs', 'server')),
            der(0xa3, encrypted(ticket)),
          ),
        ),
      ),
      der(0xa6, encrypted(part)),
    ),
  );
const error = (code: number): Uint8Array =>
  der(
    0x7e,
    der(
      0x30,
      der(0xa0, [2, 1, 5]),
      der(0xa1, [2, 1, 30]),
      der(0xa4, der(0x18, '20240101000000Z')),
      der(0xa5, [2, 1, 1]),
      der(0xa6, [2, 1, code]),
      der(0xa9, text('EXAMPLE.COM')),
      der(0xaa, name('krbtgt', 'EXAMPLE.COM')),
    ),
  );
const stream = (message: Uint8Array): Uint8Array => concat(u32(message.length), message);
const REQUEST = 'requests are seen';
const CASES: readonly PeerCase[] = [
  {
    name: 'a ticket',
    differs: REQUEST,
    talk: {
      serverPort: 88,
      udp: true,
      said: [
        ['>', request(10)],
        ['<', reply(11, 18, 18)],
      ],
    },
  },
  {
    name: 'a ticket for a service, over TCP',
    differs: REQUEST,
    talk: {
      serverPort: 88,
      said: [
        ['>', stream(request(12))],
        ['<', stream(reply(13, 23, 18))],
      ],
    },
  },
  {
    name: 'an error',
    differs: REQUEST,
    talk: {
      serverPort: 88,
      udp: true,
      said: [
        ['>', request(10)],
        ['<', error(25)],
      ],
    },
  },
];
const NUMBERS = KRB5_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

describeProtocol({
  name: 'Kerberos',
  protocol: KRB5,
  cases: CASES,
  events: KRB5_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'krb5',
    specs: KRB5_BUFFERS,
    events: [],
    keywords: new Set(
      KRB5_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    object: 'krb5',
    settings: ['outputs.0.eve-log.types.10=krb5'],
  },
});
