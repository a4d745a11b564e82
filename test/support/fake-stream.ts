/**
 * Streams without reassembly, for tests of the application layer: bytes are appended to a side, as if in order and
 * acknowledged.
 */
import type { StreamBytes, StreamSpan } from '../../src/app/stream-bytes.js';
import type { Direction, Flow } from '../../src/flow/flow.js';
import { Arena, PAGE_BYTES } from '../../src/memory/arena.js';

const START = 4096;
const PAGES = 2;

interface Side {
  readonly start: number;
  /** Places in the stream: what was consumed, and the end of what has come. */
  consumed: number;
  end: number;
  gap: number;
  passed: number;
  skip: number;
  bypassed: boolean;
  last: boolean;
}

/** One flow's two sides, and the memory that they, and the arena, lie in. */
export class FakeStream implements StreamBytes {
  readonly arena: Arena;
  readonly sides: readonly [Side, Side];

  /** Room for so many bytes a side. */
  constructor(sideBytes = 16_384) {
    const arenaStart = START + 2 * sideBytes;
    this.arena = new Arena(new ArrayBuffer(arenaStart + PAGES * PAGE_BYTES), arenaStart, PAGES * PAGE_BYTES);
    const side = (start: number): Side => ({
      start,
      consumed: 0,
      end: 0,
      gap: 0,
      passed: 0,
      skip: 0,
      bypassed: false,
      last: false,
    });
    this.sides = [side(START), side(START + sideBytes)];
  }

  append(direction: Direction, bytes: Uint8Array): void {
    const side = this.sides[direction];
    this.arena.bytes.set(bytes, side.start + side.end);
    side.end += bytes.length;
    const passed = side.bypassed ? side.end - side.consumed : Math.min(side.skip, side.end - side.consumed);
    side.consumed += passed;
    side.passed += passed;
    if (!side.bypassed) side.skip -= passed;
  }

  miss(direction: Direction, bytes: number): void {
    this.sides[direction].gap += bytes;
  }

  close(direction: Direction): void {
    this.sides[direction].last = true;
  }

  usable(_flow: Flow, direction: Direction, span: StreamSpan): boolean {
    const side = this.sides[direction];
    span.start = side.start + side.consumed;
    span.length = side.end - side.consumed;
    span.offset = side.consumed;
    span.gap = side.gap;
    span.passed = side.passed;
    span.last = side.last;
    side.gap = 0;
    side.passed = 0;
    return span.length > 0 || span.gap > 0 || span.passed > 0 || span.last;
  }

  consumed(_flow: Flow, direction: Direction, bytes: number): void {
    const side = this.sides[direction];
    side.consumed += bytes;
    if (side.consumed > side.end) throw new Error('more was consumed than there is');
  }

  skip(_flow: Flow, direction: Direction, bytes: number): void {
    this.sides[direction].skip += bytes;
  }

  bypass(_flow: Flow, direction: Direction): void {
    const side = this.sides[direction];
    side.bypassed = true;
    side.passed += side.end - side.consumed;
    side.consumed = side.end;
  }
}
