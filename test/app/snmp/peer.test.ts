/** SNMP as Suricata 8 has it, but for what docs/protocols/snmp.md says. */
import { join } from 'node:path';
import { SNMP_BUFFERS } from '../../../src/app/snmp/buffers.js';
import { SNMP, SNMP_EVENTS } from '../../../src/app/snmp/index.js';
import { concat, u16 } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const der = (tag: number, ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  const { length } = body;
  return concat([tag], length < 0x80 ? [length] : length < 256 ? [0x81, length] : concat([0x82], u16(length)), body);
};
const int = (...bytes: number[]): Uint8Array => der(2, bytes);
const text = (value: string): Uint8Array => der(4, value);
const SYSTEM = [0x2b, 6, 1, 2, 1, 1, 5, 0];
const LARGE = [0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x8f, 0xff, 0x7f];
const variables = (...names: number[][]): Uint8Array =>
  der(0x30, ...names.map((name) => der(0x30, der(6, name), [5, 0])));
const pdu = (type: number, error = 0, ...names: number[][]): Uint8Array =>
  der(0xa0 | type, int(1, 2), int(error), int(0), variables(...names));
const message = (version: number, community: string, body: Uint8Array): Uint8Array =>
  der(0x30, int(version), text(community), body);
const trap = (kind: number): Uint8Array =>
  der(0xa4, der(6, LARGE), der(0x40, [10, 1, 2, 3]), int(kind), int(0), der(0x43, [1]), variables(SYSTEM));
const secured = (user: string, flags: number, model: number, body: Uint8Array): Uint8Array =>
  der(
    0x30,
    int(3),
    der(0x30, int(9), int(0x7f, 0xff), der(4, [flags]), int(model)),
    der(4, der(0x30, text('engine-id'), int(1), int(2), text(user), der(4, new Uint8Array(12)), der(4, []))),
    body,
  );
const scoped = (body: Uint8Array): Uint8Array => der(0x30, text('engine-id'), text(''), body);
const talk = (...said: PeerCase['talk']['said']): PeerCase['talk'] => ({ serverPort: 161, udp: true, said });

const CASES: readonly PeerCase[] = [
  {
    name: 'a question and its answer, version 1',
    talk: talk(['>', message(0, 'public', pdu(0, 0, SYSTEM))], ['<', message(0, 'public', pdu(2, 0, SYSTEM))]),
  },
  {
    name: 'an error, version 2c, and questions of other kinds',
    talk: talk(
      ['>', message(1, 'private', pdu(3, 0, SYSTEM, LARGE))],
      ['<', message(1, 'private', pdu(2, 2, SYSTEM))],
      ['>', message(1, 'private', pdu(1, 0, LARGE))],
      ['>', message(1, 'private', pdu(5, 7, LARGE))],
      ['>', message(1, 'private', pdu(6, 0, LARGE))],
      ['>', message(1, 'private', pdu(7, 0, LARGE))],
      ['>', message(1, 'private', pdu(8, 0))],
    ),
  },
  {
    name: 'traps of version 1',
    talk: talk(['>', message(0, 'traps', trap(2))], ['>', message(0, 'traps', trap(6))]),
  },
  {
    name: 'a user, version 3',
    talk: talk(
      ['>', secured('', 4, 3, scoped(pdu(0)))],
      ['<', secured('alice', 0, 3, scoped(pdu(8, 0, LARGE)))],
      ['>', secured('alice', 7, 3, text('what is encrypted'))],
    ),
  },
  {
    name: 'another version than before',
    differs: 'a message has its own version',
    talk: talk(['>', message(1, 'first', pdu(0, 0, SYSTEM))], ['>', message(0, 'second', pdu(0, 0, SYSTEM))]),
  },
  {
    name: 'another way to tell users',
    talk: talk(['>', secured('bob', 4, 2, scoped(pdu(0)))]),
  },
  {
    name: 'a message that breaks off, and one that is none',
    differs: 'each is a transaction with an event',
    talk: talk(
      ['>', message(0, 'public', pdu(0, 0, SYSTEM))],
      ['>', message(0, 'public', pdu(0, 0, SYSTEM)).subarray(0, 20)],
      ['>', 'nothing of the kind'],
    ),
  },
];
const NUMBERS = SNMP_BUFFERS.filter(({ kind }) => kind === 'number').map(({ name }) => name);

describeProtocol({
  name: 'SNMP',
  protocol: SNMP,
  cases: CASES,
  events: SNMP_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'snmp',
    specs: SNMP_BUFFERS,
    events: SNMP_EVENTS.filter(({ name }) => name !== 'too_many_fields'),
    keywords: new Set(SNMP_BUFFERS.map(({ name }) => name)),
    asked: askedNumbers(NUMBERS)!,
    object: 'snmp',
    settings: ['outputs.0.eve-log.types.10=snmp'],
  },
});
