/**
 * NFS over ONC RPC, over TCP behind the marks of records, or over UDP (RFC 5531; RFC 1813; RFC 7530). Stage: app. A
 * call and its answer are one transaction, by their number.
 *
 *   | last (1 bit), length | number (4) | 0, 1 | version 2 | program | version | procedure | who calls … |
 *
 * Of a record over 64 KiB, data of files, the first bytes are read.
 */
import type { Direction } from '../../flow/flow.js';
import { Span } from '../../memory/span.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { SIDE } from '../fields/field-list.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { MessageConnection } from '../fields/message-connection.js';
import { oldestUnanswered, type PlainLayout, type PlainTransaction } from '../fields/plain-transaction.js';
import type { FrameLog } from '../frame/frame-log.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { probeNfsTcp } from '../probe/nfs.js';
import {
  hasHandle,
  isKept,
  isNaming,
  isRead,
  isRenaming,
  isWrite,
  paddingOf,
  readGiven,
  readHandle,
  readOffset,
  readOpaque,
  readsToEnd,
  skipAuthentication,
} from './arguments.js';
import { nfsObjects } from './eve.js';
import { NFS_FIELD as FIELD, NFS_FIELDS } from './fields.js';
import { noteFrames } from './frames.js';
import { nfsEvent } from './events.js';
import { HandleNames } from './handle-names.js';

export const NFS_LAYOUT: PlainLayout = {
  table: NFS_FIELDS,
  mostBytes: 2048,
  mostFields: 24,
  overflow: nfsEvent('too_many_fields'),
  print: (tx) => nfsObjects(tx),
};
const MARK_BYTES = 4;
const MOST_RECORD = 65_536;
const CALL = 0;
const ACCEPTED = 0;
const NULL_PROCEDURE = 0;
const UNIX = 1;

export class NfsConnection extends MessageConnection<PlainTransaction> {
  /** Of the message that was read last. */
  private isVersion4 = false;
  private readonly names = new HandleNames(this.share.arena);
  private readonly name = new Span();

  protected override probe(): Probe {
    return probeNfsTcp;
  }

  protected override message(direction: Direction, input: Input): boolean {
    const { position, available } = input;
    const { reader } = this.share;
    if (input.datagram) {
      if (!this.take(direction, reader.begin(position, position + available))) return false;
      if (input.frames !== null) this.noteFrames(input.frames, direction, position, position, position + available);
      return true;
    }
    if (available < MARK_BYTES) return false;
    const length = reader.begin(position, position + available).u32() & 0x7fff_ffff;
    const kept = Math.min(length, MOST_RECORD);
    if (available < MARK_BYTES + kept) return false;
    const start = position + MARK_BYTES;
    if (!this.take(direction, reader.begin(start, start + kept))) return false;
    if (input.frames !== null) this.noteFrames(input.frames, direction, position, start, start + kept);
    input.skip(MARK_BYTES + length);
    return true;
  }

  private take(direction: Direction, reader: ByteReader): boolean {
    const id = reader.u32();
    const kind = reader.u32();
    const open = kind === CALL ? null : oldestUnanswered(this, id);
    const tx = open ?? this.begin();
    if (tx === null) return false;
    tx.key = id;
    if (kind === CALL) {
      // Version of RPC, and the program.
      reader.skip(8);
      const version = reader.u32();
      tx.addNumber(FIELD.version, SIDE.both, version);
      if (!reader.failed && (version < 2 || version > 4)) tx.raise(nfsEvent('non_existing_version'), 0);
      tx.addNumber(FIELD.procedure, SIDE.both, reader.u32());
    } else tx.addNumber(FIELD.answered, SIDE.toClient, reader.u32());
    if (reader.failed) tx.raise(nfsEvent('malformed_data'), direction);
    else if (kind === CALL) this.readCall(tx, reader);
    else this.readAnswer(tx, reader);
    this.isVersion4 = tx.numberOf(FIELD.version) === 4;
    tx.advance(direction, MESSAGE);
    if (kind !== CALL) tx.advance(direction === 0 ? 1 : 0, MESSAGE);
    return true;
  }

