/**
 * What the application layer asks of the reassembly of a stream (stream/reassembler.ts). Stage: app, towards stream.
 */
import type { Direction, Flow } from '../flow/flow.js';
import type { StreamSpan } from '../stream/stream-span.js';

/** Leaves out the first bytes of a range. */
export function dropBytes(span: StreamSpan, bytes: number): void {
  span.start += bytes;
  span.length -= bytes;
  span.offset += bytes;
}

export interface StreamBytes {
  /**
   * Tells what may be read. To be asked once for each packet or flush, and again behind a range that is `cut`: what is
   * left of that is passed over then. @returns false for nothing: no bytes, no gap, no end.
   */
  usable(flow: Flow, direction: Direction, span: StreamSpan): boolean;
  /** What `usable` would tell, of which it then is as if nobody had asked. */
  peek(flow: Flow, direction: Direction, span: StreamSpan): boolean;
  /** The first `bytes` of them are done with. */
  consumed(flow: Flow, direction: Direction, bytes: number): void;
  /** The next `bytes` behind what was consumed, come or to come, need not be shown; Infinity: none at all any more. */
  skip(flow: Flow, direction: Direction, bytes: number): void;
  /** None of what comes need be shown any more, nor be inspected as it is: it is encrypted. */
  bypass(flow: Flow, direction: Direction): void;
  /** The direction is encrypted from place `from` of its stream on, and its segments from the next packet on. */
  conceal(flow: Flow, direction: Direction, from: number): void;
}
