/** PostgreSQL, MySQL and Redis: how they begin. Stage: app. PostgreSQL's protocol 3.0, MySQL's 4.1, RESP. */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import {
  ANSWER,
  ascii,
  asciiTexts,
  beginsLikeAny,
  beginsWith,
  better,
  isDigit,
  isPrintable,
  isZero,
  opened,
  u16,
  u16le,
  u32,
  type Answer,
} from './answer.js';

const PG = { startup: 0x00030000, cancel: 80877102, tls: 80877103, gss: 80877104 } as const;
const PG_HEADER = 8;
const LONGEST_STARTUP = 10_000;
const LONGEST_ERROR = 30_000;
const LAST_AUTHENTICATION = 12;
const PG_ANSWER = { authentication: 0x52, error: 0x45, tls: 0x53, noTls: 0x4e } as const;
const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;
const PG_ERRORS = asciiTexts('serror\0', 'sfatal\0', 'spanic\0');

export function probePgsql(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length === 0) return ANSWER.more;
  if (direction === DIRECTION.toClient) return probePgsqlAnswer(bytes, start, length);
  if (bytes[start] !== 0) return ANSWER.no;
  if (length > 1 && bytes[start + 1] !== 0) return ANSWER.no;
  if (length < PG_HEADER) return ANSWER.more;
  const size = u32(bytes, start);
  const code = u32(bytes, start + 4);
  if (code === PG.tls || code === PG.gss) return size === PG_HEADER ? ANSWER.yes : ANSWER.no;
  if (code === PG.cancel) return size === 2 * PG_HEADER ? ANSWER.yes : ANSWER.no;
  if (code !== PG.startup || size <= PG_HEADER || size > LONGEST_STARTUP) return ANSWER.no;
  if (length === PG_HEADER) return ANSWER.more;
  return isPrintable(bytes[start + PG_HEADER]) ? ANSWER.yes : ANSWER.no;
}

function probePgsqlAnswer(bytes: Uint8Array, start: number, length: number): Answer {
  const type = bytes[start];
  if (type === PG_ANSWER.tls || type === PG_ANSWER.noTls) {
    if (length === 1) return ANSWER.open;
    if (!follows(type, bytes[start + 1])) return ANSWER.no;
    if (type === PG_ANSWER.tls) return ANSWER.open;
    const behind = probePgsqlAnswer(bytes, start + 1, length - 1);
    return behind === ANSWER.more ? ANSWER.open : behind;
  }
  if (type !== PG_ANSWER.authentication && type !== PG_ANSWER.error) return ANSWER.no;
  if (length < 6) return ANSWER.more;
  const size = u32(bytes, start + 1);
  if (type === PG_ANSWER.error)
    return size > LONGEST_ERROR ? ANSWER.no : beginsLikeAny(bytes, start + 5, length - 5, PG_ERRORS);
  if (size < 8 || size > LONGEST_ERROR) return ANSWER.no;
  if (length < 9) return ANSWER.more;
  return u32(bytes, start + 5) <= LAST_AUTHENTICATION ? ANSWER.yes : ANSWER.no;
}

/** What comes behind the answer to whether there is TLS: a record of it, or what answers the startup. */
const follows = (type: number, next: number): boolean =>
  type === PG_ANSWER.tls
    ? next === TLS_HANDSHAKE || next === TLS_ALERT
    : next === PG_ANSWER.authentication || next === PG_ANSWER.error;

const MYSQL_HEADER = 4;
const GREETING = 10;
const ERROR = 0xff;
/** Errors that a server may greet with: too many connections, host blocked, host not allowed, … */
const GREETING_ERRORS: readonly number[] = [1040, 1042, 1043, 1129, 1130, 1158, 1159];
const LONGEST_GREETING = 512;
const LONGEST_VERSION = 64;
const PROTOCOL_41 = 0x0200;
const LOGIN_HEAD = 32;
const LOGIN_RESERVED = 13;

export function probeMysql(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length > 3 && bytes[start + 3] !== (direction === DIRECTION.toServer ? 1 : 0)) return ANSWER.no;
  if (length > 2 && bytes[start + 2] !== 0) return ANSWER.no;
  if (length <= MYSQL_HEADER) return ANSWER.more;
  const size = u16le(bytes, start);
  if (direction === DIRECTION.toServer)
    return probeMysqlLogin(bytes, start + MYSQL_HEADER, length - MYSQL_HEADER, size);
  if (size > LONGEST_GREETING) return ANSWER.no;
  return probeMysqlGreeting(bytes, start + MYSQL_HEADER, length - MYSQL_HEADER);
}

