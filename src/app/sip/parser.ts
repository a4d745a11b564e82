/**
 * SIP over UDP and TCP: messages of a first line, headers and a body. Stage: app. RFC 3261, section 7.
 *
 * A datagram is one message. In a stream the body has the length that its header says, or none; blank lines between
 * messages keep a connection open. A stream in which something begins that is no message ends the protocol there.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import { PooledConnection } from '../pooled-connection.js';
import { sipEvent } from './events.js';
import { noteFrames } from './frames.js';
import { readSdp } from './sdp.js';
import { SipTransaction } from './transaction.js';

const CR = 0x0d;
const LF = 0x0a;
const BLANK = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const TRANSACTION_LIMIT = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 1024;
const MOST_HEAD = 32_768;
const MOST_BODY = 16_384;
const MOST_LENGTH = 16_777_216;

const INVALID = sipEvent('invalid_data');
const INCOMPLETE = sipEvent('incomplete_data');
const TOO_LONG = sipEvent('too_long');

/** Headers that are looked at, by their names and the short forms of these. */
const HEADERS: ReadonlyMap<string, string> = new Map([
  ['from', 'sip.from'],
  ['f', 'sip.from'],
  ['to', 'sip.to'],
  ['t', 'sip.to'],
  ['via', 'sip.via'],
  ['v', 'sip.via'],
  ['user-agent', 'sip.user_agent'],
  ['content-type', 'sip.content_type'],
  ['c', 'sip.content_type'],
  ['content-length', 'sip.content_length'],
  ['l', 'sip.content_length'],
]);
const LONGEST_NAME = 14;
const SDP = 'application/sdp';
const VERSION = 'SIP/';

export class SipShare {
  readonly pool: Pool<SipTransaction>;

  constructor(arena: Arena) {
    this.pool = new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new SipTransaction(arena));
  }
}

const isWhite = (byte: number | undefined): boolean => byte === BLANK || byte === TAB;
const textOf = (bytes: Uint8Array, start: number, end: number): string => {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
};

/** Empty lines or zeros, as phones send them so that their address translation goes on (RFC 5626, 3.5.1). */
function keepsAlive({ bytes, position, end }: Input): boolean {
  let at = position;
  while (at < end && (bytes[at] === CR || bytes[at] === LF || bytes[at] === 0)) at++;
  return at === end;
}

export class SipConnection extends PooledConnection<SipTransaction> {
  /** By direction: bytes in front of which no headers end. */
  private readonly searched: [number, number] = [0, 0];
  /** Of the headers read last: length of the body, -1 where nothing says; whether it is SDP. */
  private bodyLength = -1;
  private isSdp = false;

  constructor(share: SipShare) {
    super(share.pool);
  }

  override parse(direction: Direction, input: Input): void {
    if (input.datagram) {
      if (this.hasRoom && !keepsAlive(input)) this.message(direction, input, input.position, input.end);
      return;
    }
    while (!this.broken && this.hasRoom && this.takeMessage(direction, input));
  }

  override reset(): void {
    super.reset();
    this.searched[0] = 0;
    this.searched[1] = 0;
  }

  /** The next message of a stream. @returns false where it is not there. */
  private takeMessage(direction: Direction, input: Input): boolean {
    const { bytes } = input;
    if (this.searched[direction] === 0) {
      while (input.available > 0 && (bytes[input.position] === CR || bytes[input.position] === LF)) input.take(1);
    }
    if (input.available === 0) return false;
    const head = this.endOfHead(direction, input);
    if (head < 0) return false;
    const stop = Math.min(input.end, head + Math.max(0, this.bodyLength));
    this.broken = !this.message(direction, input, input.position, stop);
    this.searched[direction] = 0;
    input.skip(head - input.position + Math.max(0, this.bodyLength));
    return true;
  }

  /** Where the headers end and as much of the body as is looked at is there; -1 where it is not. */
  private endOfHead(direction: Direction, input: Input): number {
    const { bytes, position, end, last } = input;
    let at = position + this.searched[direction];
    while (at < end && !endsHead(bytes, position, at)) at++;
    if (at < end) {
      const head = at + 1;
      this.bodyLength = this.lengthIn(bytes, position, head);
      const wanted = Math.min(Math.max(0, this.bodyLength), MOST_BODY);
      if (end - head >= wanted || last) return head;
      this.searched[direction] = at - position;
      return -1;
    }
    this.searched[direction] = at - position;
    return last || at - position > MOST_HEAD ? end : -1;
  }

