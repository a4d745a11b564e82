/**
 * RFB, which VNC speaks, up to where the screen is known (RFC 6143, 7.1 to 7.3). Stage: app. The handshake is one
 * transaction; what comes behind it, or behind a login that is not read, is passed over.
 *
 *   server: version | types | … challenge (16) | result (4) | screen (24), name
 *   client: version | type  | … response (16)  | whether the screen is shared
 *   3.3: the server names the type, in 4 bytes; up to 3.7 a login without password has no result
 *
 * Each side waits for its turn. Bounds: MOST_TEXT bytes of a name or a reason are kept, the rest is passed over.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { FieldTable } from '../fields/field-table.js';
import { SIDE } from '../fields/field-list.js';
import { MessageConnection } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import { frameNumber } from '../frame/buffers.js';
import type { Input } from '../input.js';
import type { Transaction } from '../transaction.js';
import { ANSWER } from '../probe/answer.js';
import { probeRfb } from '../probe/rfb.js';
import { RFB_BUFFERS, RFB_STATE } from './buffers.js';
import { rfbObject } from './eve.js';
import { rfbEvent, type RfbEventName } from './events.js';

const FIELDS = new FieldTable(RFB_BUFFERS, [
  'server_version',
  'client_version',
  'challenge',
  'response',
  'reason',
  'shared',
  'screen',
]);
export const RFB_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 16_384,
  mostFields: 16,
  overflow: rfbEvent('too_long_string'),
  print: (tx) => rfbObject(tx, FIELDS),
};
const F = {
  name: FIELDS.of('rfb.name'),
  type: FIELDS.of('rfb.sectype'),
  result: FIELDS.of('rfb.secresult'),
  serverVersion: FIELDS.of('server_version'),
  clientVersion: FIELDS.of('client_version'),
  challenge: FIELDS.of('challenge'),
  response: FIELDS.of('response'),
  reason: FIELDS.of('reason'),
  shared: FIELDS.of('shared'),
  screen: FIELDS.of('screen'),
};
const VERSION_BYTES = 12;
/** The last digit of the first half, and the first one of the second. */
const MAJOR_AT = 6;
const MINOR_AT = 8;
const SECRET_BYTES = 16;
const SCREEN_BYTES = 24;
const SCREEN_KEPT = 20;
const MOST_TEXT = 4096;
const TYPE = { invalid: 0, none: 1, vnc: 2 } as const;
const RESULT = { ok: 0, failed: 1, tooMany: 2 } as const;

/** What comes next; a side to whom it does not belong waits. */
const NEXT = {
  serverVersion: 0,
  clientVersion: 1,
  types: 2,
  choice: 3,
  /** Of version 3.3. */
  serverChoice: 4,
  challenge: 5,
  response: 6,
  result: 7,
  reason: 8,
  sharing: 9,
  screen: 10,
  messages: 11,
} as const;
const PDU = frameNumber('rfb.pdu');
const OF_CLIENT: readonly number[] = [NEXT.clientVersion, NEXT.choice, NEXT.response, NEXT.sharing];

export class RfbConnection extends MessageConnection<PlainTransaction> {
  private next: number = NEXT.serverVersion;
  /** The second half of the client's version: 3, 7 or 8. */
  private minor = 0;
  private handshake: PlainTransaction | null = null;

  override reset(): void {
    super.reset();
    this.next = NEXT.serverVersion;
    this.minor = 0;
    this.handshake = null;
  }

  /** One that is completed before its time is over: what comes is not read. */
  override release(transaction: Transaction): void {
    if (transaction === this.handshake) {
      this.handshake = null;
      this.next = NEXT.messages;
    }
    super.release(transaction);
  }

  /** Behind a gap nobody knows whose turn it is. */
  override gap(direction: Direction): boolean {
    if (this.next < NEXT.messages) this.end(direction, 'confused_state');
    return true;
  }

  protected override message(direction: Direction, input: Input): boolean {
    if (this.next === NEXT.messages) {
      input.take(input.available);
      return false;
    }
    if (this.handshake === null) {
      this.handshake = this.begin();
      if (this.handshake === null) return false;
    }
    const isClient = direction === DIRECTION.toServer;
    const { position } = input;
    if (OF_CLIENT.includes(this.next) !== isClient || !this.step(this.handshake, direction, input)) return false;
    if (input.position > position) input.frames?.add(PDU, direction, position, input.position - position);
    return true;
  }

  private step(tx: PlainTransaction, direction: Direction, input: Input): boolean {
    switch (this.next) {
      case NEXT.serverVersion:
      case NEXT.clientVersion:
        return this.version(tx, direction, input);
      case NEXT.types:
        return this.types(input);
      case NEXT.choice:
        tx.addNumber(F.type, SIDE.toServer, input.bytes[input.position]);
        tx.advance(DIRECTION.toServer, RFB_STATE.login);
        return this.chosen(direction, input.bytes[input.position], input, 1);
      case NEXT.serverChoice:
        return this.serverChoice(tx, direction, input);
      case NEXT.challenge:
        return this.secret(tx, F.challenge, SIDE.toClient, NEXT.response, input);
      case NEXT.response:
        return this.secret(tx, F.response, SIDE.toServer, NEXT.result, input);
      case NEXT.result:
        return this.result(tx, input);
      case NEXT.reason:
        return this.reason(tx, input);
      case NEXT.sharing:
        tx.addNumber(F.shared, SIDE.toServer, input.bytes[input.position]);
        tx.advance(DIRECTION.toServer, RFB_STATE.login);
        return this.go(NEXT.screen, input, 1);
      default:
        return this.screen(tx, input);
    }
  }

