/**
 * The files of one side of a transaction, in the order in which they began; one at a time is open. Stage: app.
 *
 * Bounds: FILES_LIMIT files, beyond which they are counted and not looked at; DATA_LIMIT bytes kept of those that are
 * complete, beyond which the oldest that were inspected make room.
 */
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { LOCAL_FILE_BUFFERS } from './buffer-numbers.js';
import { TransferredFile, type FileNamer } from './file.js';
import { fileNeeds, type FileNeeds } from './needs.js';

export const FILES_LIMIT = 256;
const DATA_LIMIT = 524_288;
/** Rules that are remembered as wanting its files. */
const WISHES_LIMIT = 16;
/** Objects that a list keeps when it is empty. */
const KEPT = 1;

export class FileList {
  count = 0;
  /** No other file will begin. */
  isOver = false;
  private readonly arena: Arena;
  private readonly needs: FileNeeds;
  private readonly files: TransferredFile[] = [];
  /** Rules that want its files stored: rows, each with the generation of its rule set. */
  private readonly wishes: number[] = [];

  constructor(arena: Arena) {
    this.arena = arena;
    this.needs = fileNeeds(arena);
  }

  /** A file begins; null where there are too many. The one before is closed. */
  open(namer: FileNamer | null): TransferredFile | null {
    if (this.count > 0) this.files[this.count - 1]!.close();
    if (this.count === FILES_LIMIT) {
      this.needs.refused++;
      return null;
    }
    const file = (this.files[this.count] ??= new TransferredFile(this.arena, this.needs));
    this.count++;
    file.begin(namer);
    return file;
  }

  /** The shard's memory. */
  get bytes(): Uint8Array {
    return this.arena.bytes;
  }

  at(index: number): TransferredFile {
    return this.files[index]!;
  }

  /** The first file of which more may be kept; `count` where there is none. */
  get firstGrowing(): number {
    const last = this.count - 1;
    return last >= 0 && !this.files[last]!.isShown ? last : this.count;
  }

  /** Nothing of it will change. */
  get isComplete(): boolean {
    return this.isOver && (this.count === 0 || !this.files[this.count - 1]!.isOpen);
  }

  /** Points `span` at what is the `instance`th of a buffer of files, `file.data` apart (app/file/buffers.ts). */
  locate(buffer: number, instance: number, span: Span): boolean {
    let seen = -1;
    for (let index = 0; index < this.count; index++) {
      if (this.locateAt(buffer, index, span) && ++seen === instance) return true;
    }
    return false;
  }

  /** As `locate`, of the file at `index`. */
  locateAt(buffer: number, index: number, span: Span): boolean {
    const file = this.files[index]!;
    switch (LOCAL_FILE_BUFFERS[buffer]) {
      case 'file.name':
        return file.locateName(span);
      case 'file.md5':
        return file.digests.locate('md5', span);
      case 'file.sha1':
        return file.digests.locate('sha1', span);
      case 'file.sha256':
        return file.digests.locate('sha256', span);
      default:
        return false;
    }
  }

  /**
   * The size of a file of which no more comes, or the least that it can be (app/at-least.ts); NaN where there is no
   * further one.
   */
  size(instance: number): number {
    let seen = -1;
    for (let index = 0; index < this.count; index++) {
      const { finalSize } = this.files[index]!;
      if (!Number.isNaN(finalSize) && ++seen === instance) return finalSize;
    }
    return NaN;
  }

  /** A rule of a rule set wants files of it stored; beyond WISHES_LIMIT only those that are there. */
  wish(row: number, generation: number): void {
    if (this.wishes.length < 2 * WISHES_LIMIT) this.wishes.push(row, generation);
  }

  get wishCount(): number {
    return this.wishes.length >>> 1;
  }

  /** The row of a rule that wants files; -1 where it is of another rule set. */
  wishAt(index: number, generation: number): number {
    return this.wishes[2 * index + 1] === generation ? this.wishes[2 * index]! : -1;
  }

  /** All there are so far were inspected: what is kept of the oldest makes room where it is much. */
  makeRoom(): void {
    let kept = 0;
    for (let index = this.count - 1; index >= 0; index--) {
      const file = this.files[index]!;
      kept += file.ownBytes;
      if (kept > DATA_LIMIT) file.release();
    }
  }

  clear(): void {
    for (let index = 0; index < this.count; index++) this.files[index]!.clear();
    if (this.files.length > KEPT) this.files.length = KEPT;
    this.count = 0;
    this.isOver = false;
    this.wishes.length = 0;
  }
}
