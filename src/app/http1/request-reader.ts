/**
 * Reads what clients send: request after request, each a new transaction. Stage: app.
 *
 * Behind a request, bytes that begin no request belong to its body, as long as they come with it. Behind CONNECT
 * nothing is read until the answer says what follows.
 */
import type { Input } from '../input.js';
import { HTTP1_STATE } from './buffers.js';
import { CR, holds, isText, LF, lower, startsWith } from './characters.js';
import {
  beginExtra,
  completeMessage,
  CONTENT_END,
  CONTENT_STOP,
  passLine,
  readContent,
  takeExtra,
} from './content-reader.js';
import { http1Event } from './events.js';
import { lengthAt, lineLength, readHeaders } from './head-reader.js';
import { kindOf } from './header-names.js';
import { isHostName, portOf } from './host.js';
import type { Message } from './message.js';
import type { Pairing } from './pairing.js';
import {
  HTTP_1_1,
  LINE_INVALID,
  LINE_METHOD_DELIMITER,
  LINE_SPACE_BEFORE,
  LINE_URI_DELIMITER,
  looksLikeRequest,
  RequestLine,
} from './request-line.js';
import { LINE_LIMIT } from './settings.js';
import { READ, type Side } from './side.js';
import type { Http1Transaction } from './transaction.js';
import { hostEnd } from './uri.js';
import { Span } from '../../memory/span.js';

const TO_SERVER = 0;
const EVENT = {
  spaceBefore: http1Event('request_line_leading_whitespace'),
  methodDelimiter: http1Event('method_delim_non_compliant'),
  uriDelimiter: http1Event('uri_delim_non_compliant'),
  invalid: http1Event('request_line_invalid'),
  incomplete: http1Event('request_line_incomplete'),
  noProtocol: http1Event('request_line_missing_protocol'),
  tooLong: http1Event('request_field_too_long'),
  noHost: http1Event('missing_host_header'),
  ambiguousHost: http1Event('host_header_ambiguous'),
  invalidHost: http1Event('request_header_host_invalid'),
  invalidUriHost: http1Event('request_uri_host_invalid'),
  authorization: http1Event('request_auth_unrecognized'),
  length: http1Event('invalid_content_length_field_in_request'),
  encoding: http1Event('invalid_transfer_encoding_value_in_request'),
  extra: http1Event('request_body_unexpected'),
};
const HEADER = {
  host: kindOf('host'),
  contentLength: kindOf('content-length'),
  transferEncoding: kindOf('transfer-encoding'),
  contentEncoding: kindOf('content-encoding'),
  authorization: kindOf('authorization'),
};
const AUTHORIZATIONS = ['basic', 'digest', 'bearer', 'negotiate', 'ntlm'];

const line = new RequestLine();
const value = new Span();
const host = new Span();

/** Reads the next part of what a client sends. @returns whether there may be more to read. */
export function readRequestPart(connection: Pairing, side: Side, input: Input): boolean {
  switch (side.state) {
    case READ.line:
      return readLine(connection, side, input);
    case READ.headers:
      return readHead(side, input);
    case READ.extra:
      return readExtra(side, input);
    default:
      return readBeyond(side, input);
  }
}

/** Nothing comes any more: the request is what it is. */
export function endRequest(side: Side): void {
  if (side.transaction !== null) completeMessage(side, TO_SERVER);
}

function readLine(connection: Pairing, side: Side, input: Input): boolean {
  if (input.available === 0) return false;
  const count = lineLength(side, input, false);
  if (count === 0) return false;
  const { bytes, position } = input;
  if (isEmptyLine(bytes, position, count)) {
    input.take(count);
    return true;
  }
  const transaction = connection.openRequest();
  if (transaction === null) return false;
  const { request } = transaction;
  side.begin(transaction, request);
  transaction.advance(TO_SERVER, HTTP1_STATE.started);
  const complete = bytes[position + count - 1] === LF;
  if (!complete) transaction.raise(count === LINE_LIMIT ? EVENT.tooLong : EVENT.incomplete, TO_SERVER);
  side.isMidLine = !complete;
  const isKept = request.text.append(position, count) >= 0;
  input.take(count);
  if (!isKept) {
    connection.passOver(side, TO_SERVER);
    return true;
  }
  takeLine(transaction, request, bytes, count);
  side.state = READ.headers;
  return true;
}

