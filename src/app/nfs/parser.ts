/**
 * NFS over ONC RPC, over TCP behind the marks of records, or over UDP (RFC 5531; RFC 1813; RFC 7530). Stage: app. A
 * call and its answer are one transaction, by their number.
 *
 *   | last (1 bit), length | number (4) | 0, 1 | version 2 | program | version | procedure | who calls … |
 *
 * Of a record over 64 KiB, data of files, the first bytes are read.
 */
import type { Direction } from '../../flow/flow.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { SIDE } from '../fields/field-list.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { MessageConnection } from '../fields/message-connection.js';
import { oldestUnanswered, type PlainLayout, type PlainTransaction } from '../fields/plain-transaction.js';
import type { FrameLog } from '../frame/frame-log.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { probeNfsTcp } from '../probe/nfs.js';
import { isNaming, isRenaming, skipAuthentication, skipHandle, skipPadding } from './arguments.js';
import { nfsObject } from './eve.js';
import { NFS_FIELD as FIELD, NFS_FIELDS } from './fields.js';
import { noteFrames } from './frames.js';
import { nfsEvent } from './events.js';

export const NFS_LAYOUT: PlainLayout = {
  table: NFS_FIELDS,
  mostBytes: 1024,
  mostFields: 8,
  overflow: nfsEvent('too_many_fields'),
  print: (tx) => nfsObject(tx),
};
const MARK_BYTES = 4;
const MOST_RECORD = 65_536;
const CALL = 0;
const ACCEPTED = 0;
const NULL_PROCEDURE = 0;

export class NfsConnection extends MessageConnection<PlainTransaction> {
  /** Of the message that was read last. */
  private isVersion4 = false;

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
    else if (kind === CALL) readNames(tx, reader);
    else readStatus(tx, reader);
    this.isVersion4 = tx.numberOf(FIELD.version) === 4;
    tx.advance(direction, MESSAGE);
    if (kind !== CALL) tx.advance(direction === 0 ? 1 : 0, MESSAGE);
    return true;
  }

  private noteFrames(frames: FrameLog, direction: Direction, from: number, start: number, end: number): void {
    noteFrames(frames, this.share.reader, direction, { from, start, end, isVersion4: this.isVersion4 });
  }
}

/** Of a call, behind its procedure. */
function readNames(tx: PlainTransaction, reader: ByteReader): void {
  const version = tx.numberOf(FIELD.version)!;
  const procedure = tx.numberOf(FIELD.procedure)!;
  if (!isNaming(version, procedure)) return;
  skipAuthentication(reader);
  skipAuthentication(reader);
  readName(tx, FIELD.filename, reader, version);
  if (isRenaming(version, procedure)) readName(tx, FIELD.renamed, reader, version);
}

function readName(tx: PlainTransaction, field: number, reader: ByteReader, version: number): void {
  skipHandle(reader, version);
  const length = reader.u32();
  const start = reader.skip(length);
  if (reader.failed) return;
  tx.addText(field, SIDE.toServer, start, length);
  skipPadding(reader, length);
}

/** Of an answer, behind whether it is accepted: who answers, whether the procedure was called, what came of it. */
function readStatus(tx: PlainTransaction, reader: ByteReader): void {
  if (tx.numberOf(FIELD.answered) !== ACCEPTED) return;
  skipAuthentication(reader);
  if (reader.u32() !== ACCEPTED) return;
  const status = tx.numberOf(FIELD.procedure) === NULL_PROCEDURE ? 0 : reader.u32();
  if (!reader.failed) tx.addNumber(FIELD.status, SIDE.toClient, status);
}
