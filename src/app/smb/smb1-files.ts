/**
 * What SMB 1 does with files and pipes (MS-CIFS, 2.2.4): create, close, reads, writes and transactions of pipes. Stage:
 * app. What goes through a pipe is a call of DCE/RPC, what goes to a file, or comes of it, a file.
 */
import { beginsCall } from '../dcerpc/pdu.js';
import { SIDE } from '../fields/field-list.js';
import { BUFFER_OVERFLOW, OPTION, SMB1_COMMAND, secondsOf } from './constants.js';
import type { SmbContext } from './context.js';
import { smbEvent } from './events.js';
import { NO_HANDLE } from './handle-table.js';
import type { Smb1Command } from './smb1-command.js';
import { SMB_FIELDS, type SmbTransaction } from './transaction.js';

const PIPE_TRANSACT = 0x26;
const ID_BYTES = 2;
const WORD = 0x1_0000_0000;
/** In front of the data of a plain read or write: its form, and its length. */
const PLAIN_DATA_BYTES = 3;
/** Bytes of the words of a read that says where in a large file, behind the chain. */
const READ_WORDS_WITH_HIGH = 20;
const MALFORMED = smbEvent('malformed_data');
const F = (name: string): number => SMB_FIELDS.of(name);
const FIELD = {
  filename: F('filename'),
  isDirectory: F('is_directory'),
  disposition: F('disposition'),
  deleteOnClose: F('delete_on_close'),
  size: F('size'),
  fuid: F('fuid'),
};
const TIMES = ['created', 'accessed', 'modified', 'changed'].map(F);

export class Smb1Files {
  private readonly context: SmbContext;
  private readonly command: Smb1Command;

  constructor(context: SmbContext, command: Smb1Command) {
    this.context = context;
    this.command = command;
  }

  /** @returns whether it goes through a pipe or to a file, and is no transaction of its own. */
  plainRequest(command: number): boolean {
    if (command === SMB1_COMMAND.write || command === SMB1_COMMAND.writeAndClose) return this.plainWriteRequest();
    if (command === SMB1_COMMAND.read) return this.plainReadRequest();
    return command === SMB1_COMMAND.trans && this.transRequest();
  }

  createRequest(tx: SmbTransaction): void {
    const { reader, header, handles, trees } = this.context;
    reader.skip(31);
    const disposition = reader.u32();
    const options = reader.u32();
    if (reader.failed) {
      tx.raise(MALFORMED, 0);
      return;
    }
    const at = this.command.aligned(this.command.dataStart);
    tx.addWideText(FIELD.filename, SIDE.toServer, at, Math.max(0, this.command.dataEnd - at));
    tx.addNumber(FIELD.disposition, SIDE.toServer, disposition);
    tx.addNumber(FIELD.isDirectory, SIDE.toServer, Number((options & OPTION.directory) !== 0));
    tx.addNumber(FIELD.deleteOnClose, SIDE.toServer, Number((options & OPTION.deleteOnClose) !== 0));
    const place = handles.create(header.messageId);
    this.context.lastHandle = place;
    if (handles.overflowed) tx.raise(smbEvent('too_many_handles'), 0);
    handles.overflowed = false;
    if (trees.isPipe(header.treeSession, header.treeId)) handles.openPipe(place);
    else if ((options & OPTION.directory) === 0)
      handles.openFile(place)?.setName(reader.bytes, at, Math.max(0, this.command.dataEnd - at));
  }

  createResponse(tx: SmbTransaction): void {
    const { reader, header, handles } = this.context;
    reader.skip(1);
    const id = reader.skip(ID_BYTES);
    reader.skip(4);
    for (let index = 0; index < TIMES.length; index++)
      tx.addNumber(TIMES[index], SIDE.toClient, secondsOf(reader.u64()));
    reader.skip(12);
    tx.addNumber(FIELD.size, SIDE.toClient, reader.u64());
    if (reader.failed) {
      tx.raise(MALFORMED, 1);
      return;
    }
    tx.addText(FIELD.fuid, SIDE.toClient, id, ID_BYTES);
    const place = handles.created(header.messageId);
    if (place !== NO_HANDLE) handles.setId(place, reader.bytes, id, ID_BYTES);
  }

  closeRequest(): void {
    const { reader, header, handles } = this.context;
    const place = this.handleAt(reader.skip(ID_BYTES));
    if (place !== NO_HANDLE && !reader.failed) handles.closes(place, header.messageId);
  }

  /** Behind the chain, as are the others of commands that chain. */
  readRequest(): void {
    const { reader, header, handles } = this.context;
    const hasHigh = reader.left === READ_WORDS_WITH_HIGH;
    const id = reader.skip(ID_BYTES);
    const low = reader.u32();
    reader.skip(10);
    const offset = low + (hasHigh ? reader.u32() * WORD : 0);
    if (!reader.failed) handles.read(header.messageId, this.handleAt(id), offset);
  }

  writeRequest(): void {
    const { reader, header } = this.context;
    const id = reader.skip(ID_BYTES);
    const low = reader.u32();
    reader.skip(8);
    const high = reader.u16();
    const length = reader.u16() + high * 0x10000;
    const start = header.start + reader.u16();
    const offset = low + (reader.left >= 4 ? reader.u32() * WORD : 0);
    if (reader.failed || start > header.end) return;
    const count = Math.min(length, header.end - start);
    this.writeThrough(id, offset, start, count, length);
  }

