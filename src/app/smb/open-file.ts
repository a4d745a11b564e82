/**
 * A file that a connection has open: its name, and what was written to it and read from it. Stage: app.
 *
 * Each way is a file of its own, with a transaction that lasts until it is closed. What comes ahead of its place waits,
 * MOST_PIECES and MOST_WAITING bytes of it; beyond, and when it is closed, what is missing is a gap. What was written
 * over is not looked at again.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { TransferredFile } from '../file/file.js';
import { FILE_NAME_LIMIT } from '../file/file.js';
import { TextBlock } from '../text-block.js';
import type { FileInUse, SmbTransaction, WayInUse } from './transaction.js';

const MOST_PIECES = 16;
const MOST_WAITING = 131_072;
const ID_BYTES = 16;

/** What may be wrong with the place of bytes: they came before, or too much waits for what is missing ahead of it. */
export const TAKEN = { well: 0, over: 1, tooManyPieces: 2, tooManyBytes: 3 } as const;

/** The bytes of one way, put in order. */
export class FileWay implements WayInUse {
  transaction: SmbTransaction | null = null;
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
    this.transaction = null;
    this.forget();
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

  private forget(): void {
    this.lateUntil = 0;
    this.offsets.length = 0;
    this.places.length = 0;
    this.lengths.length = 0;
    this.waiting.clear();
  }
}

export class OpenFile implements FileInUse {
  readonly name: TextBlock;
  /** By direction: what clients write, and what they read. */
  readonly ways: readonly [FileWay, FileWay];
  readonly id = new Uint8Array(ID_BYTES);
  idBytes = 0;

  constructor(arena: Arena) {
    this.name = new TextBlock(arena, FILE_NAME_LIMIT);
    this.ways = [new FileWay(arena), new FileWay(arena)];
  }

  /** In UTF-16, without its zeros, or in bytes. */
  setName(bytes: Uint8Array, start: number, length: number): void {
    const end = start + Math.min(length, FILE_NAME_LIMIT);
    for (let at = start; at < end; at++) if (bytes[at] !== 0) this.name.push(bytes[at]);
  }

  setId(source: Uint8Array, at: number, bytes: number): void {
    this.idBytes = bytes;
    for (let index = 0; index < bytes; index++) this.id[index] = source[at + index];
    for (const { transaction } of this.ways) transaction?.identify(this);
  }

  /** What the server says of a read or write. */
  note(direction: Direction, status: number): void {
    const { transaction } = this.ways[direction];
    if (transaction !== null) transaction.status = status;
  }

  forget(transaction: SmbTransaction): void {
    for (const way of this.ways) if (way.transaction === transaction) way.clear();
  }

  /** It is closed, or nobody knows of it any more. */
  close(): void {
    this.end(0, true);
    this.end(1, true);
    this.name.clear();
    this.idBytes = 0;
  }

  /** Nothing more goes one way: as it is closed, or as the connection has broken off. */
  end(direction: Direction, isClosed: boolean): void {
    const way = this.ways[direction];
    const { transaction } = way;
    if (transaction !== null) {
      const file = transaction.file!;
      way.finish(file);
      if (isClosed) file.close();
      else file.truncate();
      transaction.end(direction);
    }
    way.clear();
  }
}
