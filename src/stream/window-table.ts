/**
 * All windows of a shard: the memory they share, who gives way when it is full, and whose bytes have waited for too
 * long. Stage: stream.
 *
 * The blocks of each size have a list of their own, as memory of one size does not serve another. Windows take
 * `limitBytes` together, those of one size at most half of that: a flood of small ones leaves room for large ones, and
 * the other way round. Beyond it a window of the same size gives way, of EVICTION_SAMPLE from a hand on that goes
 * round: one of a connection that is not established, if there is one; else one that is kept to be looked back at only;
 * else the one that has waited longest. What was in it is a gap. So whoever fills the memory with bytes that wait for a
 * hole displaces himself: streams that move on are the last to give way.
 */
import { BLOCK_BYTES, type Arena } from '../memory/arena.js';
import { COLUMN, STATE_BIT, STREAM, STREAM_TRAIT, STREAM_WORDS } from '../flow/record.js';
import { HEAD, SMALLEST, type WindowBlocks } from './window.js';

const EVICTION_SAMPLE = 16;
/** From this part of the limit on, bytes are given without waiting for their acknowledgement. */
const PRESSED = 0.75;
const { lookbackShift, mapped, lateAcked, rawDone } = STREAM_TRAIT;

export interface WindowStats {
  /** Gauges. */
  windows: number;
  windowBytes: number;
  /** Windows that gave way, and bytes in them that nobody had seen. */
  evicted: number;
  evictedBytes: number;
  /** Windows that were wanted and could not be had. */
  refused: number;
}

/** Of one size: the rows of the streams, and who has them (index of the flow * 2 + direction). */
interface List {
  readonly rows: Uint32Array;
  readonly owners: Uint32Array;
  readonly limit: number;
  count: number;
  hand: number;
}

export class WindowTable implements WindowBlocks {
  readonly stats: WindowStats = { windows: 0, windowBytes: 0, evicted: 0, evictedBytes: 0, refused: 0 };
  private readonly arena: Arena;
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly limitBytes: number;
  private readonly lists: readonly List[];

  constructor(arena: Arena, limitBytes: number) {
    this.arena = arena;
    this.words = arena.words;
    this.doubles = arena.doubles;
    this.limitBytes = limitBytes;
    const room = (bytes: number): number => Math.max(1, Math.floor(limitBytes / 2 / bytes));
    this.lists = BLOCK_BYTES.map((bytes, size) => newList(size < SMALLEST ? 0 : room(bytes)));
  }

  /** Whether memory is about to run out. */
  get isPressed(): boolean {
    return this.stats.windowBytes > PRESSED * this.limitBytes;
  }

  take(size: number, row: number, owner: number): number {
    const list = this.lists[size];
    const bytes = BLOCK_BYTES[size];
    if (list.count === list.limit || this.stats.windowBytes + bytes > this.limitBytes) this.evict(list);
    if (list.count === list.limit || this.stats.windowBytes + bytes > this.limitBytes) return this.refuse();
    let block = this.arena.allocateLoose(size);
    if (block === 0 && list.count > 0) {
      this.evict(list);
      block = this.arena.allocateLoose(size);
    }
    if (block === 0) return this.refuse();
    this.words[(block >>> 2) + HEAD.place] = list.count;
    list.rows[list.count] = row;
    list.owners[list.count++] = owner;
    this.stats.windows++;
    this.stats.windowBytes += bytes;
    return block;
  }

  give(block: number, size: number): void {
    const { words } = this;
    const list = this.lists[size];
    const place = words[(block >>> 2) + HEAD.place];
    const last = --list.count;
    if (place !== last) {
      list.rows[place] = list.rows[last];
      list.owners[place] = list.owners[last];
      words[(words[list.rows[place] + STREAM.window] >>> 2) + HEAD.place] = place;
    }
    this.stats.windows--;
    this.stats.windowBytes -= BLOCK_BYTES[size];
    this.arena.free(block);
  }

