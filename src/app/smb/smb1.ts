/**
 * Messages of SMB 1, with the further commands that one may chain to another (MS-CIFS, 2.2.4). Stage: app.
 *
 *   | header (32) | words (1) | words … | bytes (2) | bytes … |         offsets count from the header
 */
import { beginsCall } from '../dcerpc/pdu.js';
import { SIDE } from '../fields/field-transaction.js';
import { BUFFER_OVERFLOW, OPTION, secondsOf } from './constants.js';
import type { SmbContext } from './context.js';
import { smbEvent } from './events.js';
import { NO_HANDLE } from './handle-table.js';
import { takeKerberos } from './kerberos.js';
import { takeNtlmssp } from './ntlmssp.js';
import { addTree, noteTree } from './smb2.js';
import { SMB_FIELDS, type SmbTransaction } from './transaction.js';

export const SMB1_HEADER_BYTES = 32;
const COMMAND = {
  close: 0x04,
  trans: 0x25,
  readAndx: 0x2e,
  writeAndx: 0x2f,
  negotiate: 0x72,
  sessionSetup: 0x73,
  treeConnect: 0x75,
  ntCreate: 0xa2,
  none: 0xff,
} as const;
const ANDX: ReadonlySet<number> = new Set([0x24, 0x2d, 0x2e, 0x2f, 0x73, 0x74, 0x75, 0xa2]);
const MOST_CHAINED = 16;
const MOST_DIALECTS = 64;
const DIALECT_MARK = 2;
const BACKSLASH = 0x5c;
const PIPE_TRANSACT = 0x26;
const ID_BYTES = 2;
const MALFORMED = smbEvent('malformed_data');
const MALFORMED_DIALECTS = smbEvent('negotiate_malformed_dialects');
const F = (name: string): number => SMB_FIELDS.of(name);
const FIELD = {
  dialect: F('client_dialect'),
  pipe: F('smb.named_pipe'),
  requestOs: F('request_os'),
  requestLm: F('request_lm'),
  responseOs: F('response_os'),
  responseLm: F('response_lm'),
  requestService: F('request_service'),
  responseService: F('response_service'),
  filename: F('filename'),
  isDirectory: F('is_directory'),
  disposition: F('disposition'),
  deleteOnClose: F('delete_on_close'),
  size: F('size'),
  fuid: F('fuid'),
};
const WORD = 0x1_0000_0000;
/** Bytes of the words of a read that says where in a large file. */
const READ_WORDS_WITH_HIGH = 24;
const TIMES = ['created', 'accessed', 'modified', 'changed'].map(F);

export class Smb1Reader {
  private readonly context: SmbContext;
  /** Where the bytes of the command being read begin and end. */
  private dataStart = 0;
  private dataEnd = 0;

  constructor(context: SmbContext) {
    this.context = context;
  }

  request(): void {
    const { header } = this.context;
    if (header.command === COMMAND.writeAndx) return this.writeRequest();
    if (header.command === COMMAND.readAndx) return this.readRequest();
    if (header.command === COMMAND.trans && this.transRequest()) return;
    const tx = this.context.beginMessage();
    if (tx !== null) this.chain(tx, true);
  }

  response(): void {
    const { header } = this.context;
    if (header.command === COMMAND.readAndx) return this.readResponse();
    if (header.command === COMMAND.writeAndx) return;
    if (header.command === COMMAND.trans && this.transResponse()) return;
    const tx = this.context.findRequest();
    if (tx === null) return;
    this.chain(tx, false);
    this.context.answer(tx);
  }

  /** Reads the command and those behind it. */
  private chain(tx: SmbTransaction, isRequest: boolean): void {
    const { header, reader } = this.context;
    let { command, body } = header;
    for (let index = 0; index < MOST_CHAINED && command !== COMMAND.none; index++) {
      if (!this.open(body)) {
        if (body < header.end || isRequest) tx.raise(MALFORMED, isRequest ? 0 : 1);
        return;
      }
      let next: number = COMMAND.none;
      let offset = 0;
      if (ANDX.has(command) && reader.left >= 4) {
        next = reader.u8();
        reader.skip(1);
        offset = reader.u16();
      }
      if (isRequest) this.requestOf(tx, command);
      else if (header.status === 0) this.responseOf(tx, command);
      if (next !== COMMAND.none && header.start + offset <= body) return;
      command = next;
      body = header.start + offset;
    }
  }

  /** Points the reader at the words of a command. @returns false where it is not all there. */
  private open(body: number): boolean {
    const { header, reader } = this.context;
    reader.begin(body, header.end, true);
    const words = reader.skip(2 * reader.u8());
    const count = reader.u16();
    const end = reader.at - 2;
    if (reader.failed) return false;
    this.dataStart = reader.at;
    this.dataEnd = Math.min(header.end, reader.at + count);
    reader.begin(words, end, true);
    return true;
  }

