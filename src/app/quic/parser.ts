/**
 * QUIC on one flow: Initial packets of versions 1 and 2 and their drafts, several in a datagram (RFC 9000, 12.2), until
 * both hellos are there; and hellos of clients of Google's QUIC. Stage: app. What follows is encrypted with keys that
 * nobody else has.
 *
 * It opens 16 packets a side at most, and allocates for each.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { Connection } from '../connection.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import type { Transaction } from '../transaction.js';
import { QUIC_STATE } from './buffers.js';
import { CryptoStream } from './crypto-stream.js';
import { quicEvent } from './events.js';
import { readFrames } from './frames.js';
import { GoogleHello, MORE, NONE } from './google-hello.js';
import { cyuVersion, GooglePacket } from './google-packet.js';
import { InitialKeys, isKnownVersion, VERSION_Q050 } from './keys.js';
import { LongHeader, PACKET } from './packet.js';
import { QuicTransaction } from './transaction.js';

const MOST_TRANSACTIONS = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 4096;
const MOST_PACKETS = 16;
const MESSAGE_HEADER_BYTES = 4;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const TO_SERVER = 0;

const FAILED = quicEvent('failed_decrypt');
const ERROR = quicEvent('error_on_data');
const TOO_LONG = quicEvent('crypto_frag_too_long');
const TOO_MANY = quicEvent('too_many_packets');

/** What the connections of a shard share. */
export class QuicShare {
  readonly arena: Arena;
  readonly pool: Pool<QuicTransaction>;
  readonly header = new LongHeader();
  readonly google = new GooglePacket();

  constructor(arena: Arena) {
    this.arena = arena;
    this.pool = new Pool(arena, MOST_TRANSACTIONS, TRANSACTION_BYTES, () => new QuicTransaction(arena));
  }
}

export class QuicConnection extends Connection {
  private readonly share: QuicShare;
  private readonly streams: readonly [CryptoStream, CryptoStream];
  /** Keys by direction. */
  private readonly keys: [InitialKeys | null, InitialKeys | null] = [null, null];
  private readonly opened: [number, number] = [0, 0];
  private tx: QuicTransaction | null = null;
  private made = 0;
  /** A set of directions in which something has come. */
  private spoken = 0;
  private isRetried = false;
  private isOver = false;

  constructor(share: QuicShare) {
    super();
    this.share = share;
    this.streams = [new CryptoStream(share.arena), new CryptoStream(share.arena)];
  }

  override parse(direction: Direction, input: Input): void {
    const { bytes, position, end } = input;
    if (!this.isOver && end > position) this.datagram(direction, bytes, position, end);
    input.take(end - position);
  }

  override release(transaction: Transaction): void {
    transaction.reset();
    this.share.pool.give(transaction as QuicTransaction);
    if (transaction !== this.tx) return;
    this.tx = null;
    this.isOver = true;
  }

  override reset(): void {
    super.reset();
    for (const stream of this.streams) stream.clear();
    this.keys.fill(null);
    this.opened.fill(0);
    this.tx = null;
    this.made = 0;
    this.spoken = 0;
    this.isRetried = false;
    this.isOver = false;
  }

  private datagram(direction: Direction, bytes: Uint8Array, at: number, end: number): void {
    const { header, google } = this.share;
    this.spoken |= 1 << direction;
    if (google.read(bytes, at, end)) return this.googlePacket(direction, bytes);
    if (!LongHeader.isLong(bytes[at])) this.finish();
    while (at < end && LongHeader.isLong(bytes[at])) {
      const tx = this.transaction();
      if (tx === null) return;
      if (!header.read(bytes, at, end)) {
        tx.raise(ERROR, direction);
        return;
      }
      this.packet(tx, direction, bytes, at);
      at = header.end;
    }
  }

  /** Each hello of a client is a transaction. */
  private googlePacket(direction: Direction, bytes: Uint8Array): void {
    const { google } = this.share;
    while (direction === TO_SERVER && google.next(bytes)) {
      if (!GoogleHello.begins(bytes, google.dataAt, google.dataEnd)) continue;
      const tx = this.transaction();
      if (tx === null) return;
      tx.version = google.version;
      const length = GoogleHello.measure(bytes, google.dataAt, google.dataEnd);
      if (length > 0) tx.google.take(google.dataAt, length, cyuVersion(google.version));
      else tx.raise(ERROR, direction);
      tx.end(1 << direction);
      this.tx = null;
    }
  }

