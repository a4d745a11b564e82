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

/** The oldest open transaction of this key that waits for its answer; null where there is none. */
export function oldestUnanswered({ transactions, count }: Connection, key: number): PlainTransaction | null {
  for (let index = 0; index < count; index++) {
    const tx = transactions[index] as PlainTransaction;
    if (tx.key === key && tx.progressToClient < MESSAGE) return tx;
  }
  return null;
}
