/**
 * Messages of DNS that another protocol carries (DNS over HTTPS, RFC 8484): rules over DNS look at them as at any, on
 * the flow of that protocol. Stage: app. One object for a shard: what a packet made known is inspected before the next.
 *
 * Bounds: those of a message of DNS; as many messages as the carrier has transactions, MOST_MESSAGES in all. What is
 * beyond, or finds no memory, is not looked at, and counted (`refused`).
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { BASE64URL_VALUES, NO_BASE64 } from '../../util/base64-values.js';
import { Pool } from '../pool.js';
import { TextBlock } from '../text-block.js';
import type { Transaction } from '../transaction.js';
import { dnsEvent } from './events.js';
import { isPlausible, MessageReader } from './message-reader.js';
import { DnsTransaction } from './transaction.js';

const MOST_MESSAGES = 65_536;
/** Of the heap, for each. */
const MESSAGE_BYTES = 1024;
const MOST_MESSAGE_BYTES = 65_535;
const MALFORMED = dnsEvent('malformed_data');

export class CarriedMessages {
  /** Those that are to be inspected: the first `count`. */
  readonly messages: DnsTransaction[] = [];
  count = 0;
  /** Messages that were not looked at: too long, too many at a time, or there was no memory. */
  refused = 0;
  private readonly arena: Arena;
  private readonly reader: MessageReader;
  private readonly pool: Pool<DnsTransaction>;
  private readonly decoded: TextBlock;

  constructor(arena: Arena) {
    this.arena = arena;
    this.reader = new MessageReader(arena.bytes);
    this.pool = new Pool(arena, MOST_MESSAGES, MESSAGE_BYTES, () => new DnsTransaction(arena));
    this.decoded = new TextBlock(arena, MOST_MESSAGE_BYTES);
  }

  /** `length` bytes from `start` on are a message, which `carrier` carries. */
  add(carrier: Transaction, direction: Direction, start: number, length: number): void {
    const message = length > MOST_MESSAGE_BYTES ? undefined : this.pool.take();
    if (message === undefined) {
      this.refused++;
      return;
    }
    message.id = carrier.id;
    message.carrier = carrier;
    message.begin('dns', direction, start, length);
    if (message.messageBytes < length) {
      this.refused++;
      this.giveBack(message);
      return;
    }
    if (isPlausible(this.arena.bytes, start, length)) this.reader.read(message, start, length);
    else message.raise(MALFORMED, direction);
    message.complete();
    this.messages[this.count++] = message;
  }

  /** The same of a message in base64url, up to what is no character of it. */
  addEncoded(carrier: Transaction, direction: Direction, start: number, length: number): void {
    const { decoded } = this;
    if (decoded.reserve((length * 3) >>> 2)) {
      this.decode(start, length);
      if (decoded.length > 0) this.add(carrier, direction, decoded.start, decoded.length);
    } else {
      this.refused++;
    }
    decoded.clear();
  }

  /** All were inspected. */
  clear(): void {
    for (let index = 0; index < this.count; index++) {
      const message = this.messages[index]!;
      if (message.inspection !== 0) this.arena.free(message.inspection);
      message.inspection = 0;
      this.giveBack(message);
    }
    this.count = 0;
  }

  private giveBack(message: DnsTransaction): void {
    message.reset();
    this.pool.give(message);
  }

  private decode(start: number, length: number): void {
    const { bytes } = this.arena;
    let [bits, held] = [0, 0];
    for (let at = start; at < start + length; at++) {
      const value = BASE64URL_VALUES[bytes[at]!]!;
      if (value === NO_BASE64) return;
      bits = ((bits << 6) | value) & 0xffff;
      held += 6;
      if (held < 8) continue;
      held -= 8;
      this.decoded.push((bits >>> held) & 0xff);
    }
  }
}

const OF_ARENA = new WeakMap<Arena, CarriedMessages>();

/** Those of the shard whose arena it is. */
export function carriedMessages(arena: Arena): CarriedMessages {
  let carried = OF_ARENA.get(arena);
  if (carried === undefined) {
    carried = new CarriedMessages(arena);
    OF_ARENA.set(arena, carried);
  }
  return carried;
}
