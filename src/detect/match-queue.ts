/**
 * What has matched on one packet, until all of its units are inspected: the packet itself, ranges of the stream that it
 * made complete, transactions. Stage: detect. Bounded; nothing is allocated per packet.
 *
 * Alerts leave in the order of their rules' ranks, whatever unit they are of, and a pass ends the list.
 */
import { filesMember } from '../app/file/eve.js';
import type { Transaction } from '../app/transaction.js';
import type { Direction } from '../flow/flow.js';
import { sortRows } from './candidates/sort-rows.js';
import type { RuleErrors } from './rule-errors.js';

export const UNIT_KIND = { packet: 0, stream: 1, transaction: 2 } as const;
export type UnitKind = (typeof UNIT_KIND)[keyof typeof UNIT_KIND];

/**
 * Matches kept of a packet: behind a hole that is given up, one packet completes what a window holds of messages. A
 * power of two.
 */
export const MOST_MATCHES = 2048;

export class MatchQueue {
  count = 0;
  /** In the order in which they were added: rule rows, kinds of unit, directions of the data, transactions. */
  readonly rows = new Int32Array(MOST_MATCHES);
  readonly units = new Uint8Array(MOST_MATCHES);
  readonly directions = new Uint8Array(MOST_MATCHES);
  readonly transactions: (Transaction | null)[] = new Array<Transaction | null>(MOST_MATCHES).fill(null);
  /** Numbers of the transactions, -1 without one; and what alerts tell of them, once it was written down. */
  readonly transactionIds = new Int32Array(MOST_MATCHES);
  private readonly texts: string[] = new Array<string>(MOST_MATCHES).fill('');
  /** What their alerts show of the bytes: members of the event, with a comma before each. */
  readonly evidence: string[] = new Array<string>(MOST_MATCHES).fill('');
  /** Objects of what datasets hold of it, and texts captured: a member of `alert`, a comma before it (rule-gate.ts). */
  readonly contexts: string[] = new Array<string>(MOST_MATCHES).fill('');
  private readonly clients: string[] = new Array<string>(MOST_MATCHES).fill('');
  /** In the order of ranks after `sort`: row and place as one number. BOUNDS: rule sets are far below 2^20 rules. */
  private readonly order = new Int32Array(MOST_MATCHES);
  private readonly errors: RuleErrors;
  /** Name of the header that alerts look at for whom a proxy speaks for; '' for none. */
  private readonly header: string;

  constructor(errors: RuleErrors, header = '') {
    this.header = header;
    this.errors = errors;
  }

  /** @returns false where there is no room: the match is not kept. */
  add(row: number, unit: number, direction: Direction, transaction: Transaction | null): boolean {
    if (this.count === MOST_MATCHES) return false;
    const at = this.count++;
    this.rows[at] = row;
    this.units[at] = unit;
    this.directions[at] = direction;
    this.setTransaction(at, transaction);
    return true;
  }

  setTransaction(at: number, transaction: Transaction | null): void {
    this.transactions[at] = transaction;
    this.transactionIds[at] = transaction === null ? -1 : transaction.id;
  }

  /** Fills `place` with the order of ranks; those of one rule stay in the order in which they were added. */
  sort(): void {
    const { order, rows, count } = this;
    for (let place = 0; place < count; place++) order[place] = rows[place] * MOST_MATCHES + place;
    sortRows(order, count);
  }

  /** Where the match that is `index`th by rank stands. */
  place(index: number): number {
    return this.order[index] & (MOST_MATCHES - 1);
  }

  /** Writes down what alerts tell of their transactions, as these are about to be given back. Allocates. */
  describe(): void {
    for (let place = 0; place < this.count; place++) {
      this.texts[place] = this.text(place);
      this.clients[place] = this.forwarded(place);
      this.transactions[place] = null;
    }
  }

  /**
   * What an alert tells of the transaction at `place`: the protocol's object and the files of the side; '' where there
   * are none, or it throws.
   */
  text(place: number): string {
    const transaction = this.transactions[place];
    if (transaction === null) return this.texts[place];
    try {
      const object = transaction.eve(true);
      const files = filesMember(transaction.files(this.directions[place] as Direction), transaction.id);
      return object === '' || files === '' ? object + files : `${object},${files}`;
    } catch (error) {
      this.errors.ofInspection(error);
      return '';
    }
  }

  /** What the header of the transaction at `place` says; '' where it has none. */
  forwarded(place: number): string {
    const transaction = this.transactions[place];
    if (transaction === null) return this.clients[place];
    return this.header === '' ? '' : transaction.forwardedFor(this.header);
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) {
      this.transactions[i] = null;
      this.texts[i] = '';
      this.evidence[i] = '';
      this.contexts[i] = '';
      this.clients[i] = '';
    }
    this.count = 0;
  }
}
