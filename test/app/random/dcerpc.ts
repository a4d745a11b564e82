/** Random talks of DCE/RPC over connections, datagrams and pipes of SMB, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import * as rpc from '../support/dcerpc-messages.js';
import * as smb from '../support/smb-messages.js';
import type { Chance, Talk } from './chance.js';
import { inPieces } from './pieces.js';
import { oneOf, rulesOver, type Keyword } from './rules.js';

const INTERFACES = [rpc.SRVSVC, rpc.SAMR, '12345678-1234-abcd-ef00-0123456789ab'];
const WORDS = ['evil', 'login', 'passwd', 'hello '];
const FAULT = 3;

/** A message that asks and the one that answers it, where there is one. */
type Step = readonly [asked: Uint8Array, answered?: Uint8Array];

/**
 * A bind of one interface or two, and calls of them, some answered with a fault or not at all; without fragments, which
 * docs/protocols/dcerpc.md has as a difference.
 */
function stepsOf(chance: Chance): Step[] {
  const interfaces = Array.from({ length: 1 + chance.below(2) }, (_, id) => ({
    id,
    uuid: chance.one(INTERFACES),
    version: 1 + chance.below(3),
  }));
  const bind: Step = [rpc.bind(interfaces), rpc.bindAck(interfaces.map(() => (chance.often(90) ? 0 : 2)))];
  const calls = Array.from({ length: 1 + chance.below(4) }, (_, index): Step => {
    const call = { callId: 2 + index, context: chance.below(interfaces.length), opnum: chance.below(20) };
    const asked = rpc.request(chance.one(WORDS), call);
    if (!chance.often(85)) return [asked];
    return [asked, chance.often(10) ? rpc.pdu(FAULT, new Uint8Array(16), call) : rpc.response(chance.one(WORDS), call)];
  });
  return [bind, ...calls];
}

export function dcerpcTalk(chance: Chance): Talk {
  const said = stepsOf(chance).flatMap(([asked, answered]): Said[] => [
    ['>', asked],
    ...(answered === undefined ? [] : [['<', answered] as const]),
  ]);
  return { serverPort: chance.one([135, 49_152]), said: inPieces(chance, said, 2) };
}

/** Each call names its interface. */
export function dcerpcDatagramTalk(chance: Chance): Talk {
  const said = Array.from({ length: 1 + chance.below(4) }, (_, sequence): Said[] => {
    const call = {
      interface: chance.one(INTERFACES),
      version: 1 + chance.below(3),
      opnum: chance.below(20),
      sequence,
      little: chance.often(80),
    };
    const asked: Said = ['>', rpc.datagram(chance.one(WORDS), call)];
    return chance.often(85) ? [asked, ['<', rpc.datagram(chance.one(WORDS), { ...call, type: 2 })]] : [asked];
  });
  return { serverPort: 1027, udp: true, said: said.flat() };
}

const { frame, smb2 } = smb;
const TREE = 6;

/** What is written to a pipe and read from it, or transceived. */
export function dcerpcPipeTalk(chance: Chance): Talk {
  let messageId = 0;
  const pair = (command: number, asked: Uint8Array, answered: Uint8Array, tree = TREE): Said[] => {
    const fields = { messageId: messageId++, session: 9, tree };
    return [
      ['>', frame(smb2(command, asked, fields))],
      ['<', frame(smb2(command, answered, { ...fields, response: true }))],
    ];
  };
  const through = ([asked, answered]: Step): Said[] =>
    answered !== undefined && chance.often(50)
      ? pair(11, smb.transceive2(asked), smb.transceived2(answered))
      : [
          ...pair(9, smb.write2(asked), smb.written2(asked.length)),
          ...(answered === undefined ? [] : pair(8, smb.read2(4280), smb.readAnswer2(answered))),
        ];
  const said: Said[] = [
    ...pair(0, smb.negotiate2(0x0202, 0x0311), smb.negotiated2(0x0311), 0),
    ...pair(3, smb.tree2('\\\\server\\IPC$'), smb.treed2(2)),
    ...pair(5, smb.create2('srvsvc'), smb.created2()),
    ...stepsOf(chance).flatMap(through),
  ];
  return { serverPort: 445, said: inPieces(chance, said, 2) };
}

/** Suricata has no comparisons of it. */
const opnum = (chance: Chance): string =>
  chance.one([
    `${chance.below(20)}`,
    `${chance.below(9)},${chance.below(20)}`,
    `${chance.below(9)}-${9 + chance.below(9)}`,
  ]);

const KEYWORDS: readonly Keyword[] = [
  ['dcerpc.opnum', opnum, true],
  ['dcerpc.iface', oneOf(...INTERFACES), true],
  [
    'dcerpc.iface',
    (chance) => `${chance.one(INTERFACES)},${chance.one(['', '!', '=', '>', '<'])}${1 + chance.below(3)}`,
    true,
  ],
  ['dcerpc.stub_data', oneOf(...WORDS)],
];

export const dcerpcRule = rulesOver('dcerpc', KEYWORDS);
export const dcerpcPipeRule = rulesOver('smb', KEYWORDS);
