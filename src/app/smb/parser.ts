/**
 * SMB on one connection, in the frames of NetBIOS sessions (RFC 1002, 4.3). Stage: app. MS-CIFS, MS-SMB2.
 *
 *   | type | length (3) | message, or a compound of messages |          taken when it is whole
 *
 * What is longer than MOST_WHOLE, data of files, is read as it comes, behind the first HEAD_BYTES; what is encrypted or
 * compressed is passed over, and never kept. Behind a gap the next message is searched for.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { BerReader } from '../asn1/ber-reader.js';
import type { RpcChannel, RpcOwner } from '../dcerpc/rpc-channel.js';
import type { RpcTransaction } from '../dcerpc/rpc-transaction.js';
import { ByteReader } from '../fields/byte-reader.js';
import { ArrivingData } from '../file/arriving-data.js';
import { SIDE } from '../fields/field-list.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { MessageConnection, MessageShare } from '../fields/message-connection.js';
import { bytesOfFrame } from '../frame/message-frames.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import type { Probe } from '../probe/answer.js';
import type { Transaction } from '../transaction.js';
import { probeSmb } from '../probe/smb.js';
import { MOST_COMPOUND, SIGN, SMB1_HEADER_BYTES, SMB2_HEADER_BYTES } from './constants.js';
import { MessageHeader, type SmbContext } from './context.js';
import { smbEvent } from './events.js';
import { HandleTable, NO_HANDLE } from './handle-table.js';
import { OpenFile } from './open-file.js';
import { Pipe } from './pipe.js';
import { areFramesAsked, noteFrames } from './frames.js';
import { Smb1Reader } from './smb1.js';
import { Smb2Reader } from './smb2.js';
import { NO_STATUS, SMB_FIELDS, SmbTransaction } from './transaction.js';
import { TreeTable } from './tree-table.js';

const FRAME_BYTES = 4;
const MOST_WHOLE = 98_304;
const HEAD_BYTES = 1024;
const MOST_PIPES = 16_384;
/** Of the heap, for each. */
const PIPE_BYTES = 1280;
const MOST_FILES = 65_536;
/** Of the heap, for each. */
const FILE_BYTES = 1280;
const MOST_FRAME_TYPE = 0x85;
/** Of SMB 1, the second ones. */
const FLAGS = { unicode: 0x8000, ntStatus: 0x4000 } as const;
const NEGOTIATE = { smb1: 0x72, smb2: 0 } as const;
/** Flag of SMB 2: it goes on with the message before; process, tree and session in the header. */
const RELATED = 4;
const SESSION_BYTES = 16;
const TO_SERVER = 0;
const VERSION = SMB_FIELDS.of('smb.version');
const DOS_ERROR = SMB_FIELDS.of('is_dos_error');
const TOO_LARGE = [smbEvent('write_request_too_large'), smbEvent('read_response_too_large')] as const;
const SHARE_OF_FILE = SMB_FIELDS.of('share_of_file');

export class SmbShare extends MessageShare<SmbTransaction> {
  readonly pipes: Pool<Pipe>;
  readonly pipeReader: ByteReader;
  readonly files: Pool<OpenFile>;

  constructor(arena: Arena) {
    super(arena, (memory) => new SmbTransaction(memory));
    this.pipeReader = new ByteReader(arena.bytes);
    this.pipes = new Pool(arena, MOST_PIPES, PIPE_BYTES, () => new Pipe(arena, this.pipeReader));
    this.files = new Pool(arena, MOST_FILES, FILE_BYTES, () => new OpenFile(arena));
  }
}

export class SmbConnection extends MessageConnection<SmbTransaction> implements RpcOwner, SmbContext {
  readonly header = new MessageHeader();
  readonly trees: TreeTable;
  readonly handles: HandleTable;
  dialect: number | string = 'unknown';
  readonly most: [number, number] = [Infinity, Infinity];
  lastHandle = NO_HANDLE;
  private readonly smb1: Smb1Reader;
  private readonly smb2: Smb2Reader;
  private negotiations = 0;
  private readonly arriving = new ArrivingData<SmbTransaction>(this);
  /** Where what is read of a message begins and ends, and how many bytes of it are not there yet. */
  private readStart = 0;
  private readEnd = 0;
  private missing = 0;

  constructor(share: SmbShare) {
    super(share);
    this.trees = new TreeTable(share.arena);
    this.handles = new HandleTable(share.pipes, share.files);
    this.smb1 = new Smb1Reader(this);
    this.smb2 = new Smb2Reader(this);
  }

  get reader(): ByteReader {
    return this.share.reader;
  }

  override get ber(): BerReader {
    return this.share.ber;
  }

  override reset(): void {
    super.reset();
    this.handles.clear();
    this.trees.clear();
    this.dialect = 'unknown';
    this.most.fill(Infinity);
    this.lastHandle = NO_HANDLE;
    this.negotiations = 0;
    this.arriving.clear();
  }

