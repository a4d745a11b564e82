/**
 * RDP: the request for a connection and its answer, in the packets that others of ISO use as well: what they carry, or
 * the port, tells. Where those were not seen, the connects behind them are left open, which conferences have as well.
 * Stage: app. RFC 1006, X.224; MS-RDPBCGR, 2.2.1.1, 2.2.1.3.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, ascii, beginsWith, u16, u16le, type Answer } from './answer.js';

const HEAD = 11;
const CODE = { request: 0xe0, confirm: 0xd0 } as const;
const NEGOTIATION = { request: 1, answer: 2, failure: 3 } as const;
const NEGOTIATION_BYTES = 8;
const LONGEST = 4 + 255 + 1;
const DATA = 0xf0;
/** The head of X.224 ahead of data, and MCS's connect: initial, or response. */
const CONNECT = {
  request: Uint8Array.of(2, DATA, 0x80, 0x7f, 0x65),
  response: Uint8Array.of(2, DATA, 0x80, 0x7f, 0x66),
} as const;
const COOKIE = ascii('Cookie: mstshash=');

export function probeRdp(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  const code = direction === DIRECTION.toServer ? CODE.request : CODE.confirm;
  if (length > 0 && bytes[start] !== 3) return ANSWER.no;
  if (length > 1 && bytes[start + 1] !== 0) return ANSWER.no;
  if (length > 5 && bytes[start + 5] === DATA) return probeConnect(bytes, start + 4, length - 4, direction);
  if (length > 5 && bytes[start + 5] !== code) return ANSWER.no;
  if (length < HEAD) return ANSWER.more;
  const size = u16(bytes, start + 2);
  if (size < HEAD || size > LONGEST || bytes[start + 4] !== size - 5 || bytes[start + 10] !== 0) return ANSWER.no;
  if (length < size) return ANSWER.more;
  if (direction === DIRECTION.toServer && beginsWith(bytes, start + HEAD, size - HEAD, COOKIE) === ANSWER.yes)
    return ANSWER.yes;
  return hasNegotiation(bytes, start + size - NEGOTIATION_BYTES, size, direction) ? ANSWER.yes : ANSWER.open;
}

function probeConnect(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  const text = direction === DIRECTION.toServer ? CONNECT.request : CONNECT.response;
  const answer = beginsWith(bytes, start, length, text);
  return answer === ANSWER.yes ? ANSWER.open : answer;
}

/** The last 8 bytes of the packet. */
function hasNegotiation(bytes: Uint8Array, at: number, size: number, direction: Direction): boolean {
  if (size < HEAD + NEGOTIATION_BYTES || u16le(bytes, at + 2) !== NEGOTIATION_BYTES) return false;
  const type = bytes[at];
  return direction === DIRECTION.toServer
    ? type === NEGOTIATION.request
    : type === NEGOTIATION.answer || type === NEGOTIATION.failure;
}
