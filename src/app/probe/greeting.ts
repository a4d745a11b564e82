/**
 * Greetings of servers of FTP and SMTP, which have the same codes: a word in the first line tells. Stage: app. RFC 959,
 * RFC 5321.
 */
import {
  ANSWER,
  ascii,
  asciiTexts,
  beginsLikeOneOf,
  contains,
  lineLength,
  PROBE_BYTES,
  type Answer,
} from './answer.js';

const GREETINGS = asciiTexts('220 ', '220-');
const REFUSALS = asciiTexts('421 ', '554 ', '554-');
const SMTP = ascii('smtp');
const FTP = ascii('ftp');

/** Whether a greeting is one of FTP; else, of SMTP. */
export function probeGreeting(bytes: Uint8Array, start: number, length: number, ofFtp: boolean): Answer {
  const answer = beginsLikeOneOf(bytes, start, length, GREETINGS, REFUSALS);
  if (answer !== ANSWER.yes) return answer;
  const line = lineLength(bytes, start, length);
  if (line < 0) return length < PROBE_BYTES ? ANSWER.more : ANSWER.open;
  if (contains(bytes, start, line, FTP)) return ofFtp ? ANSWER.yes : ANSWER.no;
  if (contains(bytes, start, line, SMTP)) return ofFtp ? ANSWER.no : ANSWER.yes;
  return ANSWER.open;
}
