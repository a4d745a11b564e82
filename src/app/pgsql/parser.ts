/**
 * PostgreSQL, up to where TLS begins: nothing else of it is parsed. Stage: app. PostgreSQL's protocol 3.0.
 *
 *   > | 8 | 80877103 |     < S     TLS; any other answer goes on without
 *
 * A connection has no transactions, and keeps a number. What comes behind the questions is passed over.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { Connection } from '../connection.js';
import type { Input } from '../input.js';
import { u32 } from '../probe/answer.js';

const REQUEST_BYTES = 8;
const TLS = 80877103;
const GSS = 80877104;
const ACCEPTED = 0x53;
const REFUSED = 0x4e;

export class PgsqlConnection extends Connection {
  /** It is settled that TLS does not follow, or that it cannot be told. */
  private isOver = false;
  /** What the client has asked for and was not answered yet; 0: nothing. */
  private asked = 0;

  override parse(direction: Direction, input: Input): void {
    while (!this.isOver && this.successor === '' && this.read(direction, input));
    if (this.isOver) input.take(input.available);
  }

  override gap(): boolean {
    this.isOver = true;
    return true;
  }

  override reset(): void {
    super.reset();
    this.isOver = false;
    this.asked = 0;
  }

  /** @returns false where it has to wait, or is over. */
  private read(direction: Direction, input: Input): boolean {
    return direction === DIRECTION.toServer ? this.question(input) : this.answer(input);
  }

  private question(input: Input): boolean {
    const { bytes, position, available } = input;
    if (this.asked !== 0 || available < REQUEST_BYTES) return false;
    const code = u32(bytes, position + 4);
    this.isOver = code !== TLS && code !== GSS;
    if (this.isOver) return false;
    this.asked = code;
    input.take(REQUEST_BYTES);
    return true;
  }

  private answer(input: Input): boolean {
    const { bytes, position, available } = input;
    if (available === 0 || this.asked === 0) return false;
    const answer = bytes[position];
    const isTls = answer === ACCEPTED && this.asked === TLS;
    this.isOver = answer !== REFUSED && !isTls;
    if (this.isOver) return false;
    this.asked = 0;
    input.take(1);
    if (isTls) this.successor = 'tls';
    return true;
  }
}
