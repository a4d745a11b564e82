/**
 * Messages of SMB 2 and 3, one of a compound at a time (MS-SMB2, 2.2). Stage: app.
 *
 * A message is a transaction with its answer, but for what goes through pipes: there a call of DCE/RPC is one; and for
 * reads and writes of files: there all of one way is one, until the file is closed.
 */
import { Span } from '../../memory/span.js';
import { bufferNumber } from '../buffers.js';
import { beginsCall } from '../dcerpc/pdu.js';
import { SIDE } from '../fields/field-list.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { BUFFER_OVERFLOW, OPTION, secondsOf } from './constants.js';
import type { SmbContext } from './context.js';
import { smbEvent } from './events.js';
import { NO_HANDLE } from './handle-table.js';
import { takeKerberos } from './kerberos.js';
import { takeNtlmssp } from './ntlmssp.js';
import { SMB_FIELDS, type SmbTransaction } from './transaction.js';

const COMMAND = {
  negotiate: 0,
  sessionSetup: 1,
  treeConnect: 3,
  create: 5,
  close: 6,
  read: 8,
  write: 9,
  ioctl: 11,
} as const;
const PENDING = 0x103;
const PIPE_TRANSCEIVE = 0x0011_c017;
const ID_BYTES = 16;
/** What a control and its answer have ahead of their data (2.2.31, 2.2.32). */
const CONTROL_BYTES = 56;
const CONTROLLED_BYTES = 48;
const MOST_DIALECTS = 64;
const SHARE_PIPE = 2;
const MALFORMED = smbEvent('malformed_data');
const READ_TOO_LARGE = smbEvent('negotiate_max_read_size_too_large');
const WRITE_TOO_LARGE = smbEvent('negotiate_max_write_size_too_large');
/** Of a read or write; servers of Windows allow 8 MiB, and 16 MiB is what Suricata takes for the most. */
const MOST_BYTES = 16_777_216;
const MALFORMED_DIALECTS = smbEvent('negotiate_malformed_dialects');
const F = (name: string): number => SMB_FIELDS.of(name);
const FIELD = {
  share: F('smb.share'),
  pipe: F('smb.named_pipe'),
  dialect: F('client_dialect'),
  clientGuid: F('client_guid'),
  serverGuid: F('server_guid'),
  mostRead: F('max_read_size'),
  mostWrite: F('max_write_size'),
  shareType: F('share_type'),
  filename: F('filename'),
  isDirectory: F('is_directory'),
  disposition: F('disposition'),
  deleteOnClose: F('delete_on_close'),
  created: F('created'),
  accessed: F('accessed'),
  modified: F('modified'),
  changed: F('changed'),
  size: F('size'),
  fuid: F('fuid'),
  control: F('control'),
};
const SHARE_BUFFER = bufferNumber('smb.share');
const span = new Span();
const TIMES = [FIELD.created, FIELD.accessed, FIELD.modified, FIELD.changed];

export class Smb2Reader {
  private readonly context: SmbContext;

  constructor(context: SmbContext) {
    this.context = context;
  }

  request(): void {
    const { header } = this.context;
    switch (header.command) {
      case COMMAND.read:
        return this.readRequest();
      case COMMAND.write:
        return this.writeRequest();
      case COMMAND.ioctl:
        if (this.ioctlRequest()) return;
    }
    const tx = this.context.beginMessage();
    if (tx === null) return;
    const { reader } = this.context;
    reader.begin(header.body, header.end, true);
    if (header.command === COMMAND.negotiate) this.negotiateRequest(tx);
    else if (header.command === COMMAND.sessionSetup) this.sessionRequest(tx);
    else if (header.command === COMMAND.treeConnect) this.treeRequest(tx);
    else if (header.command === COMMAND.create) this.createRequest(tx);
    else if (header.command === COMMAND.close) this.closeRequest();
    else if (header.command === COMMAND.ioctl) this.control(tx);
    if (reader.failed) tx.raise(MALFORMED, 0);
  }

