import type { FrameLog } from './frame/frame-log.js';
import { DOUBLE_ZERO } from '../util/double-zero.js';

/**
 * What a parser is given: the bytes of one direction that it has not taken yet, contiguous in the shard's memory.
 * Stage: app. One object per shard, filled again for each call of `parse`.
 *
 * A parser takes whole messages and leaves the rest, which comes again with more: it keeps no partial bytes. Against
 * one-byte segments it keeps one number a direction, how far it has searched in vain (`Connection`'s own fields), so
 * that reading again is linear. What it does not want to see it skips: that is then never kept.
 */
export class Input {
  /** The whole memory of the shard. */
  readonly bytes: Uint8Array;
  /**
   * Next byte to take, and the end of what is there: offsets in `bytes`. Integers (`>>> 0`) whatever was counted in
   * them, as parsers compute all their places from these (MOST_AHEAD in stream/stream-reader.ts says why).
   */
  position = 0;
  end = 0;
  /**
   * Bytes that are to be passed over before any more are given; what of them is there already is part of `position`.
   */
  skipped = 0;
  /** Nothing comes behind `end`: the side has closed, or the flow is over. */
  last = false;
  /** One datagram, which is all there is: what is left of it does not come again. */
  datagram = false;
  /** Time of the packet that brought the bytes, microseconds. */
  timeUs = 0;
  /** Place of `position` in the stream of its direction, in bytes from its start (or from where it was picked up). */
  offset = DOUBLE_ZERO;

  /** Where frames are noted; null where no rule asks for any. */
  frames: FrameLog | null = null;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Points it at `length` bytes from `start` on. */
  begin(start: number, length: number, offset: number, last: boolean, datagram: boolean): void {
    this.position = start >>> 0;
    this.end = (start + length) >>> 0;
    this.offset = offset;
    this.last = last;
    this.datagram = datagram;
    this.skipped = 0;
  }

  get available(): number {
    return this.end - this.position;
  }

  /** Has taken the next `count` bytes, which are there. */
  take(count: number): void {
    this.position = (this.position + count) >>> 0;
    this.offset += count;
  }

  /** Wants none of the next `count` bytes, whether they are there yet or not. */
  skip(count: number): void {
    const present = Math.min(count, this.end - this.position);
    this.take(present);
    this.skipped += count - present;
    this.offset += count - present;
  }
}
