/**
 * Messages of SMB 1, with the further commands that one may chain to another (MS-CIFS, 2.2.4). Stage: app.
 *
 *   | header (32) | words (1) | words … | bytes (2) | bytes … |         offsets count from the header
 */
import { SIDE } from '../fields/field-list.js';
import { SMB1_COMMAND as COMMAND } from './constants.js';
import type { SmbContext } from './context.js';
import { smbEvent } from './events.js';
import { takeKerberos } from './kerberos.js';
import { takeNtlmssp } from './ntlmssp.js';
import { byteTextEnd, Smb1Command } from './smb1-command.js';
import { Smb1Files } from './smb1-files.js';
import { addTree, noteTree } from './smb2.js';
import { SMB_FIELDS, type SmbTransaction } from './transaction.js';

const ANDX: ReadonlySet<number> = new Set([0x24, 0x2d, 0x2e, 0x2f, 0x73, 0x74, 0x75, 0xa2]);
const PLAIN_WRITES: ReadonlySet<number> = new Set([COMMAND.write, COMMAND.writeAndClose]);
const MORE_PROCESSING = 0xc000_0016;
const MOST_CHAINED = 16;
const MOST_DIALECTS = 64;
const DIALECT_MARK = 2;
const BACKSLASH = 0x5c;
const GUID_BYTES = 16;
/** Capability of a server. */
const EXTENDED_SECURITY = 0x8000_0000;
const MALFORMED = smbEvent('malformed_data');
const MALFORMED_DIALECTS = smbEvent('negotiate_malformed_dialects');
const F = (name: string): number => SMB_FIELDS.of(name);
const FIELD = {
  dialect: F('client_dialect'),
  pipe: F('smb.named_pipe'),
  serverGuid: F('server_guid'),
  requestOs: F('request_os'),
  requestLm: F('request_lm'),
  responseOs: F('response_os'),
  responseLm: F('response_lm'),
  requestService: F('request_service'),
  responseService: F('response_service'),
};
/** Bytes of the words of a session setup with a token, behind the chain. */
const EXTENDED_SETUP_BYTES = 20;

export class Smb1Reader {
  private readonly context: SmbContext;
  private readonly command: Smb1Command;
  private readonly files: Smb1Files;

  constructor(context: SmbContext) {
    this.context = context;
    this.command = new Smb1Command(context);
    this.files = new Smb1Files(context, this.command);
  }

  request(): void {
    if (!this.files.plainRequest(this.context.header.command)) this.chain(true);
  }

  response(): void {
    const { header } = this.context;
    if (header.command === COMMAND.read && this.files.plainReadResponse()) return;
    if (PLAIN_WRITES.has(header.command)) return this.files.writeResponse();
    if (header.command === COMMAND.trans && this.files.transResponse()) return;
    this.chain(false);
    this.context.answerRest();
  }

  /** Reads the command and those behind it, of which each is one by itself; what opens a file goes on with it. */
  private chain(isRequest: boolean): void {
    const { header, reader } = this.context;
    let { command, body } = header;
    for (let index = 0; index < MOST_CHAINED && command !== COMMAND.none; index++) {
      header.command = command;
      const isOpen = this.command.open(body);
      let next: number = COMMAND.none;
      let offset = 0;
      if (isOpen && ANDX.has(command) && reader.left >= 4) {
        next = reader.u8();
        reader.skip(1);
        offset = reader.u16();
      }
      if (isRequest) this.commandOf(isOpen);
      else this.answerOf(isOpen, body);
      if (!isOpen || (next !== COMMAND.none && header.start + offset <= body)) return;
      command = next;
      body = header.start + offset;
    }
  }

  /** A command: what is read from files or written to them has no transaction of its own. */
  private commandOf(isOpen: boolean): void {
    const { command } = this.context.header;
    if (command === COMMAND.writeAndx || command === COMMAND.readAndx) {
      if (isOpen && command === COMMAND.readAndx) this.files.readRequest();
      else if (isOpen) this.files.writeRequest();
      return;
    }
    const tx = this.context.beginMessage();
    if (tx === null) return;
    if (isOpen) this.requestOf(tx, command);
    else tx.raise(MALFORMED, 0);
  }

