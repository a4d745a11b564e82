/**
 * What is missing in a stream: how long it is waited for, and what is counted of it. Stage: stream.
 *
 * Mirrors reorder, so data may come behind its own acknowledgement; late is not lost. Missing bytes are lost once their
 * receiver has acknowledged them and they are still missing `LOST_AFTER_ACKS` acknowledgements and `LOST_AFTER_US`
 * later, `MOST_ACKS` acknowledgements later in fast connections, or when the flow ends. All that an acknowledgement
 * covers waits together; what is acknowledged meanwhile has its turn behind it. What the mirror cut off a segment is a
 * gap as soon as everything in front of it is there.
 *
 * Bytes that the side has not shown to have sent are missing, but are not given up for acknowledgements: whoever
 * acknowledges what was not sent is not believed.
 *
 * Which bytes are missing is the window's to know (its map); of bytes beyond its room none is there. Where a segment is
 * in doubt (receiver.ts) its bytes lie in the window and are missing: any other segment may bring them. They are there
 * when they are acknowledged without that, or would be given up.
 */
import { STREAM, STREAM_TRAIT } from '../flow/record.js';
import { clearBits, countBits, nextClear, nextSet, setBit, setBits } from '../util/bit-map.js';
import type { StreamStats } from './stream-stats.js';
import { isAfter, isBefore } from './tcp-segment.js';
import { HEAD, MAX_CUTS, MAX_DOUBTS, type Windows } from './window.js';

/** Further acknowledgements, and time of packets, that missing bytes outlive before they count. */
const LOST_AFTER_ACKS = 3;
const LOST_AFTER_US = 200_000;
/** As many segments do not overtake one: what waits behind it, answers that transactions wait for, goes on. */
const MOST_ACKS = 64;
const { mapped, lateAcked } = STREAM_TRAIT;

export class Gaps {
  /** A gap was passed over since this was last set to false. */
  passed = false;
  /** Bytes in doubt are there since this was last set to false, as they were acknowledged. */
  confirmed = false;
  private readonly words: Uint32Array;
  private readonly windows: Windows;
  private readonly stats: StreamStats;

  constructor(words: Uint32Array, windows: Windows, stats: StreamStats) {
    this.words = words;
    this.windows = windows;
    this.stats = stats;
  }

  /** The other side has acknowledged bytes some of which are missing; `ack` lies behind `ready`. */
  acknowledge(row: number, ack: number, timeUs: number): void {
    const { words } = this;
    const head = this.windows.head(row);
    if (words[head + HEAD.doubts] > 0 && this.confirm(row, ack)) {
      this.confirmed = true;
      if (!isAfter(ack, words[row + STREAM.ready])) return;
    }
    const lateEnd = words[head + HEAD.lateEnd];
    if ((words[row + STREAM.traits] & lateAcked) === 0 || !isAfter(lateEnd, words[row + STREAM.ready])) {
      this.wait(row, head, ack, timeUs);
      return;
    }
    const acks = ++words[head + HEAD.lateAcks];
    const isRecent = (timeUs - words[head + HEAD.lateUs]) >>> 0 < LOST_AFTER_US;
    if (acks < LOST_AFTER_ACKS || (isRecent && acks < MOST_ACKS)) return;
    const shown = words[head + HEAD.shown];
    this.passOver(row, isBefore(shown, lateEnd) ? shown : lateEnd);
    words[row + STREAM.traits] &= ~lateAcked;
    const ready = words[row + STREAM.ready];
    if (isAfter(ack, ready) && ready !== words[row + STREAM.nextSeq]) this.wait(row, head, ack, timeUs);
  }

  /** Behind what was acknowledged of what the side has shown to have sent. */
  acknowledged(row: number): number {
    const acked = this.words[row + STREAM.acked];
    const shown = this.words[this.windows.head(row) + HEAD.shown];
    return isBefore(shown, acked) ? shown : acked;
  }

