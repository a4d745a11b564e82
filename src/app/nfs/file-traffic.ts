/**
 * What a connection reads of files and writes to them, whatever the version: calls and answers find their file, their
 * data its place. Stage: app.
 *
 * A file that is read ends where the server says so, once all that was asked has come; one that is written when the
 * client has it committed, or written for good at once (version 3), or closes it (version 4). Clients whose mount is
 * synchronous have all parts written for good: those of whole blocks may be such, the last hardly ever is one. What
 * comes behind the end is a file again.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import type { Connection } from '../connection.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { SIDE } from '../fields/field-list.js';
import { ArrivingData } from '../file/arriving-data.js';
import type { Input } from '../input.js';
import { nfsEvent } from './events.js';
import { NFS_FIELD as FIELD } from './fields.js';
import { OpenFiles, type FileCall } from './open-files.js';
import type { NfsTransaction } from './transaction.js';
import { paddingOf } from './xdr.js';

/** Parts of longer files are multiples of it. */
const BLOCK_BYTES = 4096;

/** Who has the call that is being read. */
export interface CallOwner extends Pick<Connection, 'status'> {
  readonly reader: ByteReader;
  /** Of the message that is being read: its number, the version, and how much of it is not there yet. */
  readonly key: number;
  readonly version: number;
  readonly missing: number;
  /** A transaction of the call, with who calls; null where there are too many. */
  beginCall(procedure: number): NfsTransaction | null;
  /** Points at what is known to be the name of a handle. */
  findName(handle: Span): Span | null;
}

export class FileTraffic {
  private readonly owner: CallOwner;
  private readonly files: OpenFiles;
  private readonly arriving: ArrivingData<NfsTransaction>;

  constructor(owner: CallOwner, arena: Arena) {
    this.owner = owner;
    this.files = new OpenFiles(arena);
    this.arriving = new ArrivingData<NfsTransaction>(owner);
  }

  // --------------------------------------------------------------------------------------------------- calls

  /** A part of a file is asked for. @returns false where there is no room for it. */
  asks(handle: Span, name: Span | null, procedure: number, offset: number): boolean {
    const tx = this.fileOf(handle, name, procedure, 1);
    if (tx !== null) this.ask(tx, offset, true);
    return tx !== null;
  }

  /** A part of a file is written, whose length and bytes are next; `isLast`: it is to be kept at once. */
  writes(handle: Span, name: Span | null, procedure: number, offset: number, isLast: boolean): boolean {
    const tx = this.fileOf(handle, name, procedure, 0);
    if (tx === null) return false;
    this.ask(tx, offset, false);
    const length = this.takeData(tx, 0, offset);
    if (isLast && !areBlocks(offset, length)) this.noteEnd(tx, offset + length, this.owner.key);
    // What has no handle yet is not found again.
    if (handle.length === 0) tx.isClosing = true;
    this.endWhereDone(tx);
    return true;
  }

  /** What was written of a file is to be kept. */
  commits(handle: Span): void {
    this.ends(handle, 0);
  }

  /** A client is done with a file. */
  closes(handle: Span): void {
    this.ends(handle, 0);
    this.ends(handle, 1);
  }

  // ------------------------------------------------------------------------------------------------- answers

  /** The version of the call of that number about a file that is not answered; 0 where there is none. */
  askedVersion(key: number): number {
    return this.files.askedVersion(key);
  }

  /** The oldest call of that number that is not answered; `status`: what comes of it. */
  answered(key: number, accepted: number, status: number): FileCall | null {
    const call = this.files.answered(key);
    const tx = call?.tx ?? null;
    if (tx === null) return call;
    tx.accepted = accepted;
    tx.status = Math.max(status, tx.status);
    tx.advance(1, 1);
    return call;
  }

  /** How the first call of that number is wrapped (WRAPPED). */
  askedWrapping(key: number): number {
    return this.files.askedOf(key)?.wrapping ?? 0;
  }

  /**
   * What a call has asked for is there: its length and bytes are next. `isEnd`: the file ends with it; `size`: of the
   * file, where that is known.
   */
  brings(call: FileCall, offset: number, isEnd: boolean, size = NaN): void {
    const { tx } = call;
    // A server may say that it brings what nobody has asked for.
    if (tx === null || !tx.isOpen || !call.isRead) return void this.takeData(null, 1, offset);
    const length = this.takeData(tx, 1, offset);
    if (isEnd || offset + length >= size) this.noteEnd(tx, offset + length, this.owner.key);
  }

  /** An answer was read. */
  done(call: FileCall): void {
    const { tx } = call;
    if (tx === null) return;
    tx.settle();
    // What was never there, or must not be read.
    if (tx.way === 1 && tx.file === null && tx.status > 0) tx.isClosing = true;
    this.endWhereDone(tx);
  }

