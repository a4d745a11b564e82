/**
 * HTTP/1.x on one connection: which request a response belongs to, what follows gaps, CONNECT and Upgrade. Stage: app.
 *
 * Requests and responses are read by request-reader.ts and response-reader.ts, a part at a time. Requests are counted,
 * and responses: the nth response belongs to the nth request. A response to a request that is missing, or waits behind
 * what is missing, comes before that is known: it counts for both. Bounds: so many requests without response as the
 * settings say, beyond which the oldest is given up; TRANSACTION_LIMIT on a shard, beyond which bytes wait.
 */
import { frameNumber } from '../frame/buffers.js';
import type { Arena } from '../../memory/arena.js';
import type { Direction } from '../../flow/flow.js';
import type { ApplicationName } from '../applications.js';
import { Connection } from '../connection.js';
import { UNKNOWN_SUCCESSOR } from '../connection-status.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import type { Transaction } from '../transaction.js';
import { HTTP1_STATE } from './buffers.js';
import { restOfLine } from './content-reader.js';
import { http1Event } from './events.js';
import { addToBody } from './framing.js';
import type { Pairing } from './pairing.js';
import { endRequest, readRequestPart } from './request-reader.js';
import { looksLikeRequest } from './request-line.js';
import { endResponse, readResponsePart } from './response-reader.js';
import { TRANSACTION_LIMIT, type Http1Settings } from './settings.js';
import { READ, Side } from './side.js';
import { looksLikeStatus, NO_STATUS } from './status-line.js';
import { Http1Transaction } from './transaction.js';

/** Of the heap, for each transaction. */
const TRANSACTION_BYTES = 6144;

const TO_SERVER = 0;
const TO_CLIENT = 1;
const UNMATCHED = http1Event('unable_to_match_response_to_request');
const TOO_MANY = http1Event('too_many_open_transactions');
const GAP = http1Event('gap');

/** By direction. */
const FRAME_OF = [frameNumber('http1.request'), frameNumber('http1.response')] as const;

export class Http1Connection extends Connection implements Pairing {
  private readonly requests = new Side();
  private readonly responses = new Side();
  private readonly pool: Pool<Http1Transaction>;
  private readonly openRequests: number;
  /** Transactions so far, requests so far, and responses. */
  private made = 0;
  private asked = 0;
  private answered = 0;
  /** Responses without request since the last request began. */
  private unasked = 0;
  /** Of these, those whose requests may be in a gap at hand, or come behind it. */
  private late = 0;
  private isBehindGap = false;
  /** Transactions from the oldest one on that were given up during this call. */
  private givenUp = 0;

  constructor({ pool, openRequests }: Http1Share) {
    super();
    this.pool = pool;
    this.openRequests = openRequests;
  }

  override parse(direction: Direction, input: Input): void {
    this.givenUp = 0;
    if (direction === TO_SERVER) this.noteLate();
    const side = direction === TO_SERVER ? this.requests : this.responses;
    while (this.readsOn(side, input) && this.readPart(side, direction, input));
    if (input.last) this.close(direction);
  }

  override gap(direction: Direction, bytes: number): boolean {
    const side = direction === TO_SERVER ? this.requests : this.responses;
    if (side.state === READ.nothing || side.state === READ.wait) return true;
    side.searched = 0;
    if (direction === TO_SERVER) {
      this.isBehindGap = true;
      this.late = this.unasked;
    }
    side.transaction?.raise(GAP, direction);
    if (side.message?.hasEnd === false) side.message.isTorn = true;
    const inBody =
      !side.isDoubtful && (side.state === READ.body || side.state === READ.chunk || side.state === READ.bodyToEnd);
    if (inBody) side.message!.body.interrupt();
    if (inBody && side.state === READ.bodyToEnd) return true;
    if (inBody && side.left >= bytes) {
      side.message!.body.bytes += bytes;
      side.left -= bytes;
      if (side.left === 0) this.endOfBody(side, direction);
      return true;
    }
    const takesStart =
      side.isDoubtful || side.state === READ.body || (side.state === READ.line && side.transaction === null);
    this.giveUp(side, direction);
    this.lose(side);
    // Mirrors lose whole segments: what is behind the gap may well begin a message.
    side.isMidLine = false;
    if (takesStart) this.beginLost(side, direction);
    return true;
  }