  response(): void {
    const { header, reader } = this.context;
    // More of it comes; and what was said meanwhile stays open.
    if (header.status === PENDING) return;
    if (header.command === COMMAND.read) return this.readResponse();
    if (header.command === COMMAND.write) return this.writeResponse();
    if (header.command === COMMAND.ioctl) this.ioctlResponse();
    else if (header.command === COMMAND.close) this.context.handles.closed(header.messageId);
    const tx = this.context.findRequest();
    if (tx === null) return;
    reader.begin(header.body, header.end, true);
    if (header.status === 0) this.success(tx);
    else if (header.command === COMMAND.create) this.context.handles.notCreated(header.messageId);
    if (reader.failed) tx.raise(MALFORMED, 1);
    this.context.answer(tx);
  }

  private success(tx: SmbTransaction): void {
    const { header } = this.context;
    if (header.command === COMMAND.negotiate) this.negotiateResponse(tx);
    else if (header.command === COMMAND.treeConnect) this.treeResponse(tx);
    else if (header.command === COMMAND.create) this.createResponse(tx);
    else if (header.command === COMMAND.ioctl) this.context.reader.skip(CONTROLLED_BYTES);
  }

  // -------------------------------------------------------------------------------------------- before files

  private negotiateRequest(tx: SmbTransaction): void {
    const { reader } = this.context;
    reader.skip(2);
    const count = reader.u16();
    reader.skip(8);
    const guid = reader.skip(ID_BYTES);
    if (!reader.failed) tx.addText(FIELD.clientGuid, SIDE.toServer, guid, ID_BYTES);
    reader.skip(8);
    for (let index = 0; index < count && index < MOST_DIALECTS && !reader.failed; index++)
      tx.addNumber(FIELD.dialect, SIDE.toServer, reader.u16());
    if (count === 0 || reader.failed) tx.raise(MALFORMED_DIALECTS, 0);
  }

  private negotiateResponse(tx: SmbTransaction): void {
    const { reader } = this.context;
    reader.skip(4);
    const dialect = reader.u16();
    reader.skip(2);
    const guid = reader.skip(ID_BYTES);
    reader.skip(8);
    const read = reader.u32();
    const write = reader.u32();
    if (reader.failed) return;
    this.context.dialect = dialect;
    tx.dialect = dialect;
    tx.addText(FIELD.serverGuid, SIDE.toClient, guid, ID_BYTES);
    this.context.most[0] = write;
    this.context.most[1] = read;
    if (read > MOST_BYTES) tx.raise(READ_TOO_LARGE, 1);
    if (write > MOST_BYTES) tx.raise(WRITE_TOO_LARGE, 1);
    tx.addNumber(FIELD.mostRead, SIDE.toClient, read);
    tx.addNumber(FIELD.mostWrite, SIDE.toClient, write);
  }

  private sessionRequest(tx: SmbTransaction): void {
    const { reader, header } = this.context;
    reader.skip(12);
    const offset = reader.u16();
    const length = reader.u16();
    const start = header.start + offset;
    if (reader.failed || start + length > header.end) {
      reader.failed = true;
      return;
    }
    takeNtlmssp(tx, reader, start, start + length);
    takeKerberos(tx, this.context.ber, start, start + length);
  }

  private treeRequest(tx: SmbTransaction): void {
    const { reader, header } = this.context;
    reader.skip(4);
    const start = header.start + reader.u16();
    const length = reader.u16();
    if (reader.failed || start + length > header.end) {
      reader.failed = true;
      return;
    }
    addTree(tx, reader.bytes, start, length);
  }

  private treeResponse(tx: SmbTransaction): void {
    const { reader } = this.context;
    reader.skip(2);
    const type = reader.u8();
    tx.addNumber(FIELD.shareType, SIDE.toClient, type);
    noteTree(this.context, tx, type === SHARE_PIPE || tx.has(FIELD.pipe));
  }

  // --------------------------------------------------------------------------------------------------- files

  private createRequest(tx: SmbTransaction): void {
    const { reader, header, handles } = this.context;
    reader.skip(36);
    const disposition = reader.u32();
    const options = reader.u32();
    const start = header.start + reader.u16();
    const length = reader.u16();
    if (reader.failed || start + length > header.end) {
      reader.failed = true;
      return;
    }
    tx.addWideText(FIELD.filename, SIDE.toServer, start, length);
    tx.addNumber(FIELD.disposition, SIDE.toServer, disposition);
    tx.addNumber(FIELD.isDirectory, SIDE.toServer, Number((options & OPTION.directory) !== 0));
    tx.addNumber(FIELD.deleteOnClose, SIDE.toServer, Number((options & OPTION.deleteOnClose) !== 0));
    this.context.lastHandle = handles.create(header.messageId);
    if (handles.overflowed) tx.raise(smbEvent('too_many_handles'), 0);
    handles.overflowed = false;
    if (this.context.trees.isPipe(header.treeSession, header.treeId)) handles.openPipe(this.context.lastHandle);
    else if ((options & OPTION.directory) === 0)
      handles.openFile(this.context.lastHandle)?.setName(reader.bytes, start, length);
  }

