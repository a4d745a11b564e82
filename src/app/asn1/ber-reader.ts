/**
 * Elements of BER one after the other (X.690, 8.1), for messages of Kerberos, LDAP and their like. Stage: app. Tags of
 * one byte and definite lengths, which is all that these have.
 *
 *   | tag | length | contents |        `read` finds the contents, [start, stop), of the element at a place
 */
export class BerReader {
  readonly bytes: Uint8Array;
  tag = 0;
  start = 0;
  stop = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** @returns whether there is a whole element at `at`, ahead of `end`. */
  read(at: number, end: number): boolean {
    return this.header(at, end) && this.stop <= end;
  }

  /** The same, whose contents need not be there: for the length of a message that is still to come. */
  header(at: number, end: number): boolean {
    const { bytes } = this;
    if (end - at < 2) return false;
    this.tag = bytes[at];
    let length = bytes[at + 1];
    let start = at + 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4 || start + count > end) return false;
      length = 0;
      for (let index = 0; index < count; index++) length = length * 256 + bytes[start++];
    }
    this.start = start;
    this.stop = start + length;
    return true;
  }

  /** Enters the element at `at` if it has this tag; its contents are then [start, stop). */
  enter(tag: number, at: number, end: number): boolean {
    return this.read(at, end) && this.tag === tag;
  }

  /** Enters the first element from `at` on that has this tag. @returns false where none does, up to one that is cut. */
  find(tag: number, at: number, end: number): boolean {
    for (let next = at; this.read(next, end); next = this.stop) if (this.tag === tag) return true;
    return false;
  }

  /** The signed integer in [start, stop), of the first six bytes. */
  integer(start = this.start, stop = this.stop): number {
    const { bytes } = this;
    if (start >= stop) return 0;
    let value = bytes[start] > 0x7f ? bytes[start] - 256 : bytes[start];
    for (let at = start + 1; at < stop && at < start + 6; at++) value = value * 256 + bytes[at];
    return value;
  }
}
