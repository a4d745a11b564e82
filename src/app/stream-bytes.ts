/** What the application layer asks of the reassembly of a stream. Stage: app, towards stream. */
import type { Direction, Flow } from '../flow/flow.js';

/** The bytes of one direction that nobody has consumed, contiguous in the shard's memory. Filled again and again. */
export class StreamSpan {
  start = 0;
  length = 0;
  /** Place of the first byte in the stream. */
  offset = 0;
  /** Bytes right before that are missing and will not come. */
  gap = 0;
  /** Bytes that were passed over, as asked, since the last call. */
  passed = 0;
  /** Nothing comes behind these: the side has closed, or the flow is over. */
  last = false;
}

export interface StreamBytes {
  /**
   * Tells what may be read; asking again without consuming tells the same, but for `gap` and `passed`, which are told
   * once. @returns false for nothing: no bytes, no gap, no end.
   */
  usable(flow: Flow, direction: Direction, span: StreamSpan): boolean;
  /** The first `bytes` of them are done with. */
  consumed(flow: Flow, direction: Direction, bytes: number): void;
  /** The next `bytes` behind what was consumed, come or to come, need not be shown. */
  skip(flow: Flow, direction: Direction, bytes: number): void;
  /** All that comes from here on is encrypted: neither kept nor inspected, only counted. */
  bypass(flow: Flow, direction: Direction): void;
}
