/**
 * A command of SMB 1, pointed at anew: the words that the reader is at, the bytes behind them, and texts in these.
 * Stage: app.
 *
 *   | words (1) | words … | bytes (2) | bytes … |         offsets count from the header of the message
 */
import type { SmbContext } from './context.js';

export class Smb1Command {
  /** Where the bytes begin and end. */
  dataStart = 0;
  dataEnd = 0;
  private readonly context: SmbContext;

  constructor(context: SmbContext) {
    this.context = context;
  }

  /** Points the reader at the words of a command. @returns false where it is not all there. */
  open(body: number): boolean {
    const { header, reader } = this.context;
    reader.begin(body, header.end, true);
    const words = reader.skip(2 * reader.u8());
    const count = reader.u16();
    const end = reader.at - 2;
    if (reader.failed) return false;
    this.dataStart = reader.at;
    this.dataEnd = Math.min(header.end, reader.at + count);
    reader.begin(words, end, true);
    return true;
  }

  /** Texts in UTF-16 begin at even offsets from the header. */
  aligned(at: number): number {
    const { header } = this.context;
    return header.isUnicode ? at + ((at - header.start) & 1) : at;
  }

  /** Where a text ends; behind the data where it has no end. */
  textEnd(at: number): number {
    const { header, reader } = this.context;
    if (!header.isUnicode) return byteTextEnd(reader.bytes, at, this.dataEnd);
    let end = at;
    while (end + 1 < this.dataEnd && (reader.bytes[end] | reader.bytes[end + 1]) !== 0) end += 2;
    return Math.min(end, Math.max(at, this.dataEnd));
  }

  behindText(end: number): number {
    return Math.min(this.dataEnd, end + (this.context.header.isUnicode ? 2 : 1));
  }
}

export function byteTextEnd(bytes: Uint8Array, at: number, end: number): number {
  let to = at;
  while (to < end && bytes[to] !== 0) to++;
  return to;
}
