/** Headers and bodies of HTTP/2 as they become parts of their transaction. Stage: app. */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { Span } from '../../memory/span.js';
import type { Body } from '../http1/body.js';
import { HTTP1_STATE } from '../http1/buffers.js';
import { kindOf } from '../http1/header-names.js';
import type { InflateCredit } from '../http1/inflate-credit.js';
import { INFLATE_ABNORMAL, INFLATE_BOMB, INFLATE_LIMIT } from '../http1/inflater.js';
import { http2Event } from './events.js';
import { noteFrame } from './frame-values.js';
import { NOTE } from './frame-notes.js';
import type { HeaderCollector } from './header-collector.js';
import type { Http2Transaction } from './transaction.js';

const CONTENT_ENCODING = kindOf('content-encoding');
const DECOMPRESSION = http2Event('failed_decompression');
const BOMB = http2Event('compression_bomb');
const HEADERS = http2Event('too_many_headers');
const INTERIM = 200;

const value = new Span();

/** A header block is complete. Behind the first of a message come trailers, which are not added to it. */
export function finishHeaders(
  transaction: Http2Transaction,
  direction: Direction,
  collector: HeaderCollector,
  credit: InflateCredit,
): void {
  if (collector.size >= 0) noteFrame(transaction, NOTE.size, collector.size, direction);
  if (collector.isCut) transaction.raise(HEADERS, direction);
  if (transaction.progress(direction) >= HTTP1_STATE.headers) return;
  const message = direction === DIRECTION.toServer ? transaction.request : transaction.response;
  const { status } = collector;
  if (direction === DIRECTION.toClient && status > 0 && status < INTERIM) return;
  collector.give(transaction, direction);
  if (direction === DIRECTION.toServer) transaction.finishRequest();
  if (message.locateHeader(CONTENT_ENCODING, value)) {
    message.body.encodedAs(transaction.memory, value.start, value.start + value.length, credit);
    raiseFaults(transaction, message.body, direction);
  }
  transaction.advance(direction, HTTP1_STATE.headers);
}

export function addBody(transaction: Http2Transaction, direction: Direction, from: number, count: number): void {
  const { body } = direction === DIRECTION.toServer ? transaction.request : transaction.response;
  if (!body.isThere) transaction.beginFiles(direction);
  body.add(from, count);
  raiseFaults(transaction, body, direction);
  transaction.advance(direction, HTTP1_STATE.body);
}

export function closeBody(transaction: Http2Transaction, direction: Direction): void {
  const { body } = direction === DIRECTION.toServer ? transaction.request : transaction.response;
  body.close();
  transaction.files(direction).isOver = true;
  raiseFaults(transaction, body, direction);
}

function raiseFaults(transaction: Http2Transaction, body: Body, direction: Direction): void {
  const { faults } = body;
  if (faults === 0) return;
  body.faults = 0;
  if ((faults & (INFLATE_BOMB | INFLATE_LIMIT)) !== 0) transaction.raise(BOMB, direction);
  if ((faults & ~(INFLATE_BOMB | INFLATE_LIMIT | INFLATE_ABNORMAL)) !== 0) transaction.raise(DECOMPRESSION, direction);
}
