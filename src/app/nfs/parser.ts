/**
 * NFS over ONC RPC, over TCP behind the marks of records, or over UDP (RFC 5531; RFC 1094, 1813, 7530). Stage: app. A
 * call and its answer are one transaction, by their number; what is read and written of a file is one with all of its
 * calls (file-traffic.ts).
 *
 *   | last (1 bit), length | number (4) | 0, 1 | version 2 | program | version | procedure | who calls … |
 *
 * A record is taken when it is whole; of one that is longer than MOST_WHOLE, data of files, the first HEAD_BYTES, and
 * the data as it comes. A record in several fragments is put together (fragmented-record.ts).
 */
import type { Direction } from '../../flow/flow.js';
import { Span } from '../../memory/span.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { SIDE } from '../fields/field-list.js';
import { MessageConnection, type MessageShare } from '../fields/message-connection.js';
import { oldestUnanswered, type PlainLayout } from '../fields/plain-transaction.js';
import type { FrameLog } from '../frame/frame-log.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { probeNfsTcp } from '../probe/nfs.js';
import type { Transaction } from '../transaction.js';
import {
  hasHandle,
  isCommit,
  isKept,
  isNaming,
  isRead,
  isRenaming,
  isWrite,
  readGiven,
  readHandle,
  readOffset,
  readSize,
  readsToEnd,
  skipAuthentication,
} from './arguments.js';
import { CompoundReader, type CompoundOwner } from './compound.js';
import { readCredentials, WRAPPED, wrappingOf } from './credentials.js';
import { NFS_STATE } from './buffers.js';
import { nfsObjects } from './eve.js';
import { nfsEvent } from './events.js';
import { NFS_FIELD as FIELD, NFS_FIELDS } from './fields.js';
import { FileTraffic } from './file-traffic.js';
import { FragmentedRecord, LAST_FRAGMENT } from './fragmented-record.js';
import { noteFrames } from './frames.js';
import { HandleNames } from './handle-names.js';
import type { NfsTransaction } from './transaction.js';
import { readOpaque } from './xdr.js';

export const NFS_LAYOUT: PlainLayout = {
  table: NFS_FIELDS,
  mostBytes: 2048,
  mostFields: 64,
  overflow: nfsEvent('too_many_fields'),
  print: (tx) => nfsObjects(tx as NfsTransaction),
};
const MARK_BYTES = 4;
const MOST_WHOLE = 65_536;
const HEAD_BYTES = 2048;
/** More than is missing of any record. */
const UNTOLD = 0x7fff_ffff;
const CALL = 0;
const ACCEPTED = 0;
const NULL_PROCEDURE = 0;
const COMPOUND = 1;
const TO_SERVER = 0;
const TO_CLIENT = 1;
/** Behind integrity of GSS: how many bytes are protected, and the number of the call once more (RFC 2203, 5.3.2.2). */
const PROTECTED_BYTES = 8;

export class NfsConnection extends MessageConnection<NfsTransaction> implements CompoundOwner {
  key = 0;
  version = 0;
  missing = 0;
  readonly names: HandleNames;
  readonly traffic: FileTraffic;
  private readonly compound: CompoundReader;
  private readonly handle = new Span();
  private readonly name = new Span();
  /** Of the call that is being read: where it says who calls, and how what it asks is wrapped. */
  private credentialsAt = 0;
  private wrapping = 0;
  /** Records in several fragments, by direction. */
  private readonly records: readonly [FragmentedRecord, FragmentedRecord];

  constructor(share: MessageShare<NfsTransaction>) {
    super(share);
    this.names = new HandleNames(share.arena);
    this.traffic = new FileTraffic(this, share.arena);
    this.compound = new CompoundReader(this);
    this.records = [new FragmentedRecord(share.arena, MOST_WHOLE), new FragmentedRecord(share.arena, MOST_WHOLE)];
  }

  get reader(): ByteReader {
    return this.share.reader;
  }

  override reset(): void {
    super.reset();
    this.traffic.clear();
    this.names.clear();
    for (const record of this.records) record.clear();
  }

  override release(transaction: Transaction): void {
    this.traffic.forget(transaction as NfsTransaction);
    super.release(transaction);
  }

  /** What is missing of data of a file is a gap in it. */
  override gap(direction: Direction, bytes: number): boolean {
    const record = this.records[direction];
    const isWithin = !record.isOpen || (record.isTaken && bytes <= record.left);
    if (isWithin && this.traffic.gap(direction, bytes)) {
      if (record.isOpen) record.left -= bytes;
      return true;
    }
    this.traffic.breakOff(direction);
    record.clear();
    return super.gap(direction, bytes);
  }

  override close(direction: Direction): void {
    this.traffic.close(direction);
  }

