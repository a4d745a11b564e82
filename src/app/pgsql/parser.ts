/**
 * A connection to PostgreSQL: who logs in, its queries and what answers them, or where TLS begins. Stage: app.
 * PostgreSQL's protocol 3, chapter "Frontend/Backend Protocol" of its documentation.
 *
 *   > | 8 | 80877103 |     < S     TLS; N goes on without
 *   > | length (4) | 196608 | name | 0 | value | 0 | … | 0 |
 *   then both sides   | type | length (4), itself included | body |
 *   > Q: query | 0        P: name | 0 | query | 0 | …
 *   < T: columns (2) …    D: columns (2), each with its length (4) …    C: command | 0    E: field, text | 0 …    Z
 *
 * Keeps no bytes. Of a message it waits for what it reads of it, MOST_QUERY_BYTES at most; the rest goes by. Behind a
 * gap nothing more of that side is read.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import type { Input } from '../input.js';
import { PooledConnection } from '../pooled-connection.js';
import { u16, u32 } from '../probe/answer.js';
import { PGSQL_STATE } from './buffers.js';
import { pgsqlEvent } from './events.js';
import { COMMAND, ERROR_TEXTS } from './eve.js';
import { MOST_INTRODUCTION_BYTES, MOST_QUERY_BYTES, type PgsqlTransaction } from './transaction.js';

const { toServer: TO_SERVER, toClient: TO_CLIENT } = DIRECTION;
const REQUEST_BYTES = 8;
const CODE = { startup: 0x0003, tls: 80877103, gss: 80877104 } as const;
const ACCEPTED = 0x53;
const REFUSED = 0x4e;

const HEADER_BYTES = 5;
/** Of a length, which counts itself. */
const LENGTH_BYTES = 4;
const letter = (text: string): number => text.charCodeAt(0);
const ASKED = { query: letter('Q'), parse: letter('P') } as const;
const ANSWER = {
  authentication: letter('R'),
  parsed: letter('1'),
  columns: letter('T'),
  row: letter('D'),
  command: letter('C'),
  empty: letter('I'),
  error: letter('E'),
  ready: letter('Z'),
} as const;
/** What is read of an answer. */
const MOST_ANSWER_BYTES = 2048;

const INVALID_LENGTH = pgsqlEvent('invalid_length');
const MALFORMED_REQUEST = pgsqlEvent('malformed_request');
const MALFORMED_RESPONSE = pgsqlEvent('malformed_response');
const TOO_LONG = pgsqlEvent('query_too_long');

export class PgsqlConnection extends PooledConnection<PgsqlTransaction> {
  /** The client has introduced itself: messages of both have types from here on. */
  private hasBegun = false;
  /** The server has answered an introduction that nobody saw, or one that comes late. */
  private hasAnswered = false;
  /** What the client has asked for ahead of that and was not answered yet; 0: nothing. */
  private asked = 0;
  /** A set of directions of which nothing more is read. */
  private over = 0;

  override parse(direction: Direction, input: Input): void {
    while (!this.isOver(direction) && this.successor === '' && this.read(direction, input));
    if (this.isOver(direction)) input.take(input.available);
  }

  override gap(direction: Direction): boolean {
    this.end(direction);
    return true;
  }

  override close(direction: Direction): void {
    this.end(direction);
  }

  override reset(): void {
    super.reset();
    this.hasBegun = false;
    this.hasAnswered = false;
    this.asked = 0;
    this.over = 0;
  }

  private isOver(direction: Direction): boolean {
    return ((this.over >>> direction) & 1) !== 0;
  }

  /** Nothing more is read of a side; nobody answers what was asked, where it is the server. */
  private end(direction: Direction): void {
    this.over |= 1 << direction;
    // What was asked ahead is not answered any more.
    if (!this.hasBegun) this.over = 3;
    if (direction !== TO_CLIENT) return;
    for (let index = 0; index < this.count; index++) (this.transactions[index] as PgsqlTransaction).finish(TO_CLIENT);
  }

  /** @returns false where it has to wait, or is over. */
  private read(direction: Direction, input: Input): boolean {
    if (direction === TO_SERVER) return this.hasBegun ? this.request(input) : this.introduction(input);
    return this.hasBegun || this.hasAnswered ? this.answer(input) : this.answerAhead(input);
  }

