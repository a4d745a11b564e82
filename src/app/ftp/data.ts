/**
 * A transfer of FTP, on a connection that a control connection has agreed on. Stage: app. All bytes of it are one file,
 * or a list of files, which no file is. What is kept of it is what rules look at (app/file).
 */
import type { Direction, Flow } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { bufferNumber } from '../buffers.js';
import { EXPECTED, type Expectations } from '../expectations.js';
import { FileList } from '../file/file-list.js';
import { FILE_NAME_LIMIT, type FileNamer, type TransferredFile } from '../file/file.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import { PooledConnection } from '../pooled-connection.js';
import { Transaction } from '../transaction.js';
import { TRANSFER_COMMANDS, TRANSFER_STATE } from './buffers.js';
import { Transfer } from './transfer.js';

const COMMAND = bufferNumber('ftpdata_command');
const TRANSFER_LIMIT = 65_536;
/** Of the heap, for each. */
const TRANSFER_BYTES = 1024;
const decoder = new TextDecoder();

class TransferTransaction extends Transaction implements FileNamer {
  transfer: Transfer | null = null;
  /** The file; null where it is none, or no byte of it has come. */
  file: TransferredFile | null = null;
  private readonly toServer: FileList;
  private readonly toClient: FileList;

  constructor(arena: Arena) {
    super();
    this.toServer = new FileList(arena);
    this.toClient = new FileList(arena);
  }

  override files(direction: Direction): FileList {
    return direction === 0 ? this.toServer : this.toClient;
  }

  nameFile(file: TransferredFile): void {
    const name = this.transfer!.name;
    file.name.appendBytes(name, 0, Math.min(name.length, FILE_NAME_LIMIT));
  }

  /** Its sender is known: one side has a file, or none has. */
  begin(transfer: Transfer, direction: Direction): void {
    this.transfer = transfer;
    if (transfer.isFile) this.file = this.files(direction).open(this);
    this.toServer.isOver = true;
    this.toClient.isOver = true;
    this.advance(0, TRANSFER_STATE.open);
    this.advance(1, TRANSFER_STATE.open);
  }

  override locate(): boolean {
    return false;
  }

  override number(buffer: number, instance: number): number {
    if (buffer !== COMMAND || instance > 0) return NaN;
    return TRANSFER_COMMANDS[this.transfer?.command.toLowerCase() ?? ''] ?? NaN;
  }

  override eve(): string {
    const { transfer } = this;
    if (transfer === null) return '';
    const name = transfer.name.length === 0 ? '' : `"filename":${JSON.stringify(decoder.decode(transfer.name))},`;
    return `"ftp_data":{${name}"command":${JSON.stringify(transfer.command)}}`;
  }

  override reset(): void {
    super.reset();
    this.transfer = null;
    this.file = null;
    this.toServer.clear();
    this.toClient.clear();
  }
}

export class FtpDataShare {
  readonly pool: Pool<TransferTransaction>;
  readonly expectations: Expectations;

  constructor(arena: Arena) {
    this.pool = new Pool(arena, TRANSFER_LIMIT, TRANSFER_BYTES, () => new TransferTransaction(arena));
    this.expectations = EXPECTED.of(arena);
  }
}

export class FtpDataConnection extends PooledConnection<TransferTransaction> {
  private readonly share: FtpDataShare;
  private transaction: TransferTransaction | null = null;
  /** Which way the data goes. */
  private sender: Direction = 0;

  constructor(share: FtpDataShare) {
    super(share.pool);
    this.share = share;
  }

  override noteFlow(flow: Flow): void {
    const taken = this.share.expectations.take(flow);
    if (!(taken?.expected instanceof Transfer)) return;
    const tx = this.openTransaction();
    if (tx === null) return;
    this.transaction = tx;
    this.sender = taken.expected.fromListener === taken.listenerIsClient ? 0 : 1;
    tx.begin(taken.expected, this.sender);
  }

  override parse(direction: Direction, input: Input): void {
    const { transaction } = this;
    const file = direction === this.sender ? transaction?.file : null;
    if (file !== null && file !== undefined && input.available > 0) {
      file.append(input.position, input.available);
      transaction!.dirty |= 1 << direction;
    }
    input.take(input.available);
  }

  override gap(direction: Direction, bytes: number): boolean {
    if (direction === this.sender) this.transaction?.file?.gap(bytes);
    return true;
  }

  override close(direction: Direction): void {
    const { transaction } = this;
    if (transaction === null) return;
    if (direction === this.sender) transaction.file?.close();
    transaction.advance(direction, TRANSFER_STATE.complete);
  }

  override release(transaction: Transaction): void {
    if (this.transaction === transaction) this.transaction = null;
    super.release(transaction);
  }

  override reset(): void {
    super.reset();
    this.transaction = null;
  }
}
