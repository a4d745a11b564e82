/** SMB as Suricata 8 has it, but for what docs/protocols/smb.md says. */
import { join } from 'node:path';
import { DCERPC_BUFFERS } from '../../../src/app/dcerpc/buffers.js';
import { FILE_BUFFERS } from '../../../src/app/file/buffers.js';
import { SMB_BUFFERS } from '../../../src/app/smb/buffers.js';
import { SMB, SMB_EVENTS } from '../../../src/app/smb/index.js';
import type { Said } from '../../support/conversation.js';
import { bind, bindAck, request, response, SRVSVC } from '../support/dcerpc-messages.js';
import type { PeerCase } from '../support/peer-table.js';
import { asNumber, describeProtocol } from '../support/protocol-suite.js';
import * as smb from '../support/smb-messages.js';

const { frame, smb1, smb2 } = smb;
const tcp = (name: string, said: readonly Said[], differs = ''): PeerCase => ({
  name,
  differs,
  talk: { said, serverPort: 445 },
});
type Body = Uint8Array;
/** A request and its answer, in SMB 2 and in SMB 1. */
const pair2 = (
  command: number,
  asked: Body,
  answered: Body,
  messageId: number,
  more: smb.HeaderFields = {},
): Said[] => [
  ['>', frame(smb2(command, asked, { messageId, session: 9, tree: 5, ...more, status: 0 }))],
  ['<', frame(smb2(command, answered, { messageId, session: 9, tree: 5, ...more, response: true }))],
];
const pair1 = (
  command: number,
  asked: Body,
  answered: Body,
  messageId: number,
  more: smb.HeaderFields = {},
): Said[] => [
  ['>', frame(smb1(command, asked, { messageId, session: 9, tree: 5, ...more, status: 0 }))],
  ['<', frame(smb1(command, answered, { messageId, session: 9, tree: 5, ...more, response: true }))],
];
const negotiated = pair2(0, smb.negotiate2(0x0202, 0x0210, 0x0300), smb.negotiated2(0x0210), 0, {
  session: 0,
  tree: 0,
});
const session = pair2(1, smb.session2(smb.spnego(smb.ntlmssp('Alice', 'CORP', 'HOST7'))), smb.sessioned2, 1, {
  tree: 0,
});
const pipes = pair2(3, smb.tree2('\\\\server\\IPC$'), smb.treed2(2), 2);
const opened = pair2(5, smb.create2('srvsvc'), smb.created2(), 3);
const PIPE = [...negotiated, ...pipes, ...opened];
const BOUND = [
  ...PIPE,
  ...pair2(11, smb.transceive2(bind([{ uuid: SRVSVC, version: 3 }])), smb.transceived2(bindAck([0])), 4),
];

const share = pair2(3, smb.tree2('\\\\server\\Data'), smb.treed2(1), 2);
const FILE = [...negotiated, ...share, ...pair2(5, smb.create2('docs\\a.txt'), smb.created2(), 3)];
const write = (data: string, offset: number, messageId: number): Said[] =>
  pair2(9, smb.write2(data, smb.FILE_ID, offset), smb.written2(data.length), messageId);
const read = (data: string, offset: number, messageId: number): Said[] =>
  pair2(8, smb.read2(data.length, smb.FILE_ID, offset), smb.readAnswer2(data), messageId);
const closed = pair2(6, smb.close2(), smb.closed2, 9);
const NO_SHARE = 'the share of what is written has a name, and its status is that of the file';

/** Of a message that goes on with the one before it in a compound. */
const NOTHING = { session: 0xffff_ffff, tree: 0xffff_ffff, flags: 4 };
const LOGIN = smb.spnego(smb.ntlmssp('Alice', 'CORP', 'HOST7'));
const SETUP_DONE = smb.command1([0xff, 0, 0, 0, 0, 0, 0, 0], [0, ...smb.wide('Unix\0'), ...smb.wide('Samba\0')]);

