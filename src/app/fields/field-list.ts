/**
 * A transaction that is a list of fields: texts, kept in one block of the arena, and numbers. Stage: app.
 *
 *   field | sides | place and length in the text, or the number         in the order in which they came
 *
 * What numbers fields is the subclass's: numbers of buffers (BufferTransaction), or places in a table of the protocol
 * (FieldTransaction). Several of one number are its instances. Bounds: `mostBytes` and `mostFields`. The lists grow to
 * what messages have and are used again.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { Span } from '../../memory/span.js';
import { printedText } from '../printed-text.js';
import { TextBlock } from '../text-block.js';
import { Transaction } from '../transaction.js';

/** Sets of directions. */
export const SIDE = { toServer: 1, toClient: 2, both: 3 } as const;

const ABSENT = -1;

export abstract class FieldList extends Transaction {
  readonly text: TextBlock;
  protected readonly arena: Arena;
  private readonly mostFields: number;
  private readonly place = new Span();
  private fieldCount = 0;
  private readonly fields: number[] = [];
  private readonly sides: number[] = [];
  /** Places in the text, or numbers. */
  private readonly values: number[] = [];
  /** Of texts; ABSENT of numbers. */
  private readonly lengths: number[] = [];
  /** Where the last search ended: that for the next instance goes on there. */
  private soughtField = ABSENT;
  private soughtSides = 0;
  private soughtInstance = 0;
  private soughtIndex = 0;

  constructor(arena: Arena, mostBytes: number, mostFields: number) {
    super();
    this.arena = arena;
    this.mostFields = mostFields;
    this.text = new TextBlock(arena, mostBytes);
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    const index = this.indexOf(this.fieldOf(buffer), 1 << direction, instance);
    if (index < 0 || this.lengths[index] === ABSENT) return false;
    return span.set(this.text.start + this.values[index], this.lengths[index]);
  }

  override number(buffer: number, instance: number, direction: Direction): number {
    const index = this.indexOf(this.fieldOf(buffer), 1 << direction, instance);
    return index < 0 ? NaN : this.values[index];
  }

  /** For events: the first text of a field, of either side or of some; undefined where there is none. */
  textOf(field: number, sides: number = SIDE.both): string | undefined {
    const index = this.indexOf(field, sides, 0);
    return index < 0 ? undefined : this.printed(index);
  }

  /** The first number of a field. */
  numberOf(field: number): number | undefined {
    const index = this.indexOf(field, SIDE.both, 0);
    return index < 0 ? undefined : this.values[index];
  }

  /** For events: all texts of a field, in their order. */
  textsOf(field: number): string[] {
    const found: string[] = [];
    for (let index = 0; index < this.fieldCount; index++)
      if (this.fields[index] === field && this.lengths[index] !== ABSENT) found.push(this.printed(index));
    return found;
  }

  /** For events: all texts and numbers of a field, in their order. */
  allOf(field: number): (string | number)[] {
    const found: (string | number)[] = [];
    for (let index = 0; index < this.fieldCount; index++)
      if (this.fields[index] === field)
        found.push(this.lengths[index] === ABSENT ? this.values[index] : this.printed(index));
    return found;
  }

  /** For events: a copy of the bytes of a text of a field. */
  bytesOf(field: number, instance = 0): Uint8Array | undefined {
    const index = this.indexOf(field, SIDE.both, instance);
    if (index < 0) return undefined;
    const start = this.text.start + this.values[index];
    return this.arena.bytes.slice(start, start + this.lengths[index]);
  }

  /** Where a text of a field lies in the shard's memory; null where there is none. The span is used again. */
  placeOf(field: number, instance = 0): Span | null {
    const index = this.indexOf(field, SIDE.both, instance);
    if (index < 0) return null;
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
    return this.indexOf(field, SIDE.both, 0) >= 0;
  }

  override reset(): void {
    super.reset();
    this.text.clear();
    this.fieldCount = 0;
    this.soughtField = ABSENT;
  }

  /** The number of the field that a buffer shows. */
  protected abstract fieldOf(buffer: number): number;

  protected get isFull(): boolean {
    return this.fieldCount >= this.mostFields;
  }

  /** Adds a text that lies in the block, `at` bytes from its beginning. There must be room for one more field. */
  protected noteText(field: number, sides: number, at: number, length: number): void {
    this.note(field, sides, at, length);
  }

  protected noteNumber(field: number, sides: number, value: number): void {
    this.note(field, sides, value, ABSENT);
  }

  /** The place in the list of a field's instance, or -1. */
  private indexOf(field: number, sides: number, instance: number): number {
    const goesOn = this.soughtField === field && this.soughtSides === sides && instance >= this.soughtInstance;
    let index = goesOn ? this.soughtIndex : 0;
    let left = goesOn ? instance - this.soughtInstance : instance;
    for (; index < this.fieldCount; index++)
      if (this.fields[index] === field && (this.sides[index] & sides) !== 0 && left-- === 0) break;
    if (index === this.fieldCount) return -1;
    this.soughtField = field;
    this.soughtSides = sides;
    this.soughtInstance = instance;
    this.soughtIndex = index;
    return index;
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
  }
}
