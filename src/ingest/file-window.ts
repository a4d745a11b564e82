/**
 * A window over a file that is read once from front to back, in memory of a fixed size. Stage: ingest, captures.
 *
 * The bytes in the window lie at `bytes[position .. limit)`. `fill` moves what is left of them to the front and reads
 * on, so ranges handed out before it are void after it. Allocates only when made.
 */
import { readSync } from 'node:fs';

export class FileWindow {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  position = 0;
  limit = 0;
  private fd = -1;
  /** Offset in the file of `bytes[0]`. */
  private base = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Starts at the file's beginning; the caller opens and closes the descriptor. */
  reset(fd: number): void {
    this.fd = fd;
    this.position = 0;
    this.limit = 0;
    this.base = 0;
  }

  /** Bytes present; negative after a skip past the window. */
  get available(): number {
    return this.limit - this.position;
  }

  /** Offset of `position` in the file. */
  get fileOffset(): number {
    return this.base + this.position;
  }

  /** Goes on by `length` bytes, also past what is present: the next `fill` reads and discards. */
  skip(length: number): void {
    this.position += length;
  }

  /**
   * Reads until at least `need` bytes (at most the capacity) are present; false when the file ends before. Throws what
   * `readSync` throws.
   */
  fill(need: number): boolean {
    let discard = this.moveToFront();
    while (this.limit < need) {
      const got = readSync(this.fd, this.bytes, this.limit, this.bytes.length - this.limit, null);
      if (got === 0) {
        this.position += discard;
        return false;
      }
      const dropped = Math.min(discard, got);
      if (dropped > 0) {
        this.bytes.copyWithin(0, dropped, got);
        this.base += dropped;
        discard -= dropped;
      }
      this.limit += got - dropped;
    }
    return true;
  }

  /** Returns how many bytes of a skip are still to be discarded. */
  private moveToFront(): number {
    const present = Math.max(0, this.available);
    const discard = Math.max(0, -this.available);
    this.bytes.copyWithin(0, this.position, this.limit);
    this.base += this.position - discard;
    this.position = 0;
    this.limit = present;
    return discard;
  }
}
