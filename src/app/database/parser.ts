/**
 * PostgreSQL and MySQL, up to where TLS begins: nothing else of them is parsed. Stage: app. PostgreSQL's protocol 3.0,
 * MySQL's 4.1.
 *
 *   PostgreSQL   > | 8 | 80877103 |   < S                             TLS; any other answer goes on without
 *   MySQL        < greeting           > | 32 | 1 | capabilities … |   TLS where the one for it is set
 *
 * A connection has no transactions, and keeps a number a side. What comes behind the question is passed over.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { Connection } from '../connection.js';
import type { Input } from '../input.js';
import { u32, u16le } from '../probe/answer.js';

const PG_REQUEST_BYTES = 8;
const PG_TLS = 80877103;
const PG_GSS = 80877104;
const PG_ACCEPTED = 0x53;
const PG_REFUSED = 0x4e;
const MYSQL_HEADER = 4;
const MYSQL_REQUEST_BYTES = 36;
const MYSQL_TLS = 0x0800;

abstract class DatabaseConnection extends Connection {
  /** It is settled that TLS does not follow, or that it cannot be told. */
  protected isOver = false;

  override parse(direction: Direction, input: Input): void {
    if (!this.isOver && !this.read(direction, input)) return;
    if (this.isOver && this.successor === '') input.take(input.available);
  }

  override gap(): boolean {
    this.isOver = true;
    return true;
  }

  override reset(): void {
    super.reset();
    this.isOver = false;
  }

  /** @returns false where more bytes are needed. */
  protected abstract read(direction: Direction, input: Input): boolean;
}

export class PgsqlConnection extends DatabaseConnection {
  /** What the client has asked for last; 0: nothing that is open. */
  private asked = 0;

  override reset(): void {
    super.reset();
    this.asked = 0;
  }

  protected override read(direction: Direction, input: Input): boolean {
    return direction === DIRECTION.toServer ? this.question(input) : this.answer(input);
  }

  private question(input: Input): boolean {
    const { bytes, position, available } = input;
    if (this.asked !== 0 || available < PG_REQUEST_BYTES) return false;
    const code = u32(bytes, position + 4);
    if (code !== PG_TLS && code !== PG_GSS) this.isOver = true;
    else {
      this.asked = code;
      input.take(PG_REQUEST_BYTES);
    }
    return true;
  }

  private answer(input: Input): boolean {
    const { bytes, position, available } = input;
    if (available === 0 || this.asked === 0) return false;
    const answer = bytes[position];
    if (answer === PG_REFUSED) input.take(1);
    else if (answer === PG_ACCEPTED && this.asked === PG_TLS) {
      input.take(1);
      this.successor = 'tls';
    } else this.isOver = true;
    this.asked = 0;
    return true;
  }
}

export class MysqlConnection extends DatabaseConnection {
  protected override read(direction: Direction, input: Input): boolean {
    const { bytes, position, available } = input;
    if (direction === DIRECTION.toClient) {
      input.take(available);
      return true;
    }
    if (available < MYSQL_HEADER + 2) return false;
    const isRequest =
      bytes[position] === MYSQL_REQUEST_BYTES - MYSQL_HEADER &&
      bytes[position + 1] === 0 &&
      (u16le(bytes, position + MYSQL_HEADER) & MYSQL_TLS) !== 0;
    if (!isRequest) this.isOver = true;
    else if (available < MYSQL_REQUEST_BYTES) return false;
    else {
      input.take(MYSQL_REQUEST_BYTES);
      this.successor = 'tls';
    }
    return true;
  }
}
