/**
 * A transaction whose fields are places in its protocol's table: those that rules look at, and those of events alone.
 * Stage: app; what small protocols have in common. What is beyond the bounds of the layout is left out, and raises the
 * event `overflow`.
 */
import type { Arena } from '../../memory/arena.js';
import { FieldList, SIDE } from './field-list.js';
import type { FieldTable } from './field-table.js';

/** Progress of a side. */
export const MESSAGE = 1;
export const COMPLETE = [MESSAGE, MESSAGE] as const;

export interface FieldLayout {
  readonly table: FieldTable;
  readonly mostBytes: number;
  readonly mostFields: number;
  /** The event of what had no room. */
  readonly overflow: number;
}

export abstract class FieldTransaction extends FieldList {
  private readonly layout: FieldLayout;

  constructor(arena: Arena, layout: FieldLayout) {
    super(arena, layout.mostBytes, layout.mostFields);
    this.layout = layout;
  }

  /** Keeps `length` bytes of the shard's memory. @returns false where there was no room. */
  addText(field: number, sides: number, start: number, length: number): boolean {
    if (!this.beginText(sides, length)) return false;
    this.noteText(field, sides, this.text.append(start, length), length);
    return true;
  }

  /** Keeps a message for events alone: its first bytes, as long as there are `most` in all, and no event of it else. */
  keep(field: number, sides: number, start: number, length: number, most: number): void {
    const kept = Math.min(length, most - this.text.length);
    if (kept > 0 && !this.isFull && this.text.reserve(kept))
      this.noteText(field, sides, this.text.append(start, kept), kept);
  }

  /** As addText, without the zero bytes: of UTF-16 in little endian what is ASCII as that, as rules are written. */
  addWideText(field: number, sides: number, start: number, length: number): boolean {
    if (!this.beginText(sides, length)) return false;
    const at = this.text.length;
    const { bytes } = this.arena;
    for (let from = start; from < start + length; from++) if (bytes[from] !== 0) this.text.push(bytes[from]);
    this.endText(field, sides, at);
    return true;
  }

  /** Begins a text that `push` makes; `endText` ends it. @returns false where there is no room for `most` bytes. */
  beginText(sides: number, most: number): boolean {
    if (!this.isFull && this.text.reserve(most)) return true;
    this.raiseOverflow(sides);
    return false;
  }

  endText(field: number, sides: number, from: number): void {
    this.noteText(field, sides, from, this.text.length - from);
  }

  addNumber(field: number, sides: number, value: number): void {
    if (this.isFull) this.raiseOverflow(sides);
    else this.noteNumber(field, sides, value);
  }

  protected override fieldOf(buffer: number): number {
    return this.layout.table.buffer(buffer);
  }

  private raiseOverflow(sides: number): void {
    this.raise(this.layout.overflow, sides === SIDE.toClient ? 1 : 0);
  }
}
