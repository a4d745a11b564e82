/**
 * A transaction whose fields are the buffers that rules look at, by their numbers (app/buffers.ts). Stage: app; what
 * protocols of lines have in common. What has no room is refused, and the parser says so by an event of its own.
 */
import type { Arena } from '../../memory/arena.js';
import { FieldList } from './field-list.js';

const MOST_FIELDS = 256;

export abstract class BufferTransaction extends FieldList {
  constructor(arena: Arena, mostBytes: number) {
    super(arena, mostBytes, MOST_FIELDS);
  }

  /** Copies in a text from the shard's memory. @returns false where there is no room for it. */
  addText(buffer: number, sides: number, start: number, length: number): boolean {
    if (this.isFull) return false;
    const at = this.text.append(start, length);
    if (at < 0) return false;
    this.noteText(buffer, sides, at, length);
    return true;
  }

  /** Adds a text that lies within the block already. */
  addPart(buffer: number, sides: number, at: number, length: number): void {
    if (!this.isFull) this.noteText(buffer, sides, at, length);
  }

  addNumber(buffer: number, sides: number, value: number): void {
    if (!this.isFull) this.noteNumber(buffer, sides, value);
  }

  protected override fieldOf(buffer: number): number {
    return buffer;
  }
}
