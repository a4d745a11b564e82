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

const INVALID_LENGTH = tlsEvent('handshake_invalid_length');
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
  const { pending } = side;
  if (pending.length === 0) {
    const taken = readMessages(tx, side, bytes, direction, start, end, timeUs);
    if (taken < end && !side.isLost && pending.append(taken, end - taken) < 0) side.isLost = true;
    return;
  }
  if (pending.append(start, end - start) < 0) {
    side.isLost = true;
    return;
  }
  const whole = pending.start + pending.length;
  const taken = readMessages(tx, side, bytes, direction, pending.start, whole, timeUs);
  bytes.copyWithin(pending.start, taken, whole);
  pending.length = whole - taken;
  if (pending.length === 0 || side.isLost) pending.clear();
}

/** @returns where the first message begins that is not whole. */
function readMessages(
  tx: TlsTransaction,
  side: Side,
  bytes: Uint8Array,
  direction: Direction,
  at: number,
  end: number,
  timeUs: number,
): number {
  while (end - at >= HEADER_BYTES) {
    const length = (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    if (length + HEADER_BYTES > MOST_MESSAGE) {
      tx.raise(INVALID_LENGTH, direction);
      side.isLost = true;
      return end;
    }
    if (at + HEADER_BYTES + length > end) break;
    takeMessage(tx, direction, bytes[at], at + HEADER_BYTES, length, timeUs);
    at += HEADER_BYTES + length;
  }
  return at;
}

function takeMessage(
  tx: TlsTransaction,
  direction: Direction,
  type: number,
  start: number,
  length: number,
  timeUs: number,
): void {
  const isClient = direction === TO_SERVER;
  switch (type) {
    case MESSAGE.clientHello:
    case MESSAGE.serverHello:
      if (isClient !== (type === MESSAGE.clientHello) || !tx.takeHello(direction, start, length)) {
        tx.raise(INVALID_MESSAGE, direction);
        return;
      }
      tx.states[direction] |= isClient ? SSL_STATE.client_hello : SSL_STATE.server_hello;
      tx.advance(direction, isClient ? TLS_CLIENT.hello : TLS_SERVER.hello);
      return;
    case MESSAGE.certificate:
      takeChain(tx, direction, start, length, timeUs);
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

function takeChain(tx: TlsTransaction, direction: Direction, start: number, length: number, timeUs: number): void {
  const chain = tx.chains[direction];
  const isFirst = chain.count === 0;
  const event = chain.take(start, length, timeUs);
  if (event >= 0) tx.raise(event, direction);
  if (isFirst) for (const fault of chain.certificate?.events ?? []) tx.raise(fault, direction);
  tx.advance(direction, direction === TO_SERVER ? TLS_CLIENT.certificate : TLS_SERVER.certificate);
}
