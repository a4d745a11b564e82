/**
 * The holes in what was seen of a TCP connection: bytes that were passed over, until they come late or are taken for lost.
 * Stage: flow; stream/tcp-state.ts keeps them. Mirrors reorder, so data may come behind its own acknowledgement; late is
 * not lost.
 *
 * A hole is lost once its receiver has acknowledged it and it is still there `LOST_AFTER_ACKS` acknowledgements and
 * `LOST_AFTER_US` later, or when the flow ends. Holes of one side are apart and in the order of their numbers. There is
 * room for `CAPACITY` of them; beyond that the two first become one, of which only the number of bytes is known that are
 * missing in it: the sum stays right, and data that is sent again may be taken for what is missing.
 *
 *   block (2 KiB of the flow's arena)   | holes to server (4) | to client (4) | rows to server | rows to client
 *
 * Only flows that have holes have a block. `TcpHoles` is a cursor on it.
 */
import type { Direction, Flow } from './flow.js';

/** Further acknowledgements, and time of packets, that a hole outlives before it counts. */
const LOST_AFTER_ACKS = 3;
const LOST_AFTER_US = 200_000;
/** Of each direction; both fill a block. */
const CAPACITY = 25;
/** Size of a block (memory/arena.ts). */
export const HOLES_BLOCK = 1;
/** Holes that reach farther are out of any window, and forgotten. */
const MAX_BYTES = 2 ** 30;

/** Columns of a hole: first number, numbers from there on, how many of them are missing; acknowledgements since the one that had it (-1: none had), and when that was. */
const HOLE = { start: 0, size: 1, missing: 2, acks: 3, ackedUs: 4 } as const;
const HOLE_WORDS = 5;

export interface GapCounts {
  /** Holes that were lost, adjoining ones together, and the bytes in them. */
  gaps: number;
  gapBytes: number;
}

export class TcpHoles {
  /** The arena: the two counts are words, the rows are doubles. */
  private words!: Uint32Array;
  private rows!: Float64Array;
  private block = 0;

  /** Sets the cursor on the block of a flow that has one. */
  use({ arena, holes }: Flow): this {
    this.words = arena.words;
    this.rows = arena.doubles;
    this.block = holes;
    return this;
  }

  clear(): void {
    this.setCount(0, 0);
    this.setCount(1, 0);
  }

  get isEmpty(): boolean {
    return this.count(0) === 0 && this.count(1) === 0;
  }

  /** `size` numbers from `start` on were passed over by the sender of `direction`; they lie behind all holes that there are. */
  add(direction: Direction, start: number, size: number): void {
    if (this.count(direction) === CAPACITY) this.join(direction);
    const row = this.grow(direction);
    this.rows[row + HOLE.start] = start >>> 0;
    this.rows[row + HOLE.size] = size;
    this.rows[row + HOLE.missing] = size;
    this.rows[row + HOLE.acks] = -1;
    this.rows[row + HOLE.ackedUs] = 0;
  }

  /** The sender of `direction` brings `size` numbers from `start` on, all of which were passed before. */
  fill(direction: Direction, start: number, size: number): void {
    const { rows } = this;
    for (let index = this.count(direction) - 1; index >= 0; index--) {
      const row = this.row(direction, index);
      const from = (start - rows[row + HOLE.start]) | 0;
      const to = from + size;
      if (from >= rows[row + HOLE.size]) return;
      if (to > 0) this.fillOne(direction, index, Math.max(from, 0), Math.min(to, rows[row + HOLE.size]));
    }
  }

  /** The other side has acknowledged what the sender of `direction` sent before `ack`. */
  acknowledge(direction: Direction, ack: number, nowUs: number, counts: GapCounts): void {
    const { rows } = this;
    // Room for the one hole that `ack` may lie within.
    if (this.count(direction) === CAPACITY) this.join(direction);
    let kept = 0;
    let lostEnd = -1;
    for (let index = 0; index < this.count(direction); index++) {
      const row = this.row(direction, index);
      const acked = (ack - rows[row + HOLE.start]) | 0;
      if (acked > 0 && acked < rows[row + HOLE.size]) this.split(direction, index, acked);
      if (acked > 0 && this.isLost(row, nowUs)) {
        lostEnd = this.countLost(row, lostEnd, counts);
        continue;
      }
      if (kept !== index) rows.copyWithin(this.row(direction, kept), row, row + HOLE_WORDS);
      kept++;
    }
    this.setCount(direction, kept);
  }

