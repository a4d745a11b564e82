/**
 * Reads what servers send: each response belongs to the oldest request that has none, or to none. Stage: app.
 *
 * Interim responses (1xx but 101) are passed over. A first line that does not begin with "http" is body, as for
 * browsers. Behind a response, bytes that begin no other belong to its body, as long as they come with it.
 */
import { Span } from '../../memory/span.js';
import type { ApplicationName } from '../applications.js';
import type { Input } from '../input.js';
import { HTTP1_STATE } from './buffers.js';
import { ContentRange } from './content-range.js';
import { CR, holds, isSpace, isText, LF } from './characters.js';
import {
  beginExtra,
  completeMessage,
  CONTENT_END,
  CONTENT_STOP,
  passLine,
  readContent,
  restOfLine,
  takeExtra,
} from './content-reader.js';
import { http1Event } from './events.js';
import { addToBody, raiseFaults } from './framing.js';
import { lengthAt, lineLength, readHeaders } from './head-reader.js';
import { kindOf } from './header-names.js';
import type { Message } from './message.js';
import type { Pairing } from './pairing.js';
import { HTTP_1_1 } from './request-line.js';
import { BLANK_LIMIT, LINE_LIMIT } from './settings.js';
import { READ, type Side } from './side.js';
import { looksLikeStatus, MAYBE_STATUS, NO_STATUS, STATUS, StatusLine } from './status-line.js';
import type { Http1Transaction } from './transaction.js';

const TO_CLIENT = 1;
const EVENT = {
  protocol: http1Event('response_invalid_protocol'),
  status: http1Event('response_invalid_status'),
  tooLong: http1Event('response_field_too_long'),
  continued: http1Event('100_continue_already_seen'),
  unexpected: http1Event('response_body_unexpected'),
  encoding: http1Event('invalid_transfer_encoding_value_in_response'),
  abnormal: http1Event('response_abnormal_transfer_encoding'),
  oldProtocol: http1Event('response_chunked_old_proto'),
  length: http1Event('invalid_content_length_field_in_response'),
  ranges: http1Event('response_multipart_byteranges'),
  change: http1Event('failed_protocol_change'),
  range: http1Event('range_invalid'),
};
const HEADER = {
  contentLength: kindOf('content-length'),
  transferEncoding: kindOf('transfer-encoding'),
  contentEncoding: kindOf('content-encoding'),
  contentType: kindOf('content-type'),
  contentRange: kindOf('content-range'),
  upgrade: kindOf('upgrade'),
};

const line = new StatusLine();
const value = new Span();
const range = new ContentRange();

/** Reads the next part of what a server sends. @returns whether there may be more to read. */
export function readResponsePart(connection: Pairing, side: Side, input: Input): boolean {
  switch (side.state) {
    case READ.line:
      return readLine(connection, side, input);
    case READ.headers:
      return readHead(connection, side, input);
    case READ.extra:
      return readExtra(side, input);
    default:
      return readBeyond(side, input);
  }
}

/** Nothing comes any more: the response is what it is. */
export function endResponse(side: Side): void {
  if (side.transaction !== null) completeMessage(side, TO_CLIENT);
}

function readLine(connection: Pairing, side: Side, input: Input): boolean {
  if (input.available === 0) return false;
  const { bytes, position, end } = input;
  const inBody = side.transaction !== null && side.transaction.response.body.isThere;
  const blank = inBody ? 0 : blankLine(bytes, position, end, input.last);
  if (blank > 0) {
    input.take(blank);
    return true;
  }
  const looks = side.isMidLine ? NO_STATUS : looksLikeStatus(bytes, position, end, input.last);
  if (looks === MAYBE_STATUS) return false;
  if (inBody && looks === STATUS) {
    // Empty lines may stand before it.
    completeMessage(side, TO_CLIENT);
    return true;
  }
  if (side.transaction === null && !connection.beginResponse(side)) return false;
  return looks === STATUS ? readStatus(connection, side, input) : readBodyLine(side, input);
}

/** Bytes of a line of few blanks and NULs alone at `from`: what follows may begin a response. 0: there is none. */
function blankLine(bytes: Uint8Array, from: number, end: number, last: boolean): number {
  let at = from;
  const limit = Math.min(end, from + BLANK_LIMIT);
  while (at < limit && isBlank(bytes[at]!)) at++;
  if (at < end && bytes[at] === LF) return at + 1 - from;
  if (at === end || bytes[at] !== CR || (at + 1 === end && !last)) return 0;
  return (bytes[at + 1] === LF && at + 1 < end ? at + 2 : at + 1) - from;
}

const isBlank = (byte: number): boolean => byte === 0 || (isSpace(byte) && byte !== CR && byte !== LF);