function isEmptyLine(bytes: Uint8Array, from: number, count: number): boolean {
  if (count === 1) return bytes[from] === LF || bytes[from] === CR;
  return count === 2 && bytes[from] === CR && bytes[from + 1] === LF;
}

function takeLine(transaction: Http1Transaction, request: Message, bytes: Uint8Array, count: number): void {
  const base = request.text.start;
  request.setLine(bytes, count);
  line.read(bytes, base, base + request.lineLength);
  transaction.method.set(base, line.methodStart, line.methodEnd);
  if (line.uriEnd > line.uriStart) transaction.uri.set(base, line.uriStart, line.uriEnd);
  if (line.protocolEnd > line.protocolStart) transaction.protocol.set(base, line.protocolStart, line.protocolEnd);
  transaction.version = line.version;
  transaction.isConnect = isText(bytes, line.methodStart, line.methodEnd, 'connect');
  transaction.isHead = isText(bytes, line.methodStart, line.methodEnd, 'head');
  transaction.splitUri(transaction.isConnect);
  raiseOdd(transaction, line.odd);
  if (!transaction.protocol.isThere) transaction.raise(EVENT.noProtocol, TO_SERVER);
  transaction.advance(TO_SERVER, HTTP1_STATE.line);
}

function raiseOdd(transaction: Http1Transaction, odd: number): void {
  if (odd === 0) return;
  if ((odd & LINE_SPACE_BEFORE) !== 0) transaction.raise(EVENT.spaceBefore, TO_SERVER);
  if ((odd & LINE_METHOD_DELIMITER) !== 0) transaction.raise(EVENT.methodDelimiter, TO_SERVER);
  if ((odd & LINE_URI_DELIMITER) !== 0) transaction.raise(EVENT.uriDelimiter, TO_SERVER);
  if ((odd & LINE_INVALID) !== 0) transaction.raise(EVENT.invalid, TO_SERVER);
}

function readHead(side: Side, input: Input): boolean {
  const transaction = side.transaction!;
  const { request } = transaction;
  if (side.isMidLine && !passLine(side, input)) return false;
  if (!readHeaders(side, input, TO_SERVER)) return false;
  takeHost(transaction, request, input.bytes);
  if (request.headers.find(HEADER.authorization) >= 0) checkAuthorization(transaction, request, input.bytes);
  beginBody(side, transaction, request, input.bytes);
  transaction.advance(TO_SERVER, HTTP1_STATE.headers);
  if (side.state === READ.line) finish(side, input);
  return true;
}

/** Where the host is said: in the URI, else in Host. */
function takeHost(transaction: Http1Transaction, request: Message, bytes: Uint8Array): void {
  const { parts } = transaction;
  const inUri = transaction.uri.isThere && parts.hostStart >= 0 && parts.hostEnd > parts.hostStart;
  if (inUri) takeUriHost(transaction, request, bytes);
  const hasHeader = request.locateHeader(HEADER.host, host);
  if (!hasHeader) {
    if (transaction.version === HTTP_1_1) transaction.raise(EVENT.noHost, TO_SERVER);
  } else if (inUri) {
    compareHosts(transaction, bytes);
  } else {
    takeHeaderHost(transaction, request, bytes);
  }
}

function takeUriHost(transaction: Http1Transaction, request: Message, bytes: Uint8Array): void {
  const { parts } = transaction;
  const { start } = request.text;
  if (parts.portStart >= 0) transaction.port = portOf(bytes, start + parts.portStart, start + parts.portEnd) || 0;
  if (!transaction.takeUriHost()) return;
  transaction.locateHost(value);
  const badPort = parts.portStart >= 0 && transaction.port === 0;
  const isBad = badPort || !isHostName(bytes, value.start, value.start + value.length);
  if (isBad) transaction.raise(EVENT.invalidUriHost, TO_SERVER);
}

