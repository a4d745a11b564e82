/** Random talks of RDP and of DCE/RPC by itself, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import { concat } from '../../support/packet-builder.js';
import * as rpc from '../support/dcerpc-messages.js';
import * as rdp from '../support/rdp-messages.js';
import { directionOf, LABELS, type Chance, type Talk } from './chance.js';
import { inPieces } from './pieces.js';
import { oneOf, rulesOver } from './rules.js';

// --------------------------------------------------------------------------------------------------------- RDP

const CHANNELS = ['rdpdr', 'cliprdr', 'rdpsnd', 'drdynvc', 'evil'];

function rdpRequest(chance: Chance): Uint8Array {
  const cookie = chance.one([
    '',
    `Cookie: mstshash=${chance.one(LABELS)}\r\n`,
    'Cookie: msts=3640205228.15629.0000\r\n',
  ]);
  const asked = chance.often(80)
    ? rdp.negotiation(1, chance.one([0, 1, 2, 8, 3]), chance.below(16))
    : new Uint8Array(0);
  return rdp.connection(0xe0, concat(cookie, asked));
}

function rdpAnswer(chance: Chance): Uint8Array {
  const answers = [
    rdp.negotiation(2, chance.below(32), 0),
    rdp.negotiation(3, 0, 1 + chance.below(6)),
    new Uint8Array(0),
  ];
  return rdp.connection(0xd0, chance.one(answers));
}

/** Security of its own: what follows the answer is still in clear text. */
export function rdpTalk(chance: Chance): Talk {
  const said: Said[] = [['>', rdpRequest(chance)]];
  if (chance.often(90)) said.push(['<', rdpAnswer(chance)]);
  if (chance.often(70)) {
    const blocks: Uint8Array[] = [];
    if (chance.often(90)) blocks.push(rdp.core(chance.one(['DESK-17', 'PC', 'evil-host', 'a'])));
    if (chance.often(70)) blocks.push(rdp.channels(...chance.some(4, () => chance.one(CHANNELS))));
    said.push(['>', rdp.connect(concat(...blocks))], ['<', rdp.connected]);
  }
  return { serverPort: 3389, said: inPieces(chance, said, 2) };
}

/** No keyword asks for more than that it is RDP; a rule may say so once. */
export function rdpRule(chance: Chance, sid: number): string {
  const asked = `app-layer-protocol:${chance.one(['rdp', '!rdp', 'tls', 'unknown'])};`;
  const word = chance.often(50) ? ` content:"${chance.one(['mstshash', 'rdpdr', 'Duca', 'evil', 'msts='])}";` : '';
  return `alert ${word === '' ? 'tcp' : chance.one(['tcp', 'rdp'])} any any -> any any (${directionOf(chance)}${asked}${word} sid:${sid};)`;
}

// ----------------------------------------------------------------------------------------------------- DCE/RPC

const INTERFACES = [rpc.SRVSVC, rpc.SAMR, '12345678-1234-abcd-ef00-0123456789ab'];
const WORDS = ['evil', 'login', 'passwd', 'hello '];

/** One interface or two, and calls of them; without the fragments that docs/protocols/dcerpc.md has as a difference. */
export function dcerpcTalk(chance: Chance): Talk {
  const interfaces = Array.from({ length: 1 + chance.below(2) }, (_, id) => ({
    id,
    uuid: chance.one(INTERFACES),
    version: 1 + chance.below(3),
  }));
  const said: Said[] = [
    ['>', rpc.bind(interfaces)],
    ['<', rpc.bindAck(interfaces.map(() => (chance.often(90) ? 0 : 2)))],
  ];
  for (let callId = 2; callId < 3 + chance.below(4); callId++) {
    const call = { callId, context: chance.below(interfaces.length), opnum: chance.below(20) };
    said.push(['>', rpc.request(chance.one(WORDS), call)]);
    if (chance.often(85)) said.push(['<', rpc.response(chance.one(WORDS), call)]);
  }
  return { serverPort: chance.one([135, 49_152]), said: inPieces(chance, said, 2) };
}

const opnum = (chance: Chance): string =>
  chance.one([
    `${chance.below(20)}`,
    `>${chance.below(20)}`,
    `<${1 + chance.below(20)}`,
    `${chance.below(9)}-${9 + chance.below(9)}`,
  ]);

export const dcerpcRule = rulesOver('dcerpc', [
  ['dcerpc.opnum', opnum, true],
  ['dcerpc.iface', oneOf(...INTERFACES), true],
  [
    'dcerpc.iface',
    (chance) => `${chance.one(INTERFACES)},${chance.one(['', '!', '=', '>', '<'])}${1 + chance.below(3)}`,
    true,
  ],
  ['dcerpc.stub_data', oneOf(...WORDS)],
]);
