/**
 * Reads headers one at a time, as servers and browsers do with lines that no standard allows. Stage: app.
 *
 * A request's lines end with LF, a response's with CR as well; both may be followed by what belongs to the line end
 * where browsers see it so. A line that begins with blank, tab or NUL goes on with the value before it, except in a
 * response where it looks like a header. Lines without colon are values without a name. What decides that lies behind
 * the line end, so a line is read when one byte more is there, or nothing comes any more. A line without an end is
 * none.
 *
 * Reference: RFC 9112, section 5; what is beyond it was asked of Suricata and of http-evader's cases.
 */
import type { TextBlock } from '../text-block.js';
import { BLANK, COLON, CR, isToken, LF, skipSpace, TAB, trimEnd } from './characters.js';
import { HASH_START, hashed } from './header-names.js';

/** What was read: nothing yet, a header, the end of the headers. */
export const MORE = 0;
export const FIELD = 1;
export const HEADERS_END = 2;

/** What is odd about a header: bits. */
export const ODD_NO_COLON = 1;
export const ODD_NAME = 2;
export const ODD_SPACE_BEFORE = 4;
const ODD_SPACE_AFTER = 8;
/** Not `Name: value` CR LF, so that text as it was sent is not what it means. */
export const NOT_PLAIN = 16;
export const FOLDED = 32;

const UNDECIDED = -1;
/** Lines that one value, and one name, may go on over; and white space that may belong to one line end. */
const FOLD_LIMIT = 128;
const NAME_FOLD_LIMIT = 8;
const RUN_LIMIT = 64;

export class FieldReader {
  /** Offsets in memory; of a folded value: in the text that was made. */
  nameStart = 0;
  nameEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  hash = 0;
  odd = 0;
  /** What follows what was read. */
  next = 0;
  /** Where nothing could be read: from here on a line end must be found before it is worth another look. */
  stuck = 0;

  private bytes!: Uint8Array;
  private end = 0;
  private last = false;
  private response = false;
  /** Behind the line end that was looked at, and whether a fold character follows. */
  private lineNext = 0;
  private fold = false;

  /** Reads the header at `from`. Folded values are appended to `made`. */
  read(bytes: Uint8Array, from: number, end: number, last: boolean, response: boolean, made: TextBlock): number {
    this.bytes = bytes;
    this.end = end;
    this.last = last;
    this.response = response;
    this.odd = 0;
    this.stuck = from;
    if (from === end) return MORE;
    const blank = this.blankLine(from);
    if (blank === UNDECIDED) return MORE;
    if (blank > 0) {
      this.next = from + blank;
      return HEADERS_END;
    }
    const value = this.readName(from);
    return value === UNDECIDED ? MORE : this.readValue(value, made);
  }

  /** Bytes of an empty line at `from`: 0 where it is none. */
  private blankLine(from: number): number {
    const first = this.bytes[from]!;
    if (first === LF) return this.response ? this.pair(from, CR) : 1;
    if (first !== CR) return 0;
    const bytes = this.pair(from, LF);
    return this.response || bytes !== 1 ? bytes : 0;
  }

  /** 2 where `second` follows, else 1. */
  private pair(from: number, second: number): number {
    if (from + 1 === this.end) return this.last ? 1 : this.undecided(from);
    return this.bytes[from + 1] === second ? 2 : 1;
  }

  private undecided(from: number): number {
    this.stuck = from;
    return UNDECIDED;
  }

