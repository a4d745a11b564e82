/** Random talks of SMB 2 and 1 with logins, shares, files and pipes, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import { bind, bindAck, request, response } from '../support/dcerpc-messages.js';
import * as smb from '../support/smb-messages.js';
import { LABELS, type Chance, type Talk } from './chance.js';
import { inPieces } from './pieces.js';
import { oneOf, rulesOver, upTo } from './rules.js';

const { frame, smb1, smb2 } = smb;
const USERS = ['Alice', 'bob', 'Administrator'];
const DOMAINS = ['CORP', 'evil'];
const SHARES = ['\\\\server\\Data', '\\\\10.0.0.2\\c$', '\\\\evil\\x'];
const FILES = ['docs\\a.exe', 'evil.dll', 'update.txt'];
const WORDS = ['evil', 'login', 'MZ', 'passwd', 'hello '];
const SRVSVC = '4b324fc8-1670-01d3-1278-5a47bf6ee188';
const SPOOLSS = '12345678-1234-abcd-ef00-0123456789ab';
const TREE = 5;
const PIPES = 6;

export function smbTalk(chance: Chance): Talk {
  let messageId = 0;
  const pair = (command: number, asked: Uint8Array, answered: Uint8Array, tree = 0, status = 0): Said[] => {
    const fields = { messageId: messageId++, session: 9, tree };
    return [
      ['>', frame(smb2(command, asked, fields))],
      ['<', frame(smb2(command, answered, { ...fields, status, response: true }))],
    ];
  };
  const id = (): Uint8Array => Uint8Array.from({ length: 16 }, () => 1 + chance.below(200));
  const fileSteps = (): Said[] => {
    const file = id();
    const at = { written: 0, read: 0 };
    const steps = chance.some(3, () => {
      const data = chance.one(WORDS);
      const way = chance.often(50) ? 'written' : 'read';
      const offset = at[way];
      at[way] += data.length;
      return way === 'written'
        ? pair(9, smb.write2(data, file, offset), smb.written2(data.length), TREE)
        : pair(8, smb.read2(100, file, offset), smb.readAnswer2(data), TREE);
    });
    const opened = pair(5, smb.create2(chance.one(FILES)), smb.created2(file), TREE);
    return [...opened, ...steps.flat(), ...(chance.often(85) ? pair(6, smb.close2(file), smb.closed2, TREE) : [])];
  };
  const pipeSteps = (): Said[] => {
    const pipe = id();
    const call = (asked: Uint8Array, answered: Uint8Array): Said[] =>
      pair(11, smb.transceive2(asked, pipe), smb.transceived2(answered, pipe), PIPES);
    const bound = call(bind([{ uuid: chance.one([SRVSVC, SPOOLSS]), version: 3 }]), bindAck([0]));
    const calls = chance.some(3, () => {
      const callId = 2 + messageId;
      return call(
        request(chance.one(WORDS), { callId, opnum: chance.below(20) }),
        response(chance.one(WORDS), { callId }),
      );
    });
    return [...pair(5, smb.create2('srvsvc'), smb.created2(pipe), PIPES), ...bound, ...calls.flat()];
  };
  const said: Said[] = [
    ...pair(0, smb.negotiate2(0x0202, 0x0311), smb.negotiated2(0x0311)),
    ...pair(1, smb.session2(smb.spnego(smb.ntlmssp(chance.one(USERS), chance.one(DOMAINS), 'HOST'))), smb.sessioned2),
    ...pair(3, smb.tree2(chance.one(SHARES)), smb.treed2(1), TREE),
    ...(chance.often(60) ? pair(3, smb.tree2('\\\\server\\IPC$'), smb.treed2(2), PIPES) : []),
    ...chance.some(3, fileSteps).flat(),
    ...(chance.often(50) ? pipeSteps() : []),
  ];
  return { serverPort: 445, said: inPieces(chance, said, 2) };
}

/** The same of SMB 1; a message is answered before the next one. */
export function smb1Talk(chance: Chance): Talk {
  let messageId = 1;
  const fid = 0x4001;
  const pair = (command: number, asked: Uint8Array, answered: Uint8Array, tree = TREE, status = 0): Said[] => {
    const fields = { messageId: messageId++, session: 9, tree };
    return [
      ['>', frame(smb1(command, asked, fields))],
      ['<', frame(smb1(command, answered, { ...fields, status, response: true }))],
    ];
  };
  const negotiated = (): Uint8Array => {
    const guid = Uint8Array.from({ length: 16 }, () => chance.below(256));
    return chance.often(60)
      ? smb.negotiatedExtended1(1, guid, chance.one(['', 'offer']))
      : smb.negotiated1(chance.one([0, 1, 1, 0xffff]));
  };
  const word = (): string => chance.one(WORDS);
  const fileSteps = (): Said[] => [
    ...pair(0xa2, smb.create1(chance.one(FILES)), smb.created1(fid)),
    ...(chance.often(50) ? pair(0x2f, smb.write1(fid, word()), smb.written1(5)) : []),
    ...(chance.often(50) ? pair(0x2e, smb.read1(fid), smb.readAnswer1(word())) : []),
    ...pair(4, smb.close1(fid), smb.command1([], [])),
  ];
  const pipeSteps = (): Said[] => [
    ...pair(0x75, smb.tree1('\\\\server\\IPC$', 'IPC'), smb.treed1('IPC'), PIPES),
    ...pair(0xa2, smb.create1('\\srvsvc'), smb.created1(fid), PIPES),
    ...pair(0x2f, smb.write1(fid, bind([{ uuid: SRVSVC, version: 3 }])), smb.written1(72), PIPES),
    ...pair(0x2e, smb.read1(fid), smb.readAnswer1(bindAck([0])), PIPES),
    ...pair(
      0x25,
      smb.transact1(fid, request(word(), { callId: 2, opnum: chance.below(20) })),
      smb.transacted1(response(word(), { callId: 2 })),
      PIPES,
    ),
  ];
  const login = smb.session1(smb.spnego(smb.ntlmssp(chance.one(USERS), chance.one(DOMAINS), 'HOST')));
  const said: Said[] = [
    ...pair(0x72, smb.negotiate1('LANMAN1.0', 'NT LM 0.12'), negotiated(), 0),
    ...pair(
      0x73,
      login,
      smb.command1([0xff, 0, 0, 0, 0, 0, 0, 0], [0, ...smb.wide('Unix\0'), ...smb.wide('Samba\0')]),
      0,
    ),
    ...pair(0x75, smb.tree1(chance.one(SHARES), '?????'), smb.treed1('A:')),
    ...(chance.often(60) ? fileSteps() : []),
    ...(chance.often(50) ? pipeSteps() : []),
  ];
  return { serverPort: 445, said: inPieces(chance, said, 2) };
}

export const smbRule = rulesOver('smb', [
  ['smb.share', oneOf(...SHARES.map((share) => share.replaceAll('\\', '\\\\')))],
  ['smb.named_pipe', oneOf('IPC$', 'server')],
  ['smb.ntlmssp_user', oneOf(...USERS)],
  ['smb.ntlmssp_domain', oneOf(...DOMAINS)],
  ['smb.version', oneOf('1', '2'), true],
  ['file.data', oneOf(...WORDS)],
  ['file.name', oneOf('a.exe', 'evil.dll', 'update.txt')],
  ['dcerpc.opnum', (chance) => String(chance.below(20)), true],
  ['dcerpc.iface', oneOf(SRVSVC, SPOOLSS), true],
  ['dcerpc.iface', (chance) => `${SRVSVC},${chance.one(['', '!', '!=', '=', '>'])}${1 + chance.below(3)}`, true],
  ['dcerpc.stub_data', oneOf(...WORDS)],
  ['filesize', upTo(12), true],
  ['filename', (chance) => `"${chance.one(LABELS)}"`, true],
]);