  /** Looks for the length of the body alone. */
  private lengthIn(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end;) {
      let next = at;
      while (next < end && bytes[next] !== LF) next++;
      const colon = colonIn(bytes, at, next);
      if (colon > 0 && this.headerAt(bytes, at, colon) === 'sip.content_length')
        return numberIn(bytes, colon + 1, next);
      at = next + 1;
    }
    return -1;
  }

  /** Reads a message. @returns whether it is one. */
  private message(direction: Direction, input: Input, start: number, end: number): boolean {
    const { bytes } = input;
    const tx = this.openTransaction()!;
    tx.direction = direction;
    this.bodyLength = -1;
    this.isSdp = false;
    const line = lineEnd(bytes, start, end);
    const isResponse = textOf(bytes, start, Math.min(line, start + VERSION.length)) === VERSION;
    const isSip = this.takeFirstLine(tx, bytes, isResponse, start, contentEnd(bytes, start, line));
    tx.isMessage = isSip;
    if (!isSip) tx.raise(INVALID, direction);
    const headers = Math.min(line + 1, end);
    const body = this.takeHeaders(tx, bytes, headers, end);
    if (input.frames !== null) noteFrames(input.frames, direction, bytes, isResponse, { start, headers, body, end });
    if (body < 0) tx.raise(INCOMPLETE, direction);
    else this.takeBody(tx, bytes, headers, body, end);
    tx.complete();
    return isSip;
  }

  /** @returns whether it is one. */
  private takeFirstLine(
    tx: SipTransaction,
    bytes: Uint8Array,
    isResponse: boolean,
    start: number,
    end: number,
  ): boolean {
    const first = blankIn(bytes, start, end);
    if (isResponse) {
      const second = blankIn(bytes, first + 1, end);
      tx.take('sip.protocol', start, first);
      tx.take('sip.stat_code', first + 1, second);
      tx.takeStatus(numberIn(bytes, first + 1, second));
      if (second < end) tx.take('sip.stat_msg', second + 1, end);
      tx.take('sip.response_line', start, end);
      return first < end;
    }
    const second = blankIn(bytes, first + 1, end);
    tx.take('sip.method', start, first);
    tx.takeMethod(textOf(bytes, start, Math.min(first, start + LONGEST_NAME)));
    if (first < end) tx.take('sip.uri', first + 1, second);
    if (second < end) tx.take('sip.protocol', second + 1, end);
    tx.take('sip.request_line', start, end);
    return second < end;
  }

  /** @returns where the body begins; -1 where the headers break off. */
  private takeHeaders(tx: SipTransaction, bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end;) {
      const line = headerEnd(bytes, at, end);
      const stop = contentEnd(bytes, at, line);
      if (stop === at) return Math.min(line + 1, end);
      this.takeHeader(tx, bytes, at, stop);
      at = line + 1;
    }
    return -1;
  }

  private takeHeader(tx: SipTransaction, bytes: Uint8Array, start: number, end: number): void {
    const colon = colonIn(bytes, start, end);
    if (colon < 0) {
      tx.raise(INVALID, tx.direction);
      return;
    }
    const name = this.headerAt(bytes, start, colon);
    if (name === undefined) return;
    let at = colon + 1;
    while (at < end && isWhite(bytes[at])) at++;
    if (!tx.take(name, at, end)) tx.raise(TOO_LONG, tx.direction);
    if (name === 'sip.content_length') this.bodyLength = numberIn(bytes, at, end);
    if (name === 'sip.content_type')
      this.isSdp = textOf(bytes, at, Math.min(end, at + SDP.length)).toLowerCase() === SDP;
  }

  private takeBody(tx: SipTransaction, bytes: Uint8Array, headers: number, body: number, end: number): void {
    const present = this.bodyLength < 0 ? end - body : Math.min(this.bodyLength, end - body);
    const stop = body + Math.min(present, MOST_BODY);
    let fits = tx.take('sip_header', headers, Math.min(body, headers + MOST_HEAD));
    if (stop > body) fits = tx.take('sip_body', body, stop) && fits;
    tx.hasSdp = this.isSdp;
    if (this.isSdp) fits = readSdp(tx, bytes, body, stop) && fits;
    if (!fits) tx.raise(TOO_LONG, tx.direction);
  }

  private headerAt(bytes: Uint8Array, start: number, colon: number): string | undefined {
    let end = colon;
    while (end > start && isWhite(bytes[end - 1])) end--;
    return end - start > LONGEST_NAME ? undefined : HEADERS.get(textOf(bytes, start, end).toLowerCase());
  }
}

/** Whether an empty line ends with byte `at`. */
function endsHead(bytes: Uint8Array, start: number, at: number): boolean {
  if (bytes[at] !== LF) return false;
  const before = at - 1 >= start && bytes[at - 1] === CR ? at - 2 : at - 1;
  return before >= start && bytes[before] === LF;
}

function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== LF) at++;
  return at;
}

/** A header goes on in the next line where that begins with white space. */
function headerEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = lineEnd(bytes, start, end);
  while (at + 1 < end && at > start + 1 && isWhite(bytes[at + 1])) at = lineEnd(bytes, at + 1, end);
  return at;
}

function contentEnd(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && (bytes[end - 1] === CR || isWhite(bytes[end - 1]))) end--;
  return end;
}

function blankIn(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== BLANK) at++;
  return Math.min(at, end);
}

function colonIn(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === COLON) return at;
  return -1;
}

function numberIn(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isWhite(bytes[at])) at++;
  let value = -1;
  for (; at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++) {
    value = Math.min(Math.max(0, value) * 10 + bytes[at]! - 0x30, MOST_LENGTH);
  }
  return value;
}