  /** @returns where the value begins, or UNDECIDED. */
  private readName(from: number): number {
    const { bytes, end } = this;
    let hash = HASH_START;
    let at = from;
    let inner = -1;
    let folds = 0;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (isToken(byte)) {
        hash = hashed(hash, byte);
        if (inner === 1) this.odd |= ODD_NAME;
        inner = 0;
      } else if (byte === COLON) {
        return this.nameEnds(from, at, hash);
      } else if (byte === BLANK || byte === TAB) {
        if (inner === 0) inner = 1;
      } else if (byte === LF || (byte === CR && this.response)) {
        const resumed = this.nameGoesOn(at);
        if (resumed === UNDECIDED) return UNDECIDED;
        if (resumed === 0 || folds++ === NAME_FOLD_LIMIT) return this.noName(from);
        this.odd |= ODD_NAME;
        at = resumed - 1;
      } else {
        this.odd |= ODD_NAME;
      }
    }
    return this.last ? this.noName(from) : this.undecided(end);
  }

  /** A name goes on over a line end where a blank follows. @returns where, 0 where it does not. */
  private nameGoesOn(at: number): number {
    if (this.bytes[at] === CR && at + 1 < this.end && this.bytes[at + 1] === LF) at++;
    if (at + 1 >= this.end) return this.last ? 0 : this.undecided(at);
    return this.bytes[at + 1] === BLANK ? at + 1 : 0;
  }

  private nameEnds(from: number, colon: number, hash: number): number {
    const { bytes, end } = this;
    this.nameStart = skipSpace(bytes, from, colon);
    this.nameEnd = trimEnd(bytes, this.nameStart, colon);
    if (this.nameStart > from) this.odd |= ODD_SPACE_BEFORE | NOT_PLAIN;
    if (this.nameEnd < colon && this.nameEnd > this.nameStart) this.odd |= ODD_SPACE_AFTER | NOT_PLAIN;
    if (this.nameEnd === this.nameStart) this.odd |= ODD_NO_COLON;
    this.hash = hash;
    let value = colon + 1;
    while (value < end && (bytes[value] === BLANK || bytes[value] === TAB)) value++;
    if (value !== colon + 2 || bytes[colon + 1] !== BLANK) this.odd |= NOT_PLAIN;
    return value;
  }

  /** The whole line is a value. */
  private noName(from: number): number {
    this.nameStart = from;
    this.nameEnd = from;
    this.hash = HASH_START;
    this.odd = ODD_NO_COLON | NOT_PLAIN;
    return from;
  }

  private readValue(from: number, made: TextBlock): number {
    const pieceEnd = this.lineEnd(from);
    if (pieceEnd === UNDECIDED) return MORE;
    if (this.fold) return this.readFolded(from, pieceEnd, made);
    const { bytes } = this;
    this.valueStart = skipSpace(bytes, from, pieceEnd);
    this.valueEnd = trimEnd(bytes, this.valueStart, pieceEnd);
    this.next = this.lineNext;
    const plain = this.next === this.valueEnd + 2 && bytes[this.valueEnd] === CR && this.valueStart === from;
    if (!plain) this.odd |= NOT_PLAIN;
    return FIELD;
  }

  /** Puts the lines of a value together: each with the one character that it began with. */
  private readFolded(from: number, pieceEnd: number, made: TextBlock): number {
    const { bytes } = this;
    const begun = made.length;
    made.append(from, pieceEnd - from);
    this.odd |= NOT_PLAIN | FOLDED;
    this.next = this.lineNext;
    for (let folds = 0; this.fold; folds++) {
      const line = this.lineNext + 1;
      const character = bytes[this.lineNext]!;
      const header = folds === FOLD_LIMIT ? 1 : this.looksLikeHeader(line);
      if (header === 1) {
        this.next = folds === FOLD_LIMIT ? this.next : line;
        break;
      }
      const lineEnd = header === UNDECIDED ? UNDECIDED : this.lineEnd(line);
      if (lineEnd === UNDECIDED) {
        made.length = begun;
        return MORE;
      }
      if (made.length > begun) made.push(character);
      made.append(line, lineEnd - line);
      this.next = this.lineNext;
      if (lineEnd === line && this.next === line + 1 && !this.fold) {
        // A blank before an empty line that LF or CR alone ends: browsers see the end of the headers.
        if (this.next === this.end || bytes[this.next] !== LF) this.next = line;
        break;
      }
    }
    return this.foldedField(made, begun);
  }

  private foldedField(made: TextBlock, begun: number): number {
    const { bytes } = this;
    const start = made.start + begun;
    const valueStart = skipSpace(bytes, start, made.start + made.length);
    this.valueStart = valueStart - made.start;
    this.valueEnd = trimEnd(bytes, valueStart, made.start + made.length) - made.start;
    return FIELD;
  }

  /** In a response, a line that begins with white space but has a name and a colon: 1, else 0. */
  private looksLikeHeader(from: number): number {
    if (!this.response) return 0;
    const { bytes, end } = this;
    let at = from;
    while (at < end && (bytes[at] === BLANK || bytes[at] === TAB)) at++;
    const name = at;
    while (at < end && isToken(bytes[at]!)) at++;
    if (at === name) return at === end && !this.last ? this.undecided(end) : 0;
    while (at < end && (bytes[at] === BLANK || bytes[at] === TAB)) at++;
    if (at === end) return this.last ? 0 : this.undecided(end);
    return bytes[at] === COLON ? 1 : 0;
  }

  /**
   * Where the line at `from` ends; sets what follows the line end, and whether the value goes on there.
   * @returns UNDECIDED where that cannot be told yet.
   */
  private lineEnd(from: number): number {
    const { bytes, end } = this;
    let at = from;
    if (this.response) while (at < end && bytes[at] !== LF && bytes[at] !== CR) at++;
    else while (at < end && bytes[at] !== LF) at++;
    this.fold = false;
    if (at === end) return this.undecided(end);
    const next = this.response ? this.responseLineEnd(at) : this.requestLineEnd(at);
    if (next === UNDECIDED || (next === end && !this.last)) return this.undecided(at);
    this.lineNext = next;
    if (next < end) this.fold = bytes[next] === BLANK || bytes[next] === TAB || bytes[next] === 0;
    return !this.response && at > from && bytes[at - 1] === CR ? at - 1 : at;
  }

  /** Behind the LF at `at`: LF CR before an empty line belongs together. */
  private requestLineEnd(at: number): number {
    const { bytes, end } = this;
    if (at + 1 === end || bytes[at + 1] !== CR || bytes[at - 1] === CR) return at + 1;
    if (at + 2 < end && bytes[at + 2] !== CR) return at + 1;
    if (at + 3 >= end) return this.last ? at + 1 : UNDECIDED;
    return bytes[at + 3] === LF ? this.beforeEmptyLine(at + 4, at + 2) : at + 1;
  }

  /** LF CR CR LF is one line end where an empty line follows, else LF CR. */
  private beforeEmptyLine(long: number, short: number): number {
    const { bytes, end } = this;
    if (long >= end) return this.last ? short : UNDECIDED;
    if (bytes[long] === LF) return long;
    if (bytes[long] !== CR) return short;
    if (long + 1 >= end) return this.last ? short : UNDECIDED;
    return bytes[long + 1] === LF ? long : short;
  }

  /** Behind the line end of a response at `at`, which is CR or LF. */
  private responseLineEnd(at: number): number {
    const { bytes, end } = this;
    if (at + 1 === end) return end;
    if (bytes[at] === CR) return bytes[at + 1] === LF ? this.behindCrLf(at + 2) : at + 1;
    if (bytes[at + 1] !== CR) return at + 1;
    if (at + 2 < end && bytes[at + 2] !== CR) return at + 2;
    if (at + 3 >= end) return this.last ? at + 2 : UNDECIDED;
    return bytes[at + 3] === LF ? this.beforeEmptyLine(at + 4, at + 2) : at + 2;
  }

  /** CR LF CR and white space is one line end, where no empty line follows it. */
  private behindCrLf(behind: number): number {
    const { bytes, end } = this;
    if (behind === end || bytes[behind] !== CR) return behind;
    const limit = behind + RUN_LIMIT;
    let run = behind + 1;
    while (run < end && run < limit && (bytes[run] === CR || bytes[run] === BLANK || bytes[run] === TAB)) run++;
    if (run === limit || (run < end && run === behind + 1)) return behind;
    if (run < end && bytes[run] === LF) run++;
    if (run === end) return this.last ? run : UNDECIDED;
    if (bytes[run] === LF) return behind;
    if (bytes[run] !== CR) return run;
    if (run + 1 === end) return this.last ? run : UNDECIDED;
    return bytes[run + 1] === LF ? behind : run;
  }
}
