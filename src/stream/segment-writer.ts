/**
 * Puts the bytes of segments where they belong in their windows. Stage: stream.
 *
 * In order, with nothing missing, that is one copy and a few words. Anything else goes by the window's map. A segment
 * that does not fit leaves a gap: its bytes were seen, and are not waited for longer than others. What somebody was
 * given never changes; what came in order, but was not given yet, only where the policy is `last`: a receiver has
 * delivered it.
 */
import type { Arena } from '../memory/arena.js';
import { copyBytes } from '../memory/copy.js';
import { STREAM, STREAM_TRAIT } from '../flow/record.js';
import { clearBits, hasBit, nextClear, nextSet, setBit, setBits } from '../util/bit-map.js';
import type { Gaps } from './gaps.js';
import type { HostPolicies } from './host-policies.js';
import type { Overlap } from './overlap.js';
import { isAfter } from './tcp-segment.js';
import { HEAD, HEAD_BYTES, type Windows } from './window.js';

/** A hole is passed over when this part of the largest window waits behind it, and it is smaller than what waits. */
const PATIENT_PART = 1 / 2;
const { mapped, fin, hurried, rawDone, lookbackShift } = STREAM_TRAIT;

/** What is to be said of a segment, as bits. `different`: bytes that were there already, and others than it brought. */
export const NOTE = { overlapped: 1, different: 2, late: 4, tooFar: 8, noMemory: 16 } as const;

export class SegmentWriter {
  /** A set of NOTE about the last segment. */
  notes = 0;
  /** Bytes that may have been carried since the flow's packet before; who skips more has not lost them. */
  mostMissing = 0;
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly bytes: Uint8Array;
  private readonly windows: Windows;
  private readonly gaps: Gaps;
  private readonly policies: HostPolicies;
  /** The segment: its row and who has it, its numbers, and where its bytes are. */
  private row = 0;
  private owner = 0;
  private start = 0;
  private end = 0;
  private source!: Uint8Array;
  private at = 0;
  /** Its receiver seems to drop it: it fills what is missing, until another one brings that, and changes nothing. */
  private isDoubtful = false;
  /** Behind the last byte that it wrote over a hole or over others, seen from the window's base. */
  private writtenTo = -1;

  constructor(arena: Arena, windows: Windows, gaps: Gaps, policies: HostPolicies) {
    this.words = arena.words;
    this.doubles = arena.doubles;
    this.bytes = arena.bytes;
    this.windows = windows;
    this.gaps = gaps;
    this.policies = policies;
  }

  /**
   * Takes `captured` bytes of `source` from `at` on as those from number `start` on; there were `claimed` on the wire.
   * The stream then has everything up to the segment's end, or knows that it is missing. `isDoubtful`: what it brings
   * counts when it is acknowledged, unless another segment brings it before.
   */
  write(
    row: number,
    owner: number,
    start: number,
    source: Uint8Array,
    at: number,
    captured: number,
    claimed: number,
    isDoubtful = false,
  ): void {
    const { words } = this;
    this.notes = 0;
    const next = words[row + STREAM.nextSeq];
    const ahead = (start - next) | 0;
    if (ahead + claimed > 0) words[row + STREAM.traits] &= ~fin;
    this.row = row;
    this.owner = owner;
    this.start = start;
    this.end = (start + captured) >>> 0;
    this.source = source;
    this.at = at;
    this.isDoubtful = isDoubtful;
    if (((start + claimed - words[row + STREAM.base]) | 0) <= 0) {
      if (claimed > 0) this.notes |= NOTE.late;
    } else if ((words[row + STREAM.traits] & mapped) !== 0) this.writeMapped(claimed);
    else if (ahead > 0) this.openHole(claimed);
    else if (isDoubtful && ahead + claimed > 0 && !this.isUnwanted(start + claimed)) this.openHole(claimed);
    else {
      if (ahead < 0) this.overlapInOrder(Math.min(captured, -ahead));
      if (ahead + claimed > 0) this.append(Math.max(0, ahead + captured), ahead + claimed);
    }
  }

  /** A hole up to `until`, of which nothing is known but that it was acknowledged. */
  miss(row: number, owner: number, until: number): void {
    const { words } = this;
    const isMapped = (words[row + STREAM.traits] & mapped) !== 0;
    const shown = isMapped ? words[this.windows.head(row) + HEAD.shown] : words[row + STREAM.nextSeq];
    this.write(row, owner, until, this.bytes, 0, 0, 0);
    if ((words[row + STREAM.traits] & mapped) !== 0) words[this.windows.head(row) + HEAD.shown] = shown;
  }

