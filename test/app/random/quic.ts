/** Random talks of QUIC, versions 1 and 2, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import { concat, u32 } from '../../support/packet-builder.js';
import { VERSION_2 } from '../../../src/app/quic/keys.js';
import { cryptoFrame, initialPacket, messageFrames } from '../support/quic-packets.js';
import * as tls from '../support/tls-messages.js';
import { nameOf, type Chance, type Talk } from './chance.js';
import { rulesOver } from './rules.js';

export function quicTalk(chance: Chance): Talk {
  const version = chance.often(75) ? 1 : VERSION_2;
  const keyId = Uint8Array.from({ length: 8 }, () => chance.below(256));
  const random = Uint8Array.from({ length: 32 }, () => chance.below(256));
  const hello = tls.message(
    tls.MESSAGE.clientHello,
    tls.clientHello({
      random,
      ciphers: [0x1301, 0x1302, 0x1303].slice(chance.below(3)),
      extensions: [
        ...(chance.often(85) ? [tls.serverName(nameOf(chance))] : []),
        tls.groups(29, 23),
        tls.signatures(0x0403, 0x0804),
        ...(chance.often(70) ? [tls.alpn(...chance.one([['h3'], ['h3', 'h3-29'], ['doq']]))] : []),
        tls.versions(0x0304),
      ],
    }),
  );
  const answer = tls.message(
    tls.MESSAGE.serverHello,
    tls.serverHello({ ciphers: [0x1301], extensions: [tls.selectedVersion(0x0304)] }),
  );
  const said: Said[] = [];
  if (chance.often(60)) said.push(['>', initialPacket(cryptoFrame(0, hello), { version, keyId })]);
  else {
    const frames = messageFrames(hello, 40 + chance.below(60), (pieces) =>
      chance.often(50) ? pieces : [...pieces].reverse(),
    );
    const cut = 1 + chance.below(frames.length);
    for (const [number, part] of [frames.slice(0, cut), frames.slice(cut)].entries())
      if (part.length > 0) said.push(['>', initialPacket(concat(...part), { version, keyId, number: 1 + number })]);
  }
  if (chance.often(90))
    said.push(['<', initialPacket(cryptoFrame(0, answer), { version, keyId, side: 'server in', number: 0 })]);
  for (let count = chance.below(3); count > 0; count--)
    said.push([chance.one(['>', '<'] as const), concat([0x40], keyId, u32(chance.below(1000)), new Uint8Array(40))]);
  return { serverPort: 443, udp: true, said };
}

export const quicRule = rulesOver('quic', [
  ['quic.sni', nameOf],
  ['quic.sni', nameOf],
  ['quic.version', (chance) => `|${chance.one(['00 00 00 01', '6b 33 43 cf', '00 00'])}|`],
  ['ja3.string', (chance) => chance.one(['771', '4865', ',29-23,', '0-10-13-16-43'])],
  ['ja3s.string', (chance) => chance.one(['771', '4865', ',43'])],
  ['ja4.hash', (chance) => chance.one(['q13d', 'q13i', 'h3_', '00_'])],
]);
