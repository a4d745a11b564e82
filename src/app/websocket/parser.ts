/**
 * WebSocket on one connection, behind its upgrade from HTTP/1.1. Stage: app. Reference: RFC 6455, RFC 7692.
 *
 * Each frame is a transaction: its payload without the mask, decompressed where it says so; a fragment's is its message
 * so far, with it. Frames are read whole, but for what is beyond PAYLOAD_LIMIT, which is passed over. A gap ends the
 * protocol on the flow, as nothing tells where a frame begins.
 */
import { MessageFrames } from '../frame/message-frames.js';
import type { Arena } from '../../memory/arena.js';
import type { Direction } from '../../flow/flow.js';
import { Connection } from '../connection.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import type { Transaction } from '../transaction.js';
import { WEBSOCKET_FLAG } from './buffers.js';
import { webSocketEvent } from './events.js';
import { FragmentedMessage } from './message.js';
import { PAYLOAD_LIMIT, WebSocketTransaction } from './transaction.js';

const MASKED = 0x80;
const SHORT = 126;
const LONG = 127;
const CONTROL = 8;
/** Transactions of a shard. */
const TRANSACTION_LIMIT = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 512;
const WORD = 0x1_0000_0000;
const EVENT = {
  long: webSocketEvent('skip_end_of_payload'),
  reassembly: webSocketEvent('reassembly_limit_reached'),
  decompression: webSocketEvent('failed_decompression'),
};

const FRAMES = new MessageFrames('websocket.pdu', 'websocket.header', 'websocket.data');

export class WebSocketConnection extends Connection {
  private readonly pool: Pool<WebSocketTransaction>;
  private readonly messages: readonly [FragmentedMessage, FragmentedMessage];
  private made = 0;
  /** Of the frame at hand: bytes of its head and of its payload, and where its mask is; -1 without one. */
  private head = 0;
  private length = 0;
  private maskAt = -1;

  constructor({ arena, pool }: WebSocketShare) {
    super();
    this.pool = pool;
    this.messages = [new FragmentedMessage(arena), new FragmentedMessage(arena)];
  }

  override parse(direction: Direction, input: Input): void {
    while (this.readHead(input)) {
      const shown = Math.min(this.length, PAYLOAD_LIMIT);
      if (input.available < this.head + shown) return;
      if (input.frames !== null)
        FRAMES.note(input.frames, direction, input.position, this.head, this.head + this.length);
      this.readFrame(direction, input, shown);
      input.skip(this.head + this.length);
    }
  }

  override release(transaction: Transaction): void {
    transaction.reset();
    this.pool.give(transaction as WebSocketTransaction);
  }

  override reset(): void {
    super.reset();
    for (const message of this.messages) message.clear();
    this.made = 0;
  }

  /** @returns whether the head of a frame is there. */
  private readHead({ bytes, position, available }: Input): boolean {
    if (available < 2) return false;
    const second = bytes[position + 1]!;
    const short = second & ~MASKED;
    const size = short === LONG ? 8 : short === SHORT ? 2 : 0;
    const mask = (second & MASKED) !== 0 ? 4 : 0;
    this.head = 2 + size + mask;
    if (available < this.head) return false;
    let length = size === 0 ? short : 0;
    for (let at = 0; at < size; at++) length = length * 256 + bytes[position + 2 + at]!;
    this.length = Math.min(length, Number.MAX_SAFE_INTEGER - this.head);
    this.maskAt = mask === 0 ? -1 : position + 2 + size;
    return true;
  }

  private readFrame(direction: Direction, { bytes, position }: Input, shown: number): void {
    const transaction = this.open();
    const message = this.messages[direction];
    const first = bytes[position]!;
    const opcode = first & 15;
    const isControl = opcode >= CONTROL;
    const isOnly = isControl || (opcode !== 0 && (first & WEBSOCKET_FLAG.fin) !== 0);
    const isCompressed = (first & WEBSOCKET_FLAG.comp) !== 0;
    if (transaction === null) return;
    transaction.direction = direction;
    transaction.opcode = opcode;
    transaction.flags = first & 0xf0;
    if (this.maskAt >= 0) transaction.mask = maskOf(bytes, this.maskAt);
    if (this.length > shown) transaction.raise(EVENT.long, direction);
    transaction.sent(direction);
    if (isOnly && !isCompressed) {
      this.append(transaction.payload, bytes, position + this.head, shown);
      return;
    }
    if (opcode !== 0) message.begin(isCompressed);
    if (!this.append(message.text, bytes, position + this.head, shown)) transaction.raise(EVENT.reassembly, direction);
    this.show(transaction, message, direction, isOnly || (first & WEBSOCKET_FLAG.fin) !== 0);
  }

  /** What the message says so far, or as a whole. */
  private show(
    transaction: WebSocketTransaction,
    message: FragmentedMessage,
    direction: Direction,
    isWhole: boolean,
  ): void {
    const { text, isCompressed } = message;
    if (isCompressed && isWhole) {
      if (!message.inflateTo(transaction.payload)) transaction.raise(EVENT.decompression, direction);
    } else if (!isCompressed) {
      transaction.payload.append(text.start, text.length);
    }
    if (isWhole) text.clear();
  }

  /** Appends a payload without its mask. @returns false where there is no room. */
  private append(out: TextTarget, bytes: Uint8Array, from: number, count: number): boolean {
    if (count === 0) return true;
    const at = out.append(from, count);
    if (at < 0) return false;
    if (this.maskAt < 0) return true;
    const start = out.start + at;
    for (let index = 0; index < count; index++) bytes[start + index]! ^= bytes[this.maskAt + (index & 3)]!;
    return true;
  }

  private open(): WebSocketTransaction | null {
    const transaction = this.pool.take();
    if (transaction === undefined) return null;
    transaction.id = this.made++;
    this.transactions[this.count++] = transaction;
    return transaction;
  }
}

type TextTarget = WebSocketTransaction['payload'];

function maskOf(bytes: Uint8Array, at: number): number {
  const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return word < 0 ? word + WORD : word;
}

/** What connections of one shard share. */
export class WebSocketShare {
  readonly arena: Arena;
  readonly pool: Pool<WebSocketTransaction>;

  constructor(arena: Arena) {
    this.arena = arena;
    this.pool = new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new WebSocketTransaction(arena));
  }
}
