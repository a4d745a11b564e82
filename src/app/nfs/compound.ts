/**
 * Calls of NFS 4 and their answers, operation by operation: names that stand beside a directory, the handles of what
 * they name, and what is read and written. Stage: app. RFC 7530, 14 to 16.
 *
 * What the next operation works on is the file in use, which others have chosen: by its handle, or by a name in the one
 * that was in use before. A call that is about reading or writing is no transaction of its own: its file is.
 */
import { Span } from '../../memory/span.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { SIDE } from '../fields/field-list.js';
import { NFS_FIELD as FIELD } from './fields.js';
import type { CallOwner, FileTraffic } from './file-traffic.js';
import type { HandleNames } from './handle-names.js';
import { mainOf, MOST_OPERATIONS, OPERATION, readCreated, readOpened, skipAttributes, stepOver } from './operations.js';
import type { NfsTransaction } from './transaction.js';
import { readOpaque, skipOpaque } from './xdr.js';

const ACCEPTED = 0;
const COMPOUND = 1;
/** How READ_PLUS sends a part of a file. */
const DATA = 0;
const MOST_SEGMENTS = 64;

export interface CompoundOwner extends CallOwner {
  readonly names: HandleNames;
  readonly traffic: FileTraffic;
}

export class CompoundReader {
  private readonly owner: CompoundOwner;
  private readonly handle = new Span();
  private readonly savedHandle = new Span();
  private readonly name = new Span();
  /** Of an answer: which of the call's names is that of the file in use, and of the one that is put aside; -1: none. */
  private inUse = -1;
  private saved = -1;
  private named = 0;

  constructor(owner: CompoundOwner) {
    this.owner = owner;
  }

  /** Behind who calls. @returns false where there is no room for it. */
  call(): boolean {
    const { reader } = this.owner;
    skipOpaque(reader);
    reader.skip(4);
    const count = Math.min(reader.u32(), MOST_OPERATIONS);
    const start = reader.at;
    const main = this.mainOperation(count);
    reader.failed = false;
    reader.at = start;
    const isOfFile = main === OPERATION.read || main === OPERATION.readPlus || main === OPERATION.write;
    const tx = isOfFile ? null : this.owner.beginCall(main === 0 ? COMPOUND : UNNAMED);
    if (!isOfFile && tx === null) return false;
    this.handle.length = 0;
    this.savedHandle.length = 0;
    this.name.length = 0;
    for (let index = 0; index < count; index++) {
      const operation = reader.u32();
      if (reader.failed) break;
      tx?.addNumber(FIELD.procedure, SIDE.both, operation);
      if (!this.operation(tx, operation)) break;
    }
    if (tx !== null) this.nameByHandle(tx);
    tx?.advance(0, 1);
    return true;
  }

  /** What is not named has the name that its handle is known by. */
  private nameByHandle(tx: NfsTransaction): void {
    const handle = tx.has(FIELD.filename) ? null : tx.placeOf(FIELD.handle);
    const name = handle === null ? null : this.owner.findName(handle);
    if (name !== null) tx.addText(FIELD.filename, SIDE.toServer, name.start, name.length);
  }

  /** Behind whether it is accepted. `tx`: of the call; null where that is no transaction of its own. */
  answer(tx: NfsTransaction | null): void {
    const { reader, traffic, key } = this.owner;
    const outcome = reader.u32();
    if (reader.failed) return;
    if (tx !== null) tx.status = outcome;
    skipOpaque(reader);
    const count = Math.min(reader.u32(), MOST_OPERATIONS);
    this.inUse = -1;
    this.saved = -1;
    this.named = 0;
    for (let index = 0; index < count; index++) {
      const operation = reader.u32();
      const status = reader.u32();
      if (reader.failed || status !== 0) break;
      if (!this.answered(tx, operation)) break;
    }
    traffic.drop(key, ACCEPTED, outcome);
  }

  private mainOperation(count: number): number {
    const { reader } = this.owner;
    let main = 0;
    for (let index = 0; index < count; index++) {
      const operation = reader.u32();
      if (reader.failed) break;
      main = mainOf(main, operation);
      if (!stepOver(reader, operation, true)) break;
    }
    return main;
  }

  /** @returns whether what is behind it can be read. */
  private operation(tx: NfsTransaction | null, operation: number): boolean {
    const { reader, traffic } = this.owner;
    switch (operation) {
      case OPERATION.putfh:
        this.use(tx, readOpaque(reader));
        return !reader.failed;
      case OPERATION.savefh:
        this.savedHandle.set(this.handle.start, this.handle.length);
        return true;
      case OPERATION.restorefh:
        this.handle.set(this.savedHandle.start, this.savedHandle.length);
        return true;
      case OPERATION.putrootfh:
      case OPERATION.putpubfh:
        this.handle.length = 0;
        return true;
      case OPERATION.lookup:
      case OPERATION.create:
      case OPERATION.open:
        return this.enters(tx, nameIn(reader, operation));
      case OPERATION.link:
      case OPERATION.remove:
        return addName(tx, FIELD.filename, reader);
      case OPERATION.rename:
        return addName(tx, FIELD.filename, reader) && addName(tx, FIELD.renamed, reader);
      case OPERATION.read:
      case OPERATION.readPlus:
        return this.reads(operation);
      case OPERATION.write:
        return this.writes();
      case OPERATION.close:
        traffic.closes(this.handle);
        return stepOver(reader, operation, true);
      default:
        return stepOver(reader, operation, true);
    }
  }