/** A version: digits and dots, then any text up to a zero. */
function probeMysqlGreeting(bytes: Uint8Array, start: number, length: number): Answer {
  if (bytes[start] === ERROR) {
    if (length < 3) return ANSWER.more;
    return GREETING_ERRORS.includes(u16le(bytes, start + 1)) ? ANSWER.yes : ANSWER.no;
  }
  if (bytes[start] !== GREETING) return ANSWER.no;
  const most = Math.min(length, LONGEST_VERSION);
  let at = 1;
  while (at < most && isPrintable(bytes[start + at])) at++;
  if (at > 1 && !isDigit(bytes[start + 1])) return ANSWER.no;
  if (at === LONGEST_VERSION) return ANSWER.no;
  if (at === length) return ANSWER.more;
  return at > 2 && bytes[start + at] === 0 ? ANSWER.yes : ANSWER.no;
}

/** Capabilities of 4.1, and reserved bytes of zero. */
function probeMysqlLogin(bytes: Uint8Array, start: number, length: number, size: number): Answer {
  if (size < LOGIN_HEAD) return ANSWER.no;
  if (length < LOGIN_HEAD) return ANSWER.more;
  const capabilities = u16le(bytes, start);
  return (capabilities & PROTOCOL_41) !== 0 &&
    isZero(bytes, start + 9, start + 9 + LOGIN_RESERVED) &&
    u16(bytes, start + 4) + u16(bytes, start + 6) !== 0
    ? ANSWER.yes
    : ANSWER.no;
}

const REDIS_ARRAY = 0x2a;
const REDIS_STRING = 0x24;
const CRLF = ascii('\r\n');
const MOST_DIGITS = 7;
const REDIS_INLINE = asciiTexts('ping\r\n', 'info\r\n', 'auth ', 'quit\r\n');
const REDIS_ANSWERS = asciiTexts('+pong\r\n', '-noauth ', '-wrongpass ', '-misconf ', '-denied ');
const REDIS_OPEN_ANSWERS = asciiTexts('+ok\r\n', '-err ');

export function probeRedis(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (direction === DIRECTION.toClient) return probeRedisAnswer(bytes, start, length);
  if (length > 0 && bytes[start] !== REDIS_ARRAY) return opened(beginsLikeAny(bytes, start, length, REDIS_INLINE));
  const line = numberLine(bytes, start, length);
  if (line < 0) return ANSWER.no;
  if (line === 0) return ANSWER.more;
  const next = numberLine(bytes, start + line, length - line);
  if (length > line && bytes[start + line] !== REDIS_STRING) return ANSWER.no;
  return next < 0 ? ANSWER.no : next === 0 ? ANSWER.more : ANSWER.yes;
}

function probeRedisAnswer(bytes: Uint8Array, start: number, length: number): Answer {
  const said = better(
    beginsLikeAny(bytes, start, length, REDIS_ANSWERS),
    opened(beginsLikeAny(bytes, start, length, REDIS_OPEN_ANSWERS)),
  );
  if (said !== ANSWER.no || length === 0) return said;
  if (bytes[start] !== REDIS_ARRAY && bytes[start] !== REDIS_STRING && bytes[start] !== 0x3a) return ANSWER.no;
  const line = numberLine(bytes, start, length);
  return line < 0 ? ANSWER.no : line === 0 ? ANSWER.more : ANSWER.open;
}

/** Length of a line of one sign and a number; 0 where it is not whole, -1 where it is none. */
function numberLine(bytes: Uint8Array, start: number, length: number): number {
  const most = Math.min(length, MOST_DIGITS + 1);
  let at = 1;
  while (at < most && isDigit(bytes[start + at])) at++;
  if (at >= length) return at > MOST_DIGITS ? -1 : 0;
  if (at === 1) return -1;
  const end = beginsWith(bytes, start + at, length - at, CRLF);
  return end === ANSWER.no ? -1 : end === ANSWER.more ? 0 : at + 2;
}
