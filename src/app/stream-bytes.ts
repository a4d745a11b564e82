/** What the application layer asks of the reassembly of a stream. Stage: app, towards stream. */
import type { Direction, Flow } from '../flow/flow.js';
import { Span } from '../memory/span.js';

/** A range of one direction that nobody has consumed, contiguous in the shard's memory. Filled again and again. */
export class StreamSpan extends Span {
  /** Place of the first byte in the stream. */
  offset = 0;
  /** Bytes right before that are missing and will not come. */
  gap = 0;
  /** Bytes are missing behind it; what is behind them is there to be asked for. */
  cut = false;
  /** Nothing comes behind it: the side has closed, or the flow is over. */
  last = false;

  /** Leaves out the first bytes. */
  drop(bytes: number): void {
    this.start += bytes;
    this.length -= bytes;
    this.offset += bytes;
  }
}

export interface StreamBytes {
  /**
   * Tells what may be read. To be asked once for each packet or flush, and again behind a range that is `cut`: what is
   * left of that is passed over then. @returns false for nothing: no bytes, no gap, no end.
   */
  usable(flow: Flow, direction: Direction, span: StreamSpan): boolean;
  /** The first `bytes` of them are done with. */
  consumed(flow: Flow, direction: Direction, bytes: number): void;
  /** The next `bytes` behind what was consumed, come or to come, need not be shown; Infinity: none at all any more. */
  skip(flow: Flow, direction: Direction, bytes: number): void;
  /** The bytes themselves need not be inspected any more either. */
  endRaw(flow: Flow, direction: Direction): void;
}
