/**
 * The files in a body of several parts, as forms send them. Stage: app. RFC 7578, RFC 2046 section 5.1; lines may end
 * with LF alone.
 *
 * The body's text is there from its start, so what is kept here are places in it; a file's bytes are shown where they
 * lie. Bytes that may be the start of a delimiter are no file's until more has come. Parts without a file name, and
 * parts in parts, are none. Of each byte behind `searched` the reader takes one look, of a line's start a second one.
 */
import type { FileList } from '../file/file-list.js';
import type { TransferredFile } from '../file/file.js';
import { findParameter, takeFileName } from '../file/disposition.js';
import type { TextBlock } from '../text-block.js';
import { CR, isText, LF, lower } from './characters.js';

const DASH = 45;
const COLON = 58;
const QUOTE = 34;
const SEMICOLON = 59;
const COMMA = 44;
const BLANK = 32;
const DISPOSITION = 'content-disposition';
/** Bytes of a part's headers; a part that has more is no file. */
const HEADERS_LIMIT = 8192;
/** As RFC 2046 has it; longer ones are taken as well. */
const BOUNDARY_LIMIT = 256;

const READ = { nothing: 0, preamble: 1, headers: 2, data: 3 } as const;

export class MultipartFiles {
  private state: number = READ.nothing;
  /** `--` and the boundary. */
  private readonly delimiter = new Uint8Array(BOUNDARY_LIMIT + 2);
  private delimiterLength = 0;
  private files!: FileList;
  private file: TransferredFile | null = null;
  /** Start of the line, of the headers, and how far lines were looked for. */
  private line = 0;
  private headers = 0;
  private searched = 0;
  /** Where the open file's bytes begin. */
  private shownFrom = 0;

  /** Begins where [from, end) is a Content-Type that says so. @returns whether it does. */
  begin(bytes: Uint8Array, from: number, end: number, files: FileList): boolean {
    if (!beginsWith(bytes, from, end, 'multipart/')) return false;
    const value = findParameter(bytes, from, end, 'boundary');
    if (value < 0) return false;
    this.takeBoundary(bytes, value, end);
    if (this.delimiterLength === 2) return false;
    this.files = files;
    this.state = READ.preamble;
    return true;
  }

  get isActive(): boolean {
    return this.state !== READ.nothing;
  }

  /** Reads what has come of the body. */
  read(text: TextBlock, bytes: Uint8Array): void {
    while (this.state !== READ.nothing && this.readLine(text, bytes));
  }

  /** The body ends: so does the file that is open. */
  close(text: TextBlock, isCut: boolean): void {
    const { file } = this;
    if (this.state === READ.nothing) return;
    if (this.state === READ.data && file !== null) {
      if (this.line < text.length) this.showUpTo(file, text.length);
      if (isCut) file.truncate();
      else file.close();
    }
    this.files.isOver = true;
    this.clear();
  }

  clear(): void {
    this.state = READ.nothing;
    this.file = null;
    this.line = 0;
    this.headers = 0;
    this.searched = 0;
    this.shownFrom = 0;
  }

  /** Without quotes it ends at what no token has (RFC 9110, 5.6.2), as the comma before a repeated header's value. */
  private takeBoundary(bytes: Uint8Array, value: number, end: number): void {
    const isQuoted = bytes[value] === QUOTE;
    this.delimiter[0] = DASH;
    this.delimiter[1] = DASH;
    let length = 2;
    for (let at = isQuoted ? value + 1 : value; at < end && length < this.delimiter.length; at++) {
      const byte = bytes[at]!;
      if (isQuoted ? byte === QUOTE : byte === SEMICOLON || byte === COMMA || byte === BLANK || byte === CR) break;
      this.delimiter[length++] = byte;
    }
    this.delimiterLength = length;
  }

