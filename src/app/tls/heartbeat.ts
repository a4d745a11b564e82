/**
 * Heartbeats (RFC 6520): what is wrong with them, and those that ask for more than they bring (CVE-2014-0160). Stage:
 * app.
 *
 *   | type | length (2) | payload | padding, 16 bytes at least |
 */
import { opposite, type Direction } from '../../flow/flow.js';
import { tlsEvent } from './events.js';
import type { Side } from './side.js';
import type { TlsTransaction } from './transaction.js';

const HEADER_BYTES = 3;
const LEAST_PADDING = 16;
const REQUEST = 1;
const RESPONSE = 2;

const OVERFLOW = tlsEvent('overflow_heartbeat_message');
const INVALID = tlsEvent('invalid_heartbeat_message');
const LEAK = tlsEvent('dataleak_heartbeat_mismatch');

type Sides = readonly [Side, Side];

export function takeHeartbeat(
  tx: TlsTransaction,
  sides: Sides,
  direction: Direction,
  bytes: Uint8Array,
  at: number,
  length: number,
  isEncrypted: boolean,
): void {
  const own = sides[direction];
  const asked = sides[opposite(direction)];
  if (asked.heartbeat > 0) {
    // The answer of an honest server is as long as what it was asked.
    if (isEncrypted && length > asked.heartbeat) tx.raise(LEAK, direction);
    asked.heartbeat = 0;
  } else {
    // A second one while the first is in flight (RFC 6520, 4).
    if (own.heartbeat > 0) tx.raise(INVALID, direction);
    own.heartbeat = Math.max(length, 1);
  }
  if (!isEncrypted) check(tx, direction, bytes, at, length);
}

function check(tx: TlsTransaction, direction: Direction, bytes: Uint8Array, at: number, length: number): void {
  const type = length > 0 ? bytes[at] : 0;
  const claimed = length >= HEADER_BYTES ? (bytes[at + 1] << 8) | bytes[at + 2] : 0;
  if (type !== REQUEST && type !== RESPONSE) tx.raise(INVALID, direction);
  else if (claimed + HEADER_BYTES > length) tx.raise(OVERFLOW, direction);
  else if (length - claimed - HEADER_BYTES < LEAST_PADDING) tx.raise(INVALID, direction);
}
