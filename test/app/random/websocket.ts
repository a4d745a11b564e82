/** Random talks of WebSocket behind its upgrade, and random rules over them. */
import { concat, u16, u32 } from '../../support/packet-builder.js';
import type { Said } from '../../support/conversation.js';
import { nameOf, type Chance, type Talk } from './chance.js';
import { bodyOf, WORDS } from './http.js';
import { inPieces } from './pieces.js';
import { oneOf, rulesOver, upTo } from './rules.js';

const FIN = 0x80;
const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

function frame(chance: Chance, first: number, text: string, isMasked: boolean): Uint8Array {
  const data = Buffer.from(text, 'latin1');
  const mask = isMasked ? u32(1 + chance.below(1_000_000)) : [];
  const size = data.length < 126 ? [data.length] : [126, ...u16(data.length)];
  size[0]! |= isMasked ? 0x80 : 0;
  return concat([first], size, mask, isMasked ? data.map((byte, index) => byte ^ mask[index & 3]!) : data);
}

/** A message, now and then in fragments with something between them. */
function message(chance: Chance, isMasked: boolean): Uint8Array {
  const type = chance.one([TEXT, TEXT, BINARY, PING, PONG, CLOSE]);
  const whole = (first: number, text: string): Uint8Array => frame(chance, first, text, isMasked);
  if (type >= CLOSE) return whole(FIN | type, chance.one(['', 'evil', 'ping']));
  const text = bodyOf(chance).slice(0, 900);
  if (chance.often(70)) return whole(FIN | type, text);
  const cut = chance.below(text.length);
  const between = chance.often(30) ? [whole(FIN | PING, 'between')] : [];
  return concat(whole(type, text.slice(0, cut)), ...between, whole(FIN | CONTINUATION, text.slice(cut)));
}

export function websocketTalk(chance: Chance): Talk {
  const wants =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\n\r\n';
  const said: Said[] = [
    ['>', `GET /chat HTTP/1.1\r\nHost: ${nameOf(chance)}\r\n${wants}`],
    ['<', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ...inPieces(
      chance,
      Array.from({ length: 1 + chance.below(5) }, (): Said => {
        const side = chance.one(['>', '<'] as const);
        return [side, message(chance, side === '>')];
      }),
    ),
  ];
  return { serverPort: 80, said };
}

export const websocketRule = rulesOver('websocket', [
  ['websocket.payload', (chance) => chance.one([...WORDS, 'between', 'ping'])],
  ['websocket.payload', (chance) => chance.one(WORDS)],
  ['websocket.opcode', oneOf('text', 'binary', 'ping', 'pong', 'close', 'continuation', '!text', '2'), true],
  ['websocket.flags', oneOf('fin', '!fin', '128', '0'), true],
  ['websocket.mask', upTo(1_000_000), true],
]);