  private use(tx: NfsTransaction | null, { start, length }: Span): void {
    this.handle.set(start, length);
    this.name.length = 0;
    if (tx !== null && length > 0 && !tx.has(FIELD.handle)) tx.addText(FIELD.handle, SIDE.toServer, start, length);
  }

  /** What has this name is in use; null: what was. */
  private enters(tx: NfsTransaction | null, name: Span | null): boolean {
    const found = name ?? this.owner.findName(this.handle);
    if (found === null) this.name.length = 0;
    else this.name.set(found.start, found.length);
    tx?.addText(FIELD.filename, SIDE.toServer, this.name.start, this.name.length);
    if (name !== null) this.handle.length = 0;
    return !this.owner.reader.failed;
  }

  private reads(operation: number): boolean {
    const { reader, traffic } = this.owner;
    reader.skip(16);
    const offset = reader.u64();
    reader.skip(4);
    return !reader.failed && traffic.asks(this.handle, this.nameInUse, operation, offset);
  }

  private writes(): boolean {
    const { reader, traffic } = this.owner;
    reader.skip(16);
    const offset = reader.u64();
    // Whether it is to be kept at once: the file ends when it is closed.
    reader.skip(4);
    return !reader.failed && traffic.writes(this.handle, this.nameInUse, OPERATION.write, offset, false);
  }

  private get nameInUse(): Span | null {
    return this.name.length === 0 ? null : this.name;
  }

  /** @returns whether what is behind it can be read. */
  private answered(tx: NfsTransaction | null, operation: number): boolean {
    const { reader } = this.owner;
    switch (operation) {
      case OPERATION.putfh:
      case OPERATION.putrootfh:
      case OPERATION.putpubfh:
        this.inUse = -1;
        return true;
      case OPERATION.savefh:
        this.saved = this.inUse;
        return true;
      case OPERATION.restorefh:
        this.inUse = this.saved;
        return true;
      case OPERATION.lookup:
      case OPERATION.create:
      case OPERATION.open:
        this.inUse = this.named++;
        return stepOver(reader, operation, false);
      case OPERATION.link:
      case OPERATION.remove:
      case OPERATION.rename:
        this.named++;
        return stepOver(reader, operation, false);
      case OPERATION.getfh:
        return this.gives(tx);
      case OPERATION.read:
        return this.brings();
      case OPERATION.readPlus:
        return this.bringsSegments();
      default:
        return stepOver(reader, operation, false);
    }
  }

  private gives(tx: NfsTransaction | null): boolean {
    const { reader, names } = this.owner;
    const { start, length } = readOpaque(reader);
    if (reader.failed) return false;
    if (tx === null || length === 0) return true;
    this.handle.set(start, length);
    tx.addText(FIELD.given, SIDE.toClient, start, length);
    const name = this.inUse < 0 ? null : tx.placeOf(FIELD.filename, this.inUse);
    if (name !== null && name.length > 0) names.learn(this.handle, name);
    return true;
  }

  private brings(): boolean {
    const { reader, traffic, key } = this.owner;
    const call = traffic.answered(key, ACCEPTED, 0);
    if (call === null) return false;
    const isEnd = reader.u32() === 1;
    traffic.brings(call, call.offset, isEnd);
    traffic.done(call);
    return !reader.failed;
  }

  /** Data and holes, each with its place. */
  private bringsSegments(): boolean {
    const { reader, traffic, key } = this.owner;
    const call = traffic.answered(key, ACCEPTED, 0);
    if (call === null) return false;
    const isEnd = reader.u32() === 1;
    const count = Math.min(reader.u32(), MOST_SEGMENTS);
    for (let index = 0; index < count && !reader.failed; index++) {
      const kind = reader.u32();
      const offset = reader.u64();
      if (reader.failed) break;
      if (kind === DATA) traffic.brings(call, offset, isEnd && index === count - 1);
      else reader.skip(8);
    }
    traffic.done(call);
    return !reader.failed;
  }
}

/** The procedures of such a call are its operations. */
const UNNAMED = -1;

function nameIn(reader: ByteReader, operation: number): Span | null {
  if (operation === OPERATION.lookup) return readOpaque(reader);
  if (operation === OPERATION.open) return readOpened(reader);
  const name = readCreated(reader);
  skipAttributes(reader);
  return name;
}

function addName(tx: NfsTransaction | null, field: number, reader: ByteReader): boolean {
  const { start, length } = readOpaque(reader);
  if (!reader.failed) tx?.addText(field, SIDE.toServer, start, length);
  return !reader.failed;
}