  /** What is missing before `until` is a gap; of that, what was acknowledged is lost. */
  passOver(row: number, until: number): void {
    const { words } = this;
    const acked = words[row + STREAM.acked];
    if (words[this.windows.head(row) + HEAD.doubts] > 0) this.confirm(row, until);
    this.countLost(row, isBefore(acked, until) ? acked : until);
    if (!isAfter(until, words[row + STREAM.ready])) return;
    this.passed = true;
    words[row + STREAM.ready] = until;
    words[this.windows.head(row) + HEAD.gapEnd] = until;
    this.advance(row);
  }

  /** The bytes [from, to) lie in the window and are in doubt. @returns false where there is no room to note that. */
  noteDoubt(row: number, from: number, to: number): boolean {
    const { words } = this;
    const head = this.windows.head(row);
    const count = words[head + HEAD.doubts];
    for (let doubt = 0; doubt < count; doubt++) {
      const at = head + HEAD.firstDoubt + 2 * doubt;
      if (isAfter(from, words[at + 1]) || isBefore(to, words[at])) continue;
      if (isBefore(from, words[at])) words[at] = from;
      if (isAfter(to, words[at + 1])) words[at + 1] = to;
      return true;
    }
    if (count === MAX_DOUBTS) return false;
    const at = head + HEAD.firstDoubt + 2 * count;
    words[at] = from;
    words[at + 1] = to;
    words[head + HEAD.doubts] = count + 1;
    return true;
  }

  /** Bytes in doubt before `until` are there, where no others have come. @returns whether there were any. */
  confirm(row: number, until: number): boolean {
    const { words } = this;
    const head = this.windows.head(row);
    const count = words[head + HEAD.doubts];
    let kept = 0;
    let found = false;
    for (let doubt = 0; doubt < count; doubt++) {
      const at = head + HEAD.firstDoubt + 2 * doubt;
      const end = words[at + 1];
      const to = isAfter(end, until) ? until : end;
      if (this.fillFrom(row, words[at], to)) found = true;
      if (to === end) continue;
      const rest = head + HEAD.firstDoubt + 2 * kept++;
      words[rest] = isAfter(to, words[at]) ? to : words[at];
      words[rest + 1] = end;
    }
    words[head + HEAD.doubts] = kept;
    if (found) this.advance(row);
    return found;
  }

  /** The bytes [from, to) lie in the window: those that are missing are not any more. @returns whether some were. */
  private fillFrom(row: number, from: number, to: number): boolean {
    const { words, windows } = this;
    const base = words[row + STREAM.base];
    const map = windows.map(row);
    const ready = (words[row + STREAM.ready] - base) | 0;
    const end = (to - base) | 0;
    let found = false;
    let at = Math.max((from - base) | 0, ready);
    while (at < end) {
      at = nextClear(words, map, at, end);
      if (at >= end) break;
      const next = nextSet(words, map, at, end);
      setBits(words, map, at, next);
      if (windows.withPieces) {
        clearBits(words, windows.pieces(row), at, next);
        setBit(words, windows.pieces(row), at);
      }
      found = true;
      at = next;
    }
    return found;
  }

  /** `length` bytes at the end of what was seen were cut off: they never come, unless they are sent again. */
  noteCut(row: number, start: number, length: number): void {
    const { words } = this;
    this.stats.cutBytes += length;
    const head = this.windows.head(row);
    const count = words[head + HEAD.cuts];
    if (count === MAX_CUTS) {
      this.noteUnkept(row, length);
      return;
    }
    words[head + HEAD.firstCut + 2 * count] = start;
    words[head + HEAD.firstCut + 2 * count + 1] = length;
    words[head + HEAD.cuts] = count + 1;
  }

  /** Bytes that were seen and not kept. */
  noteUnkept(row: number, length: number): void {
    const at = this.windows.head(row) + HEAD.unkept;
    this.words[at] = Math.min(this.words[at] + length, 0xffff_ffff);
  }

  /** Numbers that were skipped, and never were bytes: nobody carried so many meanwhile. */
  noteJump(row: number, length: number): void {
    this.stats.jumps++;
    this.noteUnkept(row, length);
  }