  private requestOf(tx: SmbTransaction, command: number): void {
    switch (command) {
      case COMMAND.negotiate:
        return this.negotiateRequest(tx);
      case COMMAND.sessionSetup:
        return this.sessionRequest(tx);
      case COMMAND.treeConnect:
        return this.treeRequest(tx);
      case COMMAND.ntCreate:
        return this.createRequest(tx);
      case COMMAND.close:
        return this.closeRequest();
    }
  }

  private responseOf(tx: SmbTransaction, command: number): void {
    switch (command) {
      case COMMAND.negotiate:
        return this.negotiateResponse(tx);
      case COMMAND.sessionSetup:
        return this.sessionResponse(tx);
      case COMMAND.treeConnect:
        return this.treeResponse(tx);
      case COMMAND.ntCreate:
        return this.createResponse(tx);
    }
  }

  // -------------------------------------------------------------------------------------------- before files

  private negotiateRequest(tx: SmbTransaction): void {
    const { bytes } = this.context.reader;
    let at = this.dataStart;
    for (let index = 0; index < MOST_DIALECTS && at < this.dataEnd; index++) {
      const end = bytes.indexOf(0, at + 1);
      if (bytes[at] !== DIALECT_MARK || end < 0 || end >= this.dataEnd) {
        tx.raise(MALFORMED_DIALECTS, 0);
        return;
      }
      tx.addText(FIELD.dialect, SIDE.toServer, at + 1, end - at - 1);
      at = end + 1;
    }
  }

  private negotiateResponse(tx: SmbTransaction): void {
    const chosen = tx.allOf(FIELD.dialect)[this.context.reader.u16()];
    if (typeof chosen !== 'string') {
      tx.raise(MALFORMED_DIALECTS, 1);
      return;
    }
    this.context.dialect = chosen;
    tx.dialect = chosen;
  }

  private sessionRequest(tx: SmbTransaction): void {
    const { reader } = this.context;
    const isExtended = reader.left === 20;
    reader.skip(10);
    const blob = isExtended ? reader.u16() : 0;
    if (!isExtended || reader.failed) return;
    const end = Math.min(this.dataEnd, this.dataStart + blob);
    takeNtlmssp(tx, reader, this.dataStart, end);
    takeKerberos(tx, this.context.ber, this.dataStart, end);
    this.texts(tx, end, FIELD.requestOs, FIELD.requestLm, SIDE.toServer);
  }

  private sessionResponse(tx: SmbTransaction): void {
    const { reader } = this.context;
    const hasBlob = reader.left === 4;
    reader.skip(2);
    const blob = hasBlob ? reader.u16() : 0;
    const end = Math.min(this.dataEnd, this.dataStart + blob);
    this.texts(tx, end, FIELD.responseOs, FIELD.responseLm, SIDE.toClient);
  }

  private treeRequest(tx: SmbTransaction): void {
    const { header, reader } = this.context;
    reader.skip(2);
    const password = reader.u16();
    const at = this.aligned(this.dataStart + password);
    const end = this.textEnd(at);
    if (reader.failed || end > this.dataEnd) {
      tx.raise(MALFORMED, 0);
      return;
    }
    // Of two backslashes, as rules are written.
    const from = at < end && reader.bytes[at] === BACKSLASH ? at + (header.isUnicode ? 2 : 1) : at;
    addTree(tx, reader.bytes, from, end - from);
    const service = this.behindText(end);
    tx.addText(
      FIELD.requestService,
      SIDE.toServer,
      service,
      byteTextEnd(reader.bytes, service, this.dataEnd) - service,
    );
  }

  private treeResponse(tx: SmbTransaction): void {
    const { reader } = this.context;
    const end = byteTextEnd(reader.bytes, this.dataStart, this.dataEnd);
    tx.addText(FIELD.responseService, SIDE.toClient, this.dataStart, end - this.dataStart);
    noteTree(this.context, tx, tx.has(FIELD.pipe));
  }

  // --------------------------------------------------------------------------------------------------- files

  private createRequest(tx: SmbTransaction): void {
    const { reader, header, handles, trees } = this.context;
    reader.skip(31);
    const disposition = reader.u32();
    const options = reader.u32();
    if (reader.failed) {
      tx.raise(MALFORMED, 0);
      return;
    }
    const at = this.aligned(this.dataStart);
    tx.addWideText(FIELD.filename, SIDE.toServer, at, Math.max(0, this.dataEnd - at));
    tx.addNumber(FIELD.disposition, SIDE.toServer, disposition);
    tx.addNumber(FIELD.isDirectory, SIDE.toServer, Number((options & OPTION.directory) !== 0));
    tx.addNumber(FIELD.deleteOnClose, SIDE.toServer, Number((options & OPTION.deleteOnClose) !== 0));
    const place = handles.create(header.messageId);
    if (handles.overflowed) tx.raise(smbEvent('too_many_handles'), 0);
    handles.overflowed = false;
    if (trees.isPipe(header.treeId)) handles.openPipe(place);
    else if ((options & OPTION.directory) === 0)
      handles.openFile(place)?.setName(reader.bytes, at, Math.max(0, this.dataEnd - at));
  }

