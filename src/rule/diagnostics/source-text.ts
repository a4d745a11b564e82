/**
 * Offsets in a text to lines and columns. Stage: rule, for diagnostics only.
 */
import { decodeLatin1 } from '../../util/utf8.js';

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters of the line. */
  readonly column: number;
}

/** A text whose lines are found once, at the first question. */
export class SourceText {
  readonly text: string;
  private starts: number[] | undefined;
  /** The line asked for last: many findings may be in one. */
  private lastNumber = 0;
  private lastLine = '';
  private lastDecoded: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  position(offset: number): Position {
    const starts = this.lineStarts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  }

  /** The line without its end; '' beyond the text. */
  line(number: number): string {
    if (number !== this.lastNumber) {
      this.lastNumber = number;
      this.lastLine = this.find(number);
      this.lastDecoded = undefined;
    }
    return this.lastLine;
  }

  /** The line as people read it. */
  decodedLine(number: number): string {
    const line = this.line(number);
    this.lastDecoded ??= decodeLatin1(line);
    return this.lastDecoded;
  }

  private find(number: number): string {
    const starts = this.lineStarts();
    const start = starts[number - 1];
    if (start === undefined) return '';
    const end = starts[number] ?? this.text.length;
    return this.text.slice(start, end).replace(/\r?\n$/, '');
  }

  private lineStarts(): number[] {
    if (this.starts !== undefined) return this.starts;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.starts = starts;
    return starts;
  }
}