  /**
   * The flows that have bytes which wait since before `second`, by the time of their latest packet, then by id: the
   * same order whatever else is in the shard. Frees windows that have been empty for as long. Allocates: meant for
   * ticks.
   */
  waitingSince(second: number): number[] {
    const { words, doubles } = this;
    const due = new Map<number, number>();
    for (const list of this.lists) {
      for (let place = list.count - 1; place >= 0; place--) {
        const row = list.rows[place];
        if (words[row + STREAM.since] >= second) continue;
        const owner = list.owners[place];
        if (this.waits(row)) due.set(owner >>> 1, recordOf(row, owner));
        else if (words[row + STREAM.base] === words[row + STREAM.nextSeq]) this.drop(row, list);
      }
    }
    const lastUs = (record: number): number => doubles[(record + COLUMN.lastUs) >>> 1];
    const id = (record: number): number => doubles[(record + COLUMN.id) >>> 1];
    return [...due].toSorted(([, a], [, b]) => lastUs(a) - lastUs(b) || id(a) - id(b)).map(([index]) => index);
  }

  /** Whether bytes are there that nobody was given, or that raw inspection has not seen to the end of a range. */
  private waits(row: number): boolean {
    const { words } = this;
    const next = words[row + STREAM.nextSeq];
    if (words[row + STREAM.given] !== next) return true;
    return (words[row + STREAM.traits] & rawDone) === 0 && words[row + STREAM.inspected] !== next;
  }

  private drop(row: number, list: List): void {
    const block = this.words[row + STREAM.window];
    this.words[row + STREAM.window] = 0;
    this.words[row + STREAM.traits] &= ~(mapped | lateAcked);
    this.give(block, this.lists.indexOf(list));
  }

  private refuse(): number {
    this.stats.refused++;
    return 0;
  }

  private evict(list: List): void {
    if (list.count === 0) return;
    let best = 0;
    let bestRank = -1;
    let place = list.hand % list.count;
    for (let i = Math.min(EVICTION_SAMPLE, list.count); i > 0; i--) {
      const rank = this.rankOf(list.rows[place], list.owners[place]);
      if (rank > bestRank) {
        best = place;
        bestRank = rank;
      }
      place = place + 1 === list.count ? 0 : place + 1;
    }
    list.hand = best + 1;
    this.giveUp(list.rows[best], list);
  }

  /** How readily a window gives way: by what it is kept for, then by how long it has waited. */
  private rankOf(row: number, owner: number): number {
    const { words } = this;
    const established = (words[recordOf(row, owner) + COLUMN.state] & STATE_BIT.established) !== 0;
    const waits = words[row + STREAM.given] !== words[row + STREAM.nextSeq];
    const sort = established ? (waits ? 0 : 1) : 2;
    return sort * 2 ** 32 + (2 ** 32 - words[row + STREAM.since]);
  }

  /** What is in the window, or missing in it, is a gap from now on: its stream goes on behind that. */
  private giveUp(row: number, list: List): void {
    const { words } = this;
    const next = words[row + STREAM.nextSeq];
    this.stats.evicted++;
    this.stats.evictedBytes += (next - words[row + STREAM.given]) >>> 0;
    this.doubles[(row + STREAM.offset) >>> 1] += (next - words[row + STREAM.base]) >>> 0;
    words[row + STREAM.base] = next;
    words[row + STREAM.ready] = next;
    words[row + STREAM.given] = next;
    words[row + STREAM.traits] &= (1 << lookbackShift) - 1;
    this.drop(row, list);
  }
}

function newList(limit: number): List {
  return { rows: new Uint32Array(limit), owners: new Uint32Array(limit), limit, count: 0, hand: 0 };
}

/** First word of the flow's record. */
const recordOf = (row: number, owner: number): number => row - COLUMN.toServer - (owner & 1) * STREAM_WORDS;