  /** First byte that anybody may still want. */
  keepFrom(row: number): number {
    const { words } = this;
    const base = words[row + STREAM.base];
    const traits = words[row + STREAM.traits];
    const consumed = this.doubles[(row + STREAM.consumed) >>> 1] - this.doubles[(row + STREAM.offset) >>> 1];
    let keep = Math.min((words[row + STREAM.ready] - base) >>> 0, consumed);
    if ((traits & rawDone) === 0) {
      keep = Math.min(keep, ((words[row + STREAM.inspected] - base) | 0) - (traits >>> lookbackShift));
    }
    return (base + Math.max(0, keep)) >>> 0;
  }

  /** Of `length` bytes that follow in order, the first `captured` are in the segment, at its end. */
  private append(captured: number, length: number): void {
    const { words, row } = this;
    const next = words[row + STREAM.nextSeq];
    if (this.isUnwanted(next + length)) {
      this.pass((next + length) >>> 0);
      return;
    }
    let kept = captured;
    const end = (next + captured) >>> 0;
    if (captured > 0) {
      const from = this.at + this.length - captured;
      if (this.reserve(end)) copyBytes(this.bytes, this.place(next), this.source, from, captured);
      else kept = 0;
    }
    words[row + STREAM.nextSeq] = next + kept;
    words[row + STREAM.ready] = next + kept;
    if (kept < length) this.leaveOut(length - kept, kept < captured);
  }

  private get length(): number {
    return (this.end - this.start) >>> 0;
  }

  /** Whether neither the parser nor raw inspection wants any byte before `end`. */
  private isUnwanted(end: number): boolean {
    const { words, doubles, row } = this;
    if ((words[row + STREAM.traits] & rawDone) === 0) return false;
    const place = doubles[(row + STREAM.offset) >>> 1] + ((end - words[row + STREAM.base]) >>> 0);
    return doubles[(row + STREAM.consumed) >>> 1] >= place;
  }

  /** Goes on behind bytes that are not kept. */
  private pass(end: number): void {
    const { words, row } = this;
    this.windows.free(row);
    this.windows.moveBase(row, end);
    words[row + STREAM.nextSeq] = end;
    words[row + STREAM.ready] = end;
    words[row + STREAM.given] = end;
    words[row + STREAM.traits] &= ~mapped;
  }

  private place(seq: number): number {
    return this.words[this.row + STREAM.window] + HEAD_BYTES + ((seq - this.words[this.row + STREAM.base]) >>> 0);
  }

  /** Makes room up to `end`. Counts why there is none. */
  private reserve(end: number): boolean {
    const keep = this.keepFrom(this.row);
    if (this.windows.reserve(this.row, this.owner, keep, end)) return true;
    this.notes |= (end - keep) >>> 0 > this.windows.largest ? NOTE.tooFar : NOTE.noMemory;
    return false;
  }

  /** A segment that does not begin where the last one ended. */
  private openHole(claimed: number): void {
    const { words, row } = this;
    const next = words[row + STREAM.nextSeq];
    if (words[row + STREAM.window] === 0 && !this.windows.reserve(row, this.owner, this.keepFrom(row), next)) {
      // Without memory nothing can be waited for.
      this.notes |= NOTE.noMemory;
      if (!this.isDoubtful) this.pass((this.start + claimed) >>> 0);
      return;
    }
    this.startMap();
    this.writeMapped(claimed);
  }

  private startMap(): void {
    const { words, row } = this;
    const head = this.windows.head(row);
    words[row + STREAM.traits] |= mapped;
    words[head + HEAD.mappedFrom] = words[row + STREAM.nextSeq];
    words[head + HEAD.gapEnd] = words[row + STREAM.base];
    words[head + HEAD.unkept] = 0;
    words[head + HEAD.cuts] = 0;
    words[head + HEAD.doubts] = 0;
    words[head + HEAD.shown] = words[row + STREAM.nextSeq];
  }

  /** `length` bytes behind what was seen were on the wire, and are not here. */
  private leaveOut(length: number, hadBytes: boolean): void {
    const { words, row } = this;
    const next = words[row + STREAM.nextSeq];
    const end = (next + length) >>> 0;
    if (words[row + STREAM.window] === 0 && !this.windows.reserve(row, this.owner, this.keepFrom(row), next)) {
      this.pass(end);
      return;
    }
    if ((words[row + STREAM.traits] & mapped) === 0) this.startMap();
    this.show(row, end);
    this.extend(end);
    if (hadBytes) this.gaps.noteUnkept(row, length);
    else this.gaps.noteCut(row, next, length);
    this.gaps.advance(row);
  }

