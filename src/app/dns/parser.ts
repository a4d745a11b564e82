/**
 * Messages of DNS, mDNS and LLMNR on one flow. Stage: app. A datagram is one; a stream has a length ahead of each (RFC
 * 7766).
 *
 * A message is taken when it is whole, 64 KiB at most, and is a transaction of its own. Behind a gap of a stream the
 * next message is searched for. A stream whose messages cannot be DNS ends the protocol on the flow.
 */
import type { FrameLog } from '../frame/frame-log.js';
import { frameNumber } from '../frame/buffers.js';
import { opposite, type Direction, type Flow } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { Connection } from '../connection.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import type { Transaction } from '../transaction.js';
import { dnsEvent } from './events.js';
import { isPlausible, MessageReader } from './message-reader.js';
import { beginsMessage, FOUND } from './resynchroniser.js';
import { DnsTransaction, type DnsApplication } from './transaction.js';

const LENGTH_BYTES = 2;
const MOST_TRANSACTIONS = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 1024;
const TO_SERVER = 0;
const DNS_PORT = 53;

const MALFORMED = dnsEvent('malformed_data');
const NOT_REQUEST = dnsEvent('not_request');
const NOT_RESPONSE = dnsEvent('not_response');
const OUT_OF_SYNC = dnsEvent('out_of_sync');

/** What the connections of a shard share. */
export class DnsShare {
  readonly reader: MessageReader;
  readonly pool: Pool<DnsTransaction>;

  constructor(arena: Arena) {
    this.reader = new MessageReader(arena.bytes);
    this.pool = new Pool(arena, MOST_TRANSACTIONS, TRANSACTION_BYTES, () => new DnsTransaction(arena));
  }
}

const DNS_PDU = frameNumber('dns.pdu');
const MDNS_PDU = frameNumber('mdns.pdu');

export class DnsConnection extends Connection {
  private readonly application: DnsApplication;
  private readonly share: DnsShare;
  private made = 0;
  /** Sets of directions: in which the beginning of the next message is not known; behind a gap. */
  private lost = 0;
  private behindGap = 0;
  /** Who sends first has the port of servers: what begins with an answer began before it was seen. */
  private beginsAtServer = false;
  /** In which direction requests go: the other way round, where it began so. */
  private requestsGo: Direction = TO_SERVER;

  constructor(application: DnsApplication, share: DnsShare) {
    super();
    this.application = application;
    this.share = share;
  }

  override noteFlow(flow: Flow): void {
    this.beginsAtServer = flow.port(flow.clientIsLower ? 0 : 1) === DNS_PORT;
  }

  override parse(direction: Direction, input: Input): void {
    if (input.datagram) {
      if (this.message(direction, input, input.position, input.available)) input.take(input.available);
      return;
    }
    if (((this.lost >>> direction) & 1) !== 0 && !this.resynchronise(direction, input)) return;
    while (!this.broken && this.takeMessage(direction, input));
  }

  override gap(direction: Direction, _bytes: number): boolean {
    this.lost |= 1 << direction;
    return true;
  }

  override release(transaction: Transaction): void {
    transaction.reset();
    this.share.pool.give(transaction as DnsTransaction);
  }

  override reset(): void {
    super.reset();
    this.made = 0;
    this.lost = 0;
    this.behindGap = 0;
    this.beginsAtServer = false;
    this.requestsGo = TO_SERVER;
  }

  /** The next message of a stream. @returns false where it is not there, or there is no room for it. */
  private takeMessage(direction: Direction, input: Input): boolean {
    const { available, bytes, position } = input;
    if (available < LENGTH_BYTES) return false;
    const length = (bytes[position] << 8) | bytes[position + 1];
    if (available < LENGTH_BYTES + length) return false;
    if (length > 0 && !this.message(direction, input, position + LENGTH_BYTES, length)) return false;
    input.take(LENGTH_BYTES + length);
    return true;
  }

  /** @returns false where there is no room for a transaction. */
  private message(direction: Direction, input: Input, start: number, length: number): boolean {
    const tx = this.share.pool.take();
    if (tx === undefined) return false;
    tx.id = this.made++;
    this.transactions[this.count++] = tx;
    tx.begin(this.application, direction, start, length);
    if (input.frames !== null) this.noteFrame(input.frames, direction, start, length);
    if (isPlausible(input.bytes, start, length)) this.share.reader.read(tx, start, length);
    else {
      tx.raise(MALFORMED, direction);
      this.broken = !input.datagram;
    }
    this.checkSide(tx, direction);
    tx.complete();
    return true;
  }

  private noteFrame(frames: FrameLog, direction: Direction, start: number, length: number): void {
    if (this.application === 'llmnr') return;
    frames.add(this.application === 'dns' ? DNS_PDU : MDNS_PDU, direction, start, length);
  }

  private checkSide(tx: DnsTransaction, direction: Direction): void {
    const behindGap = ((this.behindGap >>> direction) & 1) !== 0;
    if (behindGap) tx.raise(OUT_OF_SYNC, direction);
    this.behindGap &= ~(1 << direction);
    if (this.application !== 'dns' || tx.flags < 0) return;
    if (tx.id === 0 && tx.isResponse && this.beginsAtServer) this.requestsGo = opposite(direction);
    if (direction === this.requestsGo && tx.isResponse) tx.raise(NOT_REQUEST, direction);
    if (direction !== this.requestsGo && !tx.isResponse) tx.raise(NOT_RESPONSE, direction);
  }

  /** Takes what does not look like the beginning of a message. @returns false where none was found yet. */
  private resynchronise(direction: Direction, input: Input): boolean {
    const { bytes, end, position } = input;
    let at = position;
    let found = beginsMessage(bytes, at, end);
    while (found === FOUND.no) found = beginsMessage(bytes, ++at, end);
    input.take(found === FOUND.more && input.last ? end - position : at - position);
    if (found !== FOUND.yes) return false;
    this.lost &= ~(1 << direction);
    this.behindGap |= 1 << direction;
    return true;
  }
}