function readStatus(connection: Pairing, side: Side, input: Input): boolean {
  const count = lineLength(side, input, true);
  if (count === 0) return false;
  const transaction = side.transaction!;
  const { response } = transaction;
  const { bytes, position } = input;
  const last = bytes[position + count - 1];
  const isKept = response.text.append(position, count) >= 0;
  input.take(count);
  side.isMidLine = count === LINE_LIMIT && last !== LF && last !== CR;
  if (side.isMidLine) transaction.raise(EVENT.tooLong, TO_CLIENT);
  if (!isKept) {
    connection.passOver(side, TO_CLIENT);
    return true;
  }
  takeStatus(transaction, response, bytes, count);
  side.state = READ.headers;
  return true;
}

function takeStatus(transaction: Http1Transaction, response: Message, bytes: Uint8Array, count: number): void {
  const base = response.text.start;
  response.setLine(bytes, count);
  line.read(bytes, base, base + response.lineLength);
  transaction.responseProtocol.set(base, line.protocolStart, line.protocolEnd);
  if (line.statusEnd > line.statusStart) {
    transaction.status.set(base, line.statusStart, line.statusEnd);
    transaction.statusText.set(base, line.messageStart, line.messageEnd);
  }
  transaction.statusCode = Number.isNaN(line.status) ? 0 : line.status;
  transaction.responseVersion = line.version;
  if (line.version === 0) transaction.raise(EVENT.protocol, TO_CLIENT);
  if (transaction.statusCode === 0) transaction.raise(EVENT.status, TO_CLIENT);
  if (!isInterim(transaction.statusCode)) transaction.advance(TO_CLIENT, HTTP1_STATE.line);
}

const isInterim = (status: number): boolean => status >= 100 && status < 200 && status !== 101;

/** A line that begins no response: body, or nothing where a response follows at once. */
function readBodyLine(side: Side, input: Input): boolean {
  const transaction = side.transaction!;
  const { bytes, position, end } = input;
  const begins = !side.isMidLine;
  let count = restOfLine(side, input);
  const status = behindCr(bytes, position, position + count);
  if (status > 0) {
    count = status;
    side.isMidLine = false;
  } else if (side.isMidLine && !input.last && count > 0 && bytes[position + count - 1] === CR) {
    // What follows it is not there yet.
    count--;
  }
  if (count === 0) {
    side.isMidLine = !begins;
    return false;
  }
  const isWhole = begins && !side.isMidLine;
  if (!isWhole || looksLikeStatus(bytes, position + count, end, input.last) !== STATUS) {
    addToBody(transaction, transaction.response.body, position, count, TO_CLIENT);
  }
  input.take(count);
  return true;
}

/** Bytes of [from, end) to a CR that a status line may follow, or 0. */
function behindCr(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from + 1; at < end; at++) {
    if (bytes[at - 1] !== CR || bytes[at] === LF) continue;
    if (looksLikeStatus(bytes, at, end, false) !== NO_STATUS) return at - from;
  }
  return 0;
}

function readHead(connection: Pairing, side: Side, input: Input): boolean {
  const transaction = side.transaction!;
  const { response } = transaction;
  if (side.isMidLine && !passLine(side, input)) return false;
  if (!readHeaders(side, input, TO_CLIENT)) return false;
  const hasLength = response.headers.find(HEADER.contentLength) >= 0;
  const hasEncoding = response.headers.find(HEADER.transferEncoding) >= 0;
  const isPacked = response.headers.find(HEADER.contentEncoding) >= 0;
  const status = transaction.statusCode;
  if (isInterim(status) && !hasEncoding && !isPacked && !hasContent(response, input.bytes)) {
    return passInterim(side, transaction, response);
  }
  side.restart();
  if (transaction.isConnect && status >= 200 && status < 300) return connection.tunnel(side);
  if (status === 101 && !hasLength && !hasEncoding) {
    if (transaction.request.headers.find(HEADER.upgrade) < 0) transaction.raise(EVENT.change, TO_CLIENT);
    return connection.upgrade(side, protocolOf(response, input.bytes));
  }
  if (transaction.isConnect) connection.resumeRequests();
  beginBody(side, input.bytes, hasLength || hasEncoding || isPacked);
  if (side.state !== READ.line) checkRange(transaction, response, input.bytes);
  if (!side.isDoubtful || !isInterim(status)) transaction.advance(TO_CLIENT, HTTP1_STATE.headers);
  if (side.state === READ.line) finish(side, input);
  return true;
}

function checkRange(transaction: Http1Transaction, response: Message, bytes: Uint8Array): void {
  if (!response.locateHeader(HEADER.contentRange, value)) return;
  if (!range.isSound(bytes, value.start, value.start + value.length)) transaction.raise(EVENT.range, TO_CLIENT);
}

function hasContent(response: Message, bytes: Uint8Array): boolean {
  const index = response.headers.find(HEADER.contentLength);
  return index >= 0 && lengthAt(response, bytes, index) > 0;
}

