/**
 * Messages of the handshake, out of records that hold parts of one, or several (RFC 5246, 7.4; RFC 8446, 4). Stage:
 * app.
 *
 *   | type | length (3) | body …
 */
import type { Direction } from '../../flow/flow.js';
import { SSL_STATE, TLS_CLIENT, TLS_SERVER } from './buffers.js';
import { tlsEvent } from './events.js';
import { MOST_MESSAGE, type Side } from './side.js';
import type { TlsTransaction } from './transaction.js';

const HEADER_BYTES = 4;
const TO_SERVER = 0;
export const MESSAGE = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeys: 12,
  helloDone: 14,
  clientKeys: 16,
  finished: 20,
} as const;
/** Types that there are, as bits; and next protocol negotiation, 67. */
const KNOWN = [0, 1, 2, 3, 4, 5, 6, 8, 11, 12, 13, 14, 15, 16, 20, 21, 22, 23, 24, 25].reduce(
  (set, type) => set | (1 << type),
  0,
);
const NEXT_PROTOCOL = 67;

const TOO_LONG = tlsEvent('handshake_message_too_long');
const INVALID_MESSAGE = tlsEvent('invalid_handshake_message');
const INVALID_RECORD = tlsEvent('invalid_ssl_record');

/** Takes the contents [start, end) of one record. */
export function takeHandshake(
  tx: TlsTransaction,
  side: Side,
  bytes: Uint8Array,
  direction: Direction,
  start: number,
  end: number,
  timeUs: number,
): void {
  let at = passUnread(side, start, end);
  if (side.pending.length > 0) at = completePending(tx, side, bytes, direction, at, end, timeUs);
  at = readMessages(tx, bytes, direction, at, end, timeUs);
  if (at < end) keep(side, at, end - at);
}

const lengthAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];

/** @returns where the first message begins that is not whole. */
function readMessages(
  tx: TlsTransaction,
  bytes: Uint8Array,
  direction: Direction,
  at: number,
  end: number,
  timeUs: number,
): number {
  while (end - at >= HEADER_BYTES) {
    const length = lengthAt(bytes, at);
    if (at + HEADER_BYTES + length > end) break;
    takeMessage(tx, direction, bytes[at], at + HEADER_BYTES, length, false, timeUs);
    at += HEADER_BYTES + length;
  }
  return at;
}

/** Adds to the message that is kept, and takes it when what is read of it is there. @returns where the next begins. */
function completePending(
  tx: TlsTransaction,
  side: Side,
  bytes: Uint8Array,
  direction: Direction,
  at: number,
  end: number,
  timeUs: number,
): number {
  const { pending } = side;
  if (pending.length < HEADER_BYTES) at += keep(side, at, Math.min(HEADER_BYTES - pending.length, end - at));
  if (pending.length < HEADER_BYTES) return end;
  const length = lengthAt(bytes, pending.start);
  const read = Math.min(HEADER_BYTES + length, MOST_MESSAGE);
  const count = Math.min(read - pending.length, end - at);
  if (pending.append(at, count) >= 0) {
    at += count;
    if (pending.length < read) return end;
  }
  // Also where there is no memory for more of it.
  side.unread = HEADER_BYTES + length - pending.length;
  const isCut = side.unread > 0;
  if (isCut) tx.raise(TOO_LONG, direction);
  const start = pending.start + HEADER_BYTES;
  takeMessage(tx, direction, bytes[pending.start], start, pending.length - HEADER_BYTES, isCut, timeUs);
  pending.clear();
  return passUnread(side, at, end);
}

/** @returns how many were kept: all, or none where there is no memory, which ends the side. */
function keep(side: Side, at: number, count: number): number {
  if (side.pending.append(at, count) >= 0) return count;
  side.isLost = true;
  side.dropMessage();
  return 0;
}

/** @returns where what is to be read begins. */
function passUnread(side: Side, at: number, end: number): number {
  const count = Math.min(side.unread, end - at);
  side.unread -= count;
  return at + count;
}

function takeMessage(
  tx: TlsTransaction,
  direction: Direction,
  type: number,
  start: number,
  length: number,
  isCut: boolean,
  timeUs: number,
): void {
  const isClient = direction === TO_SERVER;
  switch (type) {
    case MESSAGE.clientHello:
    case MESSAGE.serverHello:
      if (isClient !== (type === MESSAGE.clientHello)) {
        tx.raise(INVALID_MESSAGE, direction);
        return;
      }
      if (!tx.takeHello(direction, start, length)) return;
      tx.states[direction] |= isClient ? SSL_STATE.client_hello : SSL_STATE.server_hello;
      tx.advance(direction, isClient ? TLS_CLIENT.hello : TLS_SERVER.hello);
      return;
    case MESSAGE.certificate:
      takeChain(tx, direction, start, length, isCut, timeUs);
      return;
    case MESSAGE.serverKeys:
      tx.states[direction] |= SSL_STATE.server_keyx;
      tx.dirty |= 1 << direction;
      return;
    case MESSAGE.clientKeys:
      tx.states[direction] |= SSL_STATE.client_keyx;
      tx.dirty |= 1 << direction;
      return;
    case MESSAGE.helloDone:
      if (!isClient) tx.advance(direction, TLS_SERVER.helloDone);
      return;
    default:
      if (type === NEXT_PROTOCOL || (type < 32 && ((KNOWN >>> type) & 1) !== 0)) return;
      tx.states[direction] |= SSL_STATE.unknown;
      tx.raise(INVALID_RECORD, direction);
  }
}

function takeChain(
  tx: TlsTransaction,
  direction: Direction,
  start: number,
  length: number,
  isCut: boolean,
  timeUs: number,
): void {
  const chain = tx.chains[direction];
  const isFirst = chain.count === 0;
  const event = chain.take(start, length, isCut, timeUs);
  if (event >= 0) tx.raise(event, direction);
  if (isFirst) for (const fault of chain.certificate?.events ?? []) tx.raise(fault, direction);
  tx.advance(direction, direction === TO_SERVER ? TLS_CLIENT.certificate : TLS_SERVER.certificate);
}
