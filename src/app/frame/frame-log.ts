/**
 * The frames that parsers come by while rules ask for them: of one flow at a time, until they were inspected. Stage:
 * app. One object for a shard; without such rules nobody calls it.
 *
 * A frame is copied when it is whole. One that comes in pieces (`begin`, `end`) grows with each call of its parser.
 * Bounds: MOST_FRAMES that are to be inspected, and as many that have begun, in all flows: whoever leaves messages open
 * takes no room from whole ones. Beyond, frames are not looked at, and counted (`refused`).
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { bufferNumber } from '../buffers.js';
import { Pool } from '../pool.js';
import { FrameTransaction } from './frame-transaction.js';
import { frameBuffer, FRAMES } from './buffers.js';

const MOST_FRAMES = 1024;
/** Of the heap, for each. */
const FRAME_BYTES = 768;

/** Frames that have begun, by direction; a connection has them. */
export type OpenFrames = [toServer: FrameTransaction | null, toClient: FrameTransaction | null];

export class FrameLog {
  /** Those that are to be inspected: the first `count`. */
  readonly whole: FrameTransaction[] = [];
  count = 0;
  /** Whether rules ask for any. */
  isOn = false;
  /** Frames that were not looked at, as there were too many. */
  refused = 0;
  private readonly arena: Arena;
  private readonly pool: Pool<FrameTransaction>;
  private readonly buffers = FRAMES.map((name) => bufferNumber(frameBuffer(name)));
  /** By number of a frame: whether rules ask for it. */
  private asked = new Uint8Array(FRAMES.length);
  /** Of the call of a parser at hand: where what it has not copied yet of the open frame begins. */
  private from = 0;
  /** Frames that have begun. */
  private begun = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.pool = new Pool(arena, 2 * MOST_FRAMES, FRAME_BYTES, () => new FrameTransaction(arena));
  }

  /** Rules ask for these, by number. */
  ask(asked: Uint8Array): void {
    this.asked = Uint8Array.from(asked);
    this.isOn = asked.includes(1);
  }

  /** Whether rules ask for it. */
  asks(frame: number): boolean {
    return this.asked[frame] !== 0;
  }

  /** `length` bytes from `start` on are a frame. */
  add(frame: number, direction: Direction, start: number, length: number): void {
    const opened = this.open(frame, direction, this.count);
    if (opened === null) return;
    opened.append(start, length);
    this.whole[this.count++] = opened;
  }

  /** A frame begins at `start`, and what comes behind is part of it. */
  begin(open: OpenFrames, frame: number, direction: Direction, start: number): void {
    this.drop(open, direction);
    open[direction] = this.open(frame, direction, this.begun);
    if (open[direction] !== null) this.begun++;
    this.from = start;
  }

  /** The bytes that a parser is called for begin at `start`. */
  enter(start: number): void {
    this.from = start;
  }

  /** A parser has come to `end` with the open frame. */
  take(open: OpenFrames, direction: Direction, end: number): void {
    open[direction]?.append(this.from, Math.max(0, end - this.from));
    this.from = end;
  }

  /** Nothing more comes of the open frame. */
  end(open: OpenFrames, direction: Direction): void {
    const frame = open[direction];
    if (frame === null) return;
    open[direction] = null;
    this.begun--;
    this.whole[this.count++] = frame;
  }

  /** Bytes were lost: the open frame ends in front of them, and is not whole. */
  interrupt(open: OpenFrames, direction: Direction): void {
    open[direction]?.cut();
    this.end(open, direction);
  }

  /** The open frame is given up. */
  drop(open: OpenFrames, direction: Direction): void {
    const frame = open[direction];
    if (frame === null) return;
    open[direction] = null;
    this.begun--;
    this.give(frame);
  }

  /** All whole ones were inspected. */
  clear(): void {
    for (let index = 0; index < this.count; index++) this.give(this.whole[index]);
    this.count = 0;
  }

  /** `others`: how many there are of its kind. */
  private open(frame: number, direction: Direction, others: number): FrameTransaction | null {
    if (this.asked[frame] === 0) return null;
    const opened = others < MOST_FRAMES ? this.pool.take() : undefined;
    if (opened === undefined) {
      this.refused++;
      return null;
    }
    opened.begin(frame, this.buffers[frame], direction);
    return opened;
  }

  private give(frame: FrameTransaction): void {
    if (frame.inspection !== 0) this.arena.free(frame.inspection);
    frame.inspection = 0;
    frame.reset();
    this.pool.give(frame);
  }
}

const LOGS = new WeakMap<Arena, FrameLog>();

/** That of the shard whose arena it is. */
export function frameLog(arena: Arena): FrameLog {
  let log = LOGS.get(arena);
  if (log === undefined) {
    log = new FrameLog(arena);
    LOGS.set(arena, log);
  }
  return log;
}
