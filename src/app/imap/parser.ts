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
import { CommandConnection } from '../command-connection.js';
import type { Input } from '../input.js';
import type { LineReader } from '../line-reader.js';
import { Pool } from '../pool.js';
import { isDigit } from '../probe/answer.js';
import { IMAP_STATE } from './buffers.js';
import { imapEvent } from './events.js';
import { ImapTransaction, LINE_BYTES, wordAt } from './transaction.js';

const TO_SERVER = 0;
const TO_CLIENT = 1;
const TRANSACTION_LIMIT = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 1024;
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
    this.pool = new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new ImapTransaction(arena));
  }
}

export class ImapConnection extends CommandConnection<ImapTransaction> {
  /** The line of the client, and of the server, goes on behind a literal. */
  private requestGoesOn = false;
  private responseGoesOn = false;
  /** Bytes of the client's literal that are still to come, unless the server refuses it. */
  private announced = 0;

  constructor(share: ImapShare) {
    super(share.pool, LINE_BYTES, IMAP_STATE.complete);
  }

  override parse(direction: Direction, input: Input): void {
    if (direction === TO_SERVER) this.passAnnounced(input);
    super.parse(direction, input);
  }

  override gap(direction: Direction, bytes: number): boolean {
    if (direction === TO_SERVER) {
      this.announced -= bytes;
      if (this.announced >= 0) return true;
      this.announced = 0;
    }
    return super.gap(direction, bytes);
  }

  override reset(): void {
    super.reset();
    this.requestGoesOn = false;
    this.responseGoesOn = false;
    this.announced = 0;
  }

  protected override takeRequest(input: Input, start: number, end: number): void {
    const isPart = this.requestGoesOn;
    const literal = literalOf(this.requests, input.bytes, end);
    this.requestGoesOn = literal >= 0;
    if (start === end) return;
    const latest = this.latestOpen();
    const tx = latest !== null && (isPart || TALKS.includes(latest.command)) ? latest : this.openTransaction()!;
    if (!tx.takeRequest(start, end) || this.requests.isCut) tx.raise(REQUEST_CUT, TO_SERVER);
    if (literal <= 0) return;
    if (!isDigit(input.bytes[end - 2])) return input.skip(literal);
    this.announced = literal;
    this.passAnnounced(input);
  }

  protected override takeResponse(input: Input, start: number, end: number): void {
    const { bytes } = input;
    const isPart = this.responseGoesOn;
    const literal = literalOf(this.responses, bytes, end);
    this.responseGoesOn = literal >= 0;
    if (literal > 0) input.skip(literal);
    if (start === end) return;
    const isTagged = !isPart && bytes[start] !== STAR && bytes[start] !== PLUS;
    const asked = isTagged ? this.withTag(wordAt(bytes, start, end)) : this.oldestOpen();
    const tx = asked ?? this.openTransaction()!;
    // Answered ahead of its literal, of which nothing more is sent then.
    if (isTagged && asked !== null && asked === this.latestOpen()) this.announced = 0;
    const isRoom = isTagged ? tx.answer(start, end) : tx.takeResponse(start, end);
    if (!isRoom || this.responses.isCut) tx.raise(RESPONSE_CUT, TO_CLIENT);
    if (asked === null) this.alone(tx, isTagged);
    else if (isTagged && tx.command === 'STARTTLS' && tx.status === 'OK') this.successor = 'tls';
  }

  /** Not skipped, as what is skipped goes by whatever the server says. */
  private passAnnounced(input: Input): void {
    const count = Math.min(this.announced, input.available);
    input.take(count);
    this.announced -= count;
  }

  /** What answers nothing is complete at once. */
  private alone(tx: ImapTransaction, isTagged: boolean): void {
    if (isTagged) tx.raise(UNKNOWN_TAG, TO_CLIENT);
    tx.complete();
  }

  private withTag(tag: string): ImapTransaction | null {
    for (let index = 0; tag !== '' && index < this.count; index++) {
      const tx = this.transactions[index] as ImapTransaction;
      if (tx.tag === tag && this.isOpen(tx)) return tx;
    }
    return null;
  }

  private latestOpen(): ImapTransaction | null {
    const tx = this.count === 0 ? null : (this.transactions[this.count - 1] as ImapTransaction);
    return tx !== null && tx.tag !== '' && this.isOpen(tx) ? tx : null;
  }
}

/** Bytes of the literal that the line found last ends with, as `{120}` or `{120+}`; -1 where there is none. */
function literalOf({ start, isCut }: LineReader, bytes: Uint8Array, end: number): number {
  if (isCut) return -1;
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
