/**
 * A file that a connection has open: its name, and what was written to it and read from it. Stage: app.
 *
 * Each way is a file of its own, with a transaction that lasts until it is closed.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { FileWay } from '../file/file-way.js';
import { FILE_NAME_LIMIT } from '../file/file.js';
import { TextBlock } from '../text-block.js';
import type { FileInUse, SmbTransaction } from './transaction.js';

const ID_BYTES = 16;

class SmbWay extends FileWay {
  transaction: SmbTransaction | null = null;

  override clear(): void {
    this.transaction = null;
    super.clear();
  }
}

export class OpenFile implements FileInUse {
  readonly name: TextBlock;
  /** By direction: what clients write, and what they read. */
  readonly ways: readonly [SmbWay, SmbWay];
  readonly id = new Uint8Array(ID_BYTES);
  idBytes = 0;

  constructor(arena: Arena) {
    this.name = new TextBlock(arena, FILE_NAME_LIMIT);
    this.ways = [new SmbWay(arena), new SmbWay(arena)];
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
