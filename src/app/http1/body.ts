/**
 * The body of a message, as far as it is inspected: decompressed where the headers say so. Stage: app.
 *
 * Bytes are kept up to a limit; behind it the parser passes over them. A compressed body is kept as it came, and
 * decompressed again from its start when four times as much is there, and when it is complete: so that what is
 * inspected does not depend on how it was cut into segments. Memory: the text and, while it is compressed, what came
 * of it.
 */
import type { Arena } from '../../memory/arena.js';
import type { TransferredFile } from '../file/file.js';
import { TextBlock } from '../text-block.js';
import { InflateCredit } from './inflate-credit.js';
import { Inflater } from './inflater.js';
import { MultipartFiles } from './multipart.js';

/** Compressed bytes at which a body is decompressed for the first time; then at four times as many, and so on. */
const FIRST_LOOK = 4096;
const PACKED_LIMIT = 262_144;
/** Of a body that is not compressed. */
const NO_CREDIT = new InflateCredit();

export class Body {
  /** What is inspected. */
  readonly text: TextBlock;
  /** Bytes of it that came, with the lines between chunks. */
  bytes = 0;
  /** Nothing is added to the text any more. */
  isClosed = false;
  /** There was one, though it may have been empty. */
  isThere = false;
  /** It is one file, or holds several: which are shown where the text lies. */
  file: TransferredFile | null = null;
  readonly parts = new MultipartFiles();
  /** Events of decompression since they were last taken, as a set of bits (inflater.ts). */
  faults = 0;
  private readonly arena: Arena;
  private readonly packed: TextBlock;
  private readonly limit: number;
  private readonly inflater = new Inflater();
  private credit = NO_CREDIT;
  private nextLook = FIRST_LOOK;

  constructor(arena: Arena, limit: number) {
    this.arena = arena;
    this.limit = limit;
    this.text = new TextBlock(arena, limit);
    this.packed = new TextBlock(arena, PACKED_LIMIT);
  }

  /** It is compressed as a Content-Encoding in [from, end) says; `credit` is what its side of the connection has. */
  encodedAs(bytes: Uint8Array, from: number, end: number, credit: InflateCredit): void {
    this.credit = credit;
    this.faults |= this.inflater.begin(bytes, from, end);
  }

  get isEncoded(): boolean {
    return this.inflater.layers > 0;
  }

  /** Whether nothing of what comes is of use: it may be passed over. */
  get wantsNothing(): boolean {
    return this.isClosed && (this.file === null || !this.file.wantsAll);
  }

  /** Takes `count` bytes from `from` on, of the same memory. */
  add(from: number, count: number): void {
    this.isThere = true;
    this.bytes += count;
    if (count === 0) return;
    if (this.isClosed) this.file?.pass(from, count);
    else if (this.isEncoded) this.addPacked(from, count);
    else this.addText(from, count);
  }

  /** `count` bytes of it go by unseen. */
  passOver(count: number): void {
    this.bytes += count;
    this.file?.passOver(count);
  }

  /** Bytes are missing: a text goes on behind them, what is compressed cannot. */
  interrupt(): void {
    if (this.isEncoded) this.close();
  }

  /** Nothing comes any more. */
  close(): void {
    if (!this.isClosed && this.isEncoded && this.packed.length > 0) this.inflate(true);
    this.parts.close(this.text, false);
    this.file?.close();
    this.finish();
  }

  clear(): void {
    this.file = null;
    this.parts.clear();
    this.text.clear();
    this.packed.clear();
    this.inflater.reset();
    this.bytes = 0;
    this.isClosed = false;
    this.isThere = false;
    this.faults = 0;
    this.nextLook = FIRST_LOOK;
  }

  private addText(from: number, count: number): void {
    const wanted = Math.min(count, this.limit - this.text.length);
    const isKept = this.text.append(from, wanted) !== -1;
    if (isKept) this.showFiles(wanted);
    if (!isKept || this.text.length === this.limit) this.finish();
    const rest = isKept ? count - wanted : count;
    if (rest > 0) this.file?.pass(from + count - rest, rest);
  }

  /** `count` bytes were added to the text. */
  private showFiles(count: number): void {
    this.file?.extend(count);
    if (this.parts.isActive) this.parts.read(this.text, this.arena.bytes);
  }

  private addPacked(from: number, count: number): void {
    const wanted = Math.min(count, PACKED_LIMIT - this.packed.length);
    const refused = this.packed.append(from, wanted) === -1;
    while (!this.isClosed && this.isEncoded && this.packed.length >= this.nextLook) {
      this.inflate(false);
      this.nextLook *= 4;
    }
    if (refused || this.packed.length === PACKED_LIMIT) this.close();
  }

  /** Decompresses the first bytes, as many as are due, and appends what is new. */
  private inflate(complete: boolean): void {
    const count = complete ? this.packed.length : this.nextLook;
    const before = this.text.length;
    this.faults |= this.inflater.inflate(this.packed, count, complete, this.text, this.limit, this.credit);
    if (this.text.length > before) this.showFiles(this.text.length - before);
    if (this.text.length === this.limit) this.file?.lose();
    if (this.inflater.isDone || this.text.length === this.limit) this.finish();
    else if (!this.isEncoded) this.asItIs();
  }

  /** It was not compressed at all. */
  private asItIs(): void {
    const { start, length } = this.packed;
    this.addText(start + this.text.length, length - this.text.length);
    this.packed.clear();
  }

  private finish(): void {
    this.isClosed = true;
    if (this.file !== null) this.file.isShown = true;
    this.parts.close(this.text, true);
    this.packed.clear();
  }
}
