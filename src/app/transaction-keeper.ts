/**
 * Frees transactions, and holds how many there may be. Stage: app.
 *
 * One is freed when both sides are complete and inspected. Too many, of a connection or of the shard: the oldest of the
 * connection are completed as they are, so that the next inspection is their last.
 */
import { DIRECTION } from '../flow/flow.js';
import type { Arena } from '../memory/arena.js';
import type { ApplicationSettings } from './application-settings.js';
import { COUNTED, type ApplicationStats } from './application-stats.js';
import { APPLICATIONS } from './applications.js';
import type { Connection } from './connection.js';
import type { ProtocolTraits } from './connection-pools.js';
import type { ConnectionStatus } from './connection-status.js';
import type { ParsingLink } from './link.js';
import type { Transaction } from './transaction.js';

/** Of the open transactions that a shard may have: from there on connections give way, before any is cut. */
const CROWDED = 7 / 8;

/** Is shown each transaction before it is given back. */
export interface TransactionWatcher {
  done(transaction: Transaction, application: number): void;
}

export interface TransactionLimits {
  readonly transactionsOfConnection: number;
  readonly transactions: number;
  readonly settings?: ApplicationSettings | undefined;
  readonly watcher?: TransactionWatcher | undefined;
}

export class TransactionKeeper {
  /** Open ones of all connections. */
  open = 0;
  private readonly arena: Arena;
  private readonly stats: ApplicationStats;
  private readonly limits: TransactionLimits;
  /** Of a connection, by number of its application. */
  private readonly most: Uint32Array;

  constructor(arena: Arena, stats: ApplicationStats, limits: TransactionLimits) {
    this.arena = arena;
    this.stats = stats;
    this.limits = limits;
    const { transactionsOfConnection, settings = {} } = limits;
    this.most = new Uint32Array(APPLICATIONS.length + 1).fill(transactionsOfConnection);
    APPLICATIONS.forEach(({ name }, index) => {
      this.most[index + 1] = settings[name]?.transactions ?? transactionsOfConnection;
    });
  }

  /** Whether the shard has nearly as many open ones as it may. */
  get isCrowded(): boolean {
    return this.open > CROWDED * this.limits.transactions;
  }

  /** Counts those that a call of `parse` has added, and completes those that are too many. */
  count(status: ConnectionStatus, before: number, application: number, { complete, crowded }: ProtocolTraits): void {
    const added = status.count - before;
    if (added <= 0) return;
    this.open += added;
    status.made += added;
    this.stats.add(COUNTED.transactions, application, added);
    this.stats.add(COUNTED.transactionsCut, application, status.cut);
    status.cut = 0;
    const { transactions } = this.limits;
    const excess = Math.min(status.count, Math.max(status.count - this.most[application], this.open - transactions));
    for (let i = 0; i < excess; i++) {
      const transaction = status.transactions[i];
      if (transaction.progressToServer >= complete[0] && transaction.progressToClient >= complete[1]) continue;
      transaction.advance(DIRECTION.toServer, complete[0]);
      transaction.advance(DIRECTION.toClient, complete[1]);
      if (crowded !== undefined) transaction.raise(crowded, DIRECTION.toServer);
      this.stats.add(COUNTED.transactionsCut, application);
    }
  }

  /** `silent`: a set of directions that count as complete. @returns whether any is left that was not inspected. */
  releaseComplete(
    { connection, status, application }: ParsingLink,
    complete: ProtocolTraits['complete'],
    silent: number,
  ): boolean {
    const { transactions } = status;
    let kept = 0;
    let dirty = 0;
    for (let i = 0; i < status.count; i++) {
      const transaction = transactions[i];
      const toServer = transaction.progressToServer >= complete[0] || (silent & 1) !== 0;
      const toClient = transaction.progressToClient >= complete[1] || (silent & 2) !== 0;
      if (toServer && toClient && transaction.dirty === 0) {
        this.release(connection, transaction, application);
        continue;
      }
      dirty |= transaction.dirty;
      transactions[kept++] = transaction;
    }
    this.forget(status, kept);
    return dirty !== 0;
  }

  releaseAll({ connection, status, application }: ParsingLink): void {
    for (let i = 0; i < status.count; i++) this.release(connection, status.transactions[i], application);
    this.forget(status, 0);
  }

  private release(connection: Connection, transaction: Transaction, application: number): void {
    this.limits.watcher?.done(transaction, application);
    if (transaction.inspection !== 0) this.arena.free(transaction.inspection);
    transaction.inspection = 0;
    connection.release(transaction);
  }

  /** What stands behind `count` is of no use any more; a list that is made shorter would be made anew as it grows. */
  private forget(status: ConnectionStatus, kept: number): void {
    this.open -= status.count - kept;
    status.count = kept;
  }
}