  /** Nothing comes of the calls of that number. */
  drop(key: number, accepted: number, status: number): void {
    for (let call = this.answered(key, accepted, status); call !== null; call = this.answered(key, accepted, status))
      this.done(call);
  }

  // ------------------------------------------------------------------------------------------- long messages

  isDue(direction: Direction): boolean {
    return this.arriving.isDue(direction);
  }

  /** The next bytes, `most` of which are the message's. @returns whether the rest of it is not asked for. */
  more(direction: Direction, input: Input, most?: number): boolean {
    const tx = this.arriving.carrier(direction);
    const isWhole = this.arriving.more(direction, input, most);
    if (isWhole && tx !== null) this.endWhereDone(tx);
    return isWhole;
  }

  gap(direction: Direction, bytes: number): boolean {
    return this.arriving.gap(direction, bytes);
  }

  /** Nothing more comes of the message. */
  breakOff(direction: Direction): void {
    const tx = this.arriving.carrier(direction);
    this.arriving.forget(direction);
    if (tx !== null) this.endWhereDone(tx);
  }

  // -------------------------------------------------------------------------------------------------- the end

  /** Nothing more comes from a side. */
  close(direction: Direction): void {
    for (let tx = this.files.one(direction); tx !== null; tx = this.files.one(direction)) this.end(tx, false);
  }

  /** The transaction is done with. */
  forget(tx: NfsTransaction): void {
    this.arriving.release(tx);
    this.files.forget(tx);
  }

  clear(): void {
    this.arriving.clear();
    this.files.clear();
  }

  private fileOf(handle: Span, name: Span | null, procedure: number, way: Direction): NfsTransaction | null {
    const known = this.files.find(handle, way);
    if (known !== null) return known;
    const tx = this.owner.beginCall(procedure);
    if (tx === null) return null;
    tx.addText(FIELD.handle, SIDE.toServer, handle.start, handle.length);
    const called = name ?? this.owner.findName(handle);
    if (called !== null) tx.addText(FIELD.filename, SIDE.toServer, called.start, called.length);
    tx.beginFile(way);
    const loser = this.files.add(tx, handle);
    if (loser !== null) {
      loser.raise(nfsEvent('too_many_files'), loser.way as Direction);
      this.end(loser, false);
    }
    return tx;
  }

  private ask(tx: NfsTransaction, offset: number, isRead: boolean): void {
    const { key, version } = this.owner;
    const lost = this.files.ask(key, tx, version, offset, isRead);
    if (lost === null) return;
    lost.raise(nfsEvent('too_many_calls'), lost.way as Direction);
    this.endWhereDone(lost);
  }

  /** @returns how long the data is. */
  private takeData(tx: NfsTransaction | null, direction: Direction, offset: number): number {
    const { reader, missing } = this.owner;
    const length = reader.u32();
    if (reader.failed) return 0;
    const start = reader.at;
    const count = Math.min(length, reader.left);
    reader.skip(Math.min(count + paddingOf(length), reader.left));
    if (tx === null || length === 0) return length;
    tx.parts++;
    tx.openFile();
    this.arriving.move(tx, direction, offset, start, count);
    const left = Math.min(length - count, missing);
    if (left > 0) this.arriving.begin(tx, direction, offset + count, left, missing - left);
    return length;
  }

  private noteEnd(tx: NfsTransaction, endsAt: number, key: number): void {
    tx.endsAt = endsAt;
    tx.lastKey = key;
  }

  private ends(handle: Span, way: Direction): void {
    const tx = this.files.find(handle, way);
    if (tx === null) return;
    tx.isClosing = true;
    if (way === 0) tx.lastKey = this.owner.key;
    this.endWhereDone(tx);
  }

  private endWhereDone(tx: NfsTransaction): void {
    if (!tx.isOpen || this.arriving.isOf(tx)) return;
    const hasEnd = tx.endsAt !== Infinity;
    const isAnswered = tx.way === 0 || tx.unanswered === 0;
    const hasCome = hasEnd && tx.file !== null && tx.file.size >= tx.endsAt;
    if (hasCome || ((hasEnd || tx.isClosing) && isAnswered)) this.end(tx, hasEnd || tx.way === 0);
  }

  private end(tx: NfsTransaction, isWhole: boolean): void {
    this.files.remove(tx);
    this.arriving.release(tx);
    tx.endFile(isWhole);
  }
}

/** Whether a part is made of whole blocks. */
const areBlocks = (offset: number, length: number): boolean =>
  length > 0 && length % BLOCK_BYTES === 0 && offset % BLOCK_BYTES === 0;
