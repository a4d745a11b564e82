/**
 * DNS, over UDP and TCP, and what has its format: mDNS and LLMNR, which differ by their ports. Stage: app. RFC 1035,
 * RFC 7766, RFC 6762, RFC 4795.
 *
 * Yes to a message whose first question is whole and well-formed; a header alone that could be one leaves it open.
 */
import type { Direction } from '../../flow/flow.js';
import { ANSWER, u16, type Answer } from './answer.js';

const HEADER = 12;
const LENGTH_PREFIX = 2;
const MOST_QUERY = 4096;
const IS_ANSWER = 0x80;
const MOST_LABEL = 63;
const MOST_NAME = 255;
/** Names of NetBIOS: one label of 32 letters from A to P (RFC 1001). */
const NETBIOS_LABEL = 32;
const UNDEFINED_OPCODE = 7;
const QUERY_CLASSES: readonly number[] = [1, 3, 4, 254, 255];

export function probeDns(bytes: Uint8Array, start: number, length: number, _direction: Direction): Answer {
  if (length < HEADER) return ANSWER.no;
  if (!isHeader(bytes, start)) return ANSWER.no;
  const question = probeQuestion(bytes, start + HEADER, length - HEADER, u16(bytes, start + 4));
  return question === ANSWER.more ? ANSWER.open : question;
}

/** Behind the length of the message. */
export function probeDnsTcp(bytes: Uint8Array, start: number, length: number, _direction: Direction): Answer {
  if (length < LENGTH_PREFIX) return ANSWER.more;
  const size = u16(bytes, start);
  if (size < HEADER + 5) return ANSWER.no;
  if (
    length > LENGTH_PREFIX + 2 &&
    (!isOpcode(bytes[start + LENGTH_PREFIX + 2]) || isTooLong(size, bytes[start + LENGTH_PREFIX + 2]))
  )
    return ANSWER.no;
  if (length < LENGTH_PREFIX + HEADER) return ANSWER.more;
  const from = start + LENGTH_PREFIX;
  if (!isHeader(bytes, from)) return ANSWER.no;
  const present = Math.min(length - LENGTH_PREFIX, size);
  const question = probeQuestion(bytes, from + HEADER, present - HEADER, u16(bytes, from + 4));
  return question === ANSWER.more && present === size ? ANSWER.no : question;
}

/** mDNS may ask nothing, or many things, with any opcode, and names of services hold any byte. */
export function probeMulticastDns(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length < HEADER) return ANSWER.no;
  const answer = probeDns(bytes, start, length, direction);
  if (answer !== ANSWER.no) return ANSWER.open;
  return sections(bytes, start) <= 1024 ? ANSWER.open : ANSWER.no;
}

const isOpcode = (flags: number): boolean => ((flags >>> 3) & 0x0f) < UNDEFINED_OPCODE;

/** Questions are short; letters of texts would be long ones. */
const isTooLong = (size: number, flags: number): boolean => (flags & IS_ANSWER) === 0 && size > MOST_QUERY;

const sections = (bytes: Uint8Array, start: number): number =>
  u16(bytes, start + 4) + u16(bytes, start + 6) + u16(bytes, start + 8) + u16(bytes, start + 10);

function isHeader(bytes: Uint8Array, start: number): boolean {
  const isQuery = (bytes[start + 2] & IS_ANSWER) === 0;
  const questions = u16(bytes, start + 4);
  if (questions > (isQuery ? 16 : 1) || (isQuery && questions === 0)) return false;
  // What is asked for is not answered at once; updates and transfers say what they know.
  if (isQuery && u16(bytes, start + 6) > 64) return false;
  return sections(bytes, start) <= 2048;
}

/** A name, a type and a class. Answers without a question leave it open. */
function probeQuestion(bytes: Uint8Array, start: number, length: number, questions: number): Answer {
  if (questions === 0) return ANSWER.open;
  let at = 0;
  for (;;) {
    if (at >= length) return ANSWER.more;
    const size = bytes[start + at];
    if (size === 0) break;
    if (size > MOST_LABEL || at + size > MOST_NAME) return ANSWER.no;
    if (at === 0 && size === NETBIOS_LABEL && isNetbios(bytes, start + 1, Math.min(size, length - 1)))
      return length > size ? ANSWER.no : ANSWER.more;
    at += size + 1;
  }
  if (at + 5 > length) return ANSWER.more;
  return u16(bytes, start + at + 1) !== 0 && QUERY_CLASSES.includes(u16(bytes, start + at + 3) & 0x7fff)
    ? ANSWER.yes
    : ANSWER.no;
}

function isNetbios(bytes: Uint8Array, start: number, length: number): boolean {
  for (let at = start; at < start + length; at++) if (bytes[at] < 0x41 || bytes[at] > 0x50) return false;
  return true;
}
