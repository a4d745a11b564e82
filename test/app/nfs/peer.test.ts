/** NFS as Suricata 8 has it, but for what docs/protocols/nfs.md says. */
import { join } from 'node:path';
import { NFS_BUFFERS } from '../../../src/app/nfs/buffers.js';
import { NFS, NFS_EVENTS } from '../../../src/app/nfs/index.js';
import { answer, call, record } from '../support/nfs-messages.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const CASES: readonly PeerCase[] = [
  {
    name: 'a call',
    differs: 'members of the object',
    talk: {
      serverPort: 2049,
      said: [
        ['>', record(call(5, 3, 1))],
        ['<', record(answer(5))],
        ['>', record(call(6, 3, 4))],
        ['<', record(answer(6))],
      ],
    },
  },
  {
    name: 'a call over UDP',
    differs: 'members of the object',
    talk: {
      serverPort: 2049,
      udp: true,
      said: [
        ['>', call(5, 3, 1)],
        ['<', answer(5)],
      ],
    },
  },
];
const NUMBERS = NFS_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

describeProtocol({
  name: 'NFS',
  protocol: NFS,
  cases: CASES,
  events: NFS_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'nfs',
    specs: NFS_BUFFERS,
    events: [],
    keywords: new Set(
      NFS_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    object: 'nfs',
    settings: ['outputs.0.eve-log.types.10=nfs'],
  },
});
