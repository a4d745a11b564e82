/**
 * A request of SMB and its answer, or a call of DCE/RPC through a pipe, however many reads and writes it took, or what
 * is written to a file, or read from it, until it is closed. Stage: app.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { DCERPC_BUFFERS } from '../dcerpc/buffers.js';
import type { RpcChannel } from '../dcerpc/rpc-channel.js';
import { RpcTransaction } from '../dcerpc/rpc-transaction.js';
import type { FileCarrier } from '../file/arriving-data.js';
import { FileList } from '../file/file-list.js';
import type { FileWay } from '../file/file-way.js';
import { FILE_NAME_LIMIT, type FileNamer, type TransferredFile } from '../file/file.js';
import { FieldTable } from '../fields/field-table.js';
import { SIDE } from '../fields/field-list.js';
import { type FieldLayout } from '../fields/field-transaction.js';
import type { TextBlock } from '../text-block.js';
import { SMB_BUFFERS, SMB_STATE } from './buffers.js';
import { smbObject } from './eve.js';
import { smbEvent } from './events.js';
import { FIELD_NAMES } from './field-names.js';
import { DOUBLE_ZERO } from '../../util/double-zero.js';

export const SMB_FIELDS = new FieldTable([...SMB_BUFFERS, ...DCERPC_BUFFERS], FIELD_NAMES);

const LAYOUT: FieldLayout = {
  table: SMB_FIELDS,
  mostBytes: 4096,
  mostFields: 96,
  overflow: smbEvent('too_many_fields'),
};

export const NO_STATUS = -1;
/** By direction and TAKEN. */
const EVENT_OF_TAKEN = (['write', 'read'] as const).map((way) => [
  -1,
  smbEvent('file_overlap'),
  smbEvent(`${way}_queue_cnt_exceeded`),
  smbEvent(`${way}_queue_size_exceeded`),
]);
const FILE_NAME = SMB_FIELDS.of('filename');
const FILE_ID = SMB_FIELDS.of('fuid');

/** What a transaction has to know of the file that it is about. */
export interface FileInUse {
  readonly ways: readonly [FileWay, FileWay];
  readonly name: TextBlock;
  readonly id: Uint8Array;
  readonly idBytes: number;
  /** The transaction is done with. */
  forget(transaction: SmbTransaction): void;
}

export class SmbTransaction extends RpcTransaction implements FileNamer, FileCarrier {
  version = 0;
  command = 0;
  /** Of SMB 2: the number of the message, and of SMB 1 its multiplex id. */
  messageId = DOUBLE_ZERO;
  /** High and low word. */
  sessionHigh = DOUBLE_ZERO;
  sessionLow = DOUBLE_ZERO;
  treeId = DOUBLE_ZERO;
  status = NO_STATUS;
  /** Of SMB 2 a number, of SMB 1 a name; what the connection had agreed on when this came. */
  dialect: number | string = 'unknown';
  /** Where its calls go through; null of all else. */
  channel: RpcChannel | null = null;
  /** What is written or read; null of all else. */
  file: TransferredFile | null = null;
  /** The file while it is open. */
  open: FileInUse | null = null;
  private readonly written: FileList;
  private readonly read: FileList;

  constructor(arena: Arena) {
    super(arena, LAYOUT);
    this.written = new FileList(arena);
    this.read = new FileList(arena);
  }

  /** Something goes one way of an open file. */
  beginFile(open: FileInUse, direction: Direction): void {
    const list = direction === 0 ? this.written : this.read;
    this.open = open;
    this.file = list.open(this);
    this.written.isOver = true;
    this.read.isOver = true;
    if (open.name.length > 0) this.addText(FILE_NAME, SIDE.both, open.name.start, open.name.length);
    if (open.idBytes > 0) this.identify(open);
    this.advance(direction, SMB_STATE.file);
    this.advance(direction === 0 ? 1 : 0, SMB_STATE.complete);
  }

  wayOf(direction: Direction): FileWay | null {
    return this.open === null ? null : this.open.ways[direction];
  }

  noteTaken(direction: Direction, taken: number): void {
    this.raise(EVENT_OF_TAKEN[direction][taken], direction);
  }

  /** The server has given the file its id. */
  identify({ id, idBytes }: FileInUse): void {
    if (!this.beginText(SIDE.both, idBytes)) return;
    const from = this.text.length;
    for (let index = 0; index < idBytes; index++) this.text.push(id[index]);
    this.endText(FILE_ID, SIDE.both, from);
  }

  /** Nothing more comes of the file. */
  end(direction: Direction): void {
    this.open = null;
    this.advance(direction, SMB_STATE.complete);
  }

  nameFile(file: TransferredFile): void {
    const name = this.bytesOf(FILE_NAME);
    if (name !== undefined) file.name.appendBytes(name, 0, Math.min(name.length, FILE_NAME_LIMIT));
  }

  override files(direction: Direction): FileList | null {
    if (this.file === null) return null;
    return direction === 0 ? this.written : this.read;
  }

  /** A message is complete as soon as it is there. */
  override advance(direction: Direction, progress: number): void {
    super.advance(direction, this.file === null && progress > 0 ? SMB_STATE.complete : progress);
  }

  override eve(): string {
    return smbObject(this, SMB_FIELDS);
  }

  override reset(): void {
    super.reset();
    this.status = NO_STATUS;
    this.channel = null;
    this.file = null;
    this.open = null;
    this.written.clear();
    this.read.clear();
    this.dialect = 'unknown';
  }
}
