/**
 * HTTP/2 on one connection: frames, streams, header blocks. Stage: app. Reference: RFC 9113.
 *
 * A stream is a transaction: a request and its response; each frame of the connection itself (stream 0) is one as well,
 * complete at once. Bodies are taken as they come; other frames are read whole. What leaves the table of headers
 * unknown, a damaged block or a gap outside of a body, ends the protocol on the flow.
 *
 * Bounds: FRAME_LIMIT bytes of a frame that is read whole, BLOCK_LIMIT of a header block in parts, so many streams as
 * the settings say, beyond which the oldest are given up, TRANSACTION_LIMIT on a shard.
 */
import { bytesOfFrame, MessageFrames } from '../frame/message-frames.js';
import type { Arena } from '../../memory/arena.js';
import { DIRECTION, opposite, type Direction } from '../../flow/flow.js';
import { Connection } from '../connection.js';
import { carriedMessages, type CarriedMessages } from '../dns/carried-messages.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import type { Transaction } from '../transaction.js';
import { HTTP1_STATE } from '../http1/buffers.js';
import { TRANSACTION_LIMIT, type Http1Settings } from '../http1/settings.js';
import { FRAME } from './buffers.js';
import { http2Event } from './events.js';
import { noteFrame, noteValues } from './frame-values.js';
import { NOTE } from './frame-notes.js';
import { HeaderCollector } from './header-collector.js';
import { HPACK } from './hpack.js';
import { takeCarriedDns } from './carried-dns.js';
import { addBody, closeBody, finishHeaders } from './message-parts.js';
import { Http2Side } from './side.js';
import { Http2Transaction } from './transaction.js';

/** Of the heap, for each transaction. */
const TRANSACTION_BYTES = 6656;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const HEADER_BYTES = 9;
const FRAME_LIMIT = 65_536;
const RESET_LIMIT = 100;
const FLAG = { endStream: 1, endHeaders: 4, padded: 8, priority: 32 } as const;
const PRIORITY_BYTES = 5;
const EVENT = {
  magic: http2Event('invalid_client_magic'),
  frameHeader: http2Event('invalid_frame_header'),
  longFrame: http2Event('long_frame_data'),
  padding: http2Event('extra_header_data'),
  header: http2Event('invalid_header'),
  integer: http2Event('header_integer_overflow'),
  table: http2Event('header_table_overflow'),
  reuse: http2Event('stream_id_reuse'),
  streams: http2Event('too_many_streams'),
  block: http2Event('reassembly_limit_reached'),
  zero: http2Event('data_stream_zero'),
  resets: http2Event('rapid_reset'),
  gap: http2Event('gap'),
};

const NOTED = new MessageFrames('http2.pdu', 'http2.hdr', 'http2.data');

export class Http2Connection extends Connection {
  private readonly share: Http2Share;
  private readonly sides: readonly [Http2Side, Http2Side];
  private readonly streams = new Map<number, Http2Transaction>();
  private made = 0;
  private resets = 0;
  /** Of the frame at hand. */
  private length = 0;
  private type = 0;
  private flags = 0;
  private stream = 0;

  constructor(share: Http2Share) {
    super();
    this.share = share;
    this.sides = [new Http2Side(share.arena), new Http2Side(share.arena)];
  }

  override parse(direction: Direction, input: Input): void {
    const side = this.sides[direction];
    if (!side.hasBegun && !this.begin(side, direction, input)) return;
    while (!this.broken && input.available > 0 && this.readPart(side, direction, input));
    if (input.last) this.close(direction);
  }

  /** A body goes on behind a gap in it; where frames begin behind any other is not known. */
  override gap(direction: Direction, bytes: number): boolean {
    const side = this.sides[direction];
    if (side.dataLeft + side.padding < bytes) return false;
    if (side.data !== null) {
      side.data.raise(EVENT.gap, direction);
      (direction === DIRECTION.toServer ? side.data.request : side.data.response).body.interrupt();
    }
    const ofData = Math.min(bytes, side.dataLeft);
    side.dataLeft -= ofData;
    side.padding -= bytes - ofData;
    if (side.dataLeft + side.padding === 0) this.endData(side, direction);
    return true;
  }

  override close(direction: Direction): void {
    for (let index = 0; index < this.count; index++)
      this.complete(this.transactions[index] as Http2Transaction, direction);
  }