  private createResponse(tx: SmbTransaction): void {
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

  private closeRequest(): void {
    const { reader, handles } = this.context;
    const place = handles.find(reader.bytes, reader.skip(ID_BYTES), ID_BYTES);
    if (place !== NO_HANDLE && !reader.failed) handles.close(place);
  }

  private readRequest(): void {
    const { reader, header, handles } = this.context;
    if (!this.open(header.body)) return;
    const hasHigh = reader.left === READ_WORDS_WITH_HIGH;
    reader.skip(4);
    const id = reader.skip(ID_BYTES);
    const low = reader.u32();
    reader.skip(10);
    const offset = low + (hasHigh ? reader.u32() * WORD : 0);
    if (!reader.failed) handles.read(header.messageId, handles.find(reader.bytes, id, ID_BYTES), offset);
  }

  private writeRequest(): void {
    const { reader, header } = this.context;
    if (!this.open(header.body)) return;
    reader.skip(4);
    const id = reader.skip(ID_BYTES);
    const low = reader.u32();
    reader.skip(8);
    const high = reader.u16();
    const length = reader.u16() + high * 0x10000;
    const start = header.start + reader.u16();
    const offset = low + (reader.left >= 4 ? reader.u32() * WORD : 0);
    if (reader.failed || start > header.end) return;
    const count = Math.min(length, header.end - start);
    if (this.write(id, start, count) !== NO_HANDLE) return;
    const file = this.context.handles.file(this.context.handles.find(reader.bytes, id, ID_BYTES));
    if (file !== null) this.context.throughFile(file, 0, offset, start, length);
  }

  private readResponse(): void {
    const { reader, header, handles } = this.context;
    const place = handles.answered(header.messageId);
    const pipe = handles.pipe(place);
    const file = handles.file(place);
    if ((pipe === null && file === null) || !this.open(header.body)) return;
    if (header.status !== 0 && header.status !== BUFFER_OVERFLOW) return;
    reader.skip(10);
    const low = reader.u16();
    const start = header.start + reader.u16();
    const length = low + reader.u32() * 0x10000;
    if (reader.failed || start > header.end) return;
    const count = Math.min(length, header.end - start);
    if (pipe !== null) this.context.throughPipe(pipe, 1, start, count);
    if (file !== null) this.context.throughFile(file, 1, handles.answeredAt, start, length);
  }

  /** @returns whether it goes through a pipe. */
  private transRequest(): boolean {
    const { reader, header } = this.context;
    if (!this.open(header.body)) return false;
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

  private transResponse(): boolean {
    const { reader, header, handles } = this.context;
    const pipe = handles.pipe(handles.answered(header.messageId));
    if (pipe === null) return false;
    if (!this.open(header.body)) return true;
    reader.skip(12);
    const length = reader.u16();
    const start = header.start + reader.u16();
    if (!reader.failed && start <= header.end)
      this.context.throughPipe(pipe, 1, start, Math.min(length, header.end - start));
    return true;
  }

  /** Writes to what an id names. @returns the place of its pipe. */
  private write(id: number, start: number, length: number): number {
    const { reader, handles, header } = this.context;
    let place = handles.find(reader.bytes, id, ID_BYTES);
    if (place === NO_HANDLE && beginsCall(reader.bytes, start, length)) {
      place = handles.create(header.messageId);
      handles.setId(place, reader.bytes, id, ID_BYTES);
      handles.openPipe(place);
    }
    const pipe = handles.pipe(place);
    if (pipe === null) return NO_HANDLE;
    this.context.throughPipe(pipe, 0, start, length);
    return place;
  }

  // --------------------------------------------------------------------------------------------------- texts

  private texts(tx: SmbTransaction, start: number, first: number, second: number, sides: number): void {
    const from = this.aligned(start);
    const end = this.textEnd(from);
    if (end > this.dataEnd) return;
    tx.addWideText(first, sides, from, end - from);
    const next = this.behindText(end);
    const last = Math.min(this.textEnd(next), this.dataEnd);
    if (last > next) tx.addWideText(second, sides, next, last - next);
  }

  /** Texts in UTF-16 begin at even offsets from the header. */
  private aligned(at: number): number {
    const { header } = this.context;
    return header.isUnicode ? at + ((at - header.start) & 1) : at;
  }

  /** Where a text ends; behind the data where it has no end. */
  private textEnd(at: number): number {
    const { header, reader } = this.context;
    if (!header.isUnicode) return byteTextEnd(reader.bytes, at, this.dataEnd);
    let end = at;
    while (end + 1 < this.dataEnd && (reader.bytes[end] | reader.bytes[end + 1]) !== 0) end += 2;
    return Math.min(end, Math.max(at, this.dataEnd));
  }

  private behindText(end: number): number {
    return Math.min(this.dataEnd, end + (this.context.header.isUnicode ? 2 : 1));
  }
}

function byteTextEnd(bytes: Uint8Array, at: number, end: number): number {
  let to = at;
  while (to < end && bytes[to] !== 0) to++;
  return to;
}
