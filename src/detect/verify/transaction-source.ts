/**
 * The buffers of a transaction, on the side whose data is inspected. Stage: detect. Allocates nothing.
 *
 * A growing buffer is shown up to `prefix`, so that how the bytes came changes nothing of what is found.
 */
import { BUFFER_SPECS, IS_EVENTS, IS_STATE, OF_FILES } from '../../app/buffers.js';
import type { FileList } from '../../app/file/file-list.js';
import type { Transaction } from '../../app/transaction.js';
import { DIRECTION, type Direction } from '../../flow/flow.js';
import type { Span } from '../../memory/span.js';
import type { BufferSource } from './buffer-source.js';
import { PAYLOAD } from './packet-source.js';

/** By buffer: 1 where there may be several; where it grows while it is looked at. */
const MULTI = Uint8Array.from(BUFFER_SPECS, ({ kind }) => Number(kind === 'multi'));
const GROWING = Uint8Array.from(BUFFER_SPECS, ({ kind }) => Number(kind === 'growing'));

export class TransactionSource implements BufferSource {
  readonly bytes: Uint8Array;
  readonly origin = 0;
  /** Bytes of growing buffers that are shown. */
  prefix = Infinity;
  /** Which file is shown as file.data. */
  file = 0;
  /** The one file that is shown, -1 for all. */
  private only = -1;
  private transaction!: Transaction;
  private direction: Direction = DIRECTION.toServer;
  /** What lies beside the transaction in the stream, or is its datagram. */
  private readonly payload: Span;

  constructor(bytes: Uint8Array, payload: Span) {
    this.bytes = bytes;
    this.payload = payload;
  }

  use(transaction: Transaction, direction: Direction): this {
    this.transaction = transaction;
    this.direction = direction;
    this.prefix = Infinity;
    this.file = 0;
    this.only = -1;
    return this;
  }

  /** Of the files, shows one alone. */
  onlyFile(index: number): this {
    this.file = index;
    this.only = index;
    return this;
  }

  get littleEndian(): boolean {
    return this.transaction.littleEndian;
  }

  locate(buffer: number, instance: number, span: Span): boolean {
    if (buffer === PAYLOAD) {
      const { start, length } = this.payload;
      return instance === 0 && length > 0 && span.set(start, length);
    }
    if (instance > 0 && MULTI[buffer] === 0) return false;
    if (OF_FILES[buffer] === 1 ? !this.locateInFiles(buffer, instance, span) : !this.locateIn(buffer, instance, span))
      return false;
    if (GROWING[buffer] === 1 && span.length > this.prefix) span.length = this.prefix | 0;
    return true;
  }

  mayHave(buffer: number): boolean {
    return this.transaction.mayHave(buffer, this.direction);
  }

  number(buffer: number, instance: number): number {
    if (IS_STATE[buffer] === 1) return instance === 0 ? this.transaction.progress(this.direction) : NaN;
    if (OF_FILES[buffer] === 1) return this.fileSize(instance);
    if (IS_EVENTS[buffer] === 1) return this.transaction.eventAt(instance);
    return this.transaction.number(buffer, instance, this.direction);
  }

  private fileSize(instance: number): number {
    const files = this.transaction.files(this.direction);
    if (files === null) return NaN;
    if (this.only < 0) return files.size(instance);
    return instance === 0 ? files.at(this.only).finalSize : NaN;
  }

  private locateOfFile(files: FileList, buffer: number, instance: number, span: Span): boolean {
    if (this.only < 0) return files.locate(buffer, instance, span);
    return instance === 0 && files.locateAt(buffer, this.only, span);
  }

  private locateIn(buffer: number, instance: number, span: Span): boolean {
    return this.transaction.locate(buffer, instance, this.direction, span);
  }

  private locateInFiles(buffer: number, instance: number, span: Span): boolean {
    const files = this.transaction.files(this.direction);
    if (files === null) return false;
    if (GROWING[buffer] === 0) return this.locateOfFile(files, buffer, instance, span);
    return this.file < files.count && files.at(this.file).locateData(span);
  }
}