/** Another response follows for the same request. */
function passInterim(side: Side, transaction: Http1Transaction, response: Message): boolean {
  if (transaction.statusCode === 100) {
    if (transaction.hasContinued) transaction.raise(EVENT.continued, TO_CLIENT);
    transaction.hasContinued = true;
  }
  response.restart();
  transaction.restartResponse();
  side.restart();
  return true;
}

/** The name of the protocol that an Upgrade header names. */
function protocolOf(response: Message, bytes: Uint8Array): ApplicationName | '' {
  if (!response.locateHeader(HEADER.upgrade, value)) return '';
  const end = value.start + value.length;
  if (isText(bytes, value.start, end, 'websocket')) return 'websocket';
  return holds(bytes, value.start, end, 'h2c') ? 'http2' : '';
}

/** What the headers say about the body. The side's state stays `line` where there is none. */
function beginBody(side: Side, bytes: Uint8Array, isSaid: boolean): void {
  const transaction = side.transaction!;
  const { response } = transaction;
  const status = transaction.statusCode;
  if (transaction.isHead) return;
  if ((status >= 100 && status < 200) || status === 204 || status === 304) {
    if (!isSaid) return;
    transaction.raise(EVENT.unexpected, TO_CLIENT);
    side.isDoubtful = true;
  }
  if (response.locateHeader(HEADER.contentEncoding, value)) {
    response.body.encodedAs(bytes, value.start, value.start + value.length, side.credit);
    raiseFaults(transaction, response.body, TO_CLIENT);
  }
  if (isChunked(transaction, response, bytes)) {
    side.state = READ.chunkSize;
    return;
  }
  const index = response.headers.find(HEADER.contentLength);
  side.left = index < 0 ? NaN : lengthAt(response, bytes, index);
  if (index >= 0 && !Number.isNaN(side.left)) {
    if (side.left > 0) side.state = READ.body;
    return;
  }
  if (index >= 0) transaction.raise(EVENT.length, TO_CLIENT);
  else if (isRanges(response, bytes)) transaction.raise(EVENT.ranges, TO_CLIENT);
  side.state = READ.bodyToEnd;
}

function isChunked(transaction: Http1Transaction, response: Message, bytes: Uint8Array): boolean {
  if (!response.locateHeader(HEADER.transferEncoding, value)) return false;
  const end = value.start + value.length;
  if (!holds(bytes, value.start, end, 'chunked')) {
    transaction.raise(EVENT.encoding, TO_CLIENT);
    return false;
  }
  if (!isText(bytes, value.start, end, 'chunked')) transaction.raise(EVENT.abnormal, TO_CLIENT);
  if (transaction.responseVersion < HTTP_1_1) transaction.raise(EVENT.oldProtocol, TO_CLIENT);
  return true;
}

function isRanges(response: Message, bytes: Uint8Array): boolean {
  if (!response.locateHeader(HEADER.contentType, value)) return false;
  return holds(bytes, value.start, value.start + value.length, 'multipart/byteranges');
}

/** Reads what follows the headers. */
function readBeyond(side: Side, input: Input): boolean {
  if (side.isDoubtful && !isDecided(side, input)) return false;
  if (side.state === READ.line) return true;
  const found = readContent(side, input, TO_CLIENT);
  if (found === CONTENT_END) finish(side, input);
  return found !== CONTENT_STOP;
}

/**
 * Interim responses, 204 and 304 have no body, whatever they say: what begins a response is one, and all else their
 * body after all.
 */
function isDecided(side: Side, input: Input): boolean {
  const looks = looksLikeStatus(input.bytes, input.position, input.end, input.last);
  if (looks === MAYBE_STATUS) return false;
  side.isDoubtful = false;
  if (looks !== STATUS) return true;
  const transaction = side.transaction!;
  if (isInterim(transaction.statusCode)) return passInterim(side, transaction, transaction.response);
  completeMessage(side, TO_CLIENT);
  return true;
}

/** The response is complete, unless bytes come with it that begin no other. */
function finish(side: Side, input: Input): void {
  side.isDoubtful = false;
  if (input.available > 0 && looksLikeStatus(input.bytes, input.position, input.end, false) === NO_STATUS) {
    beginExtra(side, EVENT.unexpected, TO_CLIENT);
    return;
  }
  completeMessage(side, TO_CLIENT);
}

/** Lines behind a response, to the next one; a line may go on in the next segment. */
function readExtra(side: Side, input: Input): boolean {
  const looks = looksLikeStatus(input.bytes, input.position, input.end, input.last);
  if (side.isMidLine && looks === MAYBE_STATUS) return false;
  if (input.available === 0 || looks !== NO_STATUS) {
    completeMessage(side, TO_CLIENT);
    return input.available > 0;
  }
  takeExtra(side, input, TO_CLIENT);
  return true;
}