const CASES: readonly PeerCase[] = [
  tcp('a negotiation', negotiated),
  tcp('a login', [...negotiated, ...session]),
  tcp('a login that fails', [
    ...negotiated,
    ...pair2(1, smb.session2(smb.ntlmssp('bob', '', 'h', false)), smb.sessioned2, 1, { status: 0xc000006d }),
  ]),
  tcp('a login with a ticket', [
    ...negotiated,
    ...pair2(1, smb.session2(smb.kerberos('EXAMPLE.COM', 'cifs', 'files.example.com')), smb.sessioned2, 1, { tree: 0 }),
  ]),
  tcp('a share', [...negotiated, ...pair2(3, smb.tree2('\\\\server\\Data'), smb.treed2(1), 2)]),
  tcp('a tree of pipes', [...negotiated, ...pipes]),
  tcp('a file that is opened', [...negotiated, ...pair2(5, smb.create2('docs\\a.txt'), smb.created2(), 3)]),
  tcp('a directory', [
    ...negotiated,
    ...pair2(5, smb.create2('docs', { options: 1, disposition: 2 }), smb.created2(), 3),
  ]),
  tcp('a file that is not there', [
    ...negotiated,
    ...pair2(5, smb.create2('none', { options: 0x1000 }), smb.sessioned2, 3, { status: 0xc0000034 }),
  ]),
  tcp('a pipe that is opened and closed', [...PIPE, ...pair2(6, smb.close2(), smb.closed2, 4)]),
  tcp('a call through a pipe', [
    ...BOUND,
    ...pair2(
      11,
      smb.transceive2(request('arguments', { callId: 2, opnum: 15 })),
      smb.transceived2(response('result', { callId: 2 })),
      5,
    ),
  ]),
  tcp('calls through a pipe of a tree that was connected before', [
    ...pair2(5, smb.create2('srvsvc'), smb.created2(), 3),
    ...pair2(11, smb.transceive2(bind([{ uuid: SRVSVC, version: 3 }])), smb.transceived2(bindAck([0])), 4),
    ...pair2(
      11,
      smb.transceive2(request('arguments', { callId: 2, opnum: 15 })),
      smb.transceived2(response('result', { callId: 2 })),
      5,
    ),
  ]),
  tcp('a call by writing and reading', [
    ...PIPE,
    ...pair2(9, smb.write2(bind([{ uuid: SRVSVC, version: 3 }])), smb.written2(72), 4),
    ...pair2(8, smb.read2(1024), smb.readAnswer2(bindAck([0])), 5),
    ...pair2(9, smb.write2(request('arguments', { callId: 2, opnum: 15 })), smb.written2(30), 6),
    ...pair2(8, smb.read2(1024), smb.readAnswer2(response('result', { callId: 2 })), 7),
  ]),
  tcp('a file that is written', [...FILE, ...write('hello ', 0, 4), ...write('world', 6, 5), ...closed], NO_SHARE),
  tcp('a file that is read', [...FILE, ...read('hello ', 0, 4), ...read('world', 6, 5), ...closed]),
  tcp(
    'a file that is written from its end',
    [...FILE, ...write('world', 6, 4), ...write('hello ', 0, 5), ...closed],
    NO_SHARE,
  ),
  tcp(
    'a file with a hole',
    [...FILE, ...write('hello ', 0, 4), ...write('world', 8, 5), ...closed],
    'what is behind a hole is looked at',
  ),
  tcp('a file that is not closed', [...FILE, ...write('hello ', 0, 4), ...read('hello', 0, 5)], NO_SHARE),
  tcp('a file that was open before', [...negotiated, ...write('midstream', 0, 4), ...closed], NO_SHARE),
  tcp('a compound', [
    ...negotiated,
    [
      '>',
      frame(
        smb.compound(
          { command: 5, body: smb.create2('docs\\b.txt'), fields: { messageId: 4, session: 9, tree: 5 } },
          { command: 6, body: smb.close2(smb.RELATED), fields: { messageId: 5, session: 9, tree: 5, flags: 4 } },
        ),
      ),
    ],
    [
      '<',
      frame(
        smb.compound(
          { command: 5, body: smb.created2(), fields: { messageId: 4, session: 9, tree: 5, response: true } },
          { command: 6, body: smb.closed2, fields: { messageId: 5, session: 9, tree: 5, response: true, flags: 4 } },
        ),
      ),
    ],
  ]),
  tcp(
    'SMB 1: a negotiation',
    pair1(0x72, smb.negotiate1('LANMAN1.0', 'NT LM 0.12'), smb.negotiated1(1), 1, { tree: 0, session: 0 }),
  ),
  tcp('SMB 1: a login', pair1(0x73, smb.session1(LOGIN), SETUP_DONE, 1, { tree: 0 })),
  tcp('SMB 1: a share', pair1(0x75, smb.tree1('\\\\server\\Data', '?????'), smb.treed1('A:'), 1)),
  tcp('SMB 1: a tree of pipes', pair1(0x75, smb.tree1('\\\\server\\IPC$', 'IPC'), smb.treed1('IPC'), 1)),
  tcp('SMB 1: a file that is opened', pair1(0xa2, smb.create1('\\a.txt'), smb.created1(0x4001), 1)),
  tcp(
    'SMB 1: a file that is written and read',
    [
      ...pair1(0x72, smb.negotiate1('NT LM 0.12'), smb.negotiated1(0), 1, { tree: 0, session: 0 }),
      ...pair1(0x75, smb.tree1('\\\\server\\Data', '?????'), smb.treed1('A:'), 1),
      ...pair1(0xa2, smb.create1('\\a.txt'), smb.created1(0x4001), 2),
      ...pair1(0x2f, smb.write1(0x4001, 'hello'), smb.written1(5), 3),
      ...pair1(0x2e, smb.read1(0x4001), smb.readAnswer1('hello'), 4),
      ...pair1(4, smb.close1(0x4001), smb.command1([], []), 5),
    ],
    'transactions of files have a session and a tree',
  ),
  tcp('SMB 1: a call through a pipe', [
    ...pair1(0x75, smb.tree1('\\\\server\\IPC$', 'IPC'), smb.treed1('IPC'), 1),
    ...pair1(0xa2, smb.create1('\\srvsvc'), smb.created1(0x4001), 2),
    ...pair1(0x2f, smb.write1(0x4001, bind([{ uuid: SRVSVC, version: 3 }])), smb.written1(72), 3),
    ...pair1(0x2e, smb.read1(0x4001), smb.readAnswer1(bindAck([0])), 4),
    ...pair1(
      0x25,
      smb.transact1(0x4001, request('arguments', { callId: 2, opnum: 15 })),
      smb.transacted1(response('result', { callId: 2 })),
      5,
    ),
  ]),
  tcp('a tree of two sessions, of pipes in one of them', [
    ...negotiated,
    ...share,
    ...pair2(3, smb.tree2('\\\\server\\IPC$'), smb.treed2(2), 3, { session: 10 }),
    ...pair2(5, smb.create2('a.txt'), smb.created2(), 4),
    ...read('hello', 0, 5),
    ...closed,
  ]),
  tcp(
    'a related compound without a session and a tree of its own',
    [
      ...negotiated,
      ...share,
      [
        '>',
        frame(
          smb.compound(
            { command: 5, body: smb.create2('b.txt'), fields: { messageId: 4, session: 9, tree: 5 } },
            { command: 8, body: smb.read2(5, smb.RELATED), fields: { messageId: 5, ...NOTHING } },
            { command: 6, body: smb.close2(smb.RELATED), fields: { messageId: 6, ...NOTHING } },
          ),
        ),
      ],
      [
        '<',
        frame(
          smb.compound(
            { command: 5, body: smb.created2(), fields: { messageId: 4, session: 9, tree: 5, response: true } },
            { command: 8, body: smb.readAnswer2('hello'), fields: { messageId: 5, ...NOTHING, response: true } },
            { command: 6, body: smb.closed2, fields: { messageId: 6, ...NOTHING, response: true } },
          ),
        ),
      ],
    ],
    'a related message goes on with the file, the session and the tree of the one before it',
  ),
  tcp(
    'SMB 1: a login and a share in one message',
    pair1(
      0x73,
      smb.chain1(smb.session1(LOGIN), [0x75, smb.tree1('\\\\server\\Data', '?????')]),
      smb.chain1(SETUP_DONE, [0x75, smb.treed1('A:')]),
      1,
    ),
  ),
  tcp(
    'SMB 1: a login that fails, and a share in one message',
    pair1(
      0x73,
      smb.chain1(smb.session1(LOGIN), [0x75, smb.tree1('\\\\server\\Data', '?????')]),
      smb.command1([], []),
      1,
      { status: 0xc000_006d },
    ),
    'the answer to a command that failed is the answer to those behind it',
  ),
  tcp(
    'SMB 1: a file that is opened and read in one message',
    [
      ...pair1(0x75, smb.tree1('\\\\server\\Data', '?????'), smb.treed1('A:'), 1),
      ...pair1(
        0xa2,
        smb.chain1(smb.create1('\\a.txt'), [0x2e, smb.read1(0xffff)]),
        smb.chain1(smb.created1(0x4001), [0x2e, smb.readAnswer1('hello', 32 + smb.created1(0).length + 1)]),
        2,
      ),
      ...pair1(4, smb.close1(0x4001), smb.command1([], []), 3),
    ],
    'there files of chains are not looked at',
  ),
  tcp(
    'SMB 1: a file that is written and closed in one message',
    [
      ...pair1(0x75, smb.tree1('\\\\server\\Data', '?????'), smb.treed1('A:'), 1),
      ...pair1(0xa2, smb.create1('\\a.txt'), smb.created1(0x4001), 2),
      ...pair1(
        0x2f,
        smb.chain1(smb.write1(0x4001, 'hello'), [4, smb.close1(0x4001)]),
        smb.chain1(smb.written1(5), [4, smb.command1([], [])]),
        3,
      ),
    ],
    'there files of chains are not looked at',
  ),
];

const asUuid = (value: string): string =>
  Buffer.from(value, 'latin1')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
const OWN = new Set([
  'stub_data_too_long',
  'too_many_contexts',
  'fragment_lost',
  'too_many_handles',
  'too_many_fields',
]);

describeProtocol({
  name: 'SMB',
  protocol: SMB,
  cases: CASES,
  events: SMB_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'smb',
    specs: [...SMB_BUFFERS, ...DCERPC_BUFFERS, ...FILE_BUFFERS],
    events: SMB_EVENTS.filter(({ name }) => !OWN.has(name)),
    keywords: new Set([
      ...[...SMB_BUFFERS, ...DCERPC_BUFFERS].map(({ name }) => name),
      'file.data',
      'file.name',
      'filesize',
    ]),
    asked: {
      'dcerpc.iface': (value) => (typeof value === 'string' ? `dcerpc.iface:${asUuid(value)};` : undefined),
      'dcerpc.opnum': asNumber('dcerpc.opnum'),
      'smb.version': asNumber('smb.version'),
      filesize: asNumber('filesize'),
    },
    object: 'smb',
  },
});
