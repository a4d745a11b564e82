/** MQTT: a client's CONNECT, and what acknowledges it. Stage: app. MQTT 3.1.1 and 5.0, sections 3.1 and 3.2. */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, ascii, beginsWith, better, type Answer } from './answer.js';

const CONNECT = 0x10;
const CONNACK = 0x20;
const MOST_LENGTH_BYTES = 4;
const NAMES = [ascii('\0\x04MQTT'), ascii('\0\x06MQIsdp')];
const CONNACK_BYTES = 4;
const LAST_REFUSAL = 5;
const LONGEST_CONNACK = 127;

export function probeMqtt(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length === 0) return ANSWER.more;
  if (direction === DIRECTION.toClient) return probeAcknowledgement(bytes, start, length);
  if (bytes[start] !== CONNECT) return ANSWER.no;
  let at = 1;
  while (at < length && at <= MOST_LENGTH_BYTES && (bytes[start + at] & 0x80) !== 0) at++;
  if (at > MOST_LENGTH_BYTES) return ANSWER.no;
  if (at >= length) return ANSWER.more;
  return better(
    beginsWith(bytes, start + at + 1, length - at - 1, NAMES[0]),
    beginsWith(bytes, start + at + 1, length - at - 1, NAMES[1]),
  );
}

/** Of 3.1.1 two bytes, which leave little open. */
function probeAcknowledgement(bytes: Uint8Array, start: number, length: number): Answer {
  if (bytes[start] !== CONNACK) return ANSWER.no;
  if (length > 1 && (bytes[start + 1] < 2 || bytes[start + 1] > LONGEST_CONNACK)) return ANSWER.no;
  if (length > 2 && bytes[start + 2] > 1) return ANSWER.no;
  if (length < CONNACK_BYTES) return ANSWER.more;
  return bytes[start + 1] === 2 && bytes[start + 3] <= LAST_REFUSAL ? ANSWER.yes : ANSWER.open;
}
