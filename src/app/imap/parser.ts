/**
 * A connection of IMAP as far as its commands. Stage: app. RFC 9051.
 *
 *   tag command … ─ * … ─ tag OK | NO | BAD      lines without a tag belong to the oldest open command
 *   … {120}                                      so many bytes follow, which go by, and the line goes on behind them;
 *                                                of a client once the server has not refused them, but for {120+}
 *   STARTTLS ─ OK                                the rest is TLS
 *
 * Keeps no bytes; bounds as in transaction.ts and pooled-connection.ts.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Input } from '../input.js';
import { LineReader } from '../line-reader.js';
import { Pool } from '../pool.js';
import { PooledConnection } from '../pooled-connection.js';
import { isDigit } from '../probe/answer.js';
import { IMAP_STATE } from './buffers.js';
import { imapEvent } from './events.js';
import { ImapTransaction, LINE_BYTES, wordAt } from './transaction.js';

const TO_SERVER = 0;
const TO_CLIENT = 1;
const TRANSACTION_LIMIT = 65_536;
const CARRIAGE_RETURN = 0x0d;
const STAR = 0x2a;
const PLUS = 0x2b;
const HYPHEN = 0x2d;
const OPENING = 0x7b;
const CLOSING = 0x7d;
const REQUEST_CUT = imapEvent('request_too_long');
const RESPONSE_CUT = imapEvent('response_too_long');
const UNKNOWN_TAG = imapEvent('unknown_tag');
/** Commands behind which lines of the client are no commands, until they are answered. */
const TALKS: readonly string[] = ['AUTHENTICATE', 'IDLE'];

export class ImapShare {
  readonly pool: Pool<ImapTransaction>;

  constructor(arena: Arena) {
    this.pool = new Pool(TRANSACTION_LIMIT, () => new ImapTransaction(arena));
  }
}

export class ImapConnection extends PooledConnection<ImapTransaction> {
  private readonly requests = new LineReader(LINE_BYTES);
  private readonly responses = new LineReader(LINE_BYTES);
  /** The line of the client, and of the server, goes on behind a literal. */
  private requestGoesOn = false;
  private responseGoesOn = false;
  /** Bytes of the client's literal, while none of them has come: the server may refuse it. */
  private announced = 0;

  constructor(share: ImapShare) {
    super(share.pool);
  }

  override parse(direction: Direction, input: Input): void {
    const lines = direction === TO_SERVER ? this.requests : this.responses;
    while (this.successor === '' && this.hasRoom) {
      if (direction === TO_SERVER) this.passAnnounced(input);
      if (!lines.next(input)) return;
      const { start, length } = lines;
      const isEnded = length > 0 && input.bytes[start + length - 1] === CARRIAGE_RETURN;
      const end = start + length - Number(isEnded);
      const literal = lines.isCut ? -1 : literalOf(input.bytes, start, end);
      if (direction === TO_SERVER) this.takeRequest(start, end, literal >= 0);
      else this.takeResponse(input.bytes, start, end, literal >= 0);
      if (direction === TO_SERVER && isDigit(input.bytes[end - 2])) this.announced = Math.max(literal, 0);
      else if (literal > 0) input.skip(literal);
    }
  }

  override gap(direction: Direction, bytes: number): boolean {
    if (direction === TO_SERVER) {
      this.announced -= bytes;
      if (this.announced >= 0) return true;
      this.announced = 0;
    }
    (direction === TO_SERVER ? this.requests : this.responses).interrupt();
    return true;
  }

  /** Nobody answers what was asked, or will be. */
  override close(direction: Direction): void {
    if (direction === TO_SERVER) return;
    for (let index = 0; index < this.count; index++) (this.transactions[index] as ImapTransaction).complete();
  }

  override reset(): void {
    super.reset();
    this.requests.reset();
    this.responses.reset();
    this.requestGoesOn = false;
    this.responseGoesOn = false;
    this.announced = 0;
  }

  private passAnnounced(input: Input): void {
    if (this.announced === 0 || input.available === 0) return;
    input.skip(this.announced);
    this.announced = 0;
  }

  private takeRequest(start: number, end: number, goesOn: boolean): void {
    const isPart = this.requestGoesOn;
    this.requestGoesOn = goesOn;
    if (start === end) return;
    const latest = this.latestOpen();
    const tx = latest !== null && (isPart || TALKS.includes(latest.command)) ? latest : this.openTransaction()!;
    if (!tx.takeRequest(start, end) || this.requests.isCut) tx.raise(REQUEST_CUT, TO_SERVER);
  }

  private takeResponse(bytes: Uint8Array, start: number, end: number, goesOn: boolean): void {
    const isPart = this.responseGoesOn;
    this.responseGoesOn = goesOn;
    if (start === end) return;
    const isTagged = !isPart && bytes[start] !== STAR && bytes[start] !== PLUS;
    const asked = isTagged ? this.withTag(wordAt(bytes, start, end)) : this.oldestOpen();
    const tx = asked ?? this.openTransaction()!;
    // Answered ahead of its literal, which the client does not send then.
    if (isTagged && asked !== null && asked === this.latestOpen()) this.announced = 0;
    const isRoom = isTagged ? tx.answer(start, end) : tx.takeResponse(start, end);
    if (!isRoom || this.responses.isCut) tx.raise(RESPONSE_CUT, TO_CLIENT);
    if (asked === null) this.alone(tx, isTagged);
    else if (isTagged && tx.command === 'STARTTLS' && tx.status === 'OK') this.successor = 'tls';
  }

  /** What answers nothing is complete at once. */
  private alone(tx: ImapTransaction, isTagged: boolean): void {
    if (isTagged) tx.raise(UNKNOWN_TAG, TO_CLIENT);
    tx.complete();
  }

  private withTag(tag: string): ImapTransaction | null {
    for (let index = 0; tag !== '' && index < this.count; index++) {
      const tx = this.transactions[index] as ImapTransaction;
      if (tx.progressToClient < IMAP_STATE.complete && tx.tag === tag) return tx;
    }
    return null;
  }

  private oldestOpen(): ImapTransaction | null {
    for (let index = 0; index < this.count; index++) {
      const tx = this.transactions[index] as ImapTransaction;
      if (tx.progressToClient < IMAP_STATE.complete) return tx;
    }
    return null;
  }

  private latestOpen(): ImapTransaction | null {
    const tx = this.count === 0 ? null : (this.transactions[this.count - 1] as ImapTransaction);
    return tx !== null && tx.tag !== '' && tx.progressToClient < IMAP_STATE.complete ? tx : null;
  }
}

/** Bytes of the literal that a line ends with, as `{120}` or `{120+}`; -1 where there is none. */
function literalOf(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1;
  if (at <= start || bytes[at] !== CLOSING) return -1;
  at--;
  if (bytes[at] === PLUS || bytes[at] === HYPHEN) at--;
  let value = 0;
  let digit = 1;
  const last = at;
  for (; at > start && bytes[at]! >= 0x30 && bytes[at]! <= 0x39 && last - at < 10; at--) {
    value += digit * (bytes[at]! - 0x30);
    digit *= 10;
  }
  return at < last && bytes[at] === OPENING ? value : -1;
}