  private createResponse(tx: SmbTransaction): void {
    const { reader, header, handles } = this.context;
    reader.skip(8);
    for (let index = 0; index < TIMES.length; index++)
      tx.addNumber(TIMES[index], SIDE.toClient, secondsOf(reader.u64()));
    reader.skip(8);
    const size = reader.u64();
    reader.skip(8);
    const id = reader.skip(ID_BYTES);
    if (reader.failed) return;
    tx.addNumber(FIELD.size, SIDE.toClient, size);
    tx.addText(FIELD.fuid, SIDE.toClient, id, ID_BYTES);
    const place = handles.created(header.messageId);
    if (place !== NO_HANDLE) handles.setId(place, reader.bytes, id, ID_BYTES);
  }

  private closeRequest(): void {
    const { reader, header, handles } = this.context;
    reader.skip(8);
    const place = this.handleAt(reader.skip(ID_BYTES));
    if (place !== NO_HANDLE && !reader.failed) handles.closes(place, header.messageId);
  }

  private readRequest(): void {
    const { reader, header, handles } = this.context;
    reader.begin(header.body, header.end, true);
    reader.skip(8);
    const offset = reader.u64();
    const id = reader.skip(ID_BYTES);
    const place = this.fileAt(id, this.handleAt(id));
    if (!reader.failed) handles.read(header.messageId, place, offset);
  }

  private writeRequest(): void {
    const { reader, header } = this.context;
    reader.begin(header.body, header.end, true);
    reader.skip(2);
    const start = header.start + reader.u16();
    const length = reader.u32();
    const offset = reader.u64();
    const id = reader.skip(ID_BYTES);
    if (reader.failed || start > header.end) return this.malformedAlone();
    const count = Math.min(length, header.end - start);
    const place = this.fileAt(id, this.handleOf(id, start, count));
    const { handles, trees } = this.context;
    if (
      handles.pipe(place) === null &&
      !trees.has(header.treeSession, header.treeId) &&
      beginsCall(reader.bytes, start, count)
    )
      handles.becomesPipe(place);
    const pipe = this.context.handles.pipe(place);
    if (pipe !== null) this.context.throughPipe(pipe, 0, start, count);
    const file = this.context.handles.file(place);
    if (file === null) return;
    this.context.throughFile(file, 0, offset, start, length);
    handles.wrote(header.messageId, place);
  }

  /** What has no transaction of its own has one where it is malformed. */
  private malformedAlone(): void {
    const tx = this.context.beginMessage();
    tx?.raise(MALFORMED, 0);
    tx?.advance(1, MESSAGE);
  }

  private readResponse(): void {
    const { reader, header, handles } = this.context;
    const place = handles.answered(header.messageId);
    const pipe = handles.pipe(place);
    const file = handles.file(place);
    file?.note(1, header.status);
    if ((pipe === null && file === null) || (header.status !== 0 && header.status !== BUFFER_OVERFLOW)) return;
    reader.begin(header.body, header.end, true);
    reader.skip(2);
    const start = header.start + reader.u8();
    reader.skip(1);
    const length = reader.u32();
    if (reader.failed || start > header.end) return;
    const count = Math.min(length, header.end - start);
    if (pipe !== null) this.context.throughPipe(pipe, 1, start, count);
    if (file !== null) this.context.throughFile(file, 1, handles.answeredAt, start, length);
  }

  private writeResponse(): void {
    const { header, handles } = this.context;
    handles.file(handles.answered(header.messageId, 0))?.note(0, header.status);
  }

  private control(tx: SmbTransaction): void {
    const { reader } = this.context;
    reader.skip(4);
    tx.addNumber(FIELD.control, SIDE.toServer, reader.u32());
    reader.skip(CONTROL_BYTES - 8);
  }