  /** The side has shown that it has sent what lies before `end`; for a stream of which some is missing. */
  show(row: number, end: number): void {
    const at = this.windows.head(row) + HEAD.shown;
    if (isAfter(end, this.words[at])) this.words[at] = end >>> 0;
  }

  /** Moves on what was seen; nothing of it is there. */
  private extend(end: number): void {
    const { words, row, windows } = this;
    const base = words[row + STREAM.base];
    const room = windows.capacity(row);
    const skipped = (end - words[row + STREAM.nextSeq]) >>> 0;
    if (skipped > this.mostMissing) this.gaps.noteJump(row, skipped);
    const from = Math.min((words[row + STREAM.nextSeq] - base) >>> 0, room);
    const to = Math.min((end - base) >>> 0, room);
    clearBits(words, windows.map(row), from, to);
    if (this.policies.needsPieces) clearBits(words, windows.pieces(row), from, to);
    words[row + STREAM.nextSeq] = end;
  }

  private writeMapped(claimed: number): void {
    const { words, row } = this;
    this.show(row, this.start + claimed);
    if (isAfter(this.start, words[row + STREAM.nextSeq])) this.extend(this.start);
    const before = words[row + STREAM.nextSeq];
    const reach = words[row + STREAM.base] + this.windows.capacity(row);
    const fits = this.length === 0 || !isAfter(this.end, reach) || this.reserve(this.end);
    const base = words[row + STREAM.base];
    const end = Math.min((this.end - base) | 0, this.windows.capacity(row));
    const next = (words[row + STREAM.nextSeq] - base) >>> 0;
    this.writtenTo = -1;
    this.fill(Math.max(0, (this.start - base) | 0), Math.min(end, next));
    if (end > next) this.add(next, end);
    const left = (this.start + claimed - words[row + STREAM.nextSeq]) | 0;
    if (!fits && !isAfter(this.end, before)) {
      this.gaps.noteUnkept(row, ((this.end - base) | 0) - Math.max(end, (this.start - base) | 0));
    }
    if (left > 0 && !this.isDoubtful) this.leaveOut(left, !fits);
    this.gaps.advance(row);
    this.hurry();
  }

  /** Bytes [from, to) of the window, behind all that there were. */
  private add(from: number, to: number): void {
    const { words, row, windows } = this;
    if (this.isDoubtful) {
      this.addDoubtful(from, to);
      return;
    }
    this.copy(from, to);
    this.markNew(from, to);
    words[row + STREAM.nextSeq] = words[row + STREAM.base] + to;
    setBits(words, windows.map(row), from, to);
  }

  private addDoubtful(from: number, to: number): void {
    const { words, row } = this;
    const base = words[row + STREAM.base];
    if (!this.keepDoubtful(from, to)) return;
    // Behind `keepDoubtful`: what was not kept is not seen either.
    this.extend((base + to) >>> 0);
  }

  /** Puts the bytes [from, to) of the window where they belong, without saying that they are there. */
  private keepDoubtful(from: number, to: number): boolean {
    const base = this.words[this.row + STREAM.base];
    if (this.gaps.noteDoubt(this.row, (base + from) >>> 0, (base + to) >>> 0)) {
      this.copy(from, to);
      return true;
    }
    this.notes |= NOTE.noMemory;
    return false;
  }

  private copy(from: number, to: number): void {
    const { words, row } = this;
    const offset = from - ((this.start - words[row + STREAM.base]) | 0);
    copyBytes(this.bytes, words[row + STREAM.window] + HEAD_BYTES + from, this.source, this.at + offset, to - from);
  }

  /** Notes that the bytes [from, to) are of this segment: one piece with those that it wrote before them. */
  private markNew(from: number, to: number): void {
    if (!this.policies.needsPieces) return;
    const pieces = this.windows.pieces(this.row);
    clearBits(this.words, pieces, from, to);
    if (from !== this.writtenTo) setBit(this.words, pieces, from);
    this.writtenTo = to;
  }