  override close(direction: Direction): void {
    if (direction === TO_SERVER) {
      endRequest(this.requests);
      this.requests.state = READ.nothing;
      return;
    }
    endResponse(this.responses);
    this.responses.state = READ.nothing;
    // Nobody answers what was asked, or will be.
    for (let index = 0; index < this.count; index++) {
      const transaction = this.transactions[index]!;
      if (transaction.progressToClient < HTTP1_STATE.complete) transaction.advance(TO_CLIENT, HTTP1_STATE.complete);
    }
  }

  override release(transaction: Transaction): void {
    // One that is still read was given up as too many: its message is passed over.
    if (this.requests.transaction === transaction) this.lose(this.requests);
    if (this.responses.transaction === transaction) this.lose(this.responses);
    transaction.reset();
    this.pool.give(transaction as Http1Transaction);
  }

  override reset(): void {
    super.reset();
    this.requests.clear();
    this.responses.clear();
    this.made = 0;
    this.asked = 0;
    this.answered = 0;
    this.unasked = 0;
    this.late = 0;
    this.isBehindGap = false;
  }

  openRequest(): Http1Transaction | null {
    const transaction = this.open();
    if (transaction === null) return null;
    if (this.takesLate()) {
      // Behind those before it, and nothing looks for it.
      transaction.ordinal = this.asked - 1;
      transaction.advance(TO_CLIENT, HTTP1_STATE.complete);
    } else {
      transaction.ordinal = this.asked++;
    }
    while (this.count - this.givenUp > this.openRequests) this.giveUpOldest();
    return transaction;
  }

  beginResponse(side: Side): boolean {
    let transaction = this.find(this.answered);
    if (transaction === null) {
      transaction = this.open();
      if (transaction === null) return false;
      // In the order of the others, so that these are found; nothing looks for it.
      transaction.ordinal = Math.max(this.answered, this.asked - 1);
      transaction.raise(UNMATCHED, TO_CLIENT);
      transaction.advance(TO_SERVER, HTTP1_STATE.complete);
      if (this.answered === this.asked) {
        this.asked++;
        this.unasked++;
      }
    }
    this.answered++;
    transaction.advance(TO_CLIENT, HTTP1_STATE.started);
    side.begin(transaction, transaction.response);
    // A request without protocol may have no headers at all: an answer says that it is complete.
    const { requests } = this;
    const isRead = requests.transaction === transaction && requests.state === READ.headers;
    if (isRead && !transaction.protocol.isThere) endRequest(requests);
    return true;
  }

  tunnel(side: Side): boolean {
    endResponse(side);
    return this.endsHere(UNKNOWN_SUCCESSOR);
  }

  upgrade(side: Side, protocol: ApplicationName | ''): boolean {
    endResponse(side);
    endRequest(this.requests);
    return this.endsHere(protocol === '' ? UNKNOWN_SUCCESSOR : protocol);
  }

  resumeRequests(): void {
    if (this.requests.state === READ.wait) this.requests.state = READ.line;
  }

  passOver(side: Side, direction: Direction): void {
    const { isMidLine } = side;
    this.giveUp(side, direction);
    this.lose(side);
    side.isMidLine = isMidLine;
  }

  private giveUp(side: Side, direction: Direction): void {
    if (direction === TO_SERVER) endRequest(side);
    else endResponse(side);
  }

  private lose(side: Side): void {
    side.end();
    side.state = READ.resync;
    side.isMidLine = true;
  }

  /** A gap has taken the start of a message: it is the next one all the same, so that those behind it find theirs. */
  private beginLost(side: Side, direction: Direction): void {
    if (direction === TO_SERVER) {
      if (this.takesLate()) return;
      const transaction = this.openRequest();
      transaction?.raise(GAP, TO_SERVER);
      transaction?.advance(TO_SERVER, HTTP1_STATE.complete);
      return;
    }
    if (this.find(this.answered) === null || !this.beginResponse(side)) return;
    side.transaction!.raise(GAP, TO_CLIENT);
    side.message!.isTorn = true;
    side.state = READ.resync;
  }

