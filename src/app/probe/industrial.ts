/** DNP3 and EtherNet/IP. Stage: app. IEEE 1815; ODVA, volume 2. */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, isZero, u16le, u32le, type Answer } from './answer.js';

const DNP3_HEADER = 10;
const DNP3_CHECKED = 8;
const DNP3_POLYNOMIAL = 0xa6bc;

/** The start bytes, and the header's check sum; where that is wrong, the port tells. */
export function probeDnp3(bytes: Uint8Array, start: number, length: number): Answer {
  if (length > 0 && bytes[start] !== 0x05) return ANSWER.no;
  if (length > 1 && bytes[start + 1] !== 0x64) return ANSWER.no;
  if (length > 2 && bytes[start + 2] < 5) return ANSWER.no;
  if (length < DNP3_HEADER) return ANSWER.more;
  return isDnp3Sum(bytes, start, DNP3_CHECKED) ? ANSWER.yes : ANSWER.open;
}

/** Whether the check sum behind `length` bytes is theirs. */
export function isDnp3Sum(bytes: Uint8Array, start: number, length: number): boolean {
  let sum = 0;
  for (let i = 0; i < length; i++) {
    sum ^= bytes[start + i];
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ DNP3_POLYNOMIAL;
  }
  return (~sum & 0xffff) === u16le(bytes, start + length);
}

const ENIP_HEADER = 24;
const ENIP = {
  listServices: 0x04,
  listIdentity: 0x63,
  listInterfaces: 0x64,
  register: 0x65,
  unregister: 0x66,
  sendData: 0x6f,
  sendUnit: 0x70,
} as const;
const ENIP_COMMANDS: readonly number[] = Object.values(ENIP);
const LONGEST_LIST = 1024;
const ITEM_HEAD = 4;
/** Of answers to lists: identity, communications. */
const LISTED: readonly number[] = [0x0c, 0x100, 0x86];

/** A known command with no options, and a session and a length as it must have. */
export function probeEnip(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length > 0 && !ENIP_COMMANDS.includes(bytes[start])) return ANSWER.no;
  if (length > 1 && bytes[start + 1] !== 0) return ANSWER.no;
  if (length < ENIP_HEADER) return ANSWER.more;
  const command = bytes[start];
  const size = u16le(bytes, start + 2);
  const session = u32le(bytes, start + 4);
  if (!isZero(bytes, start + 20, start + ENIP_HEADER)) return ANSWER.no;
  if (direction === DIRECTION.toServer && !isZero(bytes, start + 8, start + 12)) return ANSWER.no;
  if (command === ENIP.register) {
    if (size !== 4) return ANSWER.no;
    return session === 0 || direction === DIRECTION.toClient ? ANSWER.yes : ANSWER.open;
  }
  if (command === ENIP.sendData || command === ENIP.sendUnit)
    return size >= 6 && session !== 0 ? ANSWER.yes : ANSWER.no;
  if (command === ENIP.unregister) return size === 0 && session !== 0 ? ANSWER.yes : ANSWER.no;
  if (size > LONGEST_LIST) return ANSWER.no;
  if (size === 0) return session === 0 ? ANSWER.yes : ANSWER.open;
  return direction === DIRECTION.toServer ? ANSWER.open : probeList(bytes, start + ENIP_HEADER, length - ENIP_HEADER);
}

/** How many items, and the first of them: its type and its length. */
function probeList(bytes: Uint8Array, start: number, length: number): Answer {
  if (length < 2 + ITEM_HEAD) return ANSWER.more;
  const items = u16le(bytes, start);
  if (items === 0 || items > LONGEST_LIST / ITEM_HEAD) return ANSWER.open;
  return LISTED.includes(u16le(bytes, start + 2)) && u16le(bytes, start + ITEM_HEAD) <= LONGEST_LIST
    ? ANSWER.yes
    : ANSWER.open;
}
