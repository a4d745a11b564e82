/**
 * Reads bodies: of a known length, to the end of the connection, in chunks. Stage: app. Reference: RFC 9112, sections 6
 * and 7; what clients do with sizes that are none was asked of Suricata and of http-evader's cases.
 */
import type { Direction } from '../../flow/flow.js';
import type { Input } from '../input.js';
import type { Body } from './body.js';
import { HTTP1_STATE } from './buffers.js';
import { hexValue, isHex, isSpace, LF } from './characters.js';
import { http1Event } from './events.js';
import { INFLATE_ABNORMAL, INFLATE_BOMB, INFLATE_FAILED, INFLATE_LAYERS, INFLATE_LIMIT } from './inflater.js';
import { READ, type Side } from './side.js';
import type { Http1Transaction } from './transaction.js';

const FAILED = http1Event('gzip_decompression_failed');
const BOMB = http1Event('compression_bomb');
const BOMB_LIMIT = http1Event('compression_bomb_limit_reached');
const LAYERS = http1Event('too_many_encoding_layers');
const ABNORMAL = http1Event('abnormal_ce_header');
const INVALID_LENGTH = [http1Event('invalid_request_chunk_len'), http1Event('invalid_response_chunk_len')] as const;
const EXTENSION = [http1Event('request_chunk_extension'), http1Event('response_chunk_extension')] as const;

/** What is passed over at once, at most. */
const PASS = 0x4000_0000;
/** Bytes of a line with a chunk's size; one that is longer is none. */
const SIZE_LINE_LIMIT = 8192;
const SEMICOLON = 59;
const ZERO = 48;

/** Takes what is there of the body or the chunk. */
export function readBody(side: Side, input: Input, direction: Direction): void {
  const transaction = side.transaction!;
  const { body } = side.message!;
  const known = side.state !== READ.bodyToEnd;
  if (body.wantsNothing) {
    const count = known ? Math.min(side.left, PASS) | 0 : input.available;
    body.passOver(count);
    side.left -= count;
    input.skip(count);
    return;
  }
  const count = known ? Math.min(input.available, side.left) | 0 : input.available;
  addToBody(transaction, body, input.position, count, direction);
  side.left -= count;
  input.take(count);
}

/** Adds bytes to a body, and tells what went wrong with decompressing it. */
export function addToBody(
  transaction: Http1Transaction,
  body: Body,
  from: number,
  count: number,
  direction: Direction,
): void {
  if (!body.isThere) transaction.beginFiles(direction);
  body.add(from, count);
  raiseFaults(transaction, body, direction);
  transaction.advance(direction, HTTP1_STATE.body);
}

/** The body is complete. */
export function closeBody(transaction: Http1Transaction, body: Body, direction: Direction): void {
  body.close();
  transaction.files(direction).isOver = true;
  raiseFaults(transaction, body, direction);
}

export function raiseFaults(transaction: Http1Transaction, body: Body, direction: Direction): void {
  const { faults } = body;
  if (faults === 0) return;
  body.faults = 0;
  if ((faults & INFLATE_FAILED) !== 0) transaction.raise(FAILED, direction);
  if ((faults & INFLATE_BOMB) !== 0) transaction.raise(BOMB, direction);
  if ((faults & INFLATE_LIMIT) !== 0) transaction.raise(BOMB_LIMIT, direction);
  if ((faults & INFLATE_LAYERS) !== 0) transaction.raise(LAYERS, direction);
  if ((faults & INFLATE_ABNORMAL) !== 0) transaction.raise(ABNORMAL, direction);
}

/**
 * Reads the line with a chunk's size; empty lines before it are passed over. What is no size makes a body of all that
 * follows, with that line: so do browsers.
 * @returns whether something was read.
 */
export function readChunkSize(side: Side, input: Input, direction: Direction): boolean {
  const { bytes } = input;
  const start = input.position;
  let at = start;
  while (at < input.end && isSpace(bytes[at]!)) at++;
  let digits = at;
  while (digits < input.end && isHex(bytes[digits]!)) digits++;
  if (digits === input.end && digits - at <= SIZE_LINE_LIMIT && !input.last) return passEmptyLines(side, input, at);
  if (digits === at || digits - at > SIZE_LINE_LIMIT || isHuge(bytes, at, digits)) {
    passEmptyLines(side, input, at);
    return notChunked(side, direction);
  }
  const line = lineEnd(side, input, digits);
  if (line < 0) return false;
  const size = sizeOf(bytes, at, digits);
  for (let extension = digits; extension < line; extension++) {
    if (bytes[extension] === SEMICOLON) side.transaction!.raise(EXTENSION[direction], direction);
  }
  side.message!.body.bytes += line - start;
  side.searched = 0;
  input.take(line - start);
  side.left = size;
  side.state = size === 0 ? READ.trailer : READ.chunk;
  return true;
}

/** Takes empty lines before a size that is not there yet. */
function passEmptyLines(side: Side, input: Input, from: number): boolean {
  const count = from - input.position;
  side.message!.body.bytes += count;
  input.take(count);
  side.searched = 0;
  return false;
}

function notChunked(side: Side, direction: Direction): boolean {
  side.transaction!.raise(INVALID_LENGTH[direction], direction);
  side.state = READ.bodyToEnd;
  side.searched = 0;
  return true;
}

/** Behind the line end that follows `from`; -1 while it is not there. A line without end ends at its limit. */
function lineEnd(side: Side, input: Input, from: number): number {
  const { bytes, position, end } = input;
  let at = Math.max(from, position + side.searched);
  while (at < end && bytes[at] !== LF) at++;
  if (at < end) return at + 1;
  if (input.last || at - position > SIZE_LINE_LIMIT) return end;
  side.searched = at - position;
  return -1;
}

/** Whether the hexadecimal number in [from, end) has more than 64 bits, so that no client takes it for a size. */
function isHuge(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (at < end && bytes[at] === ZERO) at++;
  return end - at > 16;
}

/** The hexadecimal number in [from, end): at most what counts exactly. */
function sizeOf(bytes: Uint8Array, from: number, end: number): number {
  let size = 0;
  for (let at = from; at < end; at++) size = Math.min(size * 16 + hexValue(bytes[at]!), Number.MAX_SAFE_INTEGER);
  return size;
}

/** Passes over the line end behind a chunk. @returns whether it is behind it. */
export function readChunkEnd(side: Side, input: Input): boolean {
  const { bytes, end } = input;
  let at = input.position;
  while (at < end && bytes[at] !== LF) at++;
  const count = Math.min(at + 1, end) - input.position;
  side.message!.body.bytes += count;
  input.take(count);
  if (at === end) return false;
  side.state = READ.chunkSize;
  return true;
}
