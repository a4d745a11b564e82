/** RFB as Suricata 8 has it, but for what docs/protocols/rfb.md says. */
import { join } from 'node:path';
import { RFB_BUFFERS } from '../../../src/app/rfb/buffers.js';
import { RFB, RFB_EVENTS } from '../../../src/app/rfb/index.js';
import { concat, u16, u32 } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const version = (minor: number): string => `RFB 003.00${minor}\n`;
const secret = (from: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, index) => from + index);
const screen = (name: string): Uint8Array =>
  concat(
    u16(1024),
    u16(768),
    [32, 24, 0, 1],
    u16(255),
    u16(255),
    u16(255),
    [16, 8, 0],
    [0, 0, 0],
    u32(name.length),
    name,
  );
const refusal = (reason: string): Uint8Array => concat(u32(reason.length), reason);
const talk = (...said: PeerCase['talk']['said']): PeerCase['talk'] => ({ serverPort: 5900, said });

const CASES: readonly PeerCase[] = [
  {
    name: 'a login with a password',
    talk: talk(
      ['<', version(8)],
      ['>', version(8)],
      ['<', [2, 2, 16]],
      ['>', [2]],
      ['<', secret(1)],
      ['>', secret(100)],
      ['<', u32(0)],
      ['>', [1]],
      ['<', screen('alice on desk:1')],
    ),
  },
  {
    name: 'no password, version 3.7',
    talk: talk(['<', version(7)], ['>', version(7)], ['<', [1, 1]], ['>', [1]], ['>', [0]], ['<', screen('open')]),
  },
  {
    name: 'no password, version 3.8',
    differs: 'a login without password has an outcome',
    talk: talk(
      ['<', version(8)],
      ['>', version(8)],
      ['<', [1, 1]],
      ['>', [1]],
      ['<', u32(0)],
      ['>', [1]],
      ['<', screen('open')],
    ),
  },
  {
    name: 'version 3.3: the server chooses',
    talk: talk(
      ['<', version(3)],
      ['>', version(3)],
      ['<', concat(u32(2), secret(1))],
      ['>', secret(100)],
      ['<', u32(0)],
      ['>', [1]],
      ['<', screen('old')],
    ),
  },
  {
    name: 'version 4.1 of RealVNC: types are offered as in 3.8',
    differs: 'an event is of one direction',
    talk: talk(['<', 'RFB 004.001\n'], ['>', 'RFB 004.001\n'], ['<', [3, 13, 133, 5]], ['>', [13]], ['<', 'sealed']),
  },
  {
    name: 'a wrong password',
    differs: 'a failed login has an outcome',
    talk: talk(
      ['<', version(8)],
      ['>', version(8)],
      ['<', [1, 2]],
      ['>', [2]],
      ['<', secret(1)],
      ['>', secret(100)],
      ['<', concat(u32(1), refusal('password check failed'))],
    ),
  },
  {
    name: 'too many, and nobody is let in',
    talk: talk(['<', version(8)], ['>', version(8)], ['<', concat([0], refusal('too many tries'))]),
  },
  {
    name: 'a login that is not read',
    differs: 'an event is of one direction',
    talk: talk(['<', version(8)], ['>', version(8)], ['<', [2, 16, 18]], ['>', [18]], ['<', 'what follows']),
  },
  {
    name: 'an outcome that there is not',
    differs: 'it is an outcome',
    talk: talk(
      ['<', version(8)],
      ['>', version(8)],
      ['<', [1, 2]],
      ['>', [2]],
      ['<', secret(1)],
      ['>', secret(100)],
      ['<', u32(7)],
    ),
  },
];
const NUMBERS = RFB_BUFFERS.filter(({ kind }) => kind === 'number').map(({ name }) => name);

describeProtocol({
  name: 'RFB',
  protocol: RFB,
  cases: CASES,
  events: RFB_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'rfb',
    specs: RFB_BUFFERS,
    events: RFB_EVENTS,
    keywords: new Set(RFB_BUFFERS.map(({ name }) => name)),
    asked: askedNumbers(NUMBERS)!,
    object: 'rfb',
    settings: ['outputs.0.eve-log.types.10=rfb'],
  },
});
