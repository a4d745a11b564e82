/**
 * SOCKS: the request of version 4, the methods of version 5, and the answers. Stage: app. RFC 1928. All of it is little
 * to tell by.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, isPrintable, u16, type Answer } from './answer.js';

const VERSION_4 = 4;
const VERSION_5 = 5;
const MOST_METHODS = 9;
const REQUEST_4 = 9;
const LONGEST_4 = 264;
const ANSWER_4 = 8;
const NONE_ACCEPTABLE = 255;
const LAST_METHOD = 9;

export function probeSocks(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length === 0) return ANSWER.more;
  if (direction === DIRECTION.toClient) return probeAnswer(bytes, start, length);
  if (bytes[start] === VERSION_4) return probeRequest4(bytes, start, length);
  if (bytes[start] !== VERSION_5) return ANSWER.no;
  if (length === 1) return ANSWER.more;
  const methods = bytes[start + 1];
  if (methods === 0 || methods > MOST_METHODS) return ANSWER.no;
  for (let i = 2; i < 2 + methods; i++) {
    if (i === length) return ANSWER.more;
    if (bytes[start + i] > LAST_METHOD && bytes[start + i] < 0x80) return ANSWER.no;
  }
  return ANSWER.open;
}

/** Connect or bind, port, address, and a name that ends with zero. */
function probeRequest4(bytes: Uint8Array, start: number, length: number): Answer {
  if (length > 1 && bytes[start + 1] !== 1 && bytes[start + 1] !== 2) return ANSWER.no;
  if (length < REQUEST_4) return ANSWER.more;
  if (u16(bytes, start + 2) === 0) return ANSWER.no;
  const most = Math.min(length, LONGEST_4);
  let at = REQUEST_4 - 1;
  while (at < most && isPrintable(bytes[start + at])) at++;
  if (at === LONGEST_4) return ANSWER.no;
  if (at === length) return ANSWER.more;
  return bytes[start + at] === 0 ? ANSWER.open : ANSWER.no;
}

function probeAnswer(bytes: Uint8Array, start: number, length: number): Answer {
  if (bytes[start] === VERSION_5) {
    if (length === 1) return ANSWER.more;
    return bytes[start + 1] <= LAST_METHOD || bytes[start + 1] === NONE_ACCEPTABLE ? ANSWER.open : ANSWER.no;
  }
  if (bytes[start] !== 0) return ANSWER.no;
  if (length > 1 && (bytes[start + 1] < 0x5a || bytes[start + 1] > 0x5d)) return ANSWER.no;
  return length < ANSWER_4 ? ANSWER.more : ANSWER.open;
}
