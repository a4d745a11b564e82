/**
 * The handshake of one side, put together from CRYPTO frames in any order (RFC 9000, 19.6). Stage: app.
 *
 * Bounds: 64 KiB, and 32 ranges that do not touch. Bytes that came first stay.
 */
import type { Arena } from '../../memory/arena.js';
import { TextBlock } from '../text-block.js';

const MOST_BYTES = 65_536;
const MOST_RANGES = 32;

export class CryptoStream {
  readonly text: TextBlock;
  private readonly arena: Arena;
  /** Ranges that have come, in their order: beginnings and ends. */
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  constructor(arena: Arena) {
    this.arena = arena;
    this.text = new TextBlock(arena, MOST_BYTES);
  }

  clear(): void {
    this.text.clear();
    this.starts.length = 0;
    this.ends.length = 0;
  }

  /** Bytes from the beginning on without a hole. */
  get ready(): number {
    return this.starts[0] === 0 ? this.ends[0] : 0;
  }

  /** Puts in [from, from + count) of `data`. @returns false where it is too much. */
  put(offset: number, data: Uint8Array, from: number, count: number): boolean {
    const end = offset + count;
    if (end > MOST_BYTES) return false;
    if (count === 0) return true;
    if (this.starts.length === MOST_RANGES && !this.touches(offset, end)) return false;
    if (end > this.text.length && !this.text.reserve(end - this.text.length)) return false;
    this.text.length = Math.max(this.text.length, end);
    for (let index = 0; index < count; index++) {
      if (!this.has(offset + index)) this.arena.bytes[this.text.start + offset + index] = data[from + index];
    }
    this.add(offset, end);
    return true;
  }

  private has(at: number): boolean {
    for (let index = 0; index < this.starts.length; index++)
      if (at >= this.starts[index] && at < this.ends[index]) return true;
    return false;
  }

  private touches(start: number, end: number): boolean {
    return this.starts.some((from, index) => from <= end && this.ends[index] >= start);
  }

  private add(start: number, end: number): void {
    let index = 0;
    while (index < this.starts.length && this.ends[index] < start) index++;
    let behind = index;
    while (behind < this.starts.length && this.starts[behind] <= end) {
      start = Math.min(start, this.starts[behind]);
      end = Math.max(end, this.ends[behind]);
      behind++;
    }
    this.starts.splice(index, behind - index, start);
    this.ends.splice(index, behind - index, end);
  }
}
