/**
 * What follows the headers of a message, the same in both directions: a body of a known length, to the end of the
 * connection, in chunks with their trailer, and lines behind the message that begin no other. Stage: app.
 */
import type { Direction } from '../../flow/flow.js';
import type { Input } from '../input.js';
import { HTTP1_STATE } from './buffers.js';
import { LF } from './characters.js';
import { addToBody, closeBody, readBody, readChunkEnd, readChunkSize } from './framing.js';
import { passHeaders } from './head-reader.js';
import { READ, type Side } from './side.js';

/** Nothing more can be read; there may be more; the message's last byte was read. */
export const CONTENT_STOP = 0;
const CONTENT_MORE = 1;
export const CONTENT_END = 2;

/** Reads the next part of the content. @returns CONTENT_STOP, CONTENT_MORE or CONTENT_END. */
export function readContent(side: Side, input: Input, direction: Direction): number {
  switch (side.state) {
    case READ.body:
      return readLeft(side, input, direction) ? CONTENT_END : CONTENT_STOP;
    case READ.bodyToEnd:
      if (input.available > 0) readBody(side, input, direction);
      return CONTENT_STOP;
    case READ.chunkSize:
      return readChunkSize(side, input, direction) ? CONTENT_MORE : CONTENT_STOP;
    case READ.chunk:
      if (!readLeft(side, input, direction)) return CONTENT_STOP;
      side.state = READ.chunkEnd;
      return CONTENT_MORE;
    case READ.chunkEnd:
      return readChunkEnd(side, input) ? CONTENT_MORE : CONTENT_STOP;
    case READ.trailer:
      if (!passHeaders(side, input, direction)) return CONTENT_STOP;
      side.transaction!.advance(direction, HTTP1_STATE.trailer);
      return CONTENT_END;
    case READ.nothing:
      input.skip(input.available);
      return CONTENT_STOP;
    default:
      return CONTENT_STOP;
  }
}

/** @returns whether nothing is left of the body or the chunk. */
function readLeft(side: Side, input: Input, direction: Direction): boolean {
  if (input.available === 0) return false;
  readBody(side, input, direction);
  return side.left === 0;
}

/** Passes over the rest of a line that is too long. @returns whether its end was reached. */
export function passLine(side: Side, input: Input): boolean {
  input.take(restOfLine(side, input));
  side.searched = 0;
  return !side.isMidLine || input.last;
}

/** Bytes to the end of the line, or as far as it is there; then `isMidLine` is set. */
export function restOfLine(side: Side, input: Input): number {
  const { bytes, position, end } = input;
  let at = position;
  while (at < end && bytes[at] !== LF) at++;
  side.isMidLine = at === end;
  return Math.min(at + 1, end) - position;
}

/** Bytes that come with the end of a message and begin no other are taken as part of its body. */
export function beginExtra(side: Side, event: number, direction: Direction): void {
  side.transaction!.raise(event, direction);
  side.state = READ.extra;
  side.searched = 0;
}

/** Takes a line, or what is there of it, as part of the body. */
export function takeExtra(side: Side, input: Input, direction: Direction): void {
  const count = restOfLine(side, input);
  addToBody(side.transaction!, side.message!.body, input.position, count, direction);
  input.take(count);
}

/** The message that is being read is complete. */
export function completeMessage(side: Side, direction: Direction): void {
  const transaction = side.transaction!;
  closeBody(transaction, side.message!.body, direction);
  transaction.advance(direction, HTTP1_STATE.complete);
  side.end();
}
