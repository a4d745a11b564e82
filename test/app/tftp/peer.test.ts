/** TFTP as Suricata 8 has it, but for what docs/protocols/tftp.md says. */
import { join } from 'node:path';
import { TFTP_BUFFERS } from '../../../src/app/tftp/buffers.js';
import { TFTP, TFTP_EVENTS } from '../../../src/app/tftp/index.js';
import { concat } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { describeProtocol } from '../support/protocol-suite.js';

const request = (kind: number, name: string, mode: string): Uint8Array => concat([0, kind], name, [0], mode, [0]);
const talk = (...said: PeerCase['talk']['said']): PeerCase['talk'] => ({ serverPort: 69, udp: true, said });

const CASES: readonly PeerCase[] = [
  { name: 'a file is read', talk: talk(['>', request(1, 'rfc1350.txt', 'octet')]) },
  { name: 'a file is written', talk: talk(['>', request(2, 'startup-config', 'netascii')]) },
  { name: 'an old mode', talk: talk(['>', request(2, 'alice', 'mail')]) },
  {
    name: 'a mode in capitals, and options',
    talk: talk(['>', concat(request(1, 'a', 'OCTET'), 'blksize', [0], '1428', [0])]),
  },
  {
    name: 'no mode that there is',
    differs: 'it is a transaction with an event',
    talk: talk(['>', request(1, 'a', 'octet')], ['>', request(1, 'b', 'bytes')]),
  },
];

describeProtocol({
  name: 'TFTP',
  protocol: TFTP,
  cases: CASES,
  events: TFTP_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'tftp',
    specs: TFTP_BUFFERS,
    events: [],
    keywords: new Set(),
    object: 'tftp',
    settings: ['outputs.0.eve-log.types.10=tftp'],
  },
});
