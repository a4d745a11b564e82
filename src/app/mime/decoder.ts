/**
 * Content-Transfer-Encodings, a line at a time: what a part is when it is decoded. Stage: app. RFC 2045, section 6.
 * As mail clients do: characters that base64 does not have are passed over, and an escape of quoted-printable that is
 * none stays as it is. What comes out lies in the arena until the next line.
 */
import type { Arena } from '../../memory/arena.js';
import { BASE64_VALUES, NO_BASE64 } from '../../util/base64-values.js';
import { TextBlock } from '../text-block.js';

export const ENCODING = { none: 0, base64: 1, quotedPrintable: 2 } as const;

const EQUALS = 61;
const LF = 10;
/** Of a line and what is left of the one before. */
const OUTPUT_LIMIT = 32_768;

export class TransferDecoder {
  /** What came of the last line. */
  readonly output: TextBlock;
  encoding: number = ENCODING.none;
  /** The line was no base64 at all. */
  isInvalid = false;
  private readonly arena: Arena;
  /** Bits of base64 that make no byte yet, and how many. */
  private bits = 0;
  private bitCount = 0;
  private isEnded = false;
  /** Bytes of the line end that belongs to the text if another line follows. */
  private pending = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.output = new TextBlock(arena, OUTPUT_LIMIT);
  }

  begin(encoding: number): void {
    this.encoding = encoding;
    this.bits = 0;
    this.bitCount = 0;
    this.isEnded = false;
    this.pending = 0;
    this.output.length = 0;
  }

  /** Decodes [from, end) and its line end of `lineEnd` bytes, 0 where the line goes on. */
  line(from: number, end: number, lineEnd: number): void {
    this.output.length = 0;
    this.isInvalid = false;
    if (this.encoding === ENCODING.base64) this.base64(from, end);
    else if (this.encoding === ENCODING.quotedPrintable) this.quotedPrintable(from, end, lineEnd);
    else this.plain(from, end, lineEnd);
  }

  clear(): void {
    this.output.clear();
    this.begin(ENCODING.none);
  }

  private plain(from: number, end: number, lineEnd: number): void {
    this.endLine();
    this.output.append(from, Math.min(end - from, OUTPUT_LIMIT - this.output.length));
    this.pending = lineEnd;
  }

  /** The line before has ended, and did not end the part. */
  private endLine(): void {
    if (this.pending === 2) this.output.push(13);
    if (this.pending > 0) this.output.push(LF);
    this.pending = 0;
  }

  private base64(from: number, end: number): void {
    const { bytes } = this.arena;
    let others = 0;
    for (let at = from; at < end && !this.isEnded; at++) {
      const byte = bytes[at]!;
      const value = BASE64_VALUES[byte]!;
      if (value === NO_BASE64) {
        if (byte === EQUALS && this.bitCount > 0) this.endQuantum();
        else others++;
        continue;
      }
      this.bits = ((this.bits << 6) | value) & 0xffffff;
      this.bitCount += 6;
      if (this.bitCount < 8) continue;
      this.bitCount -= 8;
      this.output.push((this.bits >>> this.bitCount) & 0xff);
    }
    this.isInvalid = others > 0 && this.output.length === 0;
  }

  /** Padding: what comes behind it begins anew. */
  private endQuantum(): void {
    this.bits = 0;
    this.bitCount = 0;
  }

  private quotedPrintable(from: number, end: number, lineEnd: number): void {
    const { bytes } = this.arena;
    this.endLine();
    let last = end;
    while (lineEnd > 0 && last > from && (bytes[last - 1] === 32 || bytes[last - 1] === 9)) last--;
    const isSoft = last > from && bytes[last - 1] === EQUALS && lineEnd > 0;
    if (isSoft) last--;
    for (let at = from; at < last; at++) {
      const high = bytes[at] === EQUALS && at + 2 < last ? hex(bytes[at + 1]!) : -1;
      const low = high >= 0 ? hex(bytes[at + 2]!) : -1;
      if (low >= 0) {
        this.output.push(high * 16 + low);
        at += 2;
      } else {
        this.output.push(bytes[at]!);
      }
    }
    this.pending = isSoft ? 0 : lineEnd;
  }
}

function hex(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