  /** Moves `ready` to the next byte that is waited for. */
  advance(row: number): void {
    const { words, windows } = this;
    const next = words[row + STREAM.nextSeq];
    if ((words[row + STREAM.traits] & mapped) === 0) {
      words[row + STREAM.ready] = next;
      return;
    }
    const base = words[row + STREAM.base];
    const end = (next - base) >>> 0;
    const room = Math.min(end, windows.capacity(row));
    const map = windows.map(row);
    const mappedFrom = words[windows.head(row) + HEAD.mappedFrom];
    let ready = Math.max((words[row + STREAM.ready] - base) | 0, (mappedFrom - base) | 0, 0);
    for (;;) {
      if (ready < room) ready = nextClear(words, map, ready, room);
      const behind = ready < end ? this.behindCut(row, (base + ready) >>> 0) : 0;
      if (behind === 0) break;
      ready = Math.min(ready + behind, end);
      words[windows.head(row) + HEAD.gapEnd] = (base + ready) >>> 0;
    }
    words[row + STREAM.ready] = (base + ready) >>> 0;
  }

  private wait(row: number, head: number, ack: number, timeUs: number): void {
    const { words } = this;
    words[row + STREAM.traits] |= lateAcked;
    words[head + HEAD.lateEnd] = ack;
    words[head + HEAD.lateAcks] = 0;
    words[head + HEAD.lateUs] = timeUs;
  }

  /** Bytes from `seq` to the end of the cut that it lies in, 0 where it lies in none. Forgets cuts that lie before. */
  private behindCut(row: number, seq: number): number {
    const { words } = this;
    const head = this.windows.head(row);
    let found = 0;
    let kept = 0;
    const count = words[head + HEAD.cuts];
    for (let cut = 0; cut < count; cut++) {
      const at = head + HEAD.firstCut + 2 * cut;
      const from = (seq - words[at]) | 0;
      const left = words[at + 1] - from;
      if (left <= 0) continue;
      if (from >= 0) found = Math.max(found, left);
      const to = head + HEAD.firstCut + 2 * kept++;
      words[to] = words[at];
      words[to + 1] = words[at + 1];
    }
    words[head + HEAD.cuts] = kept;
    return found;
  }

  private countLost(row: number, until: number): void {
    const { words, windows, stats } = this;
    const base = words[row + STREAM.base];
    const from = (words[row + STREAM.ready] - base) >>> 0;
    const to = (until - base) | 0;
    if (to <= from) return;
    const map = windows.map(row);
    const room = windows.capacity(row);
    const inside = Math.min(to, room);
    const missing = to - from - (from < inside ? countBits(words, map, from, inside) : 0);
    const head = windows.head(row);
    const unkept = Math.min(words[head + HEAD.unkept], missing);
    words[head + HEAD.unkept] -= unkept;
    const lost = Math.max(0, missing - unkept - this.cutWithin(row, (base + from) >>> 0, to - from));
    if (lost === 0) return;
    stats.gapBytes += lost;
    stats.gaps += Math.min(lost, this.holes(map, from, to, room));
  }

  private cutWithin(row: number, start: number, length: number): number {
    const { words } = this;
    const head = this.windows.head(row);
    let sum = 0;
    for (let cut = words[head + HEAD.cuts] - 1; cut >= 0; cut--) {
      const at = head + HEAD.firstCut + 2 * cut;
      const from = Math.max(0, (words[at] - start) | 0);
      const to = Math.min(length, ((words[at] - start) | 0) + words[at + 1]);
      sum += Math.max(0, to - from);
    }
    return sum;
  }

  /** Runs of missing bytes in [from, to); beyond `room` all are missing. */
  private holes(map: number, from: number, to: number, room: number): number {
    const { words } = this;
    const inside = Math.min(to, room);
    let holes = 0;
    let at = from;
    while (at < inside) {
      const hole = nextClear(words, map, at, inside);
      if (hole === inside) return holes + (to > inside ? 1 : 0);
      holes++;
      at = nextSet(words, map, hole, inside);
    }
    return to > inside && (from >= inside || holes === 0) ? 1 : holes;
  }
}