  beginCall(procedure: number): NfsTransaction | null {
    const tx = this.begin();
    if (tx === null) return null;
    const { reader } = this;
    const { at, failed } = reader;
    tx.key = this.key;
    tx.wrapping = this.wrapping;
    tx.addNumber(FIELD.version, SIDE.both, this.version);
    if (procedure >= 0) tx.addNumber(FIELD.procedure, SIDE.both, procedure);
    reader.at = this.credentialsAt;
    reader.failed = false;
    readCredentials(tx, reader);
    reader.at = at;
    reader.failed = failed;
    return tx;
  }

  findName(handle: Span): Span | null {
    return this.names.find(handle, this.name) ? this.name : null;
  }

  protected override probe(): Probe {
    return probeNfsTcp;
  }

  protected override message(direction: Direction, input: Input): boolean {
    const { position, available } = input;
    const { reader } = this;
    if (input.datagram) {
      this.missing = 0;
      if (!this.take(direction, reader.begin(position, position + available))) return false;
      if (input.frames !== null) this.noteFrames(input.frames, direction, position, position, position + available);
      return true;
    }
    if (this.records[direction].isOpen) return this.fragment(direction, input, this.records[direction]);
    if (this.traffic.isDue(direction)) return this.traffic.more(direction, input);
    if (available < MARK_BYTES) return false;
    const mark = reader.begin(position, position + available).u32();
    if (mark < LAST_FRAGMENT) return this.fragment(direction, input, this.records[direction]);
    const length = mark & ~LAST_FRAGMENT;
    const kept = length <= MOST_WHOLE ? length : input.frames === null ? HEAD_BYTES : MOST_WHOLE;
    if (available < MARK_BYTES + kept) return false;
    const start = position + MARK_BYTES;
    this.missing = length - kept;
    if (!this.take(direction, reader.begin(start, start + kept))) return false;
    if (input.frames !== null) this.noteFrames(input.frames, direction, position, start, start + kept);
    if (this.traffic.isDue(direction)) input.take(MARK_BYTES + kept);
    else input.skip(MARK_BYTES + length);
    return true;
  }

  /** Takes what there is of a fragment, or its mark. @returns false where there is too little, or no room for it. */
  private fragment(direction: Direction, input: Input, record: FragmentedRecord): boolean {
    const { position, available } = input;
    if (record.isBetween) {
      if (available < MARK_BYTES) return false;
      record.begin(this.reader.begin(position, position + available).u32());
      input.take(MARK_BYTES);
      this.status.unfinished |= 1 << direction;
    } else if (record.isTaken) this.passFragment(direction, input, record);
    else record.add(input);
    if (record.isReady && !this.takeRecord(direction, input, record)) return false;
    if (record.isComplete) {
      record.clear();
      this.traffic.breakOff(direction);
      this.status.unfinished &= ~(1 << direction);
    }
    return true;
  }

  private takeRecord(direction: Direction, { frames }: Input, record: FragmentedRecord): boolean {
    const { start, length } = record.text;
    this.missing = record.isComplete ? 0 : UNTOLD;
    if (!this.take(direction, this.reader.begin(start, start + length))) return false;
    if (frames !== null) this.noteFrames(frames, direction, start, start, start + length);
    record.take();
    return true;
  }

  /** Of a record that was read: data of a file, and what is behind it. */
  private passFragment(direction: Direction, input: Input, record: FragmentedRecord): void {
    const { offset } = input;
    if (this.traffic.isDue(direction)) this.traffic.more(direction, input, record.left);
    else input.skip(record.left);
    record.left -= input.offset - offset;
  }

  private take(direction: Direction, reader: ByteReader): boolean {
    this.key = reader.u32();
    const kind = reader.u32();
    return kind === CALL ? this.call(direction, reader) : this.answer(direction, reader);
  }

  private noteFrames(frames: FrameLog, direction: Direction, from: number, start: number, end: number): void {
    noteFrames(frames, this.reader, direction, { from, start, end, isVersion4: this.version === 4 });
  }

  // --------------------------------------------------------------------------------------------------- calls

  private call(direction: Direction, reader: ByteReader): boolean {
    // Version of RPC, and the program.
    reader.skip(8);
    this.version = reader.u32();
    const procedure = reader.u32();
    if (reader.failed) return this.malformed(direction);
    this.credentialsAt = reader.at;
    this.wrapping = wrappingOf(reader);
    skipAuthentication(reader);
    if (this.wrapping === WRAPPED.integrity) reader.skip(PROTECTED_BYTES);
    const isRead = direction === TO_SERVER && this.wrapping !== WRAPPED.privacy;
    if (isRead && this.version === 4 && procedure === COMPOUND) return this.compound.call();
    if (isRead && this.callsForFile(procedure, reader)) return true;
    const tx = this.beginCall(procedure);
    if (tx === null) return false;
    if (this.version < 2 || this.version > 4) tx.raise(nfsEvent('non_existing_version'), TO_SERVER);
    else if (this.wrapping !== WRAPPED.privacy) this.readCall(tx, procedure, reader);
    tx.advance(direction, NFS_STATE.message);
    return true;
  }

