/**
 * The reading side of streams: what of a window is there to be looked at, and the marks of those who look. Stage:
 * stream.
 *
 * A range begins at the mark of who asks and ends where bytes are not usable yet, or at a gap. What lies before both
 * marks may go. Reassembler (reassembler.ts) says when bytes become usable, and hands all of this out.
 */
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import { STREAM, STREAM_TRAIT } from '../flow/record.js';
import type { Arena } from '../memory/arena.js';
import { nextClear, nextSet } from '../util/bit-map.js';
import type { SegmentWriter } from './segment-writer.js';
import type { StreamSpan } from './stream-span.js';
import type { StreamStats } from './stream-stats.js';
import { isAfter, isBefore } from './tcp-segment.js';
import { HEAD, HEAD_BYTES, type Windows } from './window.js';
import type { WindowTable } from './window-table.js';

/** Bytes that raw inspection may look back at. */
export const LOOKBACK_BYTES = 2048;
/**
 * More than any window has. What comes of doubles is made an integer (`| 0`): V8 would keep positions and lengths that
 * are computed from it as doubles, too, box them in code that it has not optimized yet, and undo code that it has.
 */
const MOST_AHEAD = 2 ** 31 - 1;
const { known, fin, mapped, hurried, ended, rawDone, cutTold, lastTold, bypassed, early, lookbackShift } = STREAM_TRAIT;
const TRAITS_ONLY = (1 << lookbackShift) - 1;
/** What was said early is read in the end, also where the connection has never been established. */
const UNANSWERED = early | hurried;
const isOpen = (flow: Flow, traits: number): boolean => flow.established || (traits & UNANSWERED) === UNANSWERED;

export interface ReadOptions {
  /** Bytes of each direction that raw inspection sees; 0 where there is none. */
  readonly depthBytes: number;
  /** Bytes of a direction that wait for their acknowledgement at most. */
  readonly unackedBytes: number;
}

export class StreamReader {
  /** Second of the packet last taken. */
  second = 0;
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly options: ReadOptions;
  private readonly table: WindowTable;
  private readonly windows: Windows;
  private readonly writer: SegmentWriter;
  private readonly stats: StreamStats;

  constructor(
    arena: Arena,
    options: ReadOptions,
    table: WindowTable,
    windows: Windows,
    writer: SegmentWriter,
    stats: StreamStats,
  ) {
    this.words = arena.words;
    this.doubles = arena.doubles;
    this.options = options;
    this.table = table;
    this.windows = windows;
    this.writer = writer;
    this.stats = stats;
  }

  /**
   * What the parser may have: from its mark to what is usable, or to a gap. To be asked once after a packet or a flush,
   * and again behind a range that is `cut`: what was left of that is passed over then.
   * @returns whether there is anything to tell it.
   */
  usable(flow: Flow, direction: Direction, span: StreamSpan): boolean {
    const { words, doubles } = this;
    const row = flow.row(direction);
    const traits = words[row + STREAM.traits];
    if ((traits & known) === 0 || !isOpen(flow, traits)) return false;
    const end = this.usableEnd(flow, direction, row);
    this.give(row, end);
    const isTold = this.show(row, end, span);
    if (span.gap > 0) doubles[(row + STREAM.consumed) >>> 1] += span.gap;
    words[row + STREAM.traits] =
      (traits & ~(cutTold | lastTold)) | (span.cut ? cutTold : 0) | (span.last ? lastTold : 0);
    return isTold;
  }

  /** What `usable` would tell, of which it then is as if nobody had asked. */
  peek(flow: Flow, direction: Direction, span: StreamSpan): boolean {
    const row = flow.row(direction);
    const traits = this.words[row + STREAM.traits];
    if ((traits & known) === 0 || !isOpen(flow, traits)) return false;
    return this.show(row, this.usableEnd(flow, direction, row), span);
  }

  /** The parser has taken `bytes` of what is usable. */
  consumed(flow: Flow, direction: Direction, bytes: number): void {
    const row = flow.row(direction);
    this.doubles[(row + STREAM.consumed) >>> 1] += bytes;
    this.settle(row);
  }