  override release(transaction: Transaction): void {
    const tx = transaction as SmbTransaction;
    tx.open?.forget(tx);
    this.arriving.release(tx);
    super.release(transaction);
  }

  /** What is missing of data of a file is a gap in it. */
  override gap(direction: Direction, bytes: number): boolean {
    return this.arriving.gap(direction, bytes) || super.gap(direction, bytes);
  }

  override close(direction: Direction): void {
    this.handles.endFiles(direction);
  }

  // ------------------------------------------------------------------------------------------------- context

  beginMessage(): SmbTransaction | null {
    const tx = this.begin();
    if (tx === null) return null;
    this.describe(tx);
    tx.advance(TO_SERVER, MESSAGE);
    if (!this.isNegotiation) return tx;
    // There is neither a session nor a tree yet.
    tx.sessionHigh = 0;
    tx.sessionLow = 0;
    tx.treeId = 0;
    // One in the old version may ask for the new one.
    if (++this.negotiations > 2) tx.raise(smbEvent('duplicate_negotiate'), TO_SERVER);
    return tx;
  }

  findRequest(): SmbTransaction | null {
    const { header } = this;
    for (let index = this.count - 1; index >= 0; index--) {
      const tx = this.transactions[index] as SmbTransaction;
      const isRequest = tx.version === header.version && tx.command === header.command && tx.channel === null;
      if (isRequest && tx.messageId === header.messageId && tx.progressToClient < MESSAGE) return tx;
    }
    // A negotiation in the old version is answered in the new one.
    return header.version === 2 && header.command === NEGOTIATE.smb2 ? this.findOldNegotiation() : null;
  }

  answer(tx: SmbTransaction): void {
    const { header } = this;
    tx.status = header.status;
    if (header.isDosError) tx.addNumber(DOS_ERROR, SIDE.toClient, 1);
    if (tx.dialect === 'unknown') tx.dialect = this.dialect;
    if (!this.isNegotiation) {
      tx.sessionHigh = header.sessionHigh;
      tx.sessionLow = header.sessionLow;
    }
    tx.advance(1, MESSAGE);
  }

  answerRest(): void {
    const { header } = this;
    for (let index = this.count - 1; index >= 0; index--) {
      const tx = this.transactions[index] as SmbTransaction;
      const isOpen = tx.version === 1 && tx.progressToClient < MESSAGE && tx.channel === null && tx.file === null;
      if (isOpen && tx.messageId === header.messageId && tx.command !== NEGOTIATE.smb1) this.answer(tx);
    }
  }

  throughPipe(pipe: Pipe, direction: Direction, start: number, length: number): void {
    pipe.take(this, direction, start, length);
  }

  throughFile(open: OpenFile, direction: Direction, offset: number, start: number, length: number): void {
    const way = open.ways[direction];
    if (way.transaction === null) {
      const tx = this.begin();
      if (tx === null) return;
      this.describe(tx);
      tx.beginFile(open, direction);
      const share = this.trees.nameOf(this.header.treeSession, this.header.treeId);
      if (share !== null) tx.addText(SHARE_OF_FILE, SIDE.both, share.start, share.length);
      way.transaction = tx;
    }
    if (length > this.most[direction]) way.transaction.raise(TOO_LARGE[direction], direction);
    const { end } = this.header;
    const count = Math.min(length, end - start);
    this.arriving.move(way.transaction, direction, offset, start, count);
    const left = end < this.readEnd ? 0 : Math.min(length - count, this.missing);
    if (left === 0) return;
    this.arriving.begin(way.transaction, direction, offset + count, left, this.missing - left);
  }

  findCall(channel: RpcChannel, callId: number): RpcTransaction | null {
    for (let index = this.count - 1; index >= 0; index--) {
      const tx = this.transactions[index] as SmbTransaction;
      if (tx.channel === channel && tx.callId === callId && tx.progressToClient < MESSAGE) {
        if (this.header.isResponse) tx.status = this.header.status;
        return tx;
      }
    }
    return null;
  }

  beginCall(channel: RpcChannel): RpcTransaction | null {
    const tx = this.begin();
    if (tx === null) return null;
    this.describe(tx);
    tx.channel = channel;
    return tx;
  }

  // ------------------------------------------------------------------------------------------------- messages

  protected override probe(): Probe {
    return probeSmb;
  }

