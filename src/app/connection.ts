/**
 * What a protocol keeps of a flow that speaks it: the parser's state and the open transactions. Stage: app. Pooled per
 * protocol; nothing here is called by more than one thread.
 */
import type { Direction, Flow } from '../flow/flow.js';
import type { Input } from './input.js';
import { ConnectionStatus, type Successor } from './connection-status.js';
import type { Transaction } from './transaction.js';

export abstract class Connection {
  /** What others look at; parsers have names for it of their own, below. */
  readonly status = new ConnectionStatus();

  /** A flow that speaks it has been told. The flow is a cursor: what is needed of it is to be copied. */
  noteFlow(_flow: Flow): void {}

  /** Reads what it can; what it does not take comes again, with more. */
  abstract parse(direction: Direction, input: Input): void;

  /** `bytes` of a direction are missing. @returns false where it cannot go on behind them. */
  gap(_direction: Direction, _bytes: number): boolean {
    return false;
  }

  /** Nothing comes any more from the side that sends in `direction`. */
  close(_direction: Direction): void {}

  /** Takes back a transaction that is done with, to be used again. */
  release(transaction: Transaction): void {
    transaction.reset();
  }

  /** Makes it as new. All transactions have been released. */
  reset(): void {
    this.status.reset();
  }

  get transactions(): Transaction[] {
    return this.status.transactions;
  }

  get count(): number {
    return this.status.count;
  }

  set count(value: number) {
    this.status.count = value;
  }

  get broken(): boolean {
    return this.status.broken;
  }

  set broken(value: boolean) {
    this.status.broken = value;
  }

  get successor(): Successor | '' {
    return this.status.successor;
  }

  set successor(value: Successor | '') {
    this.status.successor = value;
  }
}
