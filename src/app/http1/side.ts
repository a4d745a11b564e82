/**
 * Where the reading of one direction of a connection is. Stage: app. Numbers only: bytes that are not read yet come
 * again.
 */
import { InflateCredit } from './inflate-credit.js';
import type { Http1Transaction } from './transaction.js';
import type { Message } from './message.js';
import { DOUBLE_ZERO } from '../../util/double-zero.js';

/** What comes next in a direction. */
export const READ = {
  line: 0,
  headers: 1,
  /** A body of a known length, to the end of the connection, in chunks. */
  body: 2,
  bodyToEnd: 3,
  chunkSize: 4,
  chunk: 5,
  chunkEnd: 6,
  trailer: 7,
  /** Bytes behind a message that are no message, while they last. */
  extra: 8,
  /** The answer to CONNECT or Upgrade decides. */
  wait: 9,
  /** Another protocol, or nothing that can be read. */
  nothing: 10,
  /** Behind a gap: the next line that begins a message. */
  resync: 11,
} as const;

export class Side {
  state: number = READ.line;
  /** Bytes from the next one on that hold no line end. */
  searched = 0;
  /** Bytes that are left of a body or a chunk. */
  left = DOUBLE_ZERO;
  /** Headers are no longer kept: there are too many bytes of them. */
  isCut = false;
  /** The middle of a line that is passed over. */
  isMidLine = false;
  /** A body is announced where there must be none: what comes tells whether there is one. */
  isDoubtful = false;
  /** What bodies may be decompressed to. */
  readonly credit = new InflateCredit();
  transaction: Http1Transaction | null = null;
  message: Message | null = null;

  /** A message of `transaction` begins. */
  begin(transaction: Http1Transaction, message: Message): void {
    this.transaction = transaction;
    this.message = message;
    this.restart();
  }

  /** Its line comes next. */
  restart(): void {
    this.state = READ.line;
    this.searched = 0;
    this.isCut = false;
    this.isMidLine = false;
    this.isDoubtful = false;
  }

  /** The connection is over. */
  clear(): void {
    this.end();
    this.credit.reset();
  }

  /** No message is being read. */
  end(): void {
    this.transaction = null;
    this.message = null;
    this.restart();
  }
}