  override release(transaction: Transaction): void {
    const released = transaction as Http2Transaction;
    for (const side of this.sides) if (side.data === released) side.data = null;
    if (this.streams.get(released.stream) === released) this.streams.delete(released.stream);
    released.reset();
    this.share.pool.give(released);
  }

  override reset(): void {
    super.reset();
    for (const side of this.sides) side.clear();
    this.streams.clear();
    this.made = 0;
    this.resets = 0;
  }

  /** The client's preface. @returns whether frames come next. */
  private begin(side: Http2Side, direction: Direction, input: Input): boolean {
    side.hasBegun = direction === DIRECTION.toClient;
    if (side.hasBegun) return true;
    if (input.available < PREFACE.length && !input.last) return false;
    side.hasBegun = isPreface(input);
    if (side.hasBegun) input.take(PREFACE.length);
    else this.breakOff(direction, EVENT.magic);
    return side.hasBegun;
  }

  /** Reads a frame, or what is there of a body. @returns false where more bytes are needed. */
  private readPart(side: Http2Side, direction: Direction, input: Input): boolean {
    if (side.dataLeft + side.padding > 0) {
      this.readData(side, direction, input);
      return true;
    }
    if (input.available < HEADER_BYTES) return false;
    this.readHeader(input);
    const whole = HEADER_BYTES + this.length;
    const isAsked = NOTED.areAsked(input.frames);
    const isThere = input.available >= bytesOfFrame(whole);
    if (isAsked && !isThere && !input.last) return false;
    if (side.blockStream !== 0 && (this.type !== FRAME.continuation || this.stream !== side.blockStream)) {
      this.breakOff(direction, EVENT.frameHeader);
      return false;
    }
    const isRead = this.type !== FRAME.data && this.length <= FRAME_LIMIT && this.type <= FRAME.continuation;
    if (isRead && input.available < whole) return false;
    if (isAsked && isThere) NOTED.note(input.frames!, direction, input.position, HEADER_BYTES, whole);
    if (this.type === FRAME.data) return this.beginData(side, direction, input);
    if (!isRead) return this.passOver(direction, input);
    const from = input.position + HEADER_BYTES;
    this.readFrame(side, direction, input.bytes, from, from + this.length);
    if (!this.broken) input.take(whole);
    return !this.broken;
  }