  /** What does not say what it is about. */
  private malformed(direction: Direction): boolean {
    const tx = this.begin();
    if (tx === null) return false;
    tx.key = this.key;
    tx.raise(nfsEvent('malformed_data'), direction);
    tx.advance(direction, NFS_STATE.message);
    return true;
  }

  /** Reads a read or write of version 2 or 3, behind who calls. @returns false where it is none. */
  private callsForFile(procedure: number, reader: ByteReader): boolean {
    const { version } = this;
    const writes = isWrite(version, procedure);
    if (!writes && !isRead(version, procedure)) return false;
    const { at } = reader;
    this.takeHandle(reader);
    const offset = readOffset(reader, version, writes);
    const isLast = writes && isKept(reader, version);
    if (!reader.failed)
      return writes
        ? this.traffic.writes(this.handle, null, procedure, offset, isLast)
        : this.traffic.asks(this.handle, null, procedure, offset);
    reader.at = at;
    return false;
  }

  /** Behind who calls. */
  private readCall(tx: NfsTransaction, procedure: number, reader: ByteReader): void {
    const { version } = this;
    if (!hasHandle(version, procedure)) return;
    const { handle } = this;
    this.takeHandle(reader);
    if (handle.length > 0) tx.addText(FIELD.handle, SIDE.toServer, handle.start, handle.length);
    if (isNaming(version, procedure)) {
      readName(tx, FIELD.filename, reader);
      if (!isRenaming(version, procedure)) return;
      readHandle(reader, version);
      return readName(tx, FIELD.renamed, reader);
    }
    const name = this.findName(handle);
    if (name !== null) tx.addText(FIELD.filename, SIDE.toServer, name.start, name.length);
    if (isCommit(version, procedure)) this.traffic.commits(handle);
  }

  private takeHandle(reader: ByteReader): void {
    const { start, length } = readHandle(reader, this.version);
    this.handle.set(start, length);
  }

  // ------------------------------------------------------------------------------------------------- answers

  private answer(direction: Direction, reader: ByteReader): boolean {
    const accepted = reader.u32();
    const open = oldestUnanswered(this, this.key) as NfsTransaction | null;
    const asked = direction === TO_CLIENT ? this.traffic.askedVersion(this.key) : 0;
    if (open === null && asked > 0) {
      this.version = asked;
      this.readAnswer(null, accepted, reader);
      return true;
    }
    const tx = open ?? this.begin();
    if (tx === null) return false;
    tx.key = this.key;
    this.version = tx.numberOf(FIELD.version) ?? 0;
    if (reader.failed) tx.raise(nfsEvent('malformed_data'), direction);
    else this.readAnswer(tx, accepted, reader);
    tx.advance(direction, NFS_STATE.message);
    tx.advance(direction === TO_SERVER ? TO_CLIENT : TO_SERVER, NFS_STATE.message);
    return true;
  }

  /** Behind whether it is accepted: who answers, whether the procedure was called, what came of it. */
  private readAnswer(tx: NfsTransaction | null, accepted: number, reader: ByteReader): void {
    if (tx !== null) tx.accepted = accepted;
    skipAuthentication(reader);
    const isCalled = accepted === ACCEPTED && reader.u32() === ACCEPTED && !reader.failed;
    if (!isCalled) return this.traffic.drop(this.key, accepted, UNANSWERED);
    const wrapping = tx?.wrapping ?? this.traffic.askedWrapping(this.key);
    if (wrapping === WRAPPED.privacy) return;
    if (wrapping === WRAPPED.integrity) reader.skip(PROTECTED_BYTES);
    if (this.version === 4 && (tx === null || tx.numberOf(FIELD.procedure) !== NULL_PROCEDURE))
      return this.compound.answer(tx);
    if (tx === null) return this.answerForFile(reader);
    const procedure = tx.numberOf(FIELD.procedure);
    const status = procedure === NULL_PROCEDURE ? 0 : reader.u32();
    if (reader.failed) return;
    tx.status = status;
    if (status !== 0 || procedure === undefined) return;
    const given = readGiven(reader, this.version, procedure);
    if (given.length === 0) return;
    tx.addText(FIELD.given, SIDE.toClient, given.start, given.length);
    const name = tx.placeOf(FIELD.filename);
    if (name !== null) this.names.learn(given, name);
  }

  /** Of a read or write of version 2 or 3. */
  private answerForFile(reader: ByteReader): void {
    const { traffic, version } = this;
    const status = reader.u32();
    const call = traffic.answered(this.key, ACCEPTED, status)!;
    if (call.isRead && status === 0 && !reader.failed) {
      const isEnd = version === 3 && readsToEnd(reader);
      const size = version === 3 ? NaN : readSize(reader);
      if (!reader.failed) traffic.brings(call, call.offset, isEnd, size);
    }
    traffic.done(call);
  }
}

/** The outcome of a call that was not made. */
const UNANSWERED = -1;

function readName(tx: NfsTransaction, field: number, reader: ByteReader): void {
  const { start, length } = readOpaque(reader);
  if (!reader.failed) tx.addText(field, SIDE.toServer, start, length);
}
