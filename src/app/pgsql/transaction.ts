/**
 * A query of PostgreSQL, or the client's introduction, and its answer. Stage: app. Bounds: MOST_QUERY_BYTES of the
 * query, MOST_INTRODUCTION_BYTES, MOST_TEXT_BYTES of each text of the answer; rows are counted, not kept.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { bufferNumber } from '../buffers.js';
import { BufferTransaction } from '../fields/buffer-transaction.js';
import { SIDE } from '../fields/field-list.js';
import { PGSQL_STATE } from './buffers.js';
import { ANSWER_TEXTS, introductionObject, PARAMETERS, pgsqlObject } from './eve.js';

export const MOST_QUERY_BYTES = 32_768;
export const MOST_INTRODUCTION_BYTES = 1024;
export const MOST_TEXT_BYTES = 256;

const QUERY = bufferNumber('pgsql.query');

export class PgsqlTransaction extends BufferTransaction {
  /** Of an introduction, the version of the protocol; -1: it is none. */
  version = -1;
  authentication = -1;
  isAuthenticated = false;
  /** It prepares a statement, which the server answers by itself. */
  prepares = false;
  /** Something was said to it: its end may come. */
  isAnswered = false;
  /** Columns of its rows; -1 where none were described. */
  columns = -1;
  /** They were described in fewer bytes than so many need. */
  isMalformed = false;
  rows = 0;
  rowBytes = 0;

  constructor(arena: Arena) {
    super(arena, MOST_QUERY_BYTES + ANSWER_TEXTS * MOST_TEXT_BYTES);
  }

  get isOpen(): boolean {
    return this.progressToClient < PGSQL_STATE.complete;
  }

  /** @returns false where there is no room for it. */
  takeQuery(start: number, length: number): boolean {
    return this.addText(QUERY, SIDE.toServer, start, length);
  }

  takeIntroduction(version: number, start: number, length: number): void {
    this.version = version;
    this.addText(PARAMETERS, SIDE.toServer, start, length);
  }

  /** One of the answer, by its number in events. */
  takeText(text: number, start: number, length: number): void {
    this.addText(text, SIDE.toClient, start, Math.min(length, MOST_TEXT_BYTES));
  }

  /** Moves the client's side, or both, to the end. */
  finish(direction: Direction): void {
    this.advance(0, PGSQL_STATE.complete);
    if (direction === 1) this.advance(1, PGSQL_STATE.complete);
  }

  get query(): string | undefined {
    return this.textOf(QUERY);
  }

  override eve(isAlert: boolean): string {
    if (this.version >= 0) return introductionObject(this);
    return isAlert || this.query !== undefined ? pgsqlObject(this) : '';
  }

  override reset(): void {
    super.reset();
    this.version = -1;
    this.authentication = -1;
    this.isAuthenticated = false;
    this.prepares = false;
    this.isAnswered = false;
    this.columns = -1;
    this.isMalformed = false;
    this.rows = 0;
    this.rowBytes = 0;
  }
}
