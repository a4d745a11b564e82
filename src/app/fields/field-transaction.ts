/**
 * A transaction that is a list of fields: texts, kept in one block of the arena, and numbers. Stage: app; what small
 * protocols have in common.
 *
 *   field | sides | place and length in the text, or the number         in the order in which they came
 *
 * Bounds: `mostBytes` and `mostFields` of the layout; what is beyond is left out, and raises the event `overflow`. The
 * lists grow to what messages have and are used again.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { Span } from '../../memory/span.js';
import { printedText } from '../printed-text.js';
import { TextBlock } from '../text-block.js';
import { Transaction } from '../transaction.js';
import type { FieldTable } from './field-table.js';

/** Sets of directions. */
export const SIDE = { toServer: 1, toClient: 2, both: 3 } as const;

/** Progress of a side. */
export const MESSAGE = 1;
export const COMPLETE = [MESSAGE, MESSAGE] as const;

const ABSENT = -1;

export interface FieldLayout {
  readonly table: FieldTable;
  readonly mostBytes: number;
  readonly mostFields: number;
  /** The event of what had no room. */
  readonly overflow: number;
}

export abstract class FieldTransaction extends Transaction {
  protected readonly arena: Arena;
  readonly text: TextBlock;
  private readonly place = new Span();
  private readonly layout: FieldLayout;
  private fieldCount = 0;
  private readonly fields: number[] = [];
  private readonly sides: number[] = [];
  /** Places in the text, or numbers. */
  private readonly values: number[] = [];
  /** Of texts; ABSENT of numbers. */
  private readonly lengths: number[] = [];
  /** Where the last search ended: that for the next instance goes on there. */
  private soughtField = -1;
  private soughtSide = 0;
  private soughtInstance = 0;
  private soughtIndex = 0;

  constructor(arena: Arena, layout: FieldLayout) {
    super();
    this.arena = arena;
    this.layout = layout;
    this.text = new TextBlock(arena, layout.mostBytes);
  }

  /** Keeps `length` bytes of the shard's memory. @returns false where there was no room. */
  addText(field: number, sides: number, start: number, length: number): boolean {
    if (this.fieldCount >= this.layout.mostFields || !this.text.reserve(length)) return this.overflow(sides);
    const at = this.text.append(start, length);
    this.note(field, sides, at, length);
    return true;
  }

  /** Keeps a message for events alone: its first bytes, as long as there are `most` in all, and no event of it else. */
  keep(field: number, sides: number, start: number, length: number, most: number): void {
    const kept = Math.min(length, most - this.text.length);
    if (kept > 0 && this.fieldCount < this.layout.mostFields && this.text.reserve(kept))
      this.note(field, sides, this.text.append(start, kept), kept);
  }

  /** As addText, without the zero bytes: of UTF-16 in little endian what is ASCII as that, as rules are written. */
  addWideText(field: number, sides: number, start: number, length: number): boolean {
    if (this.fieldCount >= this.layout.mostFields || !this.text.reserve(length)) return this.overflow(sides);
    const at = this.text.length;
    const { bytes } = this.arena;
    for (let from = start; from < start + length; from++) if (bytes[from] !== 0) this.text.push(bytes[from]);
    this.note(field, sides, at, this.text.length - at);
    return true;
  }

  /** Begins a text that `push` makes; `endText` ends it. @returns false where there is no room for `most` bytes. */
  beginText(sides: number, most: number): boolean {
    if (this.fieldCount < this.layout.mostFields && this.text.reserve(most)) return true;
    return this.overflow(sides);
  }

  endText(field: number, sides: number, from: number): void {
    this.note(field, sides, from, this.text.length - from);
  }

  addNumber(field: number, sides: number, value: number): void {
    if (this.fieldCount < this.layout.mostFields) this.note(field, sides, value, ABSENT);
    else this.overflow(sides);
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    const index = this.indexOf(this.layout.table.buffer(buffer), 1 << direction, instance);
    return index < this.fieldCount && span.set(this.text.start + this.values[index], this.lengths[index]);
  }

  override number(buffer: number, instance: number, direction: Direction): number {
    const index = this.indexOf(this.layout.table.buffer(buffer), 1 << direction, instance);
    return index < this.fieldCount ? this.values[index] : NaN;
  }

  /** For events: the first text of a field, undefined where there is none. */
  textOf(field: number): string | undefined {
    const index = this.indexOf(field, SIDE.both, 0);
    return index < this.fieldCount ? this.printed(index) : undefined;
  }

  numberOf(field: number): number | undefined {
    const index = this.indexOf(field, SIDE.both, 0);
    return index < this.fieldCount ? this.values[index] : undefined;
  }

  /** For events: all texts and numbers of a field, in their order. */
  allOf(field: number): (string | number)[] {
    const found: (string | number)[] = [];
    for (let index = 0; index < this.fieldCount; index++)
      if (this.fields[index] === field)
        found.push(this.lengths[index] === ABSENT ? this.values[index] : this.printed(index));
    return found;
  }

  /** For events: the bytes of the first text of a field. */
  bytesOf(field: number, instance = 0): Uint8Array | undefined {
    const index = this.indexOf(field, SIDE.both, instance);
    if (index >= this.fieldCount) return undefined;
    const start = this.text.start + this.values[index];
    return this.arena.bytes.slice(start, start + this.lengths[index]);
  }

  /** Where the first text of a field lies in the shard's memory; null where there is none. The span is used again. */
  placeOf(field: number): Span | null {
    const index = this.indexOf(field, SIDE.both, 0);
    if (index >= this.fieldCount) return null;
    this.place.set(this.text.start + this.values[index], this.lengths[index]);
    return this.place;
  }

  /** How many there are of a field. */
  countOf(field: number): number {
    let count = 0;
    for (let index = 0; index < this.fieldCount; index++) if (this.fields[index] === field) count++;
    return count;
  }

  has(field: number): boolean {
    return this.indexOf(field, SIDE.both, 0) < this.fieldCount;
  }

  override reset(): void {
    super.reset();
    this.text.clear();
    this.fieldCount = 0;
    this.soughtField = -1;
  }

  private overflow(sides: number): false {
    this.raise(this.layout.overflow, sides === SIDE.toClient ? 1 : 0);
    return false;
  }

  private printed(index: number): string {
    return printedText(this.arena.bytes, this.text.start + this.values[index], this.lengths[index]);
  }

  private note(field: number, sides: number, value: number, length: number): void {
    const index = this.fieldCount++;
    this.fields[index] = field;
    this.sides[index] = sides;
    this.values[index] = value;
    this.lengths[index] = length;
    this.soughtField = -1;
  }

  private indexOf(field: number, sides: number, instance: number): number {
    const goesOn = this.soughtField === field && this.soughtSide === sides && instance >= this.soughtInstance;
    let index = goesOn ? this.soughtIndex : 0;
    let left = goesOn ? instance - this.soughtInstance : instance;
    for (; index < this.fieldCount; index++)
      if (this.fields[index] === field && (this.sides[index] & sides) !== 0 && left-- === 0) break;
    this.soughtField = index < this.fieldCount ? field : -1;
    this.soughtSide = sides;
    this.soughtInstance = instance;
    this.soughtIndex = index;
    return index;
  }
}
