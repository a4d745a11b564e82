/**
 * A walk over tags and lengths of ASN.1, for protocols that are told by them. Stage: app. X.690, definite lengths
 * alone. One re-used object; it remembers where it is and whether it ran out of bytes.
 */
export class DerWalk {
  /** Next byte to read. */
  at = 0;
  /** The bytes ended before what was asked for. */
  short = false;
  /** What was asked for is not there. */
  wrong = false;
  /** Length of the contents last entered. */
  size = 0;
  private bytes!: Uint8Array;
  private end = 0;

  begin(bytes: Uint8Array, start: number, length: number): this {
    this.bytes = bytes;
    this.at = start;
    this.end = start + length;
    this.short = false;
    this.wrong = false;
    return this;
  }

  /** The next byte, which stays; -1 where there is none. */
  peek(): number {
    if (this.at < this.end) return this.bytes[this.at];
    this.short = true;
    return -1;
  }

  byte(): number {
    const byte = this.peek();
    if (byte >= 0) this.at++;
    return byte;
  }

  /** Goes into an element of the tag. */
  enter(tag: number): this {
    if (this.short || this.wrong) return this;
    const present = this.byte();
    if (present >= 0 && present !== tag) this.wrong = true;
    if (!this.short && !this.wrong) this.size = this.length();
    return this;
  }

  /** Passes over an element of the tag. */
  pass(tag: number): this {
    this.enter(tag);
    if (this.short || this.wrong) return this;
    if (this.size > this.end - this.at) this.short = true;
    else this.at += this.size;
    return this;
  }

  /** A length of up to four bytes. */
  private length(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) this.wrong = true;
    let size = 0;
    for (let i = 0; i < count && !this.wrong && !this.short; i++) size = size * 256 + this.byte();
    return size;
  }
}
