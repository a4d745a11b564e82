/**
 * The header of one element of BER, the encoding of ASN.1: tag, length, contents. Reference: ITU-T X.690. One object,
 * filled by `read`; allocates nothing.
 *
 *   | class constructed tag | length, or 0x80 + its bytes | contents …
 */
const LONG_TAG = 0x1f;
/** Bytes of a long tag: any number that a protocol has. */
const MAX_TAG_BYTES = 8;

export class BerHeader {
  identifier = 0;
  /** Where the contents start. */
  contents = 0;
  /** Bytes of contents claimed; -1 for an indefinite length. */
  length = 0;

  /** A whole header of that tag stands at `at`, and its contents end ahead of `end`. */
  find(tag: number, bytes: Uint8Array, at: number, end: number): boolean {
    return this.read(bytes, at, end) && this.identifier === tag && this.isWithin(end);
  }

  /** The same of bytes that were cut at `end`: the contents are what is there of them. */
  findCut(tag: number, bytes: Uint8Array, at: number, end: number): boolean {
    if (!this.read(bytes, at, end) || this.identifier !== tag || this.length < 0) return false;
    this.length = Math.min(this.length, end - this.contents);
    return true;
  }

  /** The contents have a length, and end ahead of `end`. */
  isWithin(end: number): boolean {
    return this.length >= 0 && this.contents + this.length <= end;
  }

  /** False where no whole header stands at `at`. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    if (at >= end) return false;
    this.identifier = bytes[at++];
    if ((this.identifier & LONG_TAG) === LONG_TAG) {
      const tagEnd = Math.min(end, at + MAX_TAG_BYTES);
      while (at < tagEnd && (bytes[at] & 0x80) !== 0) at++;
      if (at === tagEnd) return false;
      at++;
    }
    if (at >= end) return false;
    const first = bytes[at++];
    if (first < 0x80) return this.found(at, first);
    if (first === 0x80) return this.found(at, -1);
    const size = first & 0x7f;
    if (size > 4 || at + size > end) return false;
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + bytes[at + i];
    return this.found(at + size, length);
  }

  private found(contents: number, length: number): true {
    this.contents = contents;
    this.length = length;
    return true;
  }
}