  /** @returns whether it goes through a pipe. */
  private ioctlRequest(): boolean {
    const { reader, header, handles } = this.context;
    reader.begin(header.body, header.end, true);
    reader.skip(4);
    if (reader.u32() !== PIPE_TRANSCEIVE) return false;
    const id = reader.skip(ID_BYTES);
    const start = header.start + reader.u32();
    const length = reader.u32();
    if (reader.failed || start > header.end) return false;
    const count = Math.min(length, header.end - start);
    const place = this.handleOf(id, start, count);
    // Of a tree that was connected before, it may have been taken for a file.
    const isMistaken = place !== NO_HANDLE && handles.pipe(place) === null && beginsCall(reader.bytes, start, count);
    const pipe = isMistaken ? handles.becomesPipe(place) : handles.pipe(place);
    if (pipe === null) return false;
    handles.read(header.messageId, place);
    this.context.throughPipe(pipe, 0, start, count);
    return true;
  }

  private ioctlResponse(): void {
    const { reader, header, handles } = this.context;
    const pipe = handles.pipe(handles.answered(header.messageId));
    if (pipe === null || (header.status !== 0 && header.status !== BUFFER_OVERFLOW)) return;
    reader.begin(header.body, header.end, true);
    reader.skip(32);
    const start = header.start + reader.u32();
    const length = reader.u32();
    if (reader.failed || start > header.end) return;
    this.context.throughPipe(pipe, 1, start, Math.min(length, header.end - start));
  }

  /** What an id names; all ones are what the message before has named. */
  private handleAt(id: number): number {
    const { reader, handles } = this.context;
    if (reader.failed) return NO_HANDLE;
    if (isRelated(reader.bytes, id)) return this.context.lastHandle;
    this.context.lastHandle = handles.find(reader.bytes, id, ID_BYTES);
    return this.context.lastHandle;
  }

  /** The place of a file that was opened before the connection was seen; the same where the place is known. */
  private fileAt(id: number, place: number): number {
    const { reader, handles, header, trees } = this.context;
    if (
      place !== NO_HANDLE ||
      reader.failed ||
      isRelated(reader.bytes, id) ||
      trees.isPipe(header.treeSession, header.treeId)
    )
      return place;
    const made = handles.create(header.messageId);
    handles.openFile(made);
    handles.setId(made, reader.bytes, id, ID_BYTES);
    return made;
  }

  /** The same; what is not known, and looks like DCE/RPC, is a pipe that was opened before. */
  private handleOf(id: number, start: number, length: number): number {
    const { reader, handles } = this.context;
    const place = this.handleAt(id);
    if (place !== NO_HANDLE || !beginsCall(reader.bytes, start, length)) return place;
    const made = handles.create(this.context.header.messageId);
    handles.setId(made, reader.bytes, id, ID_BYTES);
    handles.openPipe(made);
    return made;
  }
}

function isRelated(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < ID_BYTES; index++) if (bytes[at + index] !== 0xff) return false;
  return true;
}

/** IPC$ in UTF-16 without its zeros, from the end on. */
const PIPE_TREE = [0x24, 0x63, 0x70, 0x69];

/** The tree that is connected to, in UTF-16 or in bytes. */
export function addTree(tx: SmbTransaction, bytes: Uint8Array, start: number, length: number): void {
  let end = start + length;
  while (end > start && bytes[end - 1] === 0) end--;
  if (end === start) return;
  const isPipe = endsWithPipes(bytes, start, end);
  tx.addWideText(isPipe ? FIELD.pipe : FIELD.share, SIDE.toServer, start, end - start);
}

/** What the server calls the tree that a request has connected to. */
export function noteTree({ trees, header }: SmbContext, tx: SmbTransaction, isPipe: boolean): void {
  tx.treeId = header.treeId;
  trees.add(header.treeSession, header.treeId, isPipe, tx.locate(SHARE_BUFFER, 0, 0, span) ? span : null);
}

function endsWithPipes(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end - 1;
  for (let index = 0; index < PIPE_TREE.length; index++) {
    while (at >= start && bytes[at] === 0) at--;
    if (at < start || (bytes[at] | 0x20) !== (PIPE_TREE[index] | 0x20)) return false;
    at--;
  }
  return true;
}