  private go(next: number, input: Input, taken: number): true {
    this.next = next;
    input.take(taken);
    return true;
  }

  /** The handshake is over; what comes is not read. */
  private end(direction: Direction, event?: RfbEventName): true {
    const { handshake } = this;
    this.next = NEXT.messages;
    this.handshake = null;
    if (handshake === null) return true;
    if (event !== undefined) handshake.raise(rfbEvent(event), direction);
    handshake.advance(DIRECTION.toServer, RFB_STATE.login);
    handshake.advance(DIRECTION.toClient, RFB_STATE.screen);
    return true;
  }

  private version(tx: PlainTransaction, direction: Direction, input: Input): boolean {
    const { bytes, position, available } = input;
    const answer = probeRfb(bytes, position, available);
    if (answer === ANSWER.no) return this.end(direction, 'malformed_message');
    if (answer !== ANSWER.yes) return false;
    const isServer = direction === DIRECTION.toClient;
    tx.addText(isServer ? F.serverVersion : F.clientVersion, 1 << direction, position, VERSION_BYTES - 1);
    if (isServer) return this.go(NEXT.clientVersion, input, VERSION_BYTES);
    this.minor = bytes[position + MINOR_AT + 2] - 0x30;
    const isMajor3 = bytes[position + MAJOR_AT] === 0x30 + 3;
    const is33 =
      isMajor3 && bytes[position + MINOR_AT] === 0x30 && bytes[position + MINOR_AT + 1] === 0x30 && this.minor < 7;
    if (is33) this.minor = 3;
    // 4.0, 4.1 and 5.0 of RealVNC: types are offered as in 3.8.
    if (!isMajor3) this.minor = 8;
    return this.go(is33 ? NEXT.serverChoice : NEXT.types, input, VERSION_BYTES);
  }

  /** | how many | types | */
  private types(input: Input): boolean {
    const count = input.bytes[input.position];
    if (input.available < 1 + count) return false;
    return this.go(count === 0 ? NEXT.reason : NEXT.choice, input, 1 + count);
  }

  private serverChoice(tx: PlainTransaction, direction: Direction, input: Input): boolean {
    if (input.available < 4) return false;
    const type = this.share.reader.begin(input.position, input.end).u32();
    tx.addNumber(F.type, SIDE.toServer, type);
    tx.advance(DIRECTION.toServer, RFB_STATE.login);
    if (type !== TYPE.invalid) return this.chosen(direction, type, input, 4);
    return this.go(NEXT.reason, input, 4);
  }

  private chosen(direction: Direction, type: number, input: Input, taken: number): boolean {
    if (type === TYPE.vnc) return this.go(NEXT.challenge, input, taken);
    if (type === TYPE.none) return this.go(this.minor < 8 ? NEXT.sharing : NEXT.result, input, taken);
    input.take(taken);
    return this.end(direction, 'unimplemented_security_type');
  }

  private secret(tx: PlainTransaction, field: number, sides: number, next: number, input: Input): boolean {
    if (input.available < SECRET_BYTES) return false;
    tx.addText(field, sides, input.position, SECRET_BYTES);
    return this.go(next, input, SECRET_BYTES);
  }

  private result(tx: PlainTransaction, input: Input): boolean {
    if (input.available < 4) return false;
    const result = this.share.reader.begin(input.position, input.end).u32();
    tx.addNumber(F.result, SIDE.toClient, result);
    tx.advance(DIRECTION.toClient, RFB_STATE.login);
    if (result === RESULT.ok) return this.go(NEXT.sharing, input, 4);
    if (result > RESULT.tooMany) {
      input.take(4);
      return this.end(DIRECTION.toClient, 'unknown_security_result');
    }
    if (this.minor >= 8) return this.go(NEXT.reason, input, 4);
    input.take(4);
    return this.end(DIRECTION.toClient);
  }

  /** | length (4) | text | */
  private reason(tx: PlainTransaction, input: Input): boolean {
    if (!this.text(tx, F.reason, input.position, input)) return false;
    return this.end(DIRECTION.toClient);
  }

  private screen(tx: PlainTransaction, input: Input): boolean {
    const { position, available } = input;
    if (available < SCREEN_BYTES) return false;
    // Taking does not move the bytes.
    if (!this.text(tx, F.name, position + SCREEN_KEPT, input)) return false;
    tx.addText(F.screen, SIDE.toClient, position, SCREEN_KEPT);
    return this.end(DIRECTION.toClient);
  }

  /** Keeps the text behind a length at `at`, and takes all up to its end. @returns false where it is not all there. */
  private text(tx: PlainTransaction, field: number, at: number, input: Input): boolean {
    if (input.end - at < 4) return false;
    const length = this.share.reader.begin(at, input.end).u32();
    const kept = Math.min(length, MOST_TEXT);
    if (input.end - at - 4 < kept) return false;
    if (length > MOST_TEXT) tx.raise(rfbEvent('too_long_string'), DIRECTION.toClient);
    tx.addText(field, SIDE.toClient, at + 4, kept);
    input.skip(at + 4 + length - input.position);
    return true;
  }
}
