/**
 * SMB behind its NetBIOS session header, and the request for such a session. Stage: app. RFC 1002, section 4.3; MS-
 * SMB2.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, u16, u24, type Answer } from './answer.js';

const SESSION = { message: 0, request: 0x81, positive: 0x82, negative: 0x83 } as const;
const HEADER = 4;
/** \xff SMB1, \xfe SMB2 and 3, \xfd encrypted, \xfc compressed. */
const FIRST_SIGN = 0xfc;
const REQUEST_BYTES = 68;
const NAME_LENGTH = 32;

export function probeSmb(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length === 0) return ANSWER.more;
  const type = bytes[start];
  if (type === SESSION.message) return probeMessage(bytes, start, length);
  if (direction === DIRECTION.toServer)
    return type === SESSION.request ? probeRequest(bytes, start, length) : ANSWER.no;
  if (type !== SESSION.positive && type !== SESSION.negative) return ANSWER.no;
  if (length < HEADER) return ANSWER.more;
  if (u24(bytes, start + 1) !== type - SESSION.positive) return ANSWER.no;
  return length > HEADER && probeMessage(bytes, start + HEADER, length - HEADER) === ANSWER.yes
    ? ANSWER.yes
    : ANSWER.open;
}

function probeMessage(bytes: Uint8Array, start: number, length: number): Answer {
  const sign = start + HEADER;
  if (length > HEADER && bytes[sign] < FIRST_SIGN) return ANSWER.no;
  if (length < HEADER + 4) return ANSWER.more;
  return bytes[sign + 1] === 0x53 && u16(bytes, sign + 2) === 0x4d42 ? ANSWER.yes : ANSWER.no;
}

/** Called and calling name, encoded. */
function probeRequest(bytes: Uint8Array, start: number, length: number): Answer {
  if (length < HEADER + 1) return ANSWER.more;
  if (u24(bytes, start + 1) !== REQUEST_BYTES || bytes[start + HEADER] !== NAME_LENGTH) return ANSWER.no;
  for (let at = HEADER + 1; at < HEADER + 1 + NAME_LENGTH; at++) {
    if (at === length) return ANSWER.more;
    if (bytes[start + at] < 0x41 || bytes[start + at] > 0x50) return ANSWER.no;
  }
  return ANSWER.yes;
}
