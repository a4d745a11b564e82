/**
 * A flow of messages that are read one by one: what small protocols have in common. Stage: app.
 *
 * A message is taken when it is whole. Behind a gap of a stream the next one is searched for by the protocol's probe;
 * what lies before it is passed over. Bounds: the open transactions of the shard, beyond which bytes wait.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { ApplicationName } from '../applications.js';
import { BerReader } from '../asn1/ber-reader.js';
import { Connection } from '../connection.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import { ANSWER, type Probe } from '../probe/answer.js';
import type { Protocol } from '../protocol.js';
import type { Transaction } from '../transaction.js';
import { ByteReader } from './byte-reader.js';
import { COMPLETE, MESSAGE } from './field-transaction.js';

const MOST_TRANSACTIONS = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 2560;
/** Bytes that tell the beginning of a message. */
const PROBED_BYTES = 128;

/** What the connections of a shard share. */
export class MessageShare<T extends Transaction> {
  readonly arena: Arena;
  readonly pool: Pool<T>;
  readonly reader: ByteReader;
  readonly ber: BerReader;

  constructor(arena: Arena, make: (arena: Arena) => T) {
    this.arena = arena;
    this.pool = new Pool(arena, MOST_TRANSACTIONS, TRANSACTION_BYTES, () => make(arena));
    this.reader = new ByteReader(arena.bytes);
    this.ber = new BerReader(arena.bytes);
  }
}

export abstract class MessageConnection<T extends Transaction> extends Connection {
  protected readonly share: MessageShare<T>;
  private made = 0;
  /** A set of directions in which the beginning of the next message is not known. */
  private lost = 0;

  constructor(share: MessageShare<T>) {
    super();
    this.share = share;
  }

  override parse(direction: Direction, input: Input): void {
    if (input.datagram) {
      // As a rule there is one; a parser that takes its message from the input is asked for the next.
      for (let left = Infinity; input.available > 0 && input.available < left;) {
        left = input.available;
        if (!this.message(direction, input)) break;
      }
      input.take(input.available);
      return;
    }
    while (!this.broken && input.available > 0) {
      if (((this.lost >>> direction) & 1) !== 0 && !this.resynchronise(direction, input)) return;
      if (!this.message(direction, input)) return;
    }
  }

  override gap(direction: Direction, _bytes: number): boolean {
    this.lose(direction);
    return this.probe(direction) !== null;
  }

  override release(transaction: Transaction): void {
    transaction.reset();
    this.share.pool.give(transaction as T);
  }

  override reset(): void {
    super.reset();
    this.made = 0;
    this.lost = 0;
  }

  /** Takes the next message, or the datagram. @returns false where it is not all there, or there is no room for it. */
  protected abstract message(direction: Direction, input: Input): boolean;

  protected get ber(): BerReader {
    return this.share.ber;
  }

  /** The beginning of the next message is not known: it is searched for. */
  protected lose(direction: Direction): void {
    this.lost |= 1 << direction;
  }

  /** What tells the beginning of a message; null where nothing does. */
  protected probe(_direction: Direction): Probe | null {
    return null;
  }

  /** A new transaction; null where there are too many. */
  protected begin(): T | null {
    const tx = this.share.pool.take();
    if (tx === undefined) return null;
    tx.id = this.made++;
    this.transactions[this.count++] = tx;
    return tx;
  }

  /** A message that is a transaction of its own: there is nothing to wait for from the other side. */
  protected completeAlone(tx: T, direction: Direction): void {
    tx.progressToServer = MESSAGE;
    tx.progressToClient = MESSAGE;
    tx.dirty |= 1 << direction;
  }

  /** The same, where the event of the message has its sender as source, as Suricata has it of this protocol. */
  protected completeAsSent(tx: T, direction: Direction): void {
    tx.direction = direction;
    this.completeAlone(tx, direction);
  }

  /** @returns false where no beginning of a message was found yet. */
  private resynchronise(direction: Direction, input: Input): boolean {
    const probe = this.probe(direction)!;
    const { bytes, end } = input;
    let at = input.position;
    let answer: number = ANSWER.no;
    for (; at < end; at++) {
      answer = probe(bytes, at, Math.min(end - at, PROBED_BYTES), direction);
      if (answer === ANSWER.yes || (answer === ANSWER.more && end - at < PROBED_BYTES)) break;
    }
    input.take(at - input.position);
    if (answer !== ANSWER.yes) return false;
    this.lost &= ~(1 << direction);
    return true;
  }
}

type Open<T extends Transaction> = (share: MessageShare<T>) => Connection;

/** A protocol of such connections; `crowded`: the event of transactions that are too many. */
export function messageProtocol<T extends Transaction>(
  name: ApplicationName,
  transaction: (arena: Arena) => T,
  open: Open<T>,
  crowded?: number,
  complete: Protocol['complete'] = COMPLETE,
): Protocol {
  const shares = new WeakMap<Arena, MessageShare<T>>();
  return {
    name,
    complete,
    endsRange: 'message',
    ...(crowded === undefined ? {} : { crowded }),
    open(arena) {
      let share = shares.get(arena);
      if (share === undefined) {
        share = new MessageShare(arena, transaction);
        shares.set(arena, share);
      }
      return open(share);
    },
  };
}
