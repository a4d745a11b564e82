/**
 * TLS on one connection, from SSLv2's hello to TLS 1.3: records, and what they hold before it is encrypted. Stage:
 * app.
 *
 *   | type | version (2) | length (2) | contents |          a record; it is taken when it is whole, 18 KiB at most
 *
 * Application data behind both ChangeCipherSpecs, or behind the hellos of TLS 1.3, ends it for a side: the rest is
 * neither kept nor inspected, unless the setting wants it (encryption-handling.ts). Behind a gap a side is not parsed
 * any more: where its records begin is not known.
 */
import { opposite, type Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { Connection } from '../connection.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import type { Transaction } from '../transaction.js';
import { SSL_STATE, TLS_CLIENT, TLS_SERVER } from './buffers.js';
import { CertificateCache } from './certificate-cache.js';
import type { EncryptionHandling } from './encryption-handling.js';
import { tlsEvent } from './events.js';
import { noteOldRecord, noteRecord } from './frames.js';
import { takeHandshake } from './handshake.js';
import { takeHeartbeat } from './heartbeat.js';
import { isTls13 } from './hello.js';
import { Side } from './side.js';
import { TlsTransaction } from './transaction.js';

const HEADER_BYTES = 5;
/** RFC 5246, 6.2.3. */
const MOST_RECORD = 16_384 + 2048;
const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22, data: 23, heartbeat: 24 } as const;
const MAJOR_VERSION = 3;
const NEWEST_MINOR = 4;
const ALERT_BYTES = 2;
const FATAL = 2;

/** SSLv2: | 0x80, length | type | version (2) | … */
const OLD_RECORD = 0x80;
const OLD_HEADER_BYTES = 5;
const OLD_CLIENT_HELLO = 1;
const OLD_SERVER_HELLO = 4;
const OLD_VERSION = 0x0002;
const OLD_HELLO_LEAST = 9;

const MOST_TRANSACTIONS = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 4608;
const TO_SERVER = 0;
const event = { header: tlsEvent('invalid_tls_header'), type: tlsEvent('invalid_record_type') };
const INVALID_VERSION = tlsEvent('invalid_record_version');
const INVALID_RECORD = tlsEvent('invalid_ssl_record');
const INVALID_ALERT = tlsEvent('invalid_alert_message');
const INVALID_OLD = tlsEvent('invalid_sslv2_header');
const GAP = tlsEvent('gap');

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];

/** What the connections of a shard share. */
export class TlsShare {
  readonly arena: Arena;
  readonly pool: Pool<TlsTransaction>;
  readonly handling: EncryptionHandling;

  constructor(arena: Arena, handling: EncryptionHandling) {
    this.handling = handling;
    const cache = new CertificateCache();
    this.arena = arena;
    this.pool = new Pool(arena, MOST_TRANSACTIONS, TRANSACTION_BYTES, () => new TlsTransaction(arena, cache));
  }
}

export class TlsConnection extends Connection {
  private readonly share: TlsShare;
  private readonly sides: readonly [Side, Side];
  private tx: TlsTransaction | null = null;
  /** The transaction was given back: nothing more is to be seen. */
  private isOver = false;

  constructor(share: TlsShare) {
    super();
    this.share = share;
    this.sides = [new Side(share.arena), new Side(share.arena)];
  }

  override parse(direction: Direction, input: Input): void {
    while (!this.broken && this.next(direction, input));
    this.sides[direction].readTo = input.offset;
    if (this.broken) this.finish(direction);
  }

  override gap(direction: Direction, bytes: number): boolean {
    const side = this.sides[direction];
    if (((this.status.bypassed >>> direction) & 1) !== 0) return true;
    if (bytes <= side.passing) {
      side.passing -= bytes;
      return true;
    }
    side.isLost = true;
    this.tx?.raise(GAP, direction);
    this.finish(direction);
    return true;
  }

