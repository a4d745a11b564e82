/** Random talks of RDP, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import { concat } from '../../support/packet-builder.js';
import * as rdp from '../support/rdp-messages.js';
import { directionOf, LABELS, type Chance, type Talk } from './chance.js';
import { inPieces } from './pieces.js';

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

/** No keyword asks for more than that it is RDP; a rule says so in its header or by a keyword. */
export function rdpRule(chance: Chance, sid: number): string {
  const word = ` content:"${chance.one(['mstshash', 'rdpdr', 'Duca', 'evil', 'msts='])}";`;
  const rule = (application: string, options: string): string =>
    `alert ${application} any any -> any any (${directionOf(chance)}${options} sid:${sid};)`;
  if (chance.often(30)) return rule('rdp', word);
  return rule(
    'tcp',
    `app-layer-protocol:${chance.one(['rdp', '!rdp', 'tls', 'unknown'])};${chance.often(50) ? word : ''}`,
  );
}