  private introduction(input: Input): boolean {
    const { bytes, position, available } = input;
    if (this.asked !== 0 || available === 0) return false;
    // Picked up in its middle.
    if (bytes[position] !== 0) return this.begin();
    if (available < REQUEST_BYTES) return false;
    const length = u32(bytes, position);
    const code = u32(bytes, position + LENGTH_BYTES);
    if (code === CODE.tls || code === CODE.gss) {
      this.asked = code;
      input.take(REQUEST_BYTES);
      return true;
    }
    if (code >>> 16 !== CODE.startup || length < REQUEST_BYTES) return this.giveUp();
    const kept = Math.min(length, MOST_INTRODUCTION_BYTES);
    if (available < kept) return false;
    // Where the server has answered already, that is not the answer to what comes now.
    if (!this.hasAnswered) this.introduce(code, position + REQUEST_BYTES, kept - REQUEST_BYTES);
    input.skip(length);
    return this.begin();
  }

  private introduce(version: number, start: number, length: number): void {
    const tx = this.openTransaction();
    if (tx === null) return;
    tx.takeIntroduction(version, start, length);
    if (this.isOver(TO_CLIENT)) tx.finish(TO_CLIENT);
    else tx.finish(TO_SERVER);
  }

  private begin(): true {
    this.hasBegun = true;
    return true;
  }

  /** It is something else. */
  private giveUp(): false {
    this.over = 3;
    return false;
  }

  /** What a server says to whether it speaks TLS. */
  private answerAhead(input: Input): boolean {
    const { bytes, position, available } = input;
    if (available === 0) return false;
    if (this.asked === 0) {
      this.hasAnswered = bytes[position] === ANSWER.authentication;
      return this.hasAnswered;
    }
    const answer = bytes[position];
    const isTls = answer === ACCEPTED && this.asked === CODE.tls;
    if (answer !== REFUSED && !isTls) return this.giveUp();
    this.asked = 0;
    input.take(1);
    if (isTls) this.successor = 'tls';
    return true;
  }

  private request(input: Input): boolean {
    const { bytes, position, available } = input;
    if (available < HEADER_BYTES) return false;
    const type = bytes[position];
    const length = u32(bytes, position + 1);
    if (length < LENGTH_BYTES) return this.refuse(TO_SERVER);
    const body = length - LENGTH_BYTES;
    if (type !== ASKED.query && type !== ASKED.parse) {
      input.skip(1 + length);
      return true;
    }
    const kept = Math.min(body, MOST_QUERY_BYTES);
    if (available < HEADER_BYTES + kept) return false;
    const from = position + HEADER_BYTES;
    const start = type === ASKED.query ? from : 1 + zeroFrom(bytes, from, from + kept);
    if (!this.takeQuery(bytes, start, from + kept, type === ASKED.parse, body > kept)) return false;
    input.skip(1 + length);
    return true;
  }

  /** @returns false where there is no room for a transaction. */
  private takeQuery(bytes: Uint8Array, start: number, end: number, prepares: boolean, isCut: boolean): boolean {
    const zero = Math.max(start, zeroFrom(bytes, start, end));
    // Neither an empty statement nor one that is no text says anything.
    if (zero <= start) return true;
    const tx = this.openTransaction();
    if (tx === null) return false;
    tx.prepares = prepares;
    if (isCut) tx.raise(TOO_LONG, TO_SERVER);
    if (zero < end || isCut) tx.takeQuery(start, zero - start);
    else tx.raise(MALFORMED_REQUEST, TO_SERVER);
    tx.advance(TO_SERVER, PGSQL_STATE.query);
    if (this.isOver(TO_CLIENT)) tx.finish(TO_CLIENT);
    else tx.finish(TO_SERVER);
    return true;
  }

  private answer(input: Input): boolean {
    const { bytes, position, available } = input;
    if (available < HEADER_BYTES) return false;
    const length = u32(bytes, position + 1);
    if (length < LENGTH_BYTES) return this.refuse(TO_CLIENT);
    const read = Math.min(length - LENGTH_BYTES, MOST_ANSWER_BYTES);
    if (available < HEADER_BYTES + read) return false;
    const tx = this.oldestOpen();
    const from = position + HEADER_BYTES;
    if (tx !== null) takeAnswer(tx, bytes, bytes[position], from, from + read, length - LENGTH_BYTES);
    input.skip(1 + length);
    return true;
  }

