/**
 * A record of ONC RPC in several fragments (RFC 5531, 11), of one side: put together until it is whole, or as long as
 * records are kept. Stage: app.
 *
 *   | last (1 bit), length | part of the message | last, length | part | …
 *
 * Bound: `mostBytes`. Of a longer record these are read, and of its fragments the rest comes one by one. Where there is
 * no memory for it, it is passed over.
 */
import type { Arena } from '../../memory/arena.js';
import type { Input } from '../input.js';
import { TextBlock } from '../text-block.js';

export const LAST_FRAGMENT = 0x8000_0000;

export class FragmentedRecord {
  readonly text: TextBlock;
  /** It has begun, and is not at its end. */
  isOpen = false;
  /** What was put together was read, or given up. */
  isTaken = false;
  /** Bytes of the fragment that are still to come. */
  left = 0;
  private isLast = false;
  private readonly mostBytes: number;

  constructor(arena: Arena, mostBytes: number) {
    this.text = new TextBlock(arena, mostBytes);
    this.mostBytes = mostBytes;
  }

  /** Whether a mark comes next. */
  get isBetween(): boolean {
    return this.left === 0 && !this.isLast;
  }

  /** Whether nothing more comes of it. */
  get isComplete(): boolean {
    return this.left === 0 && this.isLast;
  }

  /** Whether it is to be read. */
  get isReady(): boolean {
    return !this.isTaken && (this.isComplete || this.text.length === this.mostBytes);
  }

  /** A fragment begins. */
  begin(mark: number): void {
    this.isOpen = true;
    this.left = mark & ~LAST_FRAGMENT;
    this.isLast = mark >= LAST_FRAGMENT;
  }

  /** Adds what there is of the fragment. */
  add(input: Input): void {
    const count = Math.min(this.left, input.available, this.text.room);
    if (this.text.append(input.position, count) < 0) this.take();
    input.take(count);
    this.left -= count;
  }

  take(): void {
    this.isTaken = true;
    this.text.clear();
  }

  clear(): void {
    this.text.clear();
    this.isOpen = false;
    this.isTaken = false;
    this.left = 0;
    this.isLast = false;
  }
}
