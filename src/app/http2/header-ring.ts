/**
 * The headers that one side of an HTTP/2 connection has sent and may refer to: HPACK's dynamic table (RFC 7541, section
 * 2.3.2). Stage: app.
 *
 * Names and values lie one after the other in a block of the arena, the oldest first; when its end is reached, those
 * that are still in the table move to its beginning. Bounds: TABLE_LIMIT bytes as HPACK counts them, 32 an entry
 * included.
 */
import type { Arena } from '../../memory/arena.js';
import { TextBlock } from '../text-block.js';

export const TABLE_LIMIT = 65_536;
const DEFAULT_SIZE = 4096;
const OVERHEAD = 32;
/** Blocks are twice the table, so that entries move once for every table's worth of bytes at most. */
const ROOM = 2;

export class HeaderRing {
  /** Bytes that it may have, as HPACK counts them. */
  limit = DEFAULT_SIZE;
  private readonly text: TextBlock;
  private readonly arena: Arena;
  /** Of each entry: where it begins in the text, bytes of its name and of its value; a ring of entries. */
  private words = new Int32Array(3 * (DEFAULT_SIZE / OVERHEAD));
  private oldest = 0;
  private entries = 0;
  private size = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.text = new TextBlock(arena, ROOM * TABLE_LIMIT);
  }

  get count(): number {
    return this.entries;
  }

  /** Where the name of an entry begins in memory; entry 0 is the newest. Its value follows. */
  start(index: number): number {
    return this.text.start + this.words[this.at(index)]!;
  }

  nameLength(index: number): number {
    return this.words[this.at(index) + 1]!;
  }

  valueLength(index: number): number {
    return this.words[this.at(index) + 2]!;
  }

  /** Changes what it may hold, up to TABLE_LIMIT. */
  resize(limit: number): void {
    this.limit = limit;
    this.evict(limit);
    const entries = Math.ceil(limit / OVERHEAD);
    if (3 * entries > this.words.length) this.growTo(entries);
  }

  /**
   * Adds an entry: `bytes[from, from + name + value)`, which are not in its own block.
   * @returns false without memory.
   */
  add(bytes: Uint8Array, from: number, name: number, value: number): boolean {
    const size = name + value + OVERHEAD;
    if (size > this.limit) {
      this.evict(0);
      return true;
    }
    this.evict(this.limit - size);
    if (!this.makeRoom(name + value)) return false;
    const at = 3 * ((this.oldest + this.entries++) % this.capacity);
    this.words[at] = this.text.length;
    this.words[at + 1] = name;
    this.words[at + 2] = value;
    this.text.appendBytes(bytes, from, from + name + value);
    this.size += size;
    return true;
  }

  clear(): void {
    this.text.clear();
    this.evict(0);
    this.limit = DEFAULT_SIZE;
  }

  private get capacity(): number {
    return this.words.length / 3;
  }

  private at(index: number): number {
    return 3 * ((this.oldest + this.entries - 1 - index) % this.capacity);
  }

  private evict(limit: number): void {
    while (this.size > limit) {
      this.size -= this.words[3 * this.oldest + 1]! + this.words[3 * this.oldest + 2]! + OVERHEAD;
      this.oldest = (this.oldest + 1) % this.capacity;
      this.entries--;
    }
    if (this.entries === 0) this.text.length = 0;
  }

  private makeRoom(count: number): boolean {
    const { text } = this;
    if (text.length + count > ROOM * this.limit) this.compact();
    return text.reserve(count);
  }

  /** Moves what is in the table to the beginning of the block. */
  private compact(): void {
    const { text, entries } = this;
    if (entries === 0) return;
    const from = this.words[3 * this.oldest]!;
    this.arena.bytes.copyWithin(text.start, text.start + from, text.start + text.length);
    text.length -= from;
    for (let index = 0; index < entries; index++) this.words[this.at(index)]! -= from;
  }

  private growTo(entries: number): void {
    const words = new Int32Array(3 * entries);
    for (let index = 0; index < this.entries; index++) {
      const at = this.at(this.entries - 1 - index);
      words.set([this.words[at]!, this.words[at + 1]!, this.words[at + 2]!], 3 * index);
    }
    this.words = words;
    this.oldest = 0;
  }
}