  private oldestOpen(): PgsqlTransaction | null {
    for (let index = 0; index < this.count; index++) {
      const tx = this.transactions[index] as PgsqlTransaction;
      if (tx.isOpen) return tx;
    }
    return null;
  }

  /** A message that cannot be: what follows has no beginning. */
  private refuse(direction: Direction): false {
    const tx = this.oldestOpen() ?? this.openTransaction();
    tx?.raise(INVALID_LENGTH, direction);
    tx?.finish(TO_CLIENT);
    return this.giveUp();
  }
}

/** Notes a message of the server, of which [from, end) is there, in the query that it answers. */
function takeAnswer(
  tx: PgsqlTransaction,
  bytes: Uint8Array,
  type: number,
  from: number,
  end: number,
  length: number,
): void {
  if (tx.version >= 0) {
    takeLogin(tx, bytes, type, from, end);
    return;
  }
  switch (type) {
    case ANSWER.columns:
    case ANSWER.row:
      takeRow(tx, bytes, type, from, length);
      break;
    case ANSWER.command:
      tx.takeText(COMMAND, from, zeroFrom(bytes, from, end) - from);
      break;
    case ANSWER.error:
      takeError(tx, bytes, from, end);
      break;
    case ANSWER.ready:
      if (tx.isAnswered) tx.finish(TO_CLIENT);
      return;
    case ANSWER.empty:
      break;
    case ANSWER.parsed:
      if (!tx.prepares) return;
      break;
    default:
      return;
  }
  tx.isAnswered = true;
  // What is prepared has an answer of its own; its rows are those of what is executed.
  if (tx.prepares && (type === ANSWER.parsed || type === ANSWER.error)) tx.finish(TO_CLIENT);
}

const AUTHENTICATED = 0;
const AUTHENTICATION_BYTES = 4;
/** SASL and GSS go on, and SASL ends. */
const GOES_ON: readonly number[] = [8, 11, 12];

/** Notes what came of an introduction. */
function takeLogin(tx: PgsqlTransaction, bytes: Uint8Array, type: number, from: number, end: number): void {
  if (type === ANSWER.authentication && end - from >= AUTHENTICATION_BYTES) {
    const code = u32(bytes, from);
    if (code === AUTHENTICATED) tx.isAuthenticated = true;
    else if (!GOES_ON.includes(code)) tx.authentication = code;
  } else if (type === ANSWER.error) {
    takeError(tx, bytes, from, end);
    tx.finish(TO_CLIENT);
  } else if (type === ANSWER.ready) {
    tx.finish(TO_CLIENT);
  }
}

const COUNT_BYTES = 2;
/** Of a column: the least that describes it (an empty name and 18 bytes), and of one in a row. */
const LEAST_COLUMN_BYTES = 19;
const LEAST_VALUE_BYTES = 4;

function takeRow(tx: PgsqlTransaction, bytes: Uint8Array, type: number, from: number, length: number): void {
  const columns = length < COUNT_BYTES ? 0 : u16(bytes, from);
  const least = columns * (type === ANSWER.columns ? LEAST_COLUMN_BYTES : LEAST_VALUE_BYTES);
  if (length < COUNT_BYTES + least) tx.raise(MALFORMED_RESPONSE, TO_CLIENT);
  if (type === ANSWER.columns) {
    tx.columns = columns;
    tx.isMalformed = length < COUNT_BYTES + least;
    return;
  }
  tx.rows++;
  tx.rowBytes += Math.max(0, length - COUNT_BYTES - least);
}

/** | field (1) | text | 0 | … | 0 | */
function takeError(tx: PgsqlTransaction, bytes: Uint8Array, from: number, end: number): void {
  for (let at = from; at < end && bytes[at] !== 0;) {
    const zero = zeroFrom(bytes, at + 1, end);
    const text = ERROR_TEXTS.get(bytes[at]);
    if (text !== undefined) tx.takeText(text, at + 1, zero - at - 1);
    at = zero + 1;
  }
}

/** Where the first zero is; `end` where there is none. */
function zeroFrom(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== 0) at++;
  return at;
}
