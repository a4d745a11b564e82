/** A transaction of which all that is known are its fields, and who prints them. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import { FieldTransaction, MESSAGE, type FieldLayout } from './field-transaction.js';

export interface PlainLayout extends FieldLayout {
  /** The members of the object in events, `"krb5":{…}`, or ''. */
  readonly print: (tx: PlainTransaction) => string;
}

export class PlainTransaction extends FieldTransaction {
  /** What its request and response have in common, by the protocol. */
  key = 0;
  private readonly print: PlainLayout['print'];

  constructor(arena: Arena, layout: PlainLayout) {
    super(arena, layout);
    this.print = layout.print;
  }

  override eve(): string {
    return this.print(this);
  }

  override reset(): void {
    super.reset();
    this.key = 0;
  }
}

/**
 * Transactions of a connection that are looked at for the request of an answer. Behind them are those alone that the
 * bytes being read have brought themselves: a connection has fewer open ones (`transactionsOfConnection`). Without it a
 * window full of answers to nothing would be compared with each other.
 */
export const MOST_SEARCHED = 512;

type Searched = Pick<Connection, 'transactions' | 'count'>;

/** The oldest open transaction of this key that waits for its answer; null where there is none. */
export function oldestUnanswered({ transactions, count }: Searched, key: number): PlainTransaction | null {
  const end = Math.min(count, MOST_SEARCHED);
  for (let index = 0; index < end; index++) {
    const tx = transactions[index] as PlainTransaction;
    if (tx.key === key && tx.progressToClient < MESSAGE) return tx;
  }
  return null;
}

/** The same, the latest of them. */
export function latestUnanswered({ transactions, count }: Searched, key: number): PlainTransaction | null {
  for (let index = Math.min(count, MOST_SEARCHED) - 1; index >= 0; index--) {
    const tx = transactions[index] as PlainTransaction;
    if (tx.key === key && tx.progressToClient < MESSAGE) return tx;
  }
  return null;
}