  /** Requests that were answered before come behind a gap at once; all others are new. */
  private noteLate(): void {
    if (!this.isBehindGap) this.late = 0;
    this.isBehindGap = false;
  }

  /** Whether the next request was answered before it came. */
  private takesLate(): boolean {
    this.unasked = 0;
    if (this.late === 0) return false;
    this.late--;
    return true;
  }

  private readPart(side: Side, direction: Direction, input: Input): boolean {
    const { frames, position } = input;
    const { message } = side;
    const goesOn = direction === TO_SERVER ? readRequestPart(this, side, input) : readResponsePart(this, side, input);
    if (frames !== null && side.message !== message) {
      frames.take(this.status.openFrames, direction, input.position);
      frames.end(this.status.openFrames, direction);
      if (side.message !== null) frames.begin(this.status.openFrames, FRAME_OF[direction], direction, position);
    }
    return goesOn;
  }

  private readsOn(side: Side, input: Input): boolean {
    if (this.successor !== '') return false;
    if (side.state !== READ.resync) return true;
    return this.resynchronise(side, input);
  }

  /** Passes over lines to the next one that begins a message. @returns whether one begins. */
  private resynchronise(side: Side, input: Input): boolean {
    while (input.available > 0) {
      if (!side.isMidLine && this.begins(side, input)) {
        endResponse(side);
        side.restart();
        return true;
      }
      this.passLine(side, input);
    }
    return false;
  }

  /** What is there of a response whose start is lost counts as its body. */
  private passLine(side: Side, input: Input): void {
    const { position } = input;
    const count = restOfLine(side, input);
    const { transaction } = side;
    if (transaction !== null) addToBody(transaction, transaction.response.body, position, count, TO_CLIENT);
    input.take(count);
  }

  private begins(side: Side, input: Input): boolean {
    const { bytes, position, end } = input;
    if (side === this.requests) return looksLikeRequest(bytes, position, end);
    return looksLikeStatus(bytes, position, end, false) !== NO_STATUS;
  }

  /** A gap took the rest of a body, or of a chunk. */
  private endOfBody(side: Side, direction: Direction): void {
    if (side.state === READ.chunk) side.state = READ.chunkEnd;
    else this.giveUp(side, direction);
  }

  private endsHere(successor: Connection['successor']): true {
    this.successor = successor;
    this.requests.state = READ.nothing;
    this.responses.state = READ.nothing;
    return true;
  }

  private open(): Http1Transaction | null {
    const transaction = this.pool.take();
    if (transaction === undefined) return null;
    transaction.id = this.made++;
    this.transactions[this.count++] = transaction;
    return transaction;
  }

  private giveUpOldest(): void {
    const oldest = this.transactions[this.givenUp++] as Http1Transaction;
    if (this.responses.transaction === oldest) return;
    oldest.raise(TOO_MANY, TO_SERVER);
    oldest.advance(TO_SERVER, HTTP1_STATE.complete);
    oldest.advance(TO_CLIENT, HTTP1_STATE.complete);
    this.status.cut++;
  }

  /** The open transaction of a request without response: they are in order. */
  private find(ordinal: number): Http1Transaction | null {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.transactions[middle] as Http1Transaction).ordinal < ordinal) low = middle + 1;
      else high = middle;
    }
    const found = low < this.count ? (this.transactions[low] as Http1Transaction) : null;
    return found !== null && found.ordinal === ordinal && found.progressToClient === 0 ? found : null;
  }
}

/** What connections of one shard share. */
export class Http1Share {
  readonly pool: Pool<Http1Transaction>;
  readonly openRequests: number;

  constructor(arena: Arena, settings: Http1Settings) {
    this.openRequests = settings.openRequests;
    this.pool = new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new Http1Transaction(arena, settings));
  }
}
