/**
 * A call of NFS and its answer, or what is read of a file, or written to it, in however many calls. Stage: app.
 *
 * A file is one transaction from its first call until the server says that it ends, or the client is done with it.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { PlainTransaction, type PlainLayout } from '../fields/plain-transaction.js';
import type { FileCarrier } from '../file/arriving-data.js';
import { FileList } from '../file/file-list.js';
import { FileWay } from '../file/file-way.js';
import { FILE_NAME_LIMIT, type FileNamer, type TransferredFile } from '../file/file.js';
import { NFS_STATE } from './buffers.js';
import { NFS_FIELD as FIELD } from './fields.js';

export const UNKNOWN = -1;

export class NfsTransaction extends PlainTransaction implements FileNamer, FileCarrier {
  /** Which way its file goes: written by clients, or read by them; UNKNOWN where it is about none. */
  way: Direction | typeof UNKNOWN = UNKNOWN;
  /** Null while no byte of it has come. */
  file: TransferredFile | null = null;
  /** Whether more may come of the file. */
  isOpen = false;
  /** The client is done with it: it ends once all is answered. */
  isClosing = false;
  /** Calls about it that are not answered. */
  unanswered = 0;
  /** Where the file ends, once the server has said so; Infinity before. */
  endsAt = Infinity;
  /** The number of the call that it began with. */
  firstKey = UNKNOWN;
  /** Parts of it, and the number of the call with which it has ended; UNKNOWN while it has not. */
  parts = 0;
  lastKey = UNKNOWN;
  /** When it was last read or written, by the order of calls. */
  used = 0;
  /** What the server has answered: whether it takes the call (0), and the outcome; UNKNOWN before. */
  accepted = UNKNOWN;
  status = UNKNOWN;
  /** Bytes of the client's security ahead of what it asks, and of the server's ahead of what that answers. */
  wrapping = 0;
  private readonly order: FileWay;
  private readonly lists: readonly [FileList, FileList];

  constructor(arena: Arena, layout: PlainLayout) {
    super(arena, layout);
    this.order = new FileWay(arena);
    this.lists = [new FileList(arena), new FileList(arena)];
  }

  get isOfFile(): boolean {
    return this.way !== UNKNOWN;
  }

  /** It is about a file that goes this way: its calls are found by that, and not by their number. */
  beginFile(way: Direction): void {
    this.way = way;
    this.firstKey = this.key;
    this.key = UNKNOWN;
    this.isOpen = true;
    this.advance(0, way === 0 ? NFS_STATE.message : NFS_STATE.complete);
  }

  /** The first bytes of the file are there. */
  openFile(): TransferredFile {
    if (this.file !== null) return this.file;
    const way = this.way as Direction;
    this.file = this.lists[way].open(this);
    for (const list of this.lists) list.isOver = true;
    this.advance(way, NFS_STATE.file);
    return this.file!;
  }

  /** Nothing more comes of the file; `isWhole`: it has ended, and not broken off. */
  endFile(isWhole: boolean): void {
    if (!this.isOpen) return;
    const { file } = this;
    if (file !== null) {
      this.order.finish(file);
      if (isWhole) file.close();
      else file.truncate();
    }
    for (const list of this.lists) list.isOver = true;
    this.order.clear();
    this.isOpen = false;
    this.advance(this.way as Direction, NFS_STATE.complete);
    this.settle();
  }

  /** What is read ends with its file, what is written when the server has answered, too. */
  settle(): void {
    if (this.way === 0 && !this.isOpen && this.unanswered === 0) this.advance(1, NFS_STATE.complete);
  }

  wayOf(direction: Direction): FileWay | null {
    return this.isOpen && direction === this.way ? this.order : null;
  }

  noteTaken(): void {}

  nameFile(file: TransferredFile): void {
    const name = this.bytesOf(FIELD.filename);
    if (name !== undefined) file.name.appendBytes(name, 0, Math.min(name.length, FILE_NAME_LIMIT));
  }

  override files(direction: Direction): FileList | null {
    return this.isOfFile ? this.lists[direction] : null;
  }

  /** A message is complete as soon as it is there. */
  override advance(direction: Direction, progress: number): void {
    super.advance(direction, !this.isOfFile && progress > 0 ? NFS_STATE.complete : progress);
  }

  override reset(): void {
    super.reset();
    this.order.clear();
    for (const list of this.lists) list.clear();
    this.way = UNKNOWN;
    this.file = null;
    this.isOpen = false;
    this.isClosing = false;
    this.unanswered = 0;
    this.endsAt = Infinity;
    this.firstKey = UNKNOWN;
    this.parts = 0;
    this.lastKey = UNKNOWN;
    this.used = 0;
    this.accepted = UNKNOWN;
    this.status = UNKNOWN;
    this.wrapping = 0;
  }
}
