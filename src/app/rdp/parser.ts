/**
 * RDP, up to where it is encrypted (RFC 1006; X.224; MS-RDPBCGR, 2.2.1.1 to 2.2.1.4). Stage: app. Each message of the
 * connection is a transaction: the request with its cookie, the answer, what the client tells of itself, its answer.
 *
 *   | 3 | 0 | length (2) | X.224: length, type …                       requests and confirms
 *                        | 2 0xf0 0x80 | MCS: 0x7f 0x65 or 0x66 …      connects; conference.ts reads what is in them
 *
 * Behind an answer that names another security than RDP's own both sides speak TLS, and its parser goes on: from the
 * first record on, as a server that says so and a client that does not care still speak RDP.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { MessageConnection } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import { ANSWER, ascii, beginsWith, u16, u16le, u32le } from '../probe/answer.js';
import { readConference } from './conference.js';
import { rdpObject } from './eve.js';
import { rdpEvent } from './events.js';
import { MESSAGE_TYPE, RDP_FIELD, RDP_FIELDS } from './fields.js';

export const RDP_LAYOUT: PlainLayout = {
  table: RDP_FIELDS,
  mostBytes: 4096,
  mostFields: 64,
  overflow: rdpEvent('too_many_fields'),
  print: (tx) => rdpObject(tx),
};
const TPKT_BYTES = 4;
const TPKT_VERSION = 3;
const LEAST_PACKET = 7;
const TYPE = { request: 0xe0, confirm: 0xd0, data: 0xf0 } as const;
/** Of requests and confirms, from their length on. */
const X224_BYTES = 7;
const DATA_BYTES = 3;
const NEGOTIATION = { request: 1, answer: 2, failure: 3 } as const;
const NEGOTIATION_BYTES = 8;
const COOKIE = ascii('Cookie: mstshash=');
const MCS = 0x7f;
const CONNECT = { request: 0x65, response: 0x66 } as const;
/** What RDP encrypts itself. */
const OWN_SECURITY = 0;
/** The first byte of a record of TLS with a handshake. */
const TLS_HANDSHAKE = 22;
const LF = 0x0a;
const CR = 0x0d;

export class RdpConnection extends MessageConnection<PlainTransaction> {
  /** A set of directions in which nothing more is read: it is encrypted, or none of how a connection begins. */
  private done = 0;
  /** TLS was agreed on, and RDP has not gone on without it. */
  private expectsTls = false;

  override reset(): void {
    super.reset();
    this.done = 0;
    this.expectsTls = false;
  }

  /** What matters comes first: behind a gap nothing is read. */
  override gap(direction: Direction): boolean {
    this.done |= 1 << direction;
    return true;
  }

  protected override message(direction: Direction, input: Input): boolean {
    const { bytes, position, available } = input;
    if (((this.done >>> direction) & 1) !== 0) {
      input.take(available);
      return false;
    }
    if (this.expectsTls && bytes[position] === TLS_HANDSHAKE) {
      this.successor = 'tls';
      return false;
    }
    if (bytes[position] !== TPKT_VERSION) return this.refuse(direction);
    if (available < TPKT_BYTES) return false;
    const length = u16(bytes, position + 2);
    if (length < LEAST_PACKET) return this.refuse(direction);
    if (available < length) return false;
    if (!this.packet(direction, bytes, position + TPKT_BYTES, position + length)) return false;
    input.take(length);
    return true;
  }

  private refuse(direction: Direction): false {
    const tx = this.begin();
    if (tx === null) return false;
    tx.raise(rdpEvent('malformed_data'), direction);
    this.completeAsSent(tx, direction);
    this.done |= 1 << direction;
    return false;
  }

  /** @returns false where there is no room for it. */
  private packet(direction: Direction, bytes: Uint8Array, at: number, end: number): boolean {
    const type = bytes[at + 1];
    if (type === TYPE.data) return this.data(direction, bytes, at + DATA_BYTES, end);
    const isRequest = (type & 0xf0) === TYPE.request && direction === DIRECTION.toServer;
    const isConfirm = (type & 0xf0) === TYPE.confirm && direction === DIRECTION.toClient;
    if (!isRequest && !isConfirm) return true;
    const tx = this.begin();
    if (tx === null) return false;
    tx.addNumber(RDP_FIELD.message, 1 << direction, isRequest ? MESSAGE_TYPE.request : MESSAGE_TYPE.confirm);
    if (bytes[at] < X224_BYTES - 1 || at + 1 + bytes[at] > end) tx.raise(rdpEvent('malformed_data'), direction);
    else if (isRequest) request(tx, bytes, at + X224_BYTES, at + 1 + bytes[at]);
    else this.confirm(tx, bytes, at + X224_BYTES, at + 1 + bytes[at]);
    this.completeAsSent(tx, direction);
    return true;
  }

  private confirm(tx: PlainTransaction, bytes: Uint8Array, at: number, end: number): void {
    if (end - at < NEGOTIATION_BYTES || u16le(bytes, at + 2) !== NEGOTIATION_BYTES) return;
    const sides = 1 << DIRECTION.toClient;
    const value = u32le(bytes, at + 4);
    if (bytes[at] === NEGOTIATION.failure) tx.addNumber(RDP_FIELD.failure, sides, value);
    if (bytes[at] !== NEGOTIATION.answer) return;
    tx.addNumber(RDP_FIELD.flags, sides, bytes[at + 1]);
    tx.addNumber(RDP_FIELD.security, sides, value);
    this.expectsTls = value !== OWN_SECURITY;
  }

  private data(direction: Direction, bytes: Uint8Array, at: number, end: number): boolean {
    if (end - at < 2 || bytes[at] !== MCS) return true;
    const isRequest = bytes[at + 1] === CONNECT.request && direction === DIRECTION.toServer;
    const isResponse = bytes[at + 1] === CONNECT.response && direction === DIRECTION.toClient;
    if (!isRequest && !isResponse) return true;
    const tx = this.begin();
    if (tx === null) return false;
    tx.addNumber(RDP_FIELD.message, 1 << direction, isRequest ? MESSAGE_TYPE.connect : MESSAGE_TYPE.connected);
    if (isRequest && !readConference(tx, this.ber, at + 1, end)) tx.raise(rdpEvent('malformed_data'), direction);
    this.completeAsSent(tx, direction);
    this.done |= 1 << direction;
    this.expectsTls = false;
    return true;
  }
}

/** A cookie or the token of a load balancer, up to the end of its line; then what the client can do. */
function request(tx: PlainTransaction, bytes: Uint8Array, from: number, end: number): void {
  const sides = 1 << DIRECTION.toServer;
  let at = from;
  while (at < end && bytes[at] !== LF) at++;
  if (at < end) {
    const stop = at > from && bytes[at - 1] === CR ? at - 1 : at;
    if (beginsWith(bytes, from, stop - from, COOKIE) === ANSWER.yes)
      tx.addText(RDP_FIELD.cookie, sides, from + COOKIE.length, stop - from - COOKIE.length);
    at++;
  } else at = from;
  if (end - at >= NEGOTIATION_BYTES && bytes[at] === NEGOTIATION.request)
    tx.addNumber(RDP_FIELD.flags, sides, bytes[at + 1]);
}