  /** As `usable`, for raw inspection. A range that is `cut` is to be inspected to its end. */
  raw(flow: Flow, direction: Direction, span: StreamSpan): boolean {
    const { words, doubles } = this;
    const row = flow.row(direction);
    const traits = words[row + STREAM.traits];
    if ((traits & (known | rawDone)) !== known || !isOpen(flow, traits)) return false;
    const offset = doubles[(row + STREAM.offset) >>> 1];
    const mark = (words[row + STREAM.inspected] - words[row + STREAM.base]) | 0;
    const usable = this.usableEnd(flow, direction, row);
    this.give(row, usable);
    const inWindow = (usable - words[row + STREAM.base]) | 0;
    const end = Math.min(inWindow, Math.max(0, this.options.depthBytes - offset)) | 0;
    const from = this.locate(row, Math.max(mark, 0), end, false, span);
    span.gap = Math.max(0, from - mark);
    // Nothing of it is inspected behind the depth.
    span.last = this.isLast(row, usable, span) || span.offset + span.length >= this.options.depthBytes;
    if (span.gap > 0) {
      words[row + STREAM.inspected] = words[row + STREAM.base] + from;
      words[row + STREAM.traits] &= TRAITS_ONLY;
    }
    return span.length > 0 || span.gap > 0;
  }

  /** Raw inspection has seen `bytes` of its range. */
  inspected(flow: Flow, direction: Direction, bytes: number): void {
    const { words } = this;
    const row = flow.row(direction);
    const traits = words[row + STREAM.traits];
    const lookback = Math.min(LOOKBACK_BYTES, (traits >>> lookbackShift) + bytes);
    words[row + STREAM.inspected] += bytes;
    words[row + STREAM.traits] = (traits & TRAITS_ONLY) | (lookback << lookbackShift);
    const inWindow = (words[row + STREAM.inspected] - words[row + STREAM.base]) | 0;
    const place = this.doubles[(row + STREAM.offset) >>> 1] + inWindow;
    if (place >= this.options.depthBytes) {
      this.stats.depthReached++;
      this.endRaw(flow, direction);
    } else if ((traits & bypassed) !== 0 && words[row + STREAM.inspected] === words[row + STREAM.nextSeq]) {
      this.endRaw(flow, direction);
    }
    this.settle(row);
  }

  /** Bytes directly in front of the raw range that are still there. */
  lookback(flow: Flow, direction: Direction): number {
    return this.words[flow.row(direction) + STREAM.traits] >>> lookbackShift;
  }

  /** Points the span at those bytes. @returns whether there are any. */
  locateLookback(flow: Flow, direction: Direction, span: StreamSpan): boolean {
    const { words } = this;
    const row = flow.row(direction);
    const from = ((words[row + STREAM.inspected] - words[row + STREAM.base]) | 0) - this.lookback(flow, direction);
    span.length = words[row + STREAM.window] === 0 || from < 0 ? 0 : this.lookback(flow, direction);
    span.start = words[row + STREAM.window] + HEAD_BYTES + from;
    return span.length > 0;
  }

  /** Nothing lies in front of the raw range any more, so that what comes counts as a start. */
  restart(flow: Flow, direction: Direction): void {
    this.words[flow.row(direction) + STREAM.traits] &= TRAITS_ONLY;
  }

  /** Place in the stream behind the last byte that the parser has taken; Infinity where it wants no more. */
  consumedEnd(flow: Flow, direction: Direction): number {
    return this.doubles[(flow.row(direction) + STREAM.consumed) >>> 1];
  }

  /** Place in the stream behind the last byte that raw inspection has seen. */
  inspectedEnd(flow: Flow, direction: Direction): number {
    const { words, doubles } = this;
    const row = flow.row(direction);
    return doubles[(row + STREAM.offset) >>> 1] + ((words[row + STREAM.inspected] - words[row + STREAM.base]) | 0);
  }

  /** Raw inspection wants no more of the stream. */
  endRaw(flow: Flow, direction: Direction): void {
    const at = flow.row(direction) + STREAM.traits;
    this.words[at] = (this.words[at] & TRAITS_ONLY) | rawDone;
  }

