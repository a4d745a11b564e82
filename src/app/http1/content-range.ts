/**
 * A Content-Range (RFC 9110, section 14.4): which part of a file a body is. Stage: app. What of it is not named, or a
 * star, is -1. Used again; allocates nothing.
 */
import { isDigit, isSpace, isText, isToken, skipSpace } from './characters.js';

const UNIT = 'bytes';
const STAR = 42;
const DASH = 45;
const SLASH = 47;

export class ContentRange {
  first = -1;
  last = -1;
  /** Of the whole file. */
  size = -1;
  private at = 0;

  /** Reads `bytes 5-9/20`, in [from, end). @returns whether it is one; else all is -1. */
  read(bytes: Uint8Array, from: number, end: number): boolean {
    if (this.parse(bytes, from, end)) return true;
    this.first = -1;
    this.last = -1;
    this.size = -1;
    return false;
  }

  /**
   * Whether [from, end) is one that the specification allows: a unit and blanks, and of bytes a range that is one. What
   * other units count is their own affair.
   */
  isSound(bytes: Uint8Array, from: number, end: number): boolean {
    let at = from;
    while (at < end && isToken(bytes[at])) at++;
    if (at === from || at === end || !isSpace(bytes[at])) return false;
    if (!isText(bytes, from, at, UNIT)) return true;
    if (!this.read(bytes, from, end)) return false;
    return this.first < 0 || (this.last >= this.first && (this.size < 0 || this.last < this.size));
  }

  /** A part that is not all there is. */
  get isPart(): boolean {
    return this.first >= 0 && this.last >= this.first && this.last < this.size && this.length < this.size;
  }

  private get length(): number {
    return this.last - this.first + 1;
  }

  private parse(bytes: Uint8Array, from: number, end: number): boolean {
    this.first = -1;
    this.last = -1;
    if (end - from <= UNIT.length || !isText(bytes, from, from + UNIT.length, UNIT)) return false;
    this.at = skipSpace(bytes, from + UNIT.length, end);
    if (this.at === from + UNIT.length) return false;
    if (!this.takes(STAR, bytes, end)) {
      this.first = this.number(bytes, end);
      if (this.first < 0 || !this.takes(DASH, bytes, end)) return false;
      this.last = this.number(bytes, end);
      if (this.last < 0) return false;
    }
    if (!this.takes(SLASH, bytes, end)) return false;
    const isOpen = this.takes(STAR, bytes, end);
    this.size = isOpen ? -1 : this.number(bytes, end);
    return isOpen || this.size >= 0;
  }

  private takes(byte: number, bytes: Uint8Array, end: number): boolean {
    if (this.at >= end || bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** -1 where there is none, or it is too large. */
  private number(bytes: Uint8Array, end: number): number {
    const from = this.at;
    let value = 0;
    for (; this.at < end && isDigit(bytes[this.at]); this.at++) value = value * 10 + bytes[this.at] - 48;
    return this.at === from || !Number.isSafeInteger(value) ? -1 : value;
  }
}