  protected override message(direction: Direction, input: Input): boolean {
    if (this.arriving.isDue(direction)) return this.arriving.more(direction, input);
    const { bytes, position, available } = input;
    if (available < FRAME_BYTES) return false;
    const type = bytes[position];
    const length = (bytes[position + 1] << 16) | (bytes[position + 2] << 8) | bytes[position + 3];
    if (type !== 0 && (type < 0x81 || type > MOST_FRAME_TYPE)) {
      this.broken = true;
      return false;
    }
    const isThere = available >= bytesOfFrame(FRAME_BYTES + length);
    const isAsked = areFramesAsked(input.frames);
    if (isAsked && !isThere && !input.last) return false;
    const isLong = length > MOST_WHOLE;
    if (available > FRAME_BYTES && type === 0 && bytes[position + FRAME_BYTES] < SIGN.smb2) {
      if (isAsked && isThere) noteFrames(input.frames!, direction, bytes, position, length);
      input.skip(FRAME_BYTES + length);
      return true;
    }
    if (available < FRAME_BYTES + (isLong ? HEAD_BYTES : length)) return false;
    if (isAsked && isThere) noteFrames(input.frames!, direction, bytes, position, length);
    const start = position + FRAME_BYTES;
    const read = isLong ? HEAD_BYTES : length;
    this.readStart = start;
    this.readEnd = start + read;
    this.missing = length - read;
    if (type === 0) this.messages(direction, start, start + read);
    if (this.arriving.isDue(direction)) input.take(FRAME_BYTES + read);
    else input.skip(FRAME_BYTES + length);
    return true;
  }

  private messages(direction: Direction, start: number, end: number): void {
    this.lastHandle = NO_HANDLE;
    let at = start;
    for (let index = 0; index < MOST_COMPOUND && at < end; index++) {
      const next = this.read(at, end);
      if (next < 0) return;
      const isServer = this.header.isResponse;
      const reader = this.header.version === 1 ? this.smb1 : this.smb2;
      if (isServer) reader.response();
      else if (direction === TO_SERVER) reader.request();
      if (next === 0) return;
      at = next;
    }
  }

  /** Reads a header. @returns where the next message begins, 0 where there is none, -1 where this is none. */
  private read(start: number, end: number): number {
    const { header, reader } = this;
    const sign = reader.bytes[start];
    reader.begin(start + 4, end, true);
    header.start = start;
    header.end = end;
    if (sign === SIGN.smb2 && end - start >= SMB2_HEADER_BYTES) return this.readSmb2(start, end);
    if (sign === SIGN.smb1 && end - start >= SMB1_HEADER_BYTES) return this.readSmb1(start);
    return -1;
  }

  private readSmb1(start: number): number {
    const { header, reader } = this;
    header.version = 1;
    header.command = reader.u8();
    header.status = reader.u32();
    header.isResponse = (reader.u8() & 0x80) !== 0;
    const flags = reader.u16();
    header.isUnicode = (flags & FLAGS.unicode) !== 0;
    header.isDosError = (flags & FLAGS.ntStatus) === 0 && header.status !== 0;
    reader.skip(12);
    header.treeId = reader.u16();
    reader.skip(2);
    header.sessionHigh = 0;
    header.sessionLow = reader.u16();
    header.messageId = reader.u16();
    header.body = start + SMB1_HEADER_BYTES;
    return 0;
  }

  private readSmb2(start: number, end: number): number {
    const { header, reader } = this;
    reader.skip(4);
    header.version = 2;
    header.isDosError = false;
    header.status = reader.u32();
    header.command = reader.u16();
    reader.skip(2);
    const flags = reader.u32();
    header.isResponse = (flags & 1) !== 0;
    const next = reader.u32();
    header.messageId = reader.u64();
    // Related ones are of the session and tree of the message before (MS-SMB2, 3.3.5.2.7.2).
    if ((flags & RELATED) !== 0 && start > this.readStart) reader.skip(SESSION_BYTES);
    else this.readSession();
    header.body = start + SMB2_HEADER_BYTES;
    if (next < SMB2_HEADER_BYTES || start + next >= end) return 0;
    header.end = start + next;
    return start + next;
  }

  private readSession(): void {
    const { header, reader } = this;
    reader.skip(4);
    header.treeId = reader.u32();
    header.sessionLow = reader.u32();
    header.sessionHigh = reader.u32();
  }

  private get isNegotiation(): boolean {
    const { header } = this;
    return header.command === (header.version === 1 ? NEGOTIATE.smb1 : NEGOTIATE.smb2);
  }

  private describe(tx: SmbTransaction): void {
    const { header } = this;
    tx.version = header.version;
    tx.command = header.command;
    tx.messageId = header.messageId;
    tx.sessionHigh = header.sessionHigh;
    tx.sessionLow = header.sessionLow;
    tx.treeId = header.treeId;
    tx.dialect = this.dialect;
    if (header.isResponse) tx.status = header.status;
    tx.addNumber(VERSION, SIDE.both, header.version);
  }

  private findOldNegotiation(): SmbTransaction | null {
    for (let index = this.count - 1; index >= 0; index--) {
      const tx = this.transactions[index] as SmbTransaction;
      const isOld = tx.version === 1 && tx.command === NEGOTIATE.smb1;
      if (isOld && tx.status === NO_STATUS && tx.progressToClient < MESSAGE) return tx;
    }
    return null;
  }
}
