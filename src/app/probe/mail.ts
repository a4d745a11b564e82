/**
 * SMTP, POP3 and IMAP: what servers greet with, and the first commands. Stage: app. RFC 5321, RFC 1939, RFC 9051.
 *
 * FTP servers greet as those of SMTP do, and USER is a command of FTP and of POP3: words in the greeting, the port or
 * the other side tell.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import {
  ANSWER,
  ascii,
  asciiTexts,
  beginsLike,
  beginsLikeAny,
  beginsLikeOneOf,
  contains,
  lineLength,
  PROBE_BYTES,
  type Answer,
} from './answer.js';
import { probeGreeting } from './greeting.js';

const SMTP_COMMANDS = asciiTexts('ehlo ', 'helo ', 'lhlo ', 'ehlo\r\n', 'helo\r\n', 'mail from:');
const SMTP_OPEN_COMMANDS = asciiTexts('quit\r\n', 'starttls\r\n', 'auth ', 'noop\r\n', 'rset\r\n');

export function probeSmtp(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (direction === DIRECTION.toServer) return beginsLikeOneOf(bytes, start, length, SMTP_COMMANDS, SMTP_OPEN_COMMANDS);
  return probeGreeting(bytes, start, length, false);
}

const POP3_COMMANDS = asciiTexts('capa\r\n', 'stls\r\n', 'apop ');
const POP3_OPEN_COMMANDS = asciiTexts(
  'user ',
  'pass ',
  'auth ',
  'auth\r\n',
  'quit\r\n',
  'stat\r\n',
  'list\r\n',
  'noop\r\n',
);
const OK = ascii('+ok');
const POP = ascii('pop');

export function probePop3(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (direction === DIRECTION.toServer) return beginsLikeOneOf(bytes, start, length, POP3_COMMANDS, POP3_OPEN_COMMANDS);
  const greeting = beginsLike(bytes, start, length, OK);
  if (greeting !== ANSWER.yes) return greeting;
  const line = lineLength(bytes, start, length);
  if (line < 0) return length < PROBE_BYTES ? ANSWER.more : ANSWER.no;
  return contains(bytes, start, line, POP) || endsInStamp(bytes, start, line) ? ANSWER.yes : ANSWER.open;
}

/** `<process.clock@host>`, which a digest is made with (RFC 1939, section 7). */
function endsInStamp(bytes: Uint8Array, start: number, line: number): boolean {
  if (bytes[start + line - 1] !== 0x3e) return false;
  let at = start + line - 2;
  while (at > start && bytes[at] !== 0x40) at--;
  while (at > start && bytes[at] !== 0x3c) at--;
  return at > start;
}

const IMAP_GREETINGS = asciiTexts('* ok', '* preauth', '* bye');
const IMAP_COMMANDS = asciiTexts(
  'capability',
  'login ',
  'starttls',
  'authenticate ',
  'noop',
  'logout',
  'id ',
  'select ',
  'examine ',
  'list ',
);
const LONGEST_TAG = 16;
const SPACE = 0x20;

export function probeImap(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (direction === DIRECTION.toClient) return beginsLikeAny(bytes, start, length, IMAP_GREETINGS);
  const most = Math.min(length, LONGEST_TAG);
  let tag = 0;
  while (tag < most && isTagByte(bytes[start + tag])) tag++;
  if (tag === LONGEST_TAG) return ANSWER.no;
  if (tag === length) return ANSWER.more;
  if (tag === 0 || bytes[start + tag] !== SPACE) return ANSWER.no;
  return beginsLikeAny(bytes, start + tag + 1, length - tag - 1, IMAP_COMMANDS);
}

/** Letters and digits; a dot may part them. */
const isTagByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) || byte === 0x2e;
