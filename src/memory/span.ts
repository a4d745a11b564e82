/**
 * A range of bytes in a shard's memory, as what locates bytes tells what looks at them. Stage: memory. One object,
 * filled again and again: what is to be kept of it is copied out.
 */
export class Span {
  /** Offset in the memory; 0 is "none". */
  start = 0;
  length = 0;

  /** Throws RangeError for a negative length: the kernel would read beyond the memory, and that ends a shard. */
  set(start: number, length: number): true {
    if (length < 0) throw new RangeError(`bytes in a shard's memory cannot be ${length}`);
    this.start = start >>> 0;
    this.length = length >>> 0;
    return true;
  }
}
