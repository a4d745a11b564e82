/**
 * FTP: what servers greet with, and the first commands. Stage: app. RFC 959, RFC 4217. Its data connections are known
 * by what was agreed on for them, not by bytes.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import {
  ANSWER,
  ascii,
  asciiTexts,
  beginsLike,
  beginsLikeAny,
  beginsLikeOneOf,
  better,
  lineLength,
  PROBE_BYTES,
  type Answer,
} from './answer.js';
import { probeGreeting } from './greeting.js';

const SPACE = 0x20;
const FTP_COMMANDS = asciiTexts(
  'user anonymous',
  'user ftp',
  'auth tls',
  'auth ssl',
  'feat\r\n',
  'pasv\r\n',
  'epsv',
  'port ',
  'eprt ',
  'syst\r\n',
);
const FTP_OPEN_COMMANDS = asciiTexts('pass ', 'quit\r\n', 'acct ', 'noop\r\n', 'help\r\n');
const USER = ascii('user ');
const FTP_GREETINGS = asciiTexts('220 (', '220-(');

export function probeFtp(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (direction === DIRECTION.toServer) return probeFtpCommand(bytes, start, length);
  if (beginsLikeAny(bytes, start, length, FTP_GREETINGS) === ANSWER.yes) return ANSWER.yes;
  return probeGreeting(bytes, start, length, true);
}

function probeFtpCommand(bytes: Uint8Array, start: number, length: number): Answer {
  const answer = beginsLikeOneOf(bytes, start, length, FTP_COMMANDS, FTP_OPEN_COMMANDS);
  if (answer !== ANSWER.no && answer !== ANSWER.more) return answer;
  const user = beginsLike(bytes, start, length, USER);
  if (user !== ANSWER.yes) return better(answer, user);
  const line = lineLength(bytes, start, length);
  if (line < 0) return length < PROBE_BYTES ? ANSWER.more : ANSWER.no;
  return isRegistration(bytes, start, line) ? ANSWER.no : ANSWER.open;
}

/** IRC's USER names four things. */
function isRegistration(bytes: Uint8Array, start: number, line: number): boolean {
  let blanks = 0;
  for (let at = start; at < start + line; at++) if (bytes[at] === SPACE) blanks++;
  return blanks >= 4;
}
