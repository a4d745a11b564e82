/**
 * A range of a stream that is there to be looked at: contiguous bytes in the arena's memory. Stage: stream. One object,
 * filled again and again.
 */
import { Span } from '../memory/span.js';
import { DOUBLE_ZERO } from '../util/double-zero.js';

export class StreamSpan extends Span {
  /** Place of the first byte in the stream, counted from its start or from where it was picked up. */
  offset = DOUBLE_ZERO;
  /** Bytes that are missing before the first one: what was left of the range before does not go on. */
  gap = DOUBLE_ZERO;
  /** Bytes are missing behind the last one; what is behind them is there to be asked for. */
  cut = false;
  /** Nothing comes behind it: its side has closed, or the flow is over. */
  last = false;
}
