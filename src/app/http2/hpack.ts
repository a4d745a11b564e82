/**
 * Reads header blocks of HTTP/2 (RFC 7541). Stage: app.
 *
 * A block is read whole, and each of its headers once, for the table as well as for the message. A header is put
 * together in `field`: the name, and the value behind it. Bounds: FIELD_LIMIT bytes a header; what refers to the table
 * is not copied where the message has enough.
 */
import type { Arena } from '../../memory/arena.js';
import { TextBlock } from '../text-block.js';
import { HeaderRing, TABLE_LIMIT } from './header-ring.js';
import { decodeHuffman } from './huffman.js';
import { STATIC_BYTES, STATIC_COUNT, STATIC_WORDS } from './static-table.js';

/** Name and value of one header together. */
const FIELD_LIMIT = 65_535;

export const HPACK = { done: 0, damaged: 1, integer: 2, table: 3 } as const;
export type HpackResult = (typeof HPACK)[keyof typeof HPACK];

/** Who takes the headers. */
export interface HeaderSink {
  /** `bytes[from, from + name + value)` is a header. */
  header(bytes: Uint8Array, from: number, name: number, value: number): void;
  /** The table is told to be of this size from now on. */
  tableSize(bytes: number): void;
}

export class HpackReader {
  readonly ring: HeaderRing;
  private readonly field: TextBlock;
  private readonly arena: Arena;
  private at = 0;
  private end = 0;
  private result: HpackResult = HPACK.done;
  private nameLength = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.ring = new HeaderRing(arena);
    this.field = new TextBlock(arena, FIELD_LIMIT);
  }

  /** Reads [from, end). What is not `done` leaves the table unknown: no block behind it can be read. */
  read(from: number, end: number, sink: HeaderSink): HpackResult {
    this.at = from;
    this.end = end;
    this.result = HPACK.done;
    while (this.at < end && this.result === HPACK.done) this.readField(sink);
    this.field.clear();
    return this.result;
  }

  clear(): void {
    this.ring.clear();
    this.field.clear();
  }

  private readField(sink: HeaderSink): void {
    const first = this.arena.bytes[this.at]!;
    if (first >= 0x80) this.readIndexed(this.integer(7), sink);
    else if (first >= 0x40) this.readLiteral(this.integer(6), true, sink);
    else if (first >= 0x20) this.readSize(this.integer(5), sink);
    else this.readLiteral(this.integer(4), false, sink);
  }

  private readIndexed(index: number, sink: HeaderSink): void {
    if (this.result !== HPACK.done) return;
    const { ring } = this;
    if (index >= 1 && index <= STATIC_COUNT) {
      const at = 3 * (index - 1);
      sink.header(STATIC_BYTES, STATIC_WORDS[at]!, STATIC_WORDS[at + 1]!, STATIC_WORDS[at + 2]!);
      return;
    }
    const entry = index - STATIC_COUNT - 1;
    if (entry < 0 || entry >= ring.count) this.fail(HPACK.damaged);
    else sink.header(this.arena.bytes, ring.start(entry), ring.nameLength(entry), ring.valueLength(entry));
  }

  private readLiteral(index: number, isKept: boolean, sink: HeaderSink): void {
    if (this.result !== HPACK.done) return;
    const { field } = this;
    field.length = 0;
    if (index > 0) this.copyName(index);
    else this.readString();
    this.nameLength = field.length;
    if (this.result !== HPACK.done) return;
    this.readString();
    if (this.result !== HPACK.done) return;
    const value = field.length - this.nameLength;
    const { bytes } = this.arena;
    if (isKept && !this.ring.add(bytes, field.start, this.nameLength, value)) this.fail(HPACK.table);
    sink.header(bytes, field.start, this.nameLength, value);
  }

  private copyName(index: number): void {
    const { ring, field } = this;
    if (index <= STATIC_COUNT) {
      const at = 3 * (index - 1);
      field.appendBytes(STATIC_BYTES, STATIC_WORDS[at]!, STATIC_WORDS[at]! + STATIC_WORDS[at + 1]!);
      return;
    }
    const entry = index - STATIC_COUNT - 1;
    if (entry >= ring.count) this.fail(HPACK.damaged);
    else if (field.append(ring.start(entry), ring.nameLength(entry)) < 0) this.fail(HPACK.table);
  }

  private readString(): void {
    if (this.at >= this.end) return this.fail(HPACK.damaged);
    const { bytes } = this.arena;
    const isHuffman = bytes[this.at]! >= 0x80;
    const length = this.integer(7);
    if (this.result !== HPACK.done) return;
    const from = this.at;
    if (length > this.end - from) return this.fail(HPACK.damaged);
    this.at += length;
    const isRead = isHuffman ? decodeHuffman(bytes, from, this.at, this.field) : this.field.append(from, length) >= 0;
    if (!isRead) this.fail(HPACK.damaged);
  }

  private readSize(size: number, sink: HeaderSink): void {
    if (this.result !== HPACK.done) return;
    sink.tableSize(size);
    if (size > TABLE_LIMIT) this.fail(HPACK.table);
    else this.ring.resize(size);
  }

  /** A number whose first byte leaves `bits` to it (section 5.1). */
  private integer(bits: number): number {
    const { bytes } = this.arena;
    const most = (1 << bits) - 1;
    let value = bytes[this.at++]! & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.at >= this.end) {
        this.fail(HPACK.damaged);
        return 0;
      }
      const byte = bytes[this.at++]!;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    this.fail(HPACK.integer);
    return 0;
  }

  private fail(result: HpackResult): void {
    this.result = result;
  }
}
