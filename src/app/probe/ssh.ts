/** SSH: the line that both sides begin with. Stage: app. RFC 4253, section 4.2. */
import { ANSWER, ascii, beginsWith, isDigit, type Answer } from './answer.js';

const BANNER = ascii('SSH-');

export function probeSsh(bytes: Uint8Array, start: number, length: number): Answer {
  const answer = beginsWith(bytes, start, length, BANNER);
  if (answer !== ANSWER.yes) return answer;
  if (length === BANNER.length) return ANSWER.more;
  return isDigit(bytes[start + BANNER.length]) ? ANSWER.yes : ANSWER.no;
}
