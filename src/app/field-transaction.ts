/**
 * A transaction that is a list of fields: texts, which are copied into a block of the arena, and numbers. Stage: app. A
 * field is named by the number of its buffer (app/buffers.ts); several of one buffer are its instances, in their order.
 *
 * Bounds: MOST_FIELDS, and the bytes of the block; what is beyond is refused, and the parser says so by an event. The
 * lists grow to what messages have and are used again.
 */
import type { Direction } from '../flow/flow.js';
import type { Arena } from '../memory/arena.js';
import type { Span } from '../memory/span.js';
import { printedText } from './printed-text.js';
import { TextBlock } from './text-block.js';
import { Transaction } from './transaction.js';

export const MOST_FIELDS = 256;
/** Directions in which a field is there, as a set. */
export const SIDE = { toServer: 1, toClient: 2, both: 3 } as const;

export class FieldTransaction extends Transaction {
  protected readonly text: TextBlock;
  protected readonly arena: Arena;
  private count = 0;
  private readonly buffers: number[] = [];
  private readonly sides: number[] = [];
  /** Of texts: place in the block and length; of numbers the value, and -1. */
  private readonly values: number[] = [];
  private readonly lengths: number[] = [];
  /** Where the last search ended: that for the next instance goes on there. */
  private soughtBuffer = -1;
  private soughtSide = 0;
  private soughtInstance = 0;
  private soughtIndex = 0;

  constructor(arena: Arena, mostBytes: number) {
    super();
    this.arena = arena;
    this.text = new TextBlock(arena, mostBytes);
  }

  /** Copies in a text from the shard's memory. @returns false where there is no room for it. */
  addText(buffer: number, sides: number, start: number, length: number): boolean {
    if (this.count === MOST_FIELDS) return false;
    const at = length === 0 ? 0 : this.text.append(start, length);
    return at >= 0 && this.note(buffer, sides, at, length);
  }

  /** Adds a text that lies within the block already. */
  addPart(buffer: number, sides: number, at: number, length: number): boolean {
    return this.count < MOST_FIELDS && this.note(buffer, sides, at, length);
  }

  addNumber(buffer: number, sides: number, value: number): boolean {
    return this.count < MOST_FIELDS && this.note(buffer, sides, value, -1);
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    const index = this.find(buffer, instance, 1 << direction);
    return (
      index >= 0 && this.lengths[index] >= 0 && span.set(this.text.start + this.values[index], this.lengths[index])
    );
  }

  override number(buffer: number, instance: number, direction: Direction): number {
    const index = this.find(buffer, instance, 1 << direction);
    return index < 0 ? NaN : this.values[index];
  }

  override reset(): void {
    super.reset();
    this.text.clear();
    this.count = 0;
    this.soughtBuffer = -1;
  }

  /** For events: a text as it is printed; undefined where there is none. */
  printed(buffer: number, instance = 0): string | undefined {
    const index = this.find(buffer, instance, SIDE.both);
    return index < 0
      ? undefined
      : printedText(this.arena.bytes, this.text.start + this.values[index], this.lengths[index]);
  }

  /** For events: a text of one side. */
  printedOf(buffer: number, direction: Direction): string | undefined {
    const index = this.find(buffer, 0, 1 << direction);
    return index < 0
      ? undefined
      : printedText(this.arena.bytes, this.text.start + this.values[index], this.lengths[index]);
  }

  /** For events: all texts of a buffer, or its numbers. */
  printedAll(buffer: number): string[] {
    const texts: string[] = [];
    for (let text = this.printed(buffer); text !== undefined; text = this.printed(buffer, texts.length))
      texts.push(text);
    return texts;
  }

  /** A number of either side; NaN where there is none. */
  value(buffer: number, instance = 0): number {
    const index = this.find(buffer, instance, SIDE.both);
    return index < 0 ? NaN : this.values[index];
  }

  private note(buffer: number, sides: number, value: number, length: number): true {
    const index = this.count++;
    this.buffers[index] = buffer;
    this.sides[index] = sides;
    this.values[index] = value;
    this.lengths[index] = length;
    this.soughtBuffer = -1;
    return true;
  }

  private find(buffer: number, instance: number, sides: number): number {
    const goesOn = this.soughtBuffer === buffer && this.soughtSide === sides && instance >= this.soughtInstance;
    let index = goesOn ? this.soughtIndex : 0;
    let left = goesOn ? instance - this.soughtInstance : instance;
    for (; index < this.count; index++) {
      if (this.buffers[index] === buffer && (this.sides[index] & sides) !== 0 && left-- === 0) break;
    }
    if (index === this.count) return -1;
    this.soughtBuffer = buffer;
    this.soughtSide = sides;
    this.soughtInstance = instance;
    this.soughtIndex = index;
    return index;
  }
}
