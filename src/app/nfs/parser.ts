/**
 * NFS over ONC RPC, over TCP behind the marks of records, or over UDP (RFC 5531; RFC 1813; RFC 7530). Stage: app. A
 * call and its answer are one transaction, by their number.
 *
 *   | last (1 bit), length | number (4) | 0, 1 | version 2 | program | version | procedure | who calls … |
 *
 * Of a record over 64 KiB, data of files, the first bytes are read.
 */
import type { Direction } from '../../flow/flow.js';
import { eventObject } from '../fields/event-object.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { FieldTable } from '../fields/field-table.js';
import { SIDE } from '../fields/field-list.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { MessageConnection } from '../fields/message-connection.js';
import { oldestUnanswered, type PlainLayout, type PlainTransaction } from '../fields/plain-transaction.js';
import type { FrameLog } from '../frame/frame-log.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { probeNfsTcp } from '../probe/nfs.js';
import { NFS_BUFFERS } from './buffers.js';
import { noteFrames } from './frames.js';
import { nfsEvent } from './events.js';

const FIELDS = new FieldTable(NFS_BUFFERS, ['status']);
const FIELD = {
  procedure: FIELDS.of('nfs_procedure'),
  version: FIELDS.of('nfs.version'),
  status: FIELDS.of('status'),
};
export const NFS_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 256,
  mostFields: 8,
  overflow: nfsEvent('too_many_fields'),
  print: (tx) => nfsObject(tx),
};
const MARK_BYTES = 4;
const MOST_RECORD = 65_536;
const CALL = 0;

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
    } else tx.addNumber(FIELD.status, SIDE.toClient, reader.u32());
    if (reader.failed) tx.raise(nfsEvent('malformed_data'), direction);
    this.isVersion4 = tx.numberOf(FIELD.version) === 4;
    tx.advance(direction, MESSAGE);
    if (kind !== CALL) tx.advance(direction === 0 ? 1 : 0, MESSAGE);
    return true;
  }

  private noteFrames(frames: FrameLog, direction: Direction, from: number, start: number, end: number): void {
    noteFrames(frames, this.share.reader, direction, { from, start, end, isVersion4: this.isVersion4 });
  }
}

/** The `nfs` object of events. */
function nfsObject(tx: PlainTransaction): string {
  return eventObject('nfs', {
    version: tx.numberOf(FIELD.version),
    procedure: tx.numberOf(FIELD.procedure),
    id: tx.id + 1,
    type: tx.has(FIELD.status) ? 'response' : 'request',
  });
}