  /** The answer to a command. */
  private answerOf(isOpen: boolean, body: number): void {
    const { header, handles } = this.context;
    const { command, status } = header;
    if (command === COMMAND.readAndx) {
      if (isOpen) this.files.readResponse();
      return;
    }
    if (command === COMMAND.writeAndx) return this.files.writeResponse();
    if (command === COMMAND.close) handles.closed(header.messageId);
    const tx = this.context.findRequest();
    if (tx === null) return;
    if (!isOpen && body < header.end) tx.raise(MALFORMED, 1);
    if (isOpen && (status === 0 || status === MORE_PROCESSING)) this.responseOf(tx, command);
    else if (command === COMMAND.ntCreate) handles.notCreated(header.messageId);
    this.context.answer(tx);
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
        return this.files.createRequest(tx);
      case COMMAND.close:
        return this.files.closeRequest();
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
        return this.files.createResponse(tx);
    }
  }

  // -------------------------------------------------------------------------------------------- before files

  private negotiateRequest(tx: SmbTransaction): void {
    const { bytes } = this.context.reader;
    let at = this.command.dataStart;
    for (let index = 0; index < MOST_DIALECTS && at < this.command.dataEnd; index++) {
      const end = bytes.indexOf(0, at + 1);
      if (bytes[at] !== DIALECT_MARK || end < 0 || end >= this.command.dataEnd) {
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
    const { reader } = this.context;
    reader.skip(17);
    const isExtended = (reader.u32() & EXTENDED_SECURITY) !== 0;
    if (isExtended && !reader.failed && this.command.dataEnd - this.command.dataStart >= GUID_BYTES)
      tx.addText(FIELD.serverGuid, SIDE.toClient, this.command.dataStart, GUID_BYTES);
  }

  private sessionRequest(tx: SmbTransaction): void {
    const { reader } = this.context;
    const isExtended = reader.left === EXTENDED_SETUP_BYTES;
    reader.skip(10);
    const blob = reader.u16();
    if (!isExtended) return this.oldSession(tx, blob + reader.u16());
    if (reader.failed) return;
    const end = Math.min(this.command.dataEnd, this.command.dataStart + blob);
    takeNtlmssp(tx, reader, this.command.dataStart, end);
    takeKerberos(tx, this.context.ber, this.command.dataStart, end);
    this.texts(tx, end, FIELD.requestOs, FIELD.requestLm, SIDE.toServer);
  }

  /** By passwords, which lie ahead of the user, the domain, the system and its program. */
  private oldSession(tx: SmbTransaction, passwords: number): void {
    if (this.context.reader.failed) return;
    let at = this.command.aligned(this.command.dataStart + passwords);
    for (let index = 0; index < 2; index++) at = this.command.behindText(this.command.textEnd(at));
    this.texts(tx, at, FIELD.requestOs, FIELD.requestLm, SIDE.toServer);
  }

  private sessionResponse(tx: SmbTransaction): void {
    const { reader } = this.context;
    const hasBlob = reader.left === 4;
    reader.skip(2);
    const blob = hasBlob ? reader.u16() : 0;
    const end = Math.min(this.command.dataEnd, this.command.dataStart + blob);
    this.texts(tx, end, FIELD.responseOs, FIELD.responseLm, SIDE.toClient);
  }

  private treeRequest(tx: SmbTransaction): void {
    const { header, reader } = this.context;
    reader.skip(2);
    const password = reader.u16();
    const at = this.command.aligned(this.command.dataStart + password);
    const end = this.command.textEnd(at);
    if (reader.failed || end > this.command.dataEnd) {
      tx.raise(MALFORMED, 0);
      return;
    }
    // Of two backslashes, as rules are written.
    const from = at < end && reader.bytes[at] === BACKSLASH ? at + (header.isUnicode ? 2 : 1) : at;
    addTree(tx, reader.bytes, from, end - from);
    const service = this.command.behindText(end);
    tx.addText(
      FIELD.requestService,
      SIDE.toServer,
      service,
      byteTextEnd(reader.bytes, service, this.command.dataEnd) - service,
    );
  }

  private treeResponse(tx: SmbTransaction): void {
    const { reader } = this.context;
    const end = byteTextEnd(reader.bytes, this.command.dataStart, this.command.dataEnd);
    tx.addText(FIELD.responseService, SIDE.toClient, this.command.dataStart, end - this.command.dataStart);
    noteTree(this.context, tx, tx.has(FIELD.pipe));
  }

  // --------------------------------------------------------------------------------------------------- texts

  private texts(tx: SmbTransaction, start: number, first: number, second: number, sides: number): void {
    const from = this.command.aligned(start);
    const end = this.command.textEnd(from);
    if (end > this.command.dataEnd) return;
    tx.addWideText(first, sides, from, end - from);
    const next = this.command.behindText(end);
    const last = Math.min(this.command.textEnd(next), this.command.dataEnd);
    if (last > next) tx.addWideText(second, sides, next, last - next);
  }
}