  private readHeader({ bytes, position: at }: Input): void {
    this.length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    this.type = bytes[at + 3]!;
    this.flags = bytes[at + 4]!;
    this.stream = ((bytes[at + 5]! & 0x7f) << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
  }

  /** Frames of types that are not known, and those that are too long. */
  private passOver(direction: Direction, input: Input): boolean {
    if (this.type <= FRAME.continuation) {
      const isHeaders = this.type === FRAME.headers || this.type === FRAME.continuation;
      if (isHeaders || this.type === FRAME.push_promise) {
        this.breakOff(direction, EVENT.longFrame);
        return false;
      }
      this.openControl(direction)?.raise(EVENT.longFrame, direction);
    }
    input.skip(HEADER_BYTES + this.length);
    return true;
  }

  // ----------------------------------------------------------------------- bodies

  private beginData(side: Http2Side, direction: Direction, input: Input): boolean {
    const isPadded = this.has(FLAG.padded) && this.length > 0;
    if (isPadded && input.available <= HEADER_BYTES) return false;
    const padding = isPadded ? input.bytes[input.position + HEADER_BYTES]! : 0;
    const payload = this.length - (isPadded ? 1 : 0);
    side.data = this.streams.get(this.stream) ?? null;
    if (this.stream === 0) this.openControl(direction)?.raise(EVENT.zero, direction);
    side.padding = Math.min(padding, payload);
    side.dataLeft = payload - side.padding;
    side.dataEndsStream = this.has(FLAG.endStream);
    if (padding > payload) side.data?.raise(EVENT.padding, direction);
    if (side.data !== null) noteFrame(side.data, NOTE.type, FRAME.data, direction);
    input.take(HEADER_BYTES + (isPadded ? 1 : 0));
    if (payload === 0) this.endData(side, direction);
    return true;
  }

  private readData(side: Http2Side, direction: Direction, input: Input): void {
    const count = Math.min(side.dataLeft, input.available);
    if (count > 0) {
      if (side.data !== null) addBody(side.data, direction, input.position, count);
      input.take(count);
      side.dataLeft -= count;
    }
    const padding = side.dataLeft > 0 ? 0 : Math.min(side.padding, input.available);
    input.take(padding);
    side.padding -= padding;
    if (side.dataLeft + side.padding === 0) this.endData(side, direction);
  }

  private endData(side: Http2Side, direction: Direction): void {
    if (side.data !== null && side.dataEndsStream) this.complete(side.data, direction);
    side.data = null;
  }

  // ----------------------------------------------------------------- other frames

  private readFrame(side: Http2Side, direction: Direction, bytes: Uint8Array, from: number, end: number): void {
    switch (this.type) {
      case FRAME.headers:
        return this.readHeaders(side, direction, bytes, from, end);
      case FRAME.push_promise:
        return this.readPromise(side, direction, bytes, from, end);
      case FRAME.continuation:
        return this.readContinuation(side, direction, from, end);
      default:
        this.readControl(direction, bytes, from, end);
    }
  }

  private readControl(direction: Direction, bytes: Uint8Array, from: number, end: number): void {
    const transaction = this.stream === 0 ? this.openControl(direction) : (this.streams.get(this.stream) ?? null);
    if (transaction === null) return;
    noteFrame(transaction, NOTE.type, this.type, direction);
    noteValues(transaction, this.type, direction, bytes, from, end);
    transaction.dirty |= 1 << direction;
    if (this.type === FRAME.rst_stream) this.takeReset(transaction, direction);
  }

  private takeReset(transaction: Http2Transaction, direction: Direction): void {
    const isEarly = direction === DIRECTION.toServer && transaction.progressToClient < HTTP1_STATE.headers;
    if (isEarly && ++this.resets === RESET_LIMIT + 1) transaction.raise(EVENT.resets, direction);
    this.complete(transaction, DIRECTION.toServer);
    this.complete(transaction, DIRECTION.toClient);
  }

  private readHeaders(side: Http2Side, direction: Direction, bytes: Uint8Array, from: number, end: number): void {
    let start = from;
    let stop = end;
    if (this.has(FLAG.padded)) stop = end - (start < end ? bytes[start++]! : 0);
    let weight = -1;
    if (this.has(FLAG.priority)) {
      weight = start + PRIORITY_BYTES <= end ? bytes[start + PRIORITY_BYTES - 1]! : 0;
      start += PRIORITY_BYTES;
    }
    if (start > stop || this.stream === 0) return this.breakOff(direction, EVENT.padding);
    side.blockStream = this.stream;
    side.blockEndsStream = this.has(FLAG.endStream);
    side.blockIsPromise = false;
    const transaction = this.streams.get(this.stream) ?? this.openStream(side, direction, this.stream);
    if (transaction !== null) {
      noteFrame(transaction, NOTE.type, FRAME.headers, direction);
      if (weight >= 0) noteFrame(transaction, NOTE.priority, weight, direction);
    }
    this.takeBlock(side, direction, start, stop);
  }

  /** A request that the server says to have had. */
  private readPromise(side: Http2Side, direction: Direction, bytes: Uint8Array, from: number, end: number): void {
    let start = from;
    let stop = end;
    if (this.has(FLAG.padded)) stop = end - (start < end ? bytes[start++]! : 0);
    if (start + 4 > stop) return this.breakOff(direction, EVENT.padding);
    const stream =
      ((bytes[start]! & 0x7f) << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!;
    side.blockStream = this.stream === 0 ? stream : this.stream;
    side.blockEndsStream = true;
    side.blockIsPromise = true;
    const known = this.streams.get(this.stream);
    if (known !== undefined) noteFrame(known, NOTE.type, FRAME.push_promise, direction);
    side.blockPromised = stream;
    this.takeBlock(side, direction, start + 4, stop);
  }

  private readContinuation(side: Http2Side, direction: Direction, from: number, end: number): void {
    if (side.blockStream === 0) return this.breakOff(direction, EVENT.frameHeader);
    const transaction = this.streams.get(side.blockStream);
    if (transaction !== undefined) noteFrame(transaction, NOTE.type, FRAME.continuation, direction);
    this.takeBlock(side, direction, from, end);
  }

  /** Takes a part of a header block; reads it when that was the last. */
  private takeBlock(side: Http2Side, direction: Direction, from: number, end: number): void {
    const { fragments } = side;
    const isLast = this.has(FLAG.endHeaders);
    if (isLast && fragments.length === 0) return this.readBlock(side, direction, from, end);
    if (fragments.append(from, end - from) < 0) return this.breakOff(direction, EVENT.block);
    if (!isLast) return;
    this.readBlock(side, direction, fragments.start, fragments.start + fragments.length);
    fragments.clear();
  }

  private readBlock(side: Http2Side, direction: Direction, from: number, end: number): void {
    const { collector } = this.share;
    collector.begin();
    const result = side.hpack.read(from, end, collector);
    const stream = side.blockIsPromise ? side.blockPromised : side.blockStream;
    side.blockStream = 0;
    const transaction =
      this.streams.get(stream) ?? (side.blockIsPromise ? this.openStream(side, direction, stream) : null);
    if (transaction !== null) {
      const of = side.blockIsPromise ? DIRECTION.toServer : direction;
      finishHeaders(transaction, of, collector, this.sides[of].credit);
      if (side.blockEndsStream) this.complete(transaction, of);
    }
    collector.end();
    if (result === HPACK.damaged) this.breakOff(direction, EVENT.header, transaction);
    else if (result === HPACK.integer) this.breakOff(direction, EVENT.integer, transaction);
    else if (result === HPACK.table) this.breakOff(direction, EVENT.table, transaction);
  }

  // ------------------------------------------------------------------ transactions

  private openStream(side: Http2Side, direction: Direction, stream: number): Http2Transaction | null {
    const transaction = this.open(stream);
    if (transaction === null) return null;
    this.streams.set(stream, transaction);
    // What servers open was asked for elsewhere: before an upgrade, or before the mirror began.
    const isAnswer = direction === DIRECTION.toClient && !side.blockIsPromise;
    if (isAnswer) transaction.progressToServer = HTTP1_STATE.complete;
    else if (stream <= side.lastStream) transaction.raise(EVENT.reuse, direction);
    side.lastStream = Math.max(side.lastStream, stream);
    transaction.advance(direction, HTTP1_STATE.started);
    this.limitStreams(direction);
    return transaction;
  }

  /** The oldest are given up where too many are open; those of the connection itself are complete. */
  private limitStreams(direction: Direction): void {
    if (this.streams.size <= this.share.openStreams) return;
    for (const [stream, oldest] of this.streams) {
      oldest.raise(EVENT.streams, direction);
      this.complete(oldest, DIRECTION.toServer);
      this.complete(oldest, DIRECTION.toClient);
      this.streams.delete(stream);
      this.status.cut++;
      return;
    }
  }

  /** One frame of the connection itself, seen on one side. */
  private openControl(direction: Direction): Http2Transaction | null {
    const transaction = this.open(0);
    if (transaction === null) return null;
    transaction.progressToServer = HTTP1_STATE.complete;
    transaction.progressToClient = HTTP1_STATE.complete;
    transaction.inspected = 1 << opposite(direction);
    transaction.dirty = 1 << direction;
    return transaction;
  }

  private open(stream: number): Http2Transaction | null {
    const transaction = this.share.pool.take();
    if (transaction === undefined) return null;
    transaction.id = this.made++;
    transaction.stream = stream;
    this.transactions[this.count++] = transaction;
    return transaction;
  }

  private complete(transaction: Http2Transaction, direction: Direction): void {
    if (transaction.progress(direction) === HTTP1_STATE.complete) return;
    closeBody(transaction, direction);
    takeCarriedDns(transaction, direction, this.share.carried);
    transaction.advance(direction, HTTP1_STATE.complete);
    const isOver =
      transaction.progressToServer === HTTP1_STATE.complete && transaction.progressToClient === HTTP1_STATE.complete;
    if (isOver) this.streams.delete(transaction.stream);
  }

  /** Nothing behind it can be read. */
  private breakOff(direction: Direction, event: number, at: Http2Transaction | null = null): void {
    const transaction = at ?? this.streams.get(this.stream) ?? this.openControl(direction);
    transaction?.raise(event, direction);
    this.broken = true;
  }

  private has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
}

function isPreface({ bytes, position, available }: Input): boolean {
  if (available < PREFACE.length) return false;
  for (let at = 0; at < PREFACE.length; at++) if (bytes[position + at] !== PREFACE[at]) return false;
  return true;
}

/** What connections of one shard share. */
export class Http2Share {
  readonly arena: Arena;
  readonly pool: Pool<Http2Transaction>;
  readonly collector: HeaderCollector;
  readonly carried: CarriedMessages;
  readonly openStreams: number;

  constructor(arena: Arena, settings: Http1Settings) {
    this.openStreams = settings.openRequests;
    this.arena = arena;
    this.carried = carriedMessages(arena);
    this.pool = new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new Http2Transaction(arena, settings));
    this.collector = new HeaderCollector(arena);
  }
}
