/**
 * Where a message of MQTT may begin, behind bytes that were lost. Stage: app. Messages have no mark: one is told by its
 * first byte, whose low bits each type fixes, a length that the type allows, and the first bytes of the message behind
 * it; of PUBLISH by its topic. (MQTT 5, 2.1 to 3.15.)
 */
import type { Direction } from '../../flow/flow.js';
import { ANSWER, type Answer } from '../probe/answer.js';

const PUBLISH = 3;
/** By type: its low bits; -1 where they are free. */
const LOW_BITS = [-2, 0, 0, -1, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0];
/** By type: least and most bytes behind the length. */
const LEAST = [0, 10, 2, 3, 2, 2, 2, 2, 5, 3, 5, 2, 0, 0, 0, 0];
const MOST = [0, 65_536, 1024, 0x0fff_ffff, 1024, 1024, 1024, 1024, 65_536, 1024, 65_536, 1024, 0, 0, 1024, 1024];
/** By direction: the types that it may send, as a set. */
const SENT = [0b1101_0101_1111_1010, 0b1110_1010_1111_1100];
const MOST_LENGTH_BYTES = 4;
const BLANK = 0x20;
const LAST_TEXT = 0x7f;

export function findMqtt(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  const end = start + length;
  const next = behind(bytes, start, end, direction);
  if (next < 0) return ANSWER.no;
  if (next === 0) return ANSWER.more;
  const isPublish = bytes[start] >>> 4 === PUBLISH;
  const topic = isPublish ? topicAt(bytes, start, next, end) : ANSWER.yes;
  if (topic !== ANSWER.yes) return topic;
  // Of a message that is longer than what is there its topic tells; of others text would look like the beginning.
  if (next > end) return isPublish ? ANSWER.yes : bytes[start] > LAST_TEXT ? ANSWER.more : ANSWER.no;
  if (next === end) return ANSWER.yes;
  return behind(bytes, next, end, direction) < 0 ? ANSWER.no : ANSWER.yes;
}

/** @returns where the message ends that begins at `start`; 0 where too little is there, -1 where none begins. */
function behind(bytes: Uint8Array, start: number, end: number, direction: Direction): number {
  const type = bytes[start] >>> 4;
  const low = LOW_BITS[type]!;
  if (((SENT[direction]! >>> type) & 1) === 0 || (low >= 0 && (bytes[start] & 15) !== low)) return -1;
  if (type === PUBLISH && (bytes[start] & 6) === 6) return -1;
  let length = 0;
  let at = start + 1;
  for (let shift = 1; ; shift *= 128) {
    if (at > start + MOST_LENGTH_BYTES) return -1;
    if (at >= end) return 0;
    length += (bytes[at] & 0x7f) * shift;
    if (bytes[at++] < 0x80) break;
  }
  return length < LEAST[type]! || length > MOST[type]! ? -1 : at + length;
}

/** Its length, and characters as far as they are there. */
function topicAt(bytes: Uint8Array, start: number, next: number, end: number): Answer {
  let at = start + 1;
  while (at < end && bytes[at] >= 0x80) at++;
  at++;
  if (at + 2 > end) return ANSWER.more;
  const length = bytes[at] * 256 + bytes[at + 1];
  if (length === 0 || at + 2 + length > next) return ANSWER.no;
  const stop = Math.min(end, at + 2 + length);
  for (let place = at + 2; place < stop; place++) if (bytes[place] < BLANK) return ANSWER.no;
  return ANSWER.yes;
}