  /** Points the span at what there is for the parser before `end`. @returns whether that tells it anything. */
  private show(row: number, end: number, span: StreamSpan): boolean {
    const { words, doubles } = this;
    const traits = words[row + STREAM.traits];
    const offset = doubles[(row + STREAM.offset) >>> 1];
    const mark = doubles[(row + STREAM.consumed) >>> 1];
    const inWindow = (end - words[row + STREAM.base]) | 0;
    // The mark of a parser that wants no more is Infinity.
    const wanted = Math.min(Math.max(mark - offset, 0), MOST_AHEAD) | 0;
    const from = this.locate(row, wanted, inWindow, (traits & cutTold) !== 0, span);
    span.gap = offset + from > mark ? offset + from - mark : 0;
    span.last = this.isLast(row, end, span);
    return span.length > 0 || span.gap > 0 || (span.last && (traits & lastTold) === 0);
  }

  /** The number behind the last byte that may be used. */
  private usableEnd(flow: Flow, direction: Direction, row: number): number {
    const { words } = this;
    const ready = words[row + STREAM.ready];
    const given = words[row + STREAM.given];
    const acked = words[row + STREAM.acked];
    let end = ready;
    const isSeenBack = (direction === DIRECTION.toServer ? flow.packetsToClient : flow.packetsToServer) > 0;
    const waits = isSeenBack && (words[row + STREAM.traits] & hurried) === 0 && !this.table.isPressed;
    if (waits && isBefore(acked, ready)) {
      const least = isAfter(acked, given) ? acked : given;
      if ((ready - least) >>> 0 <= this.options.unackedBytes) end = least;
    }
    return end;
  }

  /** Bytes before `end` are given out. */
  private give(row: number, end: number): void {
    const { words } = this;
    if (words[row + STREAM.given] === end) return;
    words[row + STREAM.given] = end;
    words[row + STREAM.since] = this.second;
  }

  /**
   * Points the span at what is there from `mark` on, before `end`: behind a gap if it lies in one, up to the next gap.
   * Both are seen from the window's base. @returns where it begins.
   */
  private locate(row: number, mark: number, end: number, passesCut: boolean, span: StreamSpan): number {
    const { words, windows } = this;
    span.length = 0;
    span.cut = false;
    span.offset = this.doubles[(row + STREAM.offset) >>> 1] + mark;
    if (mark >= end) return mark;
    let from = mark;
    let to = end;
    if ((words[row + STREAM.traits] & mapped) !== 0) {
      const map = windows.map(row);
      const mappedFrom = Math.max(0, (words[windows.head(row) + HEAD.mappedFrom] - words[row + STREAM.base]) | 0);
      const room = Math.min(end, windows.capacity(row));
      if (passesCut) from = nextClear(words, map, Math.max(from, mappedFrom), room);
      if (from >= mappedFrom) from = nextSet(words, map, from, room);
      if (from === room) from = end;
      to = nextClear(words, map, Math.max(from, mappedFrom), room);
      span.cut = from < end && to < end;
    }
    span.offset += from - mark;
    span.start = words[row + STREAM.window] + HEAD_BYTES + from;
    span.length = Math.max(0, Math.min(to, end) - from);
    return from;
  }

  private isLast(row: number, end: number, span: StreamSpan): boolean {
    const { words } = this;
    const isOver = (words[row + STREAM.traits] & (fin | ended)) !== 0;
    return isOver && !span.cut && end === words[row + STREAM.nextSeq];
  }

  /**
   * After a mark has moved: gaps behind both marks are over, and a window that nobody wants anything of begins anew.
   */
  private settle(row: number): void {
    const { words, windows } = this;
    if (words[row + STREAM.ready] !== words[row + STREAM.nextSeq]) return;
    const keep = this.writer.keepFrom(row);
    if ((words[row + STREAM.traits] & mapped) !== 0) {
      if (((keep - words[windows.head(row) + HEAD.gapEnd]) | 0) < 0) return;
      words[row + STREAM.traits] &= ~mapped;
    }
    if (keep !== words[row + STREAM.nextSeq] || keep === words[row + STREAM.base]) return;
    windows.moveBase(row, keep);
    words[row + STREAM.given] = keep;
  }
}