  /** The flow is over: nothing comes late any more. */
  end(counts: GapCounts): void {
    for (const direction of [0, 1] as const) {
      let lostEnd = -1;
      for (let index = 0; index < this.count(direction); index++) {
        const row = this.row(direction, index);
        if (this.rows[row + HOLE.acks] >= 0) lostEnd = this.countLost(row, lostEnd, counts);
      }
      this.setCount(direction, 0);
    }
  }

  private row(direction: Direction, index: number): number {
    return (this.block >>> 3) + 1 + (direction * CAPACITY + index) * HOLE_WORDS;
  }

  private count(direction: number): number {
    return this.words[(this.block >>> 2) + direction];
  }

  private setCount(direction: number, count: number): void {
    this.words[(this.block >>> 2) + direction] = count;
  }

  /** Counts one more hole in. @returns the row behind the last one so far. */
  private grow(direction: Direction): number {
    const count = this.count(direction);
    this.setCount(direction, count + 1);
    return this.row(direction, count);
  }

  /** Takes one more acknowledgement of a hole that lies before it whole. @returns whether the hole is lost. */
  private isLost(row: number, nowUs: number): boolean {
    const { rows } = this;
    const acks = ++rows[row + HOLE.acks];
    if (acks === 0) rows[row + HOLE.ackedUs] = nowUs;
    return acks >= LOST_AFTER_ACKS && nowUs - rows[row + HOLE.ackedUs] >= LOST_AFTER_US;
  }

  /** @returns the number behind the hole, so that the next one can tell whether it adjoins. */
  private countLost(row: number, lostEnd: number, counts: GapCounts): number {
    const { rows } = this;
    if (rows[row + HOLE.start] !== lostEnd) counts.gaps++;
    counts.gapBytes += rows[row + HOLE.missing];
    return (rows[row + HOLE.start] + rows[row + HOLE.size]) >>> 0;
  }

  /** Fills the numbers `from` to `to` of a hole, counted from its start. */
  private fillOne(direction: Direction, index: number, from: number, to: number): void {
    const { rows } = this;
    const row = this.row(direction, index);
    const size = rows[row + HOLE.size];
    const missing = rows[row + HOLE.missing] - Math.min(to - from, rows[row + HOLE.missing]);
    const isWhole = rows[row + HOLE.missing] === size;
    if (missing === 0) this.remove(direction, index);
    else if (isWhole && from === 0) this.resize(row, to, size - to, missing);
    else if (isWhole && to === size) this.resize(row, 0, from, missing);
    else if (isWhole && this.count(direction) < CAPACITY) {
      this.split(direction, index, to);
      this.resize(row, 0, from, from);
    } else rows[row + HOLE.missing] = missing;
  }

  private resize(row: number, skipped: number, size: number, missing: number): void {
    this.rows[row + HOLE.start] = (this.rows[row + HOLE.start] + skipped) >>> 0;
    this.rows[row + HOLE.size] = size;
    this.rows[row + HOLE.missing] = missing;
  }

  /** Makes two holes of one, the second `at` numbers behind its start; what is missing is shared out. BOUNDS: there is room. */
  private split(direction: Direction, index: number, at: number): void {
    const { rows } = this;
    const row = this.row(direction, index);
    rows.copyWithin(row + HOLE_WORDS, row, this.grow(direction));
    const size = rows[row + HOLE.size];
    const missing = rows[row + HOLE.missing];
    const first = Math.max(Math.min(Math.round((missing * at) / size), at), missing - (size - at));
    this.resize(row + HOLE_WORDS, at, size - at, missing - first);
    this.resize(row, 0, at, first);
  }

  private remove(direction: Direction, index: number): void {
    const row = this.row(direction, index);
    const count = this.count(direction);
    this.rows.copyWithin(row, row + HOLE_WORDS, this.row(direction, count));
    this.setCount(direction, count - 1);
  }

  /** Makes one of the two first holes that are both acknowledged or both not; the time of the first goes on. */
  private join(direction: Direction): void {
    const { rows } = this;
    const isMixed = rows[this.row(direction, 0) + HOLE.acks] >= 0 && rows[this.row(direction, 1) + HOLE.acks] < 0;
    const index = isMixed ? 1 : 0;
    const row = this.row(direction, index);
    const next = row + HOLE_WORDS;
    const size = ((rows[next + HOLE.start] - rows[row + HOLE.start]) >>> 0) + rows[next + HOLE.size];
    if (size > MAX_BYTES) {
      this.remove(direction, index);
      return;
    }
    this.resize(row, 0, size, rows[row + HOLE.missing] + rows[next + HOLE.missing]);
    this.remove(direction, index + 1);
  }
}
