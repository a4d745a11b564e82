/**
 * A connection of lines, commands of the client and what the server says to them: what FTP, IMAP and POP3 have in
 * common. Stage: app. Keeps no bytes; bounds as in line-reader.ts and pooled-connection.ts.
 */
import { DIRECTION, type Direction } from '../flow/flow.js';
import type { Input } from './input.js';
import { LineReader } from './line-reader.js';
import type { Pool } from './pool.js';
import { PooledConnection } from './pooled-connection.js';
import type { Transaction } from './transaction.js';

const CARRIAGE_RETURN = 0x0d;

export abstract class CommandConnection<T extends Transaction> extends PooledConnection<T> {
  protected readonly requests: LineReader;
  protected readonly responses: LineReader;
  /** Progress of both sides of a command that was answered. */
  private readonly complete: number;

  constructor(pool: Pool<T>, lineBytes: number, complete: number) {
    super(pool);
    this.requests = new LineReader(lineBytes);
    this.responses = new LineReader(lineBytes);
    this.complete = complete;
  }

  override parse(direction: Direction, input: Input): void {
    const { bytes } = input;
    const lines = this.linesOf(direction);
    while (this.successor === '' && this.hasRoom && lines.next(input)) {
      const { start, length } = lines;
      const isEnded = length > 0 && bytes[start + length - 1] === CARRIAGE_RETURN;
      const end = start + length - Number(isEnded);
      if (direction === DIRECTION.toServer) this.takeRequest(input, start, end);
      else this.takeResponse(input, start, end);
    }
  }

  override gap(direction: Direction, _bytes: number): boolean {
    this.linesOf(direction).interrupt();
    return true;
  }

  /** Nobody answers what was asked, or will be. */
  override close(direction: Direction): void {
    if (direction === DIRECTION.toServer) return;
    for (let index = 0; index < this.count; index++) {
      const tx = this.transactions[index];
      if (!this.isOpen(tx)) continue;
      tx.advance(DIRECTION.toServer, this.complete);
      tx.advance(DIRECTION.toClient, this.complete);
    }
  }

  override reset(): void {
    super.reset();
    this.requests.reset();
    this.responses.reset();
  }

  /** Takes a line, [start, end) without its end. There is room for a transaction. */
  protected abstract takeRequest(input: Input, start: number, end: number): void;
  protected abstract takeResponse(input: Input, start: number, end: number): void;

  protected isOpen(tx: Transaction): boolean {
    return tx.progressToClient < this.complete;
  }

  /** What a response belongs to that does not say so; null where nothing waits for one. */
  protected oldestOpen(): T | null {
    for (let index = 0; index < this.count; index++) {
      const tx = this.transactions[index];
      if (this.isOpen(tx)) return tx as T;
    }
    return null;
  }

  private linesOf(direction: Direction): LineReader {
    return direction === DIRECTION.toServer ? this.requests : this.responses;
  }
}
