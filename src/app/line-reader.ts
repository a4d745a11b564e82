/**
 * Lines of one side of a stream, one after the other, wherever its bytes are cut. Stage: app. A line ends with LF, or
 * with the stream. Of a longer one than the limit the first bytes are the line, and the rest is passed over.
 */
import type { Input } from './input.js';

const LF = 0x0a;

export class LineReader {
  /** The line found last, without its LF: an offset in the shard's memory. */
  start = 0;
  length = 0;
  /** It was longer than the limit. */
  isCut = false;
  private readonly limit: number;
  /** Bytes in front of which there is no LF. */
  private searched = 0;
  /** The rest of a line, or of what has no beginning, is passed over. */
  private passes = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Takes the next line. @returns false where it is not there yet. */
  next(input: Input): boolean {
    if (this.passes && !this.pass(input)) return false;
    const { bytes, position, end, last } = input;
    let at = position + this.searched;
    const stop = Math.min(end, position + this.limit + 1);
    while (at < stop && bytes[at] !== LF) at++;
    this.searched = at - position;
    this.isCut = at === position + this.limit + 1;
    if (at === end && !this.isCut && (!last || at === position)) return false;
    this.start = position;
    this.length = this.isCut ? this.limit : at - position;
    this.passes = this.isCut;
    this.searched = 0;
    input.take(Math.min(this.length + (this.isCut ? 0 : 1), end - position));
    return true;
  }

  /** Bytes are missing: what comes up to the next LF is no line. */
  interrupt(): void {
    this.searched = 0;
    this.passes = true;
  }

  reset(): void {
    this.searched = 0;
    this.passes = false;
    this.isCut = false;
  }

  private pass(input: Input): boolean {
    const { bytes, position, end } = input;
    let at = position;
    while (at < end && bytes[at] !== LF) at++;
    const isBehind = at < end;
    input.take(at - position + (isBehind ? 1 : 0));
    this.passes = !isBehind;
    return isBehind;
  }
}