  override close(direction: Direction): void {
    this.finish(direction);
  }

  override release(transaction: Transaction): void {
    transaction.reset();
    this.share.pool.give(transaction as TlsTransaction);
    this.tx = null;
    this.isOver = true;
  }

  override reset(): void {
    super.reset();
    for (const side of this.sides) side.clear();
    this.tx = null;
    this.isOver = false;
  }

  /** @returns false where no whole record is left. */
  private next(direction: Direction, input: Input): boolean {
    const side = this.sides[direction];
    if (input.available === 0) return false;
    if (this.isOver || side.isLost) {
      input.take(input.available);
      return false;
    }
    if (side.passing > 0) return this.pass(side, input);
    if (!side.isSeen && (input.bytes[input.position] & OLD_RECORD) !== 0) return this.oldRecord(direction, input);
    if (input.available < HEADER_BYTES) return false;
    const tx = this.transaction();
    if (tx === null) return false;
    const { bytes, position } = input;
    const type = bytes[position];
    const length = u16(bytes, position + 3);
    if (!this.isRecord(tx, direction, type, bytes[position + 1], bytes[position + 2], length)) return false;
    side.isSeen = true;
    const isWhole = input.available >= HEADER_BYTES + length;
    if (isWhole && input.frames !== null) noteRecord(input.frames, direction, type, position, length);
    if (type === RECORD.data) return this.data(tx, direction, input, length);
    if (!isWhole) return false;
    this.record(tx, direction, input, type, length);
    input.take(HEADER_BYTES + length);
    return true;
  }

  private isRecord(
    tx: TlsTransaction,
    direction: Direction,
    type: number,
    major: number,
    minor: number,
    length: number,
  ): boolean {
    const isType = type >= RECORD.changeCipherSpec && type <= RECORD.heartbeat;
    if (isType && major === MAJOR_VERSION && minor <= NEWEST_MINOR && length <= MOST_RECORD) return true;
    if (major !== MAJOR_VERSION) tx.raise(isType ? INVALID_VERSION : event.header, direction);
    else if (!isType) tx.raise(event.type, direction);
    else tx.raise(length > MOST_RECORD ? INVALID_RECORD : INVALID_VERSION, direction);
    this.broken = true;
    return false;
  }

  private record(tx: TlsTransaction, direction: Direction, input: Input, type: number, length: number): void {
    const side = this.sides[direction];
    const start = input.position + HEADER_BYTES;
    const isEncrypted = side.hasChanged && !isTls13(tx.version);
    switch (type) {
      case RECORD.changeCipherSpec:
        side.hasChanged = true;
        side.dropMessage();
        if (!isTls13(tx.version)) this.shakenHands(tx, direction);
        return;
      case RECORD.handshake:
        if (!isEncrypted) takeHandshake(tx, side, input.bytes, direction, start, start + length, input.timeUs);
        return;
      case RECORD.alert:
        if (!isEncrypted) this.alert(tx, direction, input.bytes, start, length);
        return;
      case RECORD.heartbeat:
        takeHeartbeat(tx, this.sides, direction, input.bytes, start, length, isEncrypted);
    }
  }

  private data(tx: TlsTransaction, direction: Direction, input: Input, length: number): boolean {
    const other = this.sides[opposite(direction)];
    const { handling } = this.share;
    const bothChanged = this.sides[direction].hasChanged && (other.hasChanged || !other.isSeen);
    const endsSide = bothChanged || (tx.server.isThere && isTls13(tx.version));
    if (handling === 'full') {
      if (endsSide) this.shakenHands(tx, direction);
      this.sides[direction].passing = HEADER_BYTES + length;
      return true;
    }
    this.noteEncrypted(tx, direction, input.offset);
    if (!endsSide) {
      input.skip(HEADER_BYTES + length);
      return true;
    }
    this.bypass(direction);
    if (handling === 'bypass') {
      this.bypass(opposite(direction));
      this.status.endsInspection = true;
    }
    return true;
  }

