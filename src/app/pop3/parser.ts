/**
 * A connection of POP3 as far as its commands: mails that it carries go by. Stage: app. RFC 1939, RFC 2449, RFC 2595.
 *
 *   command ─ +OK | -ERR ─ lines up to a dot        the oldest open command is what a response belongs to
 *   AUTH ─ + … ─ what the client answers …          lines of the exchange are no commands
 *   STLS ─ +OK                                      the rest is TLS
 *
 * Keeps no bytes; bounds as in transaction.ts and pooled-connection.ts.
 */
import type { Arena } from '../../memory/arena.js';
import { CommandConnection } from '../command-connection.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import { POP3_STATE } from './buffers.js';
import { pop3Event } from './events.js';
import { LINE_BYTES, Pop3Transaction } from './transaction.js';

const TO_SERVER = 0;
const TO_CLIENT = 1;
const TRANSACTION_LIMIT = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 1024;
const REQUEST_CUT = pop3Event('request_too_long');
const WRONG_COUNT = pop3Event('incorrect_argument_count');
const UNKNOWN = pop3Event('unknown_command');
const RESPONSE_CUT = pop3Event('response_too_long');

export class Pop3Share {
  readonly pool: Pool<Pop3Transaction>;

  constructor(arena: Arena) {
    this.pool = new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new Pop3Transaction(arena));
  }
}

export class Pop3Connection extends CommandConnection<Pop3Transaction> {
  /** The client answers what AUTH was answered with. */
  private authenticates = false;

  constructor(share: Pop3Share) {
    super(share.pool, LINE_BYTES, POP3_STATE.complete);
  }

  override reset(): void {
    super.reset();
    this.authenticates = false;
  }

  protected override takeRequest(_input: Input, start: number, end: number): void {
    if (start === end || this.authenticates) return;
    const tx = this.openTransaction()!;
    const isCounted = tx.takeCommand(start, end);
    if (this.requests.isCut) tx.raise(REQUEST_CUT, TO_SERVER);
    if (tx.command === undefined) tx.raise(UNKNOWN, TO_SERVER);
    else if (!isCounted) tx.raise(WRONG_COUNT, TO_SERVER);
    if (tx.name === 'AUTH') this.authenticates = tx.args > 0;
  }

  protected override takeResponse(_input: Input, start: number, end: number): void {
    const tx = this.oldestOpen() ?? this.openTransaction()!;
    if (this.responses.isCut && tx.command?.lines !== 'mail') tx.raise(RESPONSE_CUT, TO_CLIENT);
    if (tx.hasLines) {
      if (!tx.takeLine(start, end)) tx.raise(RESPONSE_CUT, TO_CLIENT);
      return;
    }
    if (!tx.takeStatus(start, end)) {
      // A greeting is a response in any case.
      if (tx.name === '') tx.complete();
      return;
    }
    if (tx.name === 'AUTH') this.authenticates = false;
    if (tx.name === 'STLS' && tx.isOk) this.successor = 'tls';
  }
}
