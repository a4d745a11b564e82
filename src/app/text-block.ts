/**
 * Bytes that a transaction keeps of what went by, or has made of it, in one block of the shard's arena. Stage: app.
 *
 * It grows by moving to the next size, so what points into it counts from its beginning: `start + offset`. A full
 * arena, or the limit, refuses; the owner then goes on with what it has.
 */
import { BLOCK_BYTES, type Arena } from '../memory/arena.js';
import { copyBytes } from '../memory/copy.js';

export class TextBlock {
  /** Offset of the first byte in the shard's memory; 0 while there is none. */
  start = 0;
  length = 0;
  private readonly arena: Arena;
  private readonly limit: number;
  private capacity = 0;

  /** Holds `limit` bytes at most; no more than the largest block. */
  constructor(arena: Arena, limit: number) {
    this.arena = arena;
    this.limit = Math.min(limit, BLOCK_BYTES[BLOCK_BYTES.length - 1]!);
  }

  /** Copies in bytes of the same memory. @returns the offset within the block, or -1 where there is no room for all. */
  append(from: number, count: number): number {
    if (!this.reserve(count)) return -1;
    const { bytes } = this.arena;
    const at = this.length;
    copyBytes(bytes, this.start + at, bytes, from, count);
    this.length += count;
    return at;
  }

  /** Adds one byte. @returns false where there is no room. */
  push(byte: number): boolean {
    if (this.length === this.capacity && !this.reserve(1)) return false;
    this.arena.bytes[this.start + this.length++] = byte;
    return true;
  }

  /** Copies in `bytes[from, end)` of another memory, where there is room for all. */
  appendBytes(bytes: Uint8Array, from: number, end: number): void {
    if (end <= from || !this.reserve(end - from)) return;
    for (let index = from; index < end; index++) this.arena.bytes[this.start + this.length++] = bytes[index]!;
  }

  /** Adds a text of ASCII. @returns the offset within the block, or -1 where there is no room for all. */
  appendAscii(text: string): number {
    if (!this.reserve(text.length)) return -1;
    const at = this.length;
    for (let index = 0; index < text.length; index++) this.push(text.charCodeAt(index));
    return at;
  }

  /** Bytes [from, end) of it as they are now, for calls into native code; no such view is kept. */
  view(from: number, end: number): Uint8Array {
    return new Uint8Array(this.arena.bytes.buffer, this.start + from, end - from);
  }

  /** Bytes that it may hold beyond those that it has. */
  get room(): number {
    return this.limit - this.length;
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): boolean {
    const wanted = this.length + count;
    if (wanted > this.limit) return false;
    if (wanted <= this.capacity) return true;
    return this.move(wanted);
  }

  /** Leaves out the first `count` bytes: what is behind them begins at `start`. */
  drop(count: number): void {
    if (count >= this.length) return this.clear();
    this.arena.bytes.copyWithin(this.start, this.start + count, this.start + this.length);
    this.length -= count;
  }

  /** Gives the block back. */
  clear(): void {
    if (this.start !== 0) this.arena.free(this.start);
    this.start = 0;
    this.length = 0;
    this.capacity = 0;
  }

  private move(wanted: number): boolean {
    let size = 0;
    while (BLOCK_BYTES[size]! < wanted) size++;
    const block = this.arena.allocateSpare(size);
    if (block === 0) return false;
    this.arena.bytes.copyWithin(block, this.start, this.start + this.length);
    if (this.start !== 0) this.arena.free(this.start);
    this.start = block;
    this.capacity = BLOCK_BYTES[size]!;
    return true;
  }
}