  /**
   * Application data begins at place `from` of its stream. It is encrypted if the client has said hello (what looks
   * like a record may be anything else), and is no early data (RFC 8446, 2.3).
   */
  private noteEncrypted(tx: TlsTransaction, direction: Direction, from: number): void {
    const isEarly = tx.client.hello.offersEarlyData && !tx.server.isThere;
    if (this.status.isEncrypted || !tx.client.isThere || isEarly) return;
    this.status.isEncrypted = true;
    this.status.encryptedFrom[direction] = from;
    this.status.encryptedFrom[opposite(direction)] = this.sides[opposite(direction)].readTo;
  }

  /** Bytes of a record that is inspected as a part of the stream alone. */
  private pass(side: Side, input: Input): true {
    const count = Math.min(side.passing, input.available);
    input.take(count);
    side.passing -= count;
    return true;
  }

  private bypass(direction: Direction): void {
    this.status.bypassed |= 1 << direction;
    this.sides[direction].isLost = true;
    this.finish(direction);
  }

  /** The side has said all that it says in the open. */
  private shakenHands(tx: TlsTransaction, direction: Direction): void {
    const done = direction === TO_SERVER ? TLS_CLIENT.handshake : TLS_SERVER.handshake;
    if (tx.progress(direction) < done) tx.advance(direction, done);
  }

  private alert(tx: TlsTransaction, direction: Direction, bytes: Uint8Array, start: number, length: number): void {
    const level = length === ALERT_BYTES ? bytes[start] : 0;
    if (level !== 1 && level !== FATAL) tx.raise(INVALID_ALERT, direction);
    if (level !== FATAL) return;
    tx.alertVersions[direction] = u16(bytes, start - HEADER_BYTES + 1);
    this.finish(direction);
  }

  /** The hello of SSLv2, which older clients sent for newer versions too. */
  private oldRecord(direction: Direction, input: Input): boolean {
    if (input.available < OLD_HEADER_BYTES) return false;
    const { bytes, position } = input;
    const length = u16(bytes, position) & 0x7fff;
    if (input.available < 2 + length) return false;
    const tx = this.transaction();
    if (tx === null) return false;
    if (input.frames !== null) noteOldRecord(input.frames, direction, position, 2 + length);
    const type = bytes[position + 2];
    const isHello = type === (direction === TO_SERVER ? OLD_CLIENT_HELLO : OLD_SERVER_HELLO);
    if (!isHello || length < OLD_HELLO_LEAST) {
      tx.raise(INVALID_OLD, direction);
      this.broken = true;
      return false;
    }
    this.oldHello(tx, direction, u16(bytes, position + (direction === TO_SERVER ? 3 : 5)));
    input.take(2 + length);
    return true;
  }

  private oldHello(tx: TlsTransaction, direction: Direction, version: number): void {
    const side = this.sides[direction];
    side.isSeen = true;
    tx.oldVersion = version;
    tx.states[direction] |= direction === TO_SERVER ? SSL_STATE.client_hello : SSL_STATE.server_hello;
    tx.advance(direction, TLS_CLIENT.hello);
    // Behind it SSLv2 is encrypted.
    if (version !== OLD_VERSION || direction === TO_SERVER) return;
    for (const one of this.sides) one.isLost = true;
    this.finish(0);
    this.finish(1);
  }

  private transaction(): TlsTransaction | null {
    if (this.tx !== null) return this.tx;
    const tx = this.share.pool.take();
    if (tx === undefined) return null;
    this.tx = tx;
    this.transactions[this.count++] = tx;
    return tx;
  }

  private finish(direction: Direction): void {
    this.sides[direction].dropMessage();
    this.tx?.advance(direction, direction === TO_SERVER ? TLS_CLIENT.finished : TLS_SERVER.finished);
  }
}
