/**
 * Streams without reassembly, for tests of the application layer: bytes are appended to a side, as if in order and
 * acknowledged.
 */
import type { StreamBytes } from '../../src/app/stream-bytes.js';
import type { Direction, Flow } from '../../src/flow/flow.js';
import { Arena, PAGE_BYTES } from '../../src/memory/arena.js';
import type { StreamSpan } from '../../src/stream/stream-span.js';

const START = 4096;
const PAGES = 2;

interface Side {
  readonly start: number;
  /** Places in the stream: what was consumed, and the end of what has come. */
  consumed: number;
  end: number;
  gap: number;
  /** Where bytes are missing of which more is there behind; -1 for nowhere. How many; and whether that was told. */
  cutAt: number;
  cutBytes: number;
  cutTold: boolean;
  skip: number;
  rawEnded: boolean;
  /** Place from which on it is encrypted. */
  encryptedFrom: number;
  last: boolean;
}

const NEW_SIDE: Omit<Side, 'start'> = {
  consumed: 0,
  end: 0,
  gap: 0,
  cutAt: -1,
  cutBytes: 0,
  cutTold: false,
  skip: 0,
  rawEnded: false,
  encryptedFrom: Infinity,
  last: false,
};

/** One flow's two sides, and the memory that they, and the arena, lie in. */
export class FakeStream implements StreamBytes {
  readonly arena: Arena;
  readonly sides: readonly [Side, Side];

  /** Room for so many bytes a side. */
  constructor(sideBytes = 16_384) {
    const arenaStart = START + 2 * sideBytes;
    this.arena = new Arena(new ArrayBuffer(arenaStart + PAGES * PAGE_BYTES), arenaStart, PAGES * PAGE_BYTES);
    this.sides = [
      { start: START, ...NEW_SIDE },
      { start: START + sideBytes, ...NEW_SIDE },
    ];
  }

  /** Makes both sides as new. */
  reset(): void {
    for (const side of this.sides) Object.assign(side, NEW_SIDE);
  }

  append(direction: Direction, bytes: Uint8Array): void {
    const side = this.sides[direction];
    this.arena.bytes.set(bytes, side.start + side.end);
    side.end += bytes.length;
    const passed = Math.min(side.skip, side.end - side.consumed);
    side.consumed += passed;
    side.skip -= passed;
  }

  miss(direction: Direction, bytes: number): void {
    this.sides[direction].gap += bytes;
  }

  /** Bytes are missing here, and what is appended next is there at the same time. */
  cut(direction: Direction, bytes: number): void {
    const side = this.sides[direction];
    side.cutAt = side.end;
    side.cutBytes = bytes;
  }

  close(direction: Direction): void {
    this.sides[direction].last = true;
  }

  peek(flow: Flow, direction: Direction, span: StreamSpan): boolean {
    const side = this.sides[direction];
    const before = { ...side };
    const isTold = this.usable(flow, direction, span);
    Object.assign(side, before);
    return isTold;
  }

  usable(_flow: Flow, direction: Direction, span: StreamSpan): boolean {
    const side = this.sides[direction];
    if (side.cutAt >= 0 && side.cutTold) {
      side.gap += side.cutBytes + side.cutAt - side.consumed;
      side.consumed = side.cutAt;
      side.cutAt = -1;
      side.cutTold = false;
    }
    span.start = side.start + side.consumed;
    span.length = side.end - side.consumed;
    span.offset = side.consumed;
    span.gap = side.gap;
    span.cut = side.cutAt >= 0;
    if (span.cut) span.length = side.cutAt - side.consumed;
    side.cutTold = span.cut;
    span.last = side.last;
    side.gap = 0;
    return span.length > 0 || span.gap > 0 || span.last;
  }

  consumed(_flow: Flow, direction: Direction, bytes: number): void {
    const side = this.sides[direction];
    side.consumed += bytes;
    if (side.consumed > side.end) throw new Error('more was consumed than there is');
  }

  skip(_flow: Flow, direction: Direction, bytes: number): void {
    this.sides[direction].skip += bytes;
  }

  conceal(_flow: Flow, direction: Direction, from: number): void {
    this.sides[direction].encryptedFrom = from;
  }

  bypass(flow: Flow, direction: Direction): void {
    this.skip(flow, direction, Infinity);
    this.sides[direction].rawEnded = true;
  }
}