  /** Bytes [from, to) of the window lie where the stream has been: fills holes, and settles what is there already. */
  private fill(from: number, to: number): void {
    const { words, row, windows } = this;
    const map = windows.map(row);
    const base = words[row + STREAM.base];
    const ready = (words[row + STREAM.ready] - base) >>> 0;
    let at = from;
    const mappedFrom = (words[windows.head(row) + HEAD.mappedFrom] - base) | 0;
    if (at < Math.min(to, mappedFrom)) {
      this.overlapRun(at, Math.min(to, mappedFrom), ready);
      at = mappedFrom;
    }
    while (at < to) {
      const isThere = hasBit(words, map, at);
      const end = isThere ? nextClear(words, map, at, to) : nextSet(words, map, at, to);
      if (isThere) this.overlapRun(at, end, ready);
      else if (at >= ready) this.fillHole(at, end);
      else this.notes |= NOTE.late;
      at = end;
    }
  }

  private fillHole(from: number, to: number): void {
    const { words, row, windows } = this;
    if (this.isDoubtful) {
      this.keepDoubtful(from, to);
      return;
    }
    this.copy(from, to);
    this.markNew(from, to);
    setBits(words, windows.map(row), from, to);
  }

  /** Bytes from the start of the segment on, all of which came in order. */
  private overlapInOrder(length: number): void {
    const { words, row } = this;
    if (length === 0 || words[row + STREAM.window] === 0) return;
    const base = words[row + STREAM.base];
    const from = (this.start - base) | 0;
    this.overlapRun(Math.max(0, from), from + length, (words[row + STREAM.nextSeq] - base) >>> 0);
  }

  /** Bytes [from, to) of the window are there. */
  private overlapRun(from: number, to: number, ready: number): void {
    if (to <= from) return;
    const { words, row } = this;
    this.notes |= NOTE.overlapped;
    if (this.differs(from, to)) this.notes |= NOTE.different;
    if (this.isDoubtful) return;
    const overlap = this.policies.of(row, this.owner);
    if (overlap.keepsFirst) return;
    if (overlap.takesLast) {
      const given = Math.max(from, (words[row + STREAM.given] - words[row + STREAM.base]) | 0);
      if (given < to) this.copy(given, to);
    } else if (to > ready) this.settlePieces(overlap, Math.max(from, ready), ready, to);
  }

  private differs(from: number, to: number): boolean {
    const { bytes, source, words, row } = this;
    const there = words[row + STREAM.window] + HEAD_BYTES;
    const here = this.at - ((this.start - words[row + STREAM.base]) | 0);
    for (let i = from; i < to; i++) if (bytes[there + i] !== source[here + i]) return true;
    return false;
  }

  /** Bytes [from, to) of the window are there, behind a hole: each piece of an older segment goes by the policy. */
  private settlePieces(overlap: Overlap, from: number, ready: number, to: number): void {
    const { words, row, windows } = this;
    const base = words[row + STREAM.base];
    const pieces = windows.pieces(row);
    const start = (this.start - base) | 0;
    const end = (this.end - base) | 0;
    const known = Math.min((words[row + STREAM.nextSeq] - base) >>> 0, windows.capacity(row));
    const runEnd = nextClear(words, windows.map(row), to, known);
    let pieceStart = from;
    while (pieceStart > ready && !hasBit(words, pieces, pieceStart)) pieceStart--;
    for (let at = from; at < to;) {
      const pieceEnd = nextSet(words, pieces, pieceStart + 1, runEnd);
      const stop = Math.min(pieceEnd, to);
      if (overlap.newWins(start, end, pieceStart, pieceEnd)) {
        this.copy(at, stop);
        this.markNew(at, stop);
        if (stop < pieceEnd) setBit(words, pieces, stop);
      }
      at = stop;
      pieceStart = stop;
    }
  }

  /** Gives a hole up when too much waits behind it. */
  private hurry(): void {
    const { words, row, windows } = this;
    const base = words[row + STREAM.base];
    const ready = (words[row + STREAM.ready] - base) >>> 0;
    const end = Math.min((words[row + STREAM.nextSeq] - base) >>> 0, windows.capacity(row));
    if (end - ready <= windows.largest * PATIENT_PART) return;
    if (words[windows.head(row) + HEAD.doubts] > 0) this.gaps.confirm(row, words[row + STREAM.nextSeq]);
    const behind = nextSet(words, windows.map(row), ready, end);
    if (2 * (behind - ready) >= end - ready) return;
    this.gaps.passOver(row, (base + behind) >>> 0);
    words[row + STREAM.traits] |= hurried;
  }
}
