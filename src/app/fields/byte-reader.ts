/**
 * Reads the integers of a message one after the other. Stage: app. One object per shard and protocol, pointed at each
 * message anew. What would reach behind the end is 0, and `failed` from then on: a parser asks once, at the end of a
 * structure.
 */
const WORD = 0x1_0000_0000;

export class ByteReader {
  readonly bytes: Uint8Array;
  at = 0;
  end = 0;
  failed = false;
  /** Order of the bytes of what is read. */
  little = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  begin(at: number, end: number, little = false): this {
    this.at = at;
    this.end = end;
    this.little = little;
    this.failed = false;
    return this;
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.need(1) ? this.bytes[this.at++] : 0;
  }

  u16(): number {
    if (!this.need(2)) return 0;
    const { bytes, at } = this;
    this.at += 2;
    return this.little ? bytes[at] | (bytes[at + 1] << 8) : (bytes[at] << 8) | bytes[at + 1];
  }

  u24(): number {
    const high = this.u8();
    const middle = this.u8();
    const low = this.u8();
    return this.little ? high | (middle << 8) | (low << 16) : (high << 16) | (middle << 8) | low;
  }

  u32(): number {
    if (!this.need(4)) return 0;
    const { bytes, at } = this;
    this.at += 4;
    return this.little
      ? (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
      : ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  }

  /** Exact up to 2^53. */
  u64(): number {
    const first = this.u32();
    const second = this.u32();
    return this.little ? second * WORD + first : first * WORD + second;
  }

  /** @returns where the `count` bytes begin that it passes over. */
  skip(count: number): number {
    const { at } = this;
    if (this.need(count)) this.at += count;
    return at;
  }

  private need(count: number): boolean {
    if (count >= 0 && this.at + count <= this.end) return true;
    this.failed = true;
    this.at = this.end;
    return false;
  }
}
