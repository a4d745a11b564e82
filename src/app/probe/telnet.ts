/** Telnet: options that are agreed on at the start. Stage: app. RFC 854, RFC 855. One alone is little to tell by. */
import { ANSWER, type Answer } from './answer.js';

const IAC = 255;
const WILL = 251;
const DONT = 254;
const STEP = 3;
const MOST_OPTION = 49;
const LAST_OPTION = 255;

export function probeTelnet(bytes: Uint8Array, start: number, length: number): Answer {
  for (let i = 0; i < 2; i++) {
    const answer = probeOption(bytes, start + STEP * i, length - STEP * i);
    if (answer === ANSWER.no) return i === 0 ? ANSWER.no : ANSWER.open;
    if (answer === ANSWER.more) return i === 0 ? ANSWER.more : ANSWER.open;
  }
  return ANSWER.yes;
}

function probeOption(bytes: Uint8Array, at: number, length: number): Answer {
  if (length > 0 && bytes[at] !== IAC) return ANSWER.no;
  if (length > 1 && (bytes[at + 1] < WILL || bytes[at + 1] > DONT)) return ANSWER.no;
  if (length < STEP) return ANSWER.more;
  const option = bytes[at + 2];
  return option <= MOST_OPTION || option === LAST_OPTION ? ANSWER.yes : ANSWER.no;
}
