/**
 * The header of objects of DNP3: which, how many, and what stands ahead of each (IEEE 1815, 4.2.2.7). Stage: app. One
 * object per parser, read anew.
 *
 *   | group | variation | prefix (3 bits), range (4 bits) | range |
 */
import type { ByteReader } from '../fields/byte-reader.js';

/** Bytes of the prefix by its code: of indexes 1 to 3, of sizes 4 to 6. */
const PREFIX_BYTES = [0, 1, 2, 4, 1, 2, 4, -1];
const LAST_INDEX = 3;

export class ObjectHeader {
  group = 0;
  variation = 0;
  qualifier = 0;
  start = 0;
  stop = 0;
  count = 0;

  get prefixCode(): number {
    return (this.qualifier >>> 4) & 7;
  }

  get rangeCode(): number {
    return this.qualifier & 15;
  }

  get prefixBytes(): number {
    return PREFIX_BYTES[this.prefixCode]!;
  }

  get isIndexed(): boolean {
    return this.prefixCode > 0 && this.prefixCode <= LAST_INDEX;
  }

  get isSized(): boolean {
    return this.prefixCode > LAST_INDEX;
  }

  /** @returns false where it is not known how many objects there are, or how they are told apart. */
  read(reader: ByteReader): boolean {
    this.group = reader.u8();
    this.variation = reader.u8();
    this.qualifier = reader.u8();
    this.start = 0;
    this.stop = 0;
    return !reader.failed && this.range(reader) && this.prefixBytes >= 0;
  }

  prefix(reader: ByteReader): number {
    return number(reader, this.prefixBytes);
  }

  private range(reader: ByteReader): boolean {
    const code = this.rangeCode;
    if (code < 6) {
      const bytes = 1 << (code % 3);
      this.start = number(reader, bytes);
      this.stop = number(reader, bytes);
      this.count = this.stop - this.start + 1;
      return this.count > 0 && !reader.failed;
    }
    this.count = 0;
    if (code === 6) return true;
    if (code === 10 || code > 11) return false;
    this.count = number(reader, code === 11 ? 1 : 1 << (code - 7));
    return !reader.failed;
  }
}

function number(reader: ByteReader, bytes: number): number {
  if (bytes === 0) return 0;
  return bytes === 1 ? reader.u8() : bytes === 2 ? reader.u16() : reader.u32();
}
