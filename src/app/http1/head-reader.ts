/**
 * Reads the first line and the headers of a message from the input into its text. Stage: app.
 *
 * Bytes are copied to the message first and read there. What is not complete is left in the input, and read again from
 * the start of its line when a line end has come. Bounds: LINE_LIMIT, HEADERS_LIMIT, HEADER_LIMIT; what is beyond them
 * is passed over.
 */
import type { Direction } from '../../flow/flow.js';
import type { Input } from '../input.js';
import { CR, decimal, LF } from './characters.js';
import { http1Event } from './events.js';
import {
  FIELD,
  FieldReader,
  HEADERS_END,
  MORE,
  NOT_PLAIN,
  ODD_NAME,
  ODD_NO_COLON,
  ODD_SPACE_BEFORE,
  FOLDED,
} from './field-reader.js';
import { kindOf, kindOfName, OTHER } from './header-names.js';
import { Field } from './header-table.js';
import type { Message } from './message.js';
import { HEADERS_LIMIT, HEADER_LIMIT, LINE_LIMIT } from './settings.js';
import type { Side } from './side.js';
import { statusLineRest, UNDECIDED_REST } from './status-line-rest.js';
import type { Http1Transaction } from './transaction.js';

/** What is copied at first: most headers fit. */
const PIECE = 2048;
const CONTENT_LENGTH = kindOf('content-length');
/** Bytes of a header that is passed over, of which nothing is kept. */
const SKIP_AT = 32_768;

/** The events of a direction. */
interface HeadEvents {
  readonly noColon: number;
  readonly name: number;
  readonly folding: number;
  readonly tooLong: number;
  readonly tooMany: number;
  readonly repeated: number;
  readonly lengths: number;
}

const EVENTS: readonly [HeadEvents, HeadEvents] = [
  {
    noColon: http1Event('request_field_missing_colon'),
    name: http1Event('request_header_invalid'),
    folding: http1Event('invalid_request_field_folding'),
    tooLong: http1Event('request_field_too_long'),
    tooMany: http1Event('request_too_many_headers'),
    repeated: http1Event('request_header_repetition'),
    lengths: http1Event('duplicate_content_length_field_in_request'),
  },
  {
    noColon: http1Event('response_field_missing_colon'),
    name: http1Event('response_header_invalid'),
    folding: http1Event('invalid_response_field_folding'),
    tooLong: http1Event('response_field_too_long'),
    tooMany: http1Event('response_too_many_headers'),
    repeated: http1Event('response_header_repetition'),
    lengths: http1Event('duplicate_content_length_field_in_response'),
  },
];

const reader = new FieldReader();
const field = new Field();

/**
 * Where the line that the input begins with ends, in bytes; sets `side.searched`.
 * @returns 0 while that is not there. A line that is too long ends at its limit.
 */
export function lineLength(side: Side, input: Input, response: boolean): number {
  const { bytes, position, end } = input;
  let at = position + side.searched;
  while (at < end && bytes[at] !== LF && !(response && bytes[at] === CR)) at++;
  if (at === end) {
    side.searched = end - position;
    if (side.searched >= LINE_LIMIT) return LINE_LIMIT;
    return input.last ? side.searched : 0;
  }
  if (bytes[at] === CR) {
    if (at + 1 === end && !input.last) {
      side.searched = at - position;
      return 0;
    }
    if (at + 1 < end && bytes[at + 1] === LF) at++;
  }
  side.searched = 0;
  return Math.min(at + 1 - position, LINE_LIMIT);
}

/** Reads headers. @returns whether their end was reached, or nothing comes any more. */
export function readHeaders(side: Side, input: Input, direction: Direction): boolean {
  const transaction = side.transaction!;
  const message = side.message!;
  for (let piece = PIECE; ; piece *= 4) {
    const room = HEADERS_LIMIT - message.headersBytes;
    if (!mayRead(side, input, direction === 1, side.isCut ? SKIP_AT : room)) return false;
    if (side.isCut) return passHeaders(side, input, direction);
    const base = message.text.length;
    const count = Math.min(piece, input.available, room);
    if (message.text.append(input.position, count) >= 0) {
      const whole = count === input.available;
      const found = readPiece(side, input, base, input.last && whole, direction);
      input.take(message.text.length - base);
      if (found === HEADERS_END) return true;
      if (whole) return input.last && takeRest(input);
      // What was searched counts only where all that is there was looked at.
      side.searched = 0;
      if (piece < room) continue;
    }
    cut(side, transaction, message, direction);
  }
}

/**
 * Whether a line end is there that was not looked at, or more than `limit` bytes; else there is nothing to read yet.
 */
function mayRead(side: Side, input: Input, response: boolean, limit: number): boolean {
  if (input.last) return true;
  const { bytes, position, end } = input;
  let at = position + side.searched;
  while (at < end && bytes[at] !== LF && !(response && bytes[at] === CR)) at++;
  side.searched = at - position;
  return at < end || at - position > limit;
}