  /** Takes the line that begins at `line`. @returns false where it is not whole. */
  private readLine(text: TextBlock, bytes: Uint8Array): boolean {
    const start = text.start + this.line;
    const end = text.start + text.length;
    if (this.state !== READ.headers) {
      if (this.mayBeDelimiter(bytes, start, end)) return false;
      if (this.isDelimiter(bytes, start, end)) return this.beginPart(text, bytes, end);
    }
    let at = Math.max(start, text.start + this.searched);
    while (at < end && bytes[at] !== LF) at++;
    this.searched = at - text.start;
    if (this.state === READ.data) this.show(text, bytes, at);
    if (at === end) return false;
    const next = at + 1 - text.start;
    if (this.state === READ.headers) this.readHeaderLine(text, bytes, start, at);
    this.line = next;
    this.searched = next;
    return true;
  }

  /** Shows bytes of the open file up to the line end at `at`, or to what may be one. */
  private show(text: TextBlock, bytes: Uint8Array, at: number): void {
    if (this.file === null) return;
    const end = at > text.start + this.line && bytes[at - 1] === CR ? at - 1 : at;
    this.showUpTo(this.file, end - text.start);
  }

  private showUpTo(file: TransferredFile, end: number): void {
    const count = end - this.shownFrom - file.length;
    if (count > 0) file.extend(count);
  }

  private isDelimiter(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < this.delimiterLength) return false;
    for (let index = 0; index < this.delimiterLength; index++) {
      if (bytes[start + index] !== this.delimiter[index]) return false;
    }
    return true;
  }

  /** Fewer bytes are there than tell. */
  private mayBeDelimiter(bytes: Uint8Array, start: number, end: number): boolean {
    const count = end - start;
    if (count >= this.delimiterLength + 2) return false;
    for (let index = 0; index < Math.min(count, this.delimiterLength); index++) {
      if (bytes[start + index] !== this.delimiter[index]) return false;
    }
    return true;
  }

  /** A delimiter begins at `line`: the file before it ends, a part begins, or there are no more. */
  private beginPart(text: TextBlock, bytes: Uint8Array, end: number): boolean {
    const behind = text.start + this.line + this.delimiterLength;
    const isLast = bytes[behind] === DASH && bytes[behind + 1] === DASH;
    let at = behind;
    while (at < end && bytes[at] !== LF) at++;
    if (!isLast && at === end) return false;
    this.file?.close();
    this.file = null;
    if (isLast) {
      this.files.isOver = true;
      this.state = READ.nothing;
      return false;
    }
    this.state = READ.headers;
    this.line = at + 1 - text.start;
    this.headers = this.line;
    this.searched = this.line;
    return true;
  }

  /** The line [start, end) of a part's headers; an empty one is the last. */
  private readHeaderLine(text: TextBlock, bytes: Uint8Array, start: number, end: number): void {
    const lineEnd = end > start && bytes[end - 1] === CR ? end - 1 : end;
    const isTooLong = end - text.start - this.headers > HEADERS_LIMIT;
    if (lineEnd > start && !isTooLong) return this.readDisposition(bytes, start, lineEnd);
    this.state = READ.data;
    const from = end + 1 - text.start;
    this.shownFrom = from;
    this.file?.showIn(text, from);
  }

  /** Opens the file that a header names. */
  private readDisposition(bytes: Uint8Array, start: number, end: number): void {
    let colon = start;
    while (colon < end && bytes[colon] !== COLON) colon++;
    if (this.file !== null || colon === end || !isText(bytes, start, colon, DISPOSITION)) return;
    const value = findParameter(bytes, colon + 1, end, 'filename');
    if (value < 0 || isEmptyValue(bytes, value, end)) return;
    this.file = this.files.open(null);
    if (this.file !== null) takeFileName(bytes, colon + 1, end, this.file.name);
  }
}

const isEmptyValue = (bytes: Uint8Array, value: number, end: number): boolean =>
  value === end || bytes[value] === SEMICOLON || (bytes[value] === QUOTE && bytes[value + 1] === QUOTE);

function beginsWith(bytes: Uint8Array, from: number, end: number, text: string): boolean {
  if (end - from < text.length) return false;
  for (let index = 0; index < text.length; index++) {
    if (lower(bytes[from + index]!) !== text.charCodeAt(index)) return false;
  }
  return true;
}
