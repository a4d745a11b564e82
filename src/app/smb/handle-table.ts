/**
 * The files and pipes that a connection has open, and the reads and writes that are not answered yet. Stage: app.
 *
 * What a client closes goes on until the server says so: answers to what came before may still be on their way, as in a
 * compound that opens, reads and closes. Bounds: MOST_HANDLES and MOST_READS; beyond, what is being closed is
 * forgotten, and then the oldest. The lists grow to what connections have, and are used again.
 */
import type { Direction } from '../../flow/flow.js';
import type { Pool } from '../pool.js';
import type { OpenFile } from './open-file.js';
import type { Pipe } from './pipe.js';
import { DOUBLE_ZERO } from '../../util/double-zero.js';

export const MOST_HANDLES = 128;
export const MOST_READS = 128;
export const NO_HANDLE = -1;
const ID_WORDS = 4;
const NOT_CREATING = -1;
const USE = { none: 0, open: 1, closing: 2 } as const;

export class HandleTable {
  /** Something had to be forgotten. */
  overflowed = false;
  private readonly pipes: Pool<Pipe>;
  /** By place: its use, the message that closes it, its id, the message that creates it, and its pipe. */
  private readonly used: number[] = [];
  private readonly closing: number[] = [];
  private readonly ids: number[] = [];
  private readonly creating: number[] = [];
  private readonly opened: (Pipe | null)[] = [];
  private readonly files: (OpenFile | null)[] = [];
  private readonly spareFiles: Pool<OpenFile>;
  private count = 0;
  private next = 0;
  /** Reads and writes: number of the message, the place of what it reads or writes, where in it, and which of them. */
  private readonly reads: number[] = [];
  private readonly readFrom: number[] = [];
  private readonly readAt: number[] = [];
  private readonly readWay: Direction[] = [];
  /** Where in its file the read was that `answered` has found. */
  answeredAt = DOUBLE_ZERO;
  private nextRead = 0;

  constructor(pipes: Pool<Pipe>, files: Pool<OpenFile>) {
    this.pipes = pipes;
    this.spareFiles = files;
  }

  /** A place for what a message is about to open. */
  create(messageId: number): number {
    const place = this.free();
    if (place === this.count) this.count++;
    this.used[place] = USE.open;
    this.creating[place] = messageId;
    this.opened[place] = null;
    this.files[place] = null;
    for (let word = 0; word < ID_WORDS; word++) this.ids[place * ID_WORDS + word] = 0;
    return place;
  }

  /** The place of what a message opens. */
  created(messageId: number): number {
    for (let place = 0; place < this.count; place++)
      if (this.creating[place] === messageId && this.used[place] !== USE.none) return place;
    return NO_HANDLE;
  }

  /** The server has not opened it. */
  notCreated(messageId: number): void {
    const place = this.created(messageId);
    if (place !== NO_HANDLE) this.close(place);
  }

  /** The `bytes` of the id that the server has given it. */
  setId(place: number, source: Uint8Array, at: number, bytes: number): void {
    this.creating[place] = NOT_CREATING;
    for (let word = 0; word < ID_WORDS; word++) this.ids[place * ID_WORDS + word] = idWord(source, at, bytes, word);
    this.files[place]?.setId(source, at, bytes);
  }

  find(source: Uint8Array, at: number, bytes: number): number {
    const first = idWord(source, at, bytes, 0);
    for (let place = 0; place < this.count; place++) {
      if (this.used[place] !== USE.open || this.creating[place] !== NOT_CREATING) continue;
      if (this.ids[place * ID_WORDS] === first && this.hasId(place, source, at, bytes)) return place;
    }
    return NO_HANDLE;
  }

  /** The pipe of a place; null where it is none. */
  pipe(place: number): Pipe | null {
    return place === NO_HANDLE ? null : this.opened[place]!;
  }

  /** Makes it one. */
  openPipe(place: number): Pipe | null {
    return (this.opened[place] ??= this.pipes.take() ?? null);
  }