  /** WRITE, and WRITE_AND_CLOSE, of at most 64 KiB. @returns whether it goes through a pipe or to a file. */
  plainWriteRequest(): boolean {
    const { reader, header, handles } = this.context;
    if (!this.command.open(header.body)) return false;
    const id = reader.skip(ID_BYTES);
    const length = reader.u16();
    const offset = reader.u32();
    const isLast = header.command === SMB1_COMMAND.writeAndClose;
    const start = this.command.dataStart + (isLast ? 1 : PLAIN_DATA_BYTES);
    if (reader.failed || start > header.end) return false;
    const isTaken = this.writeThrough(id, offset, start, Math.min(length, header.end - start), length);
    if (isTaken && isLast) handles.close(handles.find(reader.bytes, id, ID_BYTES));
    return isTaken;
  }

  /** @returns whether the id is that of a pipe or a file. */
  private writeThrough(id: number, offset: number, start: number, count: number, length: number): boolean {
    const { header, handles } = this.context;
    if (this.write(id, start, count) !== NO_HANDLE) return true;
    const place = this.handleAt(id);
    const file = handles.file(place);
    if (file === null) return false;
    this.context.throughFile(file, 0, offset, start, length);
    handles.wrote(header.messageId, place);
    return true;
  }

  writeResponse(): void {
    const { header, handles } = this.context;
    handles.file(handles.answered(header.messageId, 0))?.note(0, header.status);
    const tx = this.context.findRequest();
    if (tx !== null) this.context.answer(tx);
  }

  /** @returns whether the id is that of a pipe or a file. */
  plainReadRequest(): boolean {
    const { reader, header, handles } = this.context;
    if (!this.command.open(header.body)) return false;
    const id = reader.skip(ID_BYTES);
    reader.skip(2);
    const offset = reader.u32();
    const place = reader.failed ? NO_HANDLE : handles.find(reader.bytes, id, ID_BYTES);
    if (place === NO_HANDLE) return false;
    handles.read(header.messageId, place, offset);
    return true;
  }

  /** @returns whether it answers a read of a pipe or a file. */
  plainReadResponse(): boolean {
    const { header, handles } = this.context;
    const place = handles.answered(header.messageId);
    if (place === NO_HANDLE) return false;
    if (!this.command.open(header.body)) return true;
    const start = this.command.dataStart + PLAIN_DATA_BYTES;
    if (start <= this.command.dataEnd) this.readThrough(place, start, this.command.dataEnd - start);
    return true;
  }

  private readThrough(place: number, start: number, length: number): void {
    const { header, handles } = this.context;
    const pipe = handles.pipe(place);
    const file = handles.file(place);
    file?.note(1, header.status);
    if (header.status !== 0 && header.status !== BUFFER_OVERFLOW) return;
    if (pipe !== null) this.context.throughPipe(pipe, 1, start, Math.min(length, header.end - start));
    if (file !== null) this.context.throughFile(file, 1, handles.answeredAt, start, length);
  }

  readResponse(): void {
    const { reader, header, handles } = this.context;
    const place = handles.answered(header.messageId);
    if (place === NO_HANDLE) return;
    reader.skip(6);
    const low = reader.u16();
    const start = header.start + reader.u16();
    const length = low + reader.u32() * 0x10000;
    if (reader.failed || start > header.end) return;
    this.readThrough(place, start, length);
  }

  /** @returns whether it goes through a pipe. */
  transRequest(): boolean {
    const { reader, header } = this.context;
    if (!this.command.open(header.body)) return false;
    reader.skip(22);
    const length = reader.u16();
    const start = header.start + reader.u16();
    reader.skip(2);
    if (reader.u16() !== PIPE_TRANSACT) return false;
    const id = reader.skip(ID_BYTES);
    if (reader.failed || start > header.end) return false;
    const place = this.write(id, start, Math.min(length, header.end - start));
    if (place === NO_HANDLE) return false;
    this.context.handles.read(header.messageId, place);
    return true;
  }

  transResponse(): boolean {
    const { reader, header, handles } = this.context;
    const pipe = handles.pipe(handles.answered(header.messageId));
    if (pipe === null) return false;
    if (!this.command.open(header.body)) return true;
    reader.skip(12);
    const length = reader.u16();
    const start = header.start + reader.u16();
    if (!reader.failed && start <= header.end)
      this.context.throughPipe(pipe, 1, start, Math.min(length, header.end - start));
    return true;
  }

  /** What an id names; of a command behind the one that opens it, that one's. */
  private handleAt(id: number): number {
    const { reader, handles, lastHandle } = this.context;
    return lastHandle === NO_HANDLE || reader.failed ? handles.find(reader.bytes, id, ID_BYTES) : lastHandle;
  }

  /** Writes to what an id names. @returns the place of its pipe. */
  private write(id: number, start: number, length: number): number {
    const { reader, handles, header, trees } = this.context;
    let place = this.handleAt(id);
    if (place === NO_HANDLE && beginsCall(reader.bytes, start, length)) {
      place = handles.create(header.messageId);
      handles.setId(place, reader.bytes, id, ID_BYTES);
      handles.openPipe(place);
    }
    const isMistaken = handles.pipe(place) === null && !trees.has(header.treeSession, header.treeId);
    const pipe =
      isMistaken && beginsCall(reader.bytes, start, length) ? handles.becomesPipe(place) : handles.pipe(place);
    if (pipe === null) return NO_HANDLE;
    this.context.throughPipe(pipe, 0, start, length);
    return place;
  }
}
