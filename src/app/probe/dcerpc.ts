/** DCE/RPC over connections and datagrams. Stage: app. C706, chapter 12; MS-RPCE. */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, u16, u16le, type Answer } from './answer.js';

const HEADER = 16;
const VERSION = 5;
const REQUEST = 0;
/**
 * Types of packets that a side sends, by bit: request, bind, alter context, auth3, shutdown …; response, fault, acks.
 */
const TO_SERVER = (1 << 0) | (1 << 11) | (1 << 14) | (1 << 16) | (1 << 18) | (1 << 19);
const TO_CLIENT = (1 << 2) | (1 << 3) | (1 << 12) | (1 << 13) | (1 << 15) | (1 << 17);

export function probeDcerpc(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  const types = direction === DIRECTION.toServer ? TO_SERVER : TO_CLIENT;
  if (length > 0 && bytes[start] !== VERSION) return ANSWER.no;
  if (length > 1 && bytes[start + 1] > 1) return ANSWER.no;
  if (length > 2 && (bytes[start + 2] > 19 || ((types >>> bytes[start + 2]) & 1) === 0)) return ANSWER.no;
  // SOCKS 5 begins so, too: requests without a bind before them are of version 5.0.
  if (length > 2 && bytes[start + 1] !== 0 && bytes[start + 2] === REQUEST) return ANSWER.no;
  if (length > 4 && (bytes[start + 4] & 0xee) !== 0) return ANSWER.no;
  if (length < HEADER) return ANSWER.more;
  if (bytes[start + 5] > 3 || u16(bytes, start + 6) !== 0) return ANSWER.no;
  const read = bytes[start + 4] >= 0x10 ? u16le : u16;
  const size = read(bytes, start + 8);
  return size >= HEADER && read(bytes, start + 10) < size ? ANSWER.yes : ANSWER.no;
}

const DATAGRAM_HEADER = 80;
const DATAGRAM_VERSION = 4;
const LAST_TYPE = 10;

export function probeDcerpcDatagram(bytes: Uint8Array, start: number, length: number): Answer {
  if (length < DATAGRAM_HEADER || bytes[start] !== DATAGRAM_VERSION || bytes[start + 1] > LAST_TYPE) return ANSWER.no;
  // Reserved bits, and a representation of data that exists.
  if ((bytes[start + 3] & 0xfd) !== 0 || (bytes[start + 4] & 0xee) !== 0 || bytes[start + 5] > 3) return ANSWER.no;
  const size = (bytes[start + 4] >= 0x10 ? u16le : u16)(bytes, start + 74);
  return DATAGRAM_HEADER + size <= length ? ANSWER.yes : ANSWER.no;
}