  private noteFrames(frames: FrameLog, direction: Direction, from: number, start: number, end: number): void {
    noteFrames(frames, this.share.reader, direction, { from, start, end, isVersion4: this.isVersion4 });
  }

  override reset(): void {
    super.reset();
    this.names.clear();
  }

  /** Behind its procedure. */
  private readCall(tx: PlainTransaction, reader: ByteReader): void {
    const version = tx.numberOf(FIELD.version)!;
    const procedure = tx.numberOf(FIELD.procedure)!;
    readCredentials(tx, reader);
    skipAuthentication(reader);
    if (!hasHandle(version, procedure)) return;
    const handle = readHandle(reader, version);
    if (handle.length > 0) tx.addText(FIELD.handle, SIDE.toServer, handle.start, handle.length);
    if (isNaming(version, procedure)) {
      readName(tx, FIELD.filename, reader);
      if (!isRenaming(version, procedure)) return;
      readHandle(reader, version);
      return readName(tx, FIELD.renamed, reader);
    }
    if (this.names.find(handle, this.name))
      tx.addText(FIELD.filename, SIDE.toServer, this.name.start, this.name.length);
    const writes = isWrite(version, procedure);
    if (!writes && !isRead(version, procedure)) return;
    const offset = readOffset(reader, version, writes);
    const kept = writes && isKept(reader, version);
    if (reader.failed) return;
    tx.addNumber(FIELD.offset, SIDE.toServer, offset);
    if (kept) tx.addNumber(FIELD.last, SIDE.toServer, 1);
  }

  /** Behind whether it is accepted: who answers, whether the procedure was called, what came of it. */
  private readAnswer(tx: PlainTransaction, reader: ByteReader): void {
    if (tx.numberOf(FIELD.answered) !== ACCEPTED) return;
    skipAuthentication(reader);
    if (reader.u32() !== ACCEPTED) return;
    const procedure = tx.numberOf(FIELD.procedure);
    const status = procedure === NULL_PROCEDURE ? 0 : reader.u32();
    if (reader.failed) return;
    tx.addNumber(FIELD.status, SIDE.toClient, status);
    const version = tx.numberOf(FIELD.version);
    if (status !== 0 || version === undefined || procedure === undefined) return;
    if (isRead(version, procedure)) {
      if (readsToEnd(reader, version)) tx.addNumber(FIELD.last, SIDE.toClient, 1);
      return;
    }
    const given = readGiven(reader, version, procedure);
    if (given.length === 0) return;
    tx.addText(FIELD.given, SIDE.toClient, given.start, given.length);
    const name = tx.placeOf(FIELD.filename);
    if (name !== null) this.names.learn(given, name);
  }
}

/** Who calls: of a machine, its name, and numbers of user and group (RFC 5531, 14). */
function readCredentials(tx: PlainTransaction, reader: ByteReader): void {
  const flavor = reader.u32();
  const length = reader.u32();
  const behind = reader.at + length + paddingOf(length);
  if (reader.failed) return;
  tx.addNumber(FIELD.flavor, SIDE.toServer, flavor);
  if (flavor === UNIX && length > 0) {
    reader.skip(4);
    const { start, length: bytes } = readOpaque(reader);
    const user = reader.u32();
    const group = reader.u32();
    if (!reader.failed) {
      tx.addText(FIELD.machine, SIDE.toServer, start, bytes);
      tx.addNumber(FIELD.user, SIDE.toServer, user);
      tx.addNumber(FIELD.group, SIDE.toServer, group);
    }
  }
  if (!reader.failed) reader.skip(behind - reader.at);
}

function readName(tx: PlainTransaction, field: number, reader: ByteReader): void {
  const { start, length } = readOpaque(reader);
  if (!reader.failed) tx.addText(field, SIDE.toServer, start, length);
}