  private packet(tx: QuicTransaction, direction: Direction, bytes: Uint8Array, at: number): void {
    const { header } = this.share;
    if (header.type === PACKET.negotiation) return;
    tx.version = header.version;
    if (!isKnownVersion(header.version)) return this.finish();
    if (header.type === PACKET.retry) return this.retry(direction);
    if (header.type !== PACKET.initial) return;
    if (direction === TO_SERVER && this.keys[0] === null) this.makeKeys(bytes);
    if (tx.progress(direction) >= QUIC_STATE.hello) return;
    if (this.opened[direction]++ >= MOST_PACKETS) {
      tx.raise(TOO_MANY, direction);
      tx.advance(direction, QUIC_STATE.hello);
      return;
    }
    const frames = this.open(direction, bytes, at);
    if (frames === undefined) tx.raise(FAILED, direction);
    else this.frames(tx, direction, frames);
  }

  /** The client begins anew, with the id that the server chose: once, and before the server says more (17.2.5.2). */
  private retry(direction: Direction): void {
    if (direction === TO_SERVER || this.isRetried || this.opened[direction] > 0) return;
    this.isRetried = true;
    this.keys.fill(null);
  }

  /** Of the id that the client chose for its first packet, or that a retry gave it for the next. */
  private makeKeys(bytes: Uint8Array): void {
    const { version, destinationAt, destinationLength } = this.share.header;
    const id = bytes.slice(destinationAt, destinationAt + destinationLength);
    this.keys[0] = new InitialKeys(version, id, 'client in');
    this.keys[1] = new InitialKeys(version, id, 'server in');
  }

  private open(direction: Direction, bytes: Uint8Array, at: number): Buffer | undefined {
    const { header } = this.share;
    const packet = Buffer.from(bytes.slice(at, header.end));
    const numberAt = header.numberAt - at;
    const [client, server] = this.keys;
    const frames = this.keys[direction]?.open(packet, numberAt);
    if (frames !== undefined || direction !== TO_SERVER) return frames;
    // Those in use are not the client's first: it may begin anew.
    this.makeKeys(bytes);
    const again = this.keys[0]!.open(packet, numberAt);
    if (again === undefined) this.keys.splice(0, 2, client, server);
    return again;
  }

  private frames(tx: QuicTransaction, direction: Direction, frames: Buffer): void {
    const stream = this.streams[direction];
    const result = readFrames(frames, stream, tx.version === VERSION_Q050);
    if (result === 'malformed') tx.raise(ERROR, direction);
    if (result === 'too_long') tx.raise(TOO_LONG, direction);
    this.hello(tx, direction, stream);
  }

  /** Reads the hello once it is whole. */
  private hello(tx: QuicTransaction, direction: Direction, stream: CryptoStream): void {
    const { ready, text } = stream;
    if (ready < MESSAGE_HEADER_BYTES) return;
    const { bytes } = this.share.arena;
    const { start } = text;
    const isClient = direction === TO_SERVER;
    if (tx.version === VERSION_Q050 && !(isClient && bytes[start] === CLIENT_HELLO)) {
      this.googleHello(tx, direction, stream);
      return;
    }
    const length = (bytes[start + 1] << 16) | (bytes[start + 2] << 8) | bytes[start + 3];
    const isHello = bytes[start] === (isClient ? CLIENT_HELLO : SERVER_HELLO);
    if (isHello && MESSAGE_HEADER_BYTES + length > ready) return;
    const hello = isClient ? tx.client : tx.server;
    if (!isHello || !hello.take(start + MESSAGE_HEADER_BYTES, length, !isClient)) tx.raise(ERROR, direction);
    stream.clear();
    tx.advance(direction, QUIC_STATE.hello);
  }

  /** Of Q050, which is encrypted as version 1 is; of servers nothing is read. */
  private googleHello(tx: QuicTransaction, direction: Direction, stream: CryptoStream): void {
    const { bytes } = this.share.arena;
    const { ready, text } = stream;
    if (direction === TO_SERVER) {
      const length = GoogleHello.measure(bytes, text.start, text.start + ready);
      if (length === MORE) return;
      if (length === NONE) tx.raise(ERROR, direction);
      else tx.google.take(text.start, length, cyuVersion(tx.version));
    }
    stream.clear();
    tx.advance(direction, QUIC_STATE.hello);
  }

  private transaction(): QuicTransaction | null {
    if (this.tx !== null) return this.tx;
    const tx = this.share.pool.take();
    if (tx === undefined) return null;
    this.tx = tx;
    tx.id = this.made++;
    this.transactions[this.count++] = tx;
    return tx;
  }

  /** No hello is to come any more. */
  private finish(): void {
    for (const stream of this.streams) stream.clear();
    this.tx?.end(this.spoken);
  }
}
