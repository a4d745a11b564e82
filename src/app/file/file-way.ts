/**
 * What goes one way of a file that is read or written in parts, put in order. Stage: app.
 *
 * What comes ahead of its place waits, MOST_PIECES and MOST_WAITING bytes of it; beyond, and when nothing more comes,
 * what is missing is a gap. What came before is not looked at again.
 */
import type { Arena } from '../../memory/arena.js';
import { TextBlock } from '../text-block.js';
import type { TransferredFile } from './file.js';

const MOST_PIECES = 16;
const MOST_WAITING = 131_072;

/** What may be wrong with the place of bytes: they came before, or too much waits for what is missing ahead of it. */
export const TAKEN = { well: 0, over: 1, tooManyPieces: 2, tooManyBytes: 3 } as const;

export class FileWay {
  private readonly waiting: TextBlock;
  /** Of each piece that waits: its offset in the file, its place in the block and its length. */
  private readonly offsets: number[] = [];
  private readonly places: number[] = [];
  private readonly lengths: number[] = [];
  /** What comes for a place ahead of it may be what was given up. */
  private lateUntil = 0;

  constructor(arena: Arena) {
    this.waiting = new TextBlock(arena, MOST_WAITING);
  }

  /** @returns what was wrong with its place: a number of TAKEN. */
  take(file: TransferredFile, offset: number, start: number, length: number): number {
    if (offset > file.size && this.hold(offset, start, length)) return TAKEN.well;
    const isOver = offset < file.size && offset >= this.lateUntil;
    const taken = isOver ? TAKEN.over : offset > file.size ? this.overflow : TAKEN.well;
    while (offset > file.size && this.offsets.length > 0) this.skipToNext(file);
    this.append(file, offset, start, length);
    this.drain(file);
    return taken;
  }

  /** Why what comes ahead of its place cannot wait. */
  private get overflow(): number {
    return this.offsets.length === MOST_PIECES ? TAKEN.tooManyPieces : TAKEN.tooManyBytes;
  }

  get isIdle(): boolean {
    return this.offsets.length === 0;
  }

  /** No more comes: what waits is what there is. */
  finish(file: TransferredFile): void {
    while (this.offsets.length > 0) this.skipToNext(file);
  }

  clear(): void {
    this.lateUntil = 0;
    this.offsets.length = 0;
    this.places.length = 0;
    this.lengths.length = 0;
    this.waiting.clear();
  }

  private hold(offset: number, start: number, length: number): boolean {
    if (this.offsets.length === MOST_PIECES) return false;
    const place = this.waiting.append(start, length);
    if (place < 0) return false;
    this.offsets.push(offset);
    this.places.push(place);
    this.lengths.push(length);
    return true;
  }

  private append(file: TransferredFile, offset: number, start: number, length: number): void {
    if (offset > file.size) {
      file.gap(offset - file.size);
      this.lateUntil = offset;
    }
    // Beyond 2^53 the size may come out below the offset.
    const known = Math.max(0, file.size - offset);
    if (known < length) file.append(start + known, length - known);
  }

  /** Takes up what has its place now. */
  private drain(file: TransferredFile): void {
    for (let index = 0; index < this.offsets.length; index++) {
      if (this.offsets[index] > file.size) continue;
      this.takeUp(file, index);
      index = -1;
    }
  }

  private skipToNext(file: TransferredFile): void {
    let next = 0;
    for (let index = 1; index < this.offsets.length; index++)
      if (this.offsets[index] < this.offsets[next]) next = index;
    this.takeUp(file, next);
    this.drain(file);
  }

  private takeUp(file: TransferredFile, index: number): void {
    this.append(file, this.offsets[index], this.waiting.start + this.places[index], this.lengths[index]);
    const last = this.offsets.length - 1;
    for (const list of [this.offsets, this.places, this.lengths]) {
      list[index] = list[last];
      list.length = last;
    }
    if (last === 0) this.waiting.clear();
  }
}