  /** What was taken for a file is one. */
  becomesPipe(place: number): Pipe | null {
    const file = this.files[place];
    if (file) {
      file.close();
      this.spareFiles.give(file);
    }
    this.files[place] = null;
    return this.openPipe(place);
  }

  /** The file of a place; null where it is none. */
  file(place: number): OpenFile | null {
    return place === NO_HANDLE ? null : this.files[place]!;
  }

  openFile(place: number): OpenFile | null {
    return (this.files[place] ??= this.spareFiles.take() ?? null);
  }

  /** Nothing more goes one way. */
  endFiles(direction: Direction): void {
    for (let place = 0; place < this.count; place++)
      this.files[place]?.end(direction, this.used[place] === USE.closing);
  }

  /** A message asks to close it: nothing more is written to it. */
  closes(place: number, messageId: number): void {
    this.files[place]?.end(0, true);
    this.used[place] = USE.closing;
    this.closing[place] = messageId;
  }

  /** The server has closed what that message asked for. */
  closed(messageId: number): void {
    for (let place = 0; place < this.count; place++)
      if (this.used[place] === USE.closing && this.closing[place] === messageId) this.close(place);
  }

  close(place: number): void {
    const file = this.files[place];
    if (file) {
      file.close();
      this.spareFiles.give(file);
    }
    this.files[place] = null;
    const pipe = this.opened[place];
    if (pipe) {
      pipe.clear();
      this.pipes.give(pipe);
    }
    this.opened[place] = null;
    this.used[place] = USE.none;
    this.creating[place] = NOT_CREATING;
  }

  /** A read, or a call through a pipe, that is to be answered. */
  read(messageId: number, place: number, offset = 0): void {
    this.ask(messageId, place, offset, 1);
  }

  wrote(messageId: number, place: number): void {
    this.ask(messageId, place, 0, 0);
  }

  /** The place of what the answered message has read from, or written to: one of SMB 1 may do both. */
  answered(messageId: number, way: Direction = 1): number {
    for (let back = 1; back <= this.reads.length; back++) {
      const at = (this.nextRead - back + this.reads.length) % this.reads.length;
      if (this.reads[at] === messageId && this.readWay[at] === way) {
        this.reads[at] = NOT_CREATING;
        this.answeredAt = this.readAt[at];
        return this.used[this.readFrom[at]] === USE.none ? NO_HANDLE : this.readFrom[at];
      }
    }
    return NO_HANDLE;
  }

  clear(): void {
    for (let place = 0; place < this.count; place++) if (this.used[place] !== USE.none) this.close(place);
    this.count = 0;
    this.next = 0;
    this.nextRead = 0;
    this.reads.fill(NOT_CREATING);
    this.overflowed = false;
  }

  private ask(messageId: number, place: number, offset: number, way: Direction): void {
    const at = this.nextRead;
    this.nextRead = (at + 1) % MOST_READS;
    this.reads[at] = messageId;
    this.readFrom[at] = place;
    this.readAt[at] = offset;
    this.readWay[at] = way;
  }

  /** A place that is free, or becomes so. */
  private free(): number {
    for (let place = 0; place < this.count; place++) if (this.used[place] === USE.none) return place;
    if (this.count < MOST_HANDLES) return this.count;
    let place = this.next;
    for (let back = 0; back < MOST_HANDLES && this.used[place] !== USE.closing; back++)
      place = (place + 1) % MOST_HANDLES;
    this.overflowed ||= this.used[place] === USE.open;
    this.next = (place + 1) % MOST_HANDLES;
    this.close(place);
    return place;
  }

  private hasId(place: number, source: Uint8Array, at: number, bytes: number): boolean {
    for (let word = 1; word < ID_WORDS; word++)
      if (this.ids[place * ID_WORDS + word] !== idWord(source, at, bytes, word)) return false;
    return true;
  }
}

/** A word of an id of 2 or 16 bytes. */
function idWord(source: Uint8Array, at: number, bytes: number, word: number): number {
  if (bytes === 2) return word === 0 ? source[at] | (source[at + 1] << 8) : 0;
  const from = at + 4 * word;
  return source[from] | (source[from + 1] << 8) | (source[from + 2] << 16) | (source[from + 3] << 24);
}
