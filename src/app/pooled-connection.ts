/**
 * A connection whose transactions are all of one class and come from a pool of the shard. Stage: app.
 *
 * Bounds: MOST_AT_ONCE transactions that wait for inspection, and those of the pool: beyond, `open` yields none, and
 * the parser leaves the bytes, which come again once some are done with.
 */
import { Connection } from './connection.js';
import type { Pool } from './pool.js';
import type { Transaction } from './transaction.js';

/** More than may stay open (MOST_OPEN): those that are too many are completed once the bytes at hand have been read. */
const MOST_AT_ONCE = 1280;

export abstract class PooledConnection<T extends Transaction> extends Connection {
  private readonly pool: Pool<T>;
  /** Transactions so far. */
  private made = 0;

  constructor(pool: Pool<T>) {
    super();
    this.pool = pool;
  }

  /** Whether `openTransaction` will yield one. */
  protected get hasRoom(): boolean {
    return this.count < MOST_AT_ONCE && this.pool.hasRoom;
  }

  /** A new transaction, the latest of the connection; null where there is no room for one. */
  protected openTransaction(): T | null {
    if (this.count >= MOST_AT_ONCE) return null;
    const transaction = this.pool.take();
    if (transaction === undefined) return null;
    transaction.id = this.made++;
    this.transactions[this.count++] = transaction;
    return transaction;
  }

  override release(transaction: Transaction): void {
    transaction.reset();
    this.pool.give(transaction as T);
  }

  override reset(): void {
    super.reset();
    this.made = 0;
  }
}