/** Reads what was copied to the text from `base` on; what is not complete is taken off again. */
function readPiece(side: Side, { bytes }: Input, base: number, last: boolean, direction: Direction): number {
  const message = side.message!;
  const { text, made } = message;
  const end = text.start + text.length;
  let at = text.start + base;
  if (direction === 1 && message.headersBytes === 0) {
    const rest = statusLineRest(bytes, at, end, last);
    if (rest === UNDECIDED_REST) {
      side.searched = 0;
      text.length = base;
      return MORE;
    }
    if (rest > 0) message.isPlain = false;
    at += rest;
  }
  let found: number;
  while ((found = reader.read(bytes, at, end, last, direction === 1, made)) === FIELD) {
    addField(side.transaction!, message, bytes, direction);
    at = reader.next;
  }
  if (found === HEADERS_END) {
    if (reader.next !== at + 2) message.isPlain = false;
    message.hasEnd = true;
    at = reader.next;
    side.searched = 0;
  } else {
    side.searched = reader.stuck - at;
  }
  text.length = at - text.start;
  message.headersBytes += text.length - base;
  return found;
}

function addField(transaction: Http1Transaction, message: Message, bytes: Uint8Array, direction: Direction): void {
  const { headers, text } = message;
  const events = EVENTS[direction];
  const { odd, nameStart, nameEnd, hash } = reader;
  if (odd !== 0) raiseOdd(transaction, odd, events, direction);
  if ((odd & NOT_PLAIN) !== 0) message.isPlain = false;
  const kind = kindOfName(bytes, nameStart, nameEnd, hash);
  if (headers.count >= HEADER_LIMIT) {
    message.isPlain = false;
    transaction.raise(events.tooMany, direction);
    // What says how long the body is, and the like, counts wherever it stands.
    if (kind === OTHER || headers.find(kind) >= 0) return;
  }
  const made = (odd & FOLDED) !== 0;
  field.name = nameStart - text.start;
  field.nameLength = nameEnd - nameStart;
  field.value = made ? reader.valueStart : reader.valueStart - text.start;
  field.valueLength = reader.valueEnd - reader.valueStart;
  field.isMade = made;
  field.hash = hash;
  field.kind = kind;
  const index = headers.add(field, text.start);
  if (index < 0) {
    message.isPlain = false;
  } else if (headers.isRepeated(index)) {
    message.isPlain = false;
    message.hasRepeated = true;
    transaction.raise(events.repeated, direction);
    if (kind === CONTENT_LENGTH && !sameLengths(message, bytes, index)) transaction.raise(events.lengths, direction);
  }
}

function raiseOdd(transaction: Http1Transaction, odd: number, events: HeadEvents, direction: Direction): void {
  if ((odd & ODD_NO_COLON) !== 0) transaction.raise(events.noColon, direction);
  if ((odd & ODD_NAME) !== 0) transaction.raise(events.name, direction);
  if ((odd & ODD_SPACE_BEFORE) !== 0) transaction.raise(events.folding, direction);
}

function sameLengths(message: Message, bytes: Uint8Array, index: number): boolean {
  const first = lengthAt(message, bytes, message.headers.find(CONTENT_LENGTH));
  return first === lengthAt(message, bytes, index);
}

/** The number in the value of a header. */
export function lengthAt(message: Message, bytes: Uint8Array, index: number): number {
  const { headers, made, text } = message;
  const start = (headers.isMade(index) ? made.start : text.start) + headers.value(index);
  return decimal(bytes, start, start + headers.valueLength(index));
}

function cut(side: Side, transaction: Http1Transaction, message: Message, direction: Direction): void {
  side.isCut = true;
  side.searched = 0;
  message.isPlain = false;
  transaction.raise(EVENTS[direction].tooLong, direction);
}

/** Passes over headers that are not kept, and trailers. */
export function passHeaders(side: Side, input: Input, direction: Direction): boolean {
  const { made } = side.message!;
  const kept = made.length;
  let found: number;
  while ((found = reader.read(input.bytes, input.position, input.end, input.last, direction === 1, made)) === FIELD) {
    made.length = kept;
    input.take(reader.next - input.position);
  }
  made.length = kept;
  if (found === MORE) {
    side.searched = reader.stuck - input.position;
    // The middle of a line that is longer than anybody sends.
    if (input.available > SKIP_AT) {
      input.take(input.available - 1);
      side.searched = 0;
    }
    return input.last && takeRest(input);
  }
  side.searched = 0;
  input.take(reader.next - input.position);
  return true;
}

/** A header that the end of the connection cuts is none. */
function takeRest(input: Input): true {
  input.take(input.available);
  return true;
}
