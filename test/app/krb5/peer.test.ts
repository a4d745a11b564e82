/** Kerberos as Suricata 8 has it, but for what docs/protocols/krb5.md says. */
import { join } from 'node:path';
import { KRB5_BUFFERS } from '../../../src/app/krb5/buffers.js';
import { KRB5, KRB5_EVENTS } from '../../../src/app/krb5/index.js';
import { error, reply, request, stream } from '../support/krb5-messages.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

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