function takeHeaderHost(transaction: Http1Transaction, request: Message, bytes: Uint8Array): void {
  // Room first: what is made of the host may lie in the same block as the header.
  if (!request.made.reserve(host.length)) return;
  request.locateHeader(HEADER.host, host);
  const end = host.start + host.length;
  const nameEnd = hostEnd(bytes, host.start, end);
  const hasPort = nameEnd < end && bytes[nameEnd] === 58;
  const port = hasPort ? portOf(bytes, nameEnd + 1, end) : NaN;
  if (host.length === 0) return;
  const badRest = hasPort ? Number.isNaN(port) : nameEnd < end;
  if (badRest || !isHostName(bytes, host.start, nameEnd)) transaction.raise(EVENT.invalidHost, TO_SERVER);
  if (port > 0) transaction.port = port;
  transaction.takeHeaderHost(host.start, nameEnd, end);
}

/** The host in the URI counts; the header should say the same. */
function compareHosts(transaction: Http1Transaction, bytes: Uint8Array): void {
  const end = host.start + host.length;
  const nameEnd = hostEnd(bytes, host.start, end);
  const port = nameEnd < end ? portOf(bytes, nameEnd + 1, end) : NaN;
  const isThere = transaction.locateHost(value);
  const isSame = isThere && sameName(bytes, value.start, value.start + value.length, host.start, nameEnd);
  const isOtherPort = port > 0 && transaction.port > 0 && port !== transaction.port;
  if (!isSame || isOtherPort) transaction.raise(EVENT.ambiguousHost, TO_SERVER);
}

function sameName(bytes: Uint8Array, from: number, end: number, otherFrom: number, otherEnd: number): boolean {
  if (end - from !== otherEnd - otherFrom) return false;
  for (let index = 0; index < end - from; index++) {
    if (lower(bytes[from + index]!) !== lower(bytes[otherFrom + index]!)) return false;
  }
  return true;
}

function checkAuthorization(transaction: Http1Transaction, request: Message, bytes: Uint8Array): void {
  request.locateHeader(HEADER.authorization, value);
  const end = value.start + value.length;
  for (const scheme of AUTHORIZATIONS) if (startsWith(bytes, value.start, end, scheme)) return;
  transaction.raise(EVENT.authorization, TO_SERVER);
}

/** What the headers say about the body. The side's state stays `line` where there is none. */
function beginBody(side: Side, transaction: Http1Transaction, request: Message, bytes: Uint8Array): void {
  side.restart();
  const length = request.headers.find(HEADER.contentLength);
  if (request.locateHeader(HEADER.contentEncoding, value)) {
    request.body.encodedAs(bytes, value.start, value.start + value.length, side.credit);
  }
  if (request.locateHeader(HEADER.transferEncoding, value)) {
    if (holds(bytes, value.start, value.start + value.length, 'chunked')) {
      if (transaction.version < HTTP_1_1) transaction.raise(EVENT.encoding, TO_SERVER);
      side.state = READ.chunkSize;
      return;
    }
    transaction.raise(EVENT.encoding, TO_SERVER);
  }
  if (length < 0) return;
  side.left = lengthAt(request, bytes, length);
  if (Number.isNaN(side.left)) transaction.raise(EVENT.length, TO_SERVER);
  else if (side.left > 0) side.state = READ.body;
}

/** Reads what follows the headers. */
function readBeyond(side: Side, input: Input): boolean {
  const found = readContent(side, input, TO_SERVER);
  if (found === CONTENT_END) finish(side, input);
  return found !== CONTENT_STOP;
}

/** The request is complete, unless bytes come with it that begin no other. */
function finish(side: Side, input: Input): void {
  const { isConnect } = side.transaction!;
  if (!isConnect && input.available > 0 && !mayBeRequest(input)) {
    beginExtra(side, EVENT.extra, TO_SERVER);
    return;
  }
  completeMessage(side, TO_SERVER);
  if (isConnect) side.state = READ.wait;
}

/** A request begins, or nothing but white space is there. */
function mayBeRequest(input: Input): boolean {
  return looksLikeRequest(input.bytes, input.position, input.end);
}

/** Lines behind a request, to the next one; a line may go on in the next segment. */
function readExtra(side: Side, input: Input): boolean {
  const { bytes, position } = input;
  if (input.available === 0 && side.isMidLine && !input.last) return false;
  const isEmpty = bytes[position] === CR || bytes[position] === LF;
  if (input.available === 0 || (!isEmpty && mayBeRequest(input))) {
    completeMessage(side, TO_SERVER);
    return input.available > 0;
  }
  takeExtra(side, input, TO_SERVER);
  return true;
}
