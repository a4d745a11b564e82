/** Messages of SMB 2 that are wrong, each in its own way. */
import { SMB, SMB_EVENTS } from '../../../src/app/smb/index.js';
import type { Said } from '../../support/conversation.js';
import { concat } from '../../support/packet-builder.js';
import * as smb from '../support/smb-messages.js';
import type { EventCases } from './event-cases.js';

const { frame, smb2 } = smb;
const TREE = 5;
const SESSION = 9;
const MIB_16 = 0x100_0000;
const KIB_64 = 0x1_0000;

/** Asked and answered, by command. */
type Step = readonly [command: number, asked: Uint8Array, answered: Uint8Array];

const talk = (...steps: readonly Step[]): Said[] =>
  steps.flatMap(([command, asked, answered], index): Said[] => {
    const fields = { messageId: index, session: SESSION, tree: TREE };
    return [
      ['>', frame(smb2(command, asked, fields))],
      ['<', frame(smb2(command, answered, { ...fields, response: true }))],
    ];
  });

function negotiated(mostRead: number, mostWritten: number): Uint8Array {
  const body = smb.negotiated2(0x0311).slice();
  const view = new DataView(body.buffer);
  view.setUint32(32, mostRead, true);
  view.setUint32(36, mostWritten, true);
  return body;
}
const negotiate = (mostRead = KIB_64, mostWritten = KIB_64): Step => [
  0,
  smb.negotiate2(0x0202, 0x0311),
  negotiated(mostRead, mostWritten),
];
const TREE_STEP: Step = [3, smb.tree2('\\\\server\\Data'), smb.treed2(1)];
const OPEN: Step = [5, smb.create2('a.exe'), smb.created2()];
const ECHO: Step = [13, Uint8Array.from([4, 0, 0, 0]), Uint8Array.from([4, 0, 0, 0])];
const write = (bytes: number | string, offset = 0): Step => {
  const data = typeof bytes === 'string' ? bytes : new Uint8Array(bytes);
  return [9, smb.write2(data, smb.FILE_ID, offset), smb.written2(data.length)];
};
const read = (bytes: number | string, offset = 0): Step => {
  const data = typeof bytes === 'string' ? bytes : new Uint8Array(bytes);
  return [8, smb.read2(KIB_64, smb.FILE_ID, offset), smb.readAnswer2(data)];
};
const inFile = (...steps: readonly Step[]): Said[] => talk(negotiate(), TREE_STEP, OPEN, ...steps, ECHO);
const cut = (bytes: Uint8Array): Uint8Array => bytes.slice(0, bytes.length >> 1);
/** From the end of the file to its beginning, without its first bytes. */
const backwards = (count: number, bytes: number, step: (bytes: number, offset: number) => Step): Step[] =>
  Array.from({ length: count }, (_, index) => step(bytes, (count - index) * bytes));

const BREAKS_OFF = 'there what breaks off is passed over';
const STEPS: Readonly<Record<string, Step>> = {
  'a session setup': [1, smb.session2(smb.spnego(smb.ntlmssp('u', 'd', 'h'))), smb.sessioned2],
  'a tree connect': TREE_STEP,
  'a create': OPEN,
  'a write': write('MZ'),
  'a read': read('MZ'),
  'a close': [6, smb.close2(), smb.closed2],
  'a call of a pipe': [11, smb.transceive2('MZ'), smb.transceived2('MZ')],
};

export const SMB_CASES: EventCases = {
  application: 'smb',
  protocol: SMB,
  events: SMB_EVENTS,
  port: 445,
  first: [],
  // Of calls through pipes: test/app/dcerpc.
  elsewhere: ['stub_data_too_long', 'too_many_contexts', 'fragment_lost'],
  cases: {
    'nothing wrong': inFile(write('MZ'), read('MZ')),
    'a server that gives 16 MiB': talk(negotiate(MIB_16), ECHO),
    'a server that gives more than 16 MiB': talk(negotiate(MIB_16 + 1), ECHO),
    'a server that takes 16 MiB': talk(negotiate(KIB_64, MIB_16), ECHO),
    'a server that takes more than 16 MiB': talk(negotiate(KIB_64, MIB_16 + 1), ECHO),
    'as much written as the server takes': inFile(write(KIB_64)),
    'more written than the server takes': inFile(write(KIB_64 + 1)),
    'as much read as the server gives': inFile(read(KIB_64)),
    'more read than the server gives': inFile(read(KIB_64 + 1)),
    'bytes written twice': inFile(write('MZMZ'), write('MZMZ')),
    'bytes written over': inFile(write('MZMZ'), write('MZMZ', 2)),
    'bytes read twice': inFile(read('MZMZ'), read('MZMZ')),
    'bytes written behind a hole': inFile(write('MZMZ'), write('MZMZ', 200)),
    'many pieces written ahead of their place': inFile(...backwards(80, 8, write)),
    'many pieces read ahead of their place': inFile(...backwards(80, 8, read)),
    'many bytes written ahead of their place': inFile(...backwards(4, 60_000, write)),
    'many bytes read ahead of their place': inFile(...backwards(4, 60_000, read)),
    'a second negotiation': talk(negotiate(), [0, smb.negotiate2(0x0202), smb.negotiated2(0x0202)], ECHO),
    'a third negotiation': talk(negotiate(), negotiate(), negotiate(), ECHO),
    'a negotiation of no dialects': talk(negotiate(), [0, smb.negotiate2(), smb.negotiated2(0x0202)], ECHO),
    'a negotiation that breaks off': talk(negotiate(), [0, cut(smb.negotiate2(0x0202)), smb.negotiated2(0x0202)], ECHO),
    ...Object.fromEntries(
      Object.entries(STEPS).flatMap(([what, [command, asked, answered]]): [string, Said[]][] => [
        [`${what} that breaks off`, inFile([command, cut(asked), answered])],
        [`${what} whose answer breaks off`, inFile([command, asked, cut(answered)])],
      ]),
    ),
    'a login whose texts lie outside of it': inFile([
      1,
      smb.session2(smb.spnego(concat(smb.ntlmssp('u', 'd', 'h').slice(0, 40), [0xff, 0xff], new Uint8Array(40)))),
      smb.sessioned2,
    ]),
    'more open files than are kept': inFile(
      ...Array.from({ length: 130 }, (_, index): Step => {
        const id = Uint8Array.from({ length: 16 }, (_byte, at) => (at === 0 ? index + 1 : at));
        return [5, smb.create2(`f${index}`), smb.created2(id)];
      }),
    ),
  },
  differs: {
    'more read than the server gives': 'there read_response_too_large is never raised',
    'many bytes written ahead of their place': 'there as many wait as come',
    'many bytes read ahead of their place': 'there as many wait as come',
    'a third negotiation': 'there duplicate_negotiate is never raised',
    'a negotiation of no dialects': 'there is nothing to choose from (MS-SMB2, 3.3.5.4)',
    'a negotiation that breaks off': 'the dialects are missing, too',
    'a session setup that breaks off': BREAKS_OFF,
    'a tree connect that breaks off': BREAKS_OFF,
    'a create whose answer breaks off': BREAKS_OFF,
    'a login whose texts lie outside of it': BREAKS_OFF,
    'more open files than are kept': 'there is no bound',
  },
};
