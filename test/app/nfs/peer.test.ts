/** NFS as Suricata 8 has it, but for what docs/protocols/nfs.md says. */
import { join } from 'node:path';
import { FILE_BUFFERS } from '../../../src/app/file/buffers.js';
import { NFS_BUFFERS } from '../../../src/app/nfs/buffers.js';
import { NFS, NFS_EVENTS } from '../../../src/app/nfs/index.js';
import { concat, u32, type Payload } from '../../support/packet-builder.js';
import { NfsFiles, op } from '../support/nfs-files.js';
import { answer, call, denied, HANDLE, inFragments, opaque, record } from '../support/nfs-messages.js';
import type { Said } from '../../support/conversation.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

/** One call over TCP, of version 3 where nothing else is said, and what comes of it. */
const asked = (
  name: string,
  procedure: number,
  given: Payload,
  { version = 3, status = 0, differs = '', reply = answer(5, status) } = {},
): PeerCase => ({
  name,
  differs,
  talk: {
    serverPort: 2049,
    said: [
      ['>', record(call(5, version, procedure, given))],
      ['<', record(reply)],
    ],
  },
});
/** What is said about files. */
const files = (name: string, steps: (nfs: NfsFiles) => readonly (readonly Said[])[], differs = ''): PeerCase => ({
  name,
  differs,
  talk: { serverPort: 2049, said: steps(new NfsFiles()).flat() },
});
const [A, B] = ['hello wo', 'rld, MZ evil'] as const;
const NAME = opaque('evil.exe');
const ATTRIBUTES = new Uint8Array(24);
const HASH = 'of these there is no hash of the handle there';

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
  asked('a call without arguments', 0, []),
  asked('a link that is not there', 5, HANDLE, { status: 2, differs: HASH }),
  asked('a status that has no name', 18, HANDLE, { status: 99, differs: HASH }),
  asked('a name that is looked up', 3, concat(HANDLE, NAME)),
  asked('a file that is made', 8, concat(HANDLE, NAME, u32(0), ATTRIBUTES)),
  asked('a file that may not be removed', 12, concat(HANDLE, NAME), { status: 13 }),
  asked('a file that is renamed', 14, concat(HANDLE, NAME, HANDLE, opaque('new.txt'))),
  asked('a link that is made', 10, concat(HANDLE, NAME, ATTRIBUTES, opaque('/target')), { differs: 'its name' }),
  asked('a part of a file', 6, concat(HANDLE, u32(0), u32(0), u32(10))),
  asked('a name that version 2 looks up', 4, concat(new Uint8Array(32), NAME), {
    version: 2,
    status: 2,
    differs: 'the name',
  }),
  asked('a call that is not accepted', 5, HANDLE, { differs: 'what is not accepted has no outcome', reply: denied(5) }),
  files('a file that is read in parts', (nfs) => [
    nfs.lookUp('evil.exe'),
    nfs.read('evil.exe', 0, A),
    nfs.read('evil.exe', 8, B, true),
  ]),
  files('a file whose end is read first', (nfs) => [
    nfs.lookUp('evil.exe'),
    nfs.read('evil.exe', 8, B),
    nfs.read('evil.exe', 0, A, true),
  ]),
  files(
    'a file with a hole',
    (nfs) => [nfs.lookUp('evil.exe'), nfs.read('evil.exe', 0, A), nfs.read('evil.exe', 20, B, true)],
    'what is behind a hole is looked at',
  ),
  files(
    'a file that is written in parts',
    (nfs) => [nfs.create('evil.exe'), nfs.write('evil.exe', 0, A), nfs.write('evil.exe', 8, B), nfs.commit('evil.exe')],
    'handles of what is made, commits, numbers of parts',
  ),
  files(
    'a file that is written at once',
    (nfs) => [nfs.create('evil.exe'), nfs.write('evil.exe', 0, A, 2)],
    'handles of what is made, numbers of parts',
  ),
  files(
    'a file of version 2',
    (nfs) => [nfs.lookUp2('evil.exe'), nfs.read2('evil.exe', 0, A, 20), nfs.read2('evil.exe', 8, B, 20)],
    'files of version 2 are looked at',
  ),
  files(
    'a file of version 4',
    (nfs) => [
      nfs.compound(op.root, op.create('evil.exe'), op.handle('evil.exe')),
      nfs.compound(op.use('evil.exe'), op.write(0, A), op.attributes),
      nfs.compound(op.use('evil.exe'), op.write(8, B), op.attributes),
      nfs.compound(op.use('evil.exe'), op.close),
      nfs.compound(op.use('evil.exe'), op.read(0, A)),
      nfs.compound(op.use('evil.exe'), op.read(8, B, true)),
    ],
    'names of version 4',
  ),
  files(
    'names of version 4',
    (nfs) => [
      nfs.compound(op.root, op.lookUp('dir'), op.handle('dir'), op.attributes),
      nfs.compound(op.use('dir'), op.remove('old', 2)),
      nfs.compound(op.use('dir'), op.directory('new'), op.handle('new')),
      nfs.compound(op.use('dir'), op.save, op.use('new'), op.rename('from', 'to')),
    ],
    'names of version 4',
  ),
  {
    name: 'a lookup in fragments',
    differs: 'fragments are put together',
    talk: {
      serverPort: 2049,
      said: [
        ['>', inFragments(record(call(5, 3, 3, concat(HANDLE, NAME))), [60])],
        ['<', inFragments(record(answer(5)), [60])],
        ['>', record(call(6, 3, 1))],
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
    specs: [...NFS_BUFFERS, ...FILE_BUFFERS],
    events: [],
    keywords: new Set([...NFS_BUFFERS.map(({ name }) => name), 'file.data', 'file.name', 'filesize']),
    asked: askedNumbers([...NUMBERS, 'filesize'])!,
    object: 'nfs',
    settings: ['outputs.0.eve-log.types.10=nfs'],
  },
});
