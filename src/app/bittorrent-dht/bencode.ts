/**
 * Reads what BitTorrent encodes (BEP 3, "bencoding") from the shard's memory, token by token. Stage: app. Allocates
 * nothing.
 *
 *   4:spam     i-7e     l … e     d 3:key … e        the keys of a dictionary are texts, ascending, each once
 *
 * Strict, as Suricata's reader is: numbers have no leading zeros, and nothing nests deeper than `MOST_DEPTH`. Once
 * something is wrong, nothing further is read.
 */
import { sameBytes } from '../../util/hash.js';

/** Dictionaries and lists within each other. */
const MOST_DEPTH = 3;
/** Digits of a number whose value is exact. */
const EXACT_DIGITS = 15;

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const MINUS = 0x2d;
const COLON = 0x3a;
const INTEGER = 0x69;
const LIST = 0x6c;
const DICTIONARY = 0x64;
const END = 0x65;

export class BencodeReader {
  /** What is read was not encoded so. */
  failed = false;
  /** Of the text read last: where it begins, and its bytes. */
  start = 0;
  length = 0;
  /** The integer read last; NaN for one of more digits than are exact. */
  value = 0;
  private bytes: Uint8Array;
  private at = 0;
  private end = 0;
  private depth = 0;
  /** By depth: the key before, from -1 for none. */
  private readonly keyStarts = new Int32Array(MOST_DEPTH + 1);
  private readonly keyLengths = new Int32Array(MOST_DEPTH + 1);

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Points it at `length` bytes from `start` on. */
  use(bytes: Uint8Array, start: number, length: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = start + length;
    this.depth = 0;
    this.failed = false;
  }

  /** Enters a dictionary; `nextKey` reads it. @returns false where none begins here, and nothing was read then. */
  enterDictionary(): boolean {
    return this.enter(DICTIONARY);
  }

  /** Enters a list; `hasMore` says whether a member follows. @returns false where none begins here. */
  enterList(): boolean {
    return this.enter(LIST);
  }

  /** Reads the key of the next member, as `start` and `length`; false, and the dictionary is left, behind the last. */
  nextKey(): boolean {
    if (!this.hasMore()) return false;
    if (!this.text()) return this.fail();
    const before = this.keyStarts[this.depth];
    if (before >= 0 && this.compareKey(before, this.keyLengths[this.depth]) <= 0) return this.fail();
    this.keyStarts[this.depth] = this.start;
    this.keyLengths[this.depth] = this.length;
    return true;
  }

  /** Whether a member follows in the list at hand; behind the last one the list is left. */
  hasMore(): boolean {
    if (this.failed || this.at >= this.end) return this.fail();
    if (this.bytes[this.at] !== END) return true;
    this.at++;
    this.depth--;
    return false;
  }

  /** Whether the key read last is this one. */
  isKey(name: Uint8Array): boolean {
    return this.length === name.length && sameBytes(this.bytes, this.start, name, 0, name.length);
  }

  /** Reads a text. @returns false where none begins here, and nothing was read then, or it is malformed. */
  text(): boolean {
    if (this.failed || this.at >= this.end || !isDigit(this.bytes[this.at])) return false;
    const length = this.digits(COLON);
    if (!(length <= this.end - this.at)) return this.fail();
    this.start = this.at;
    this.length = length;
    this.at += length;
    return true;
  }

  /** Reads an integer into `value`. @returns false where none begins here, and nothing was read then. */
  integer(): boolean {
    if (this.failed || this.at >= this.end || this.bytes[this.at] !== INTEGER) return false;
    this.at++;
    const isNegative = this.at < this.end && this.bytes[this.at] === MINUS;
    if (isNegative) this.at++;
    const value = this.digits(END);
    if (this.failed) return false;
    this.value = isNegative ? -value : value;
    return !isNegative || value !== 0 || this.fail();
  }

  /** Passes over whatever follows, and all that is in it. */
  skip(): void {
    if (this.failed || this.text() || this.integer()) return;
    const depth = this.depth;
    if (this.enterDictionary()) {
      while (this.nextKey()) this.skip();
    } else if (this.enterList()) {
      while (this.hasMore()) this.skip();
    } else {
      this.fail();
    }
    if (!this.failed && this.depth !== depth) this.fail();
  }

  fail(): false {
    this.failed = true;
    return false;
  }

  private enter(what: number): boolean {
    if (this.failed || this.at >= this.end || this.bytes[this.at] !== what) return false;
    if (this.depth === MOST_DEPTH) return this.fail();
    this.at++;
    this.keyStarts[++this.depth] = -1;
    return true;
  }

  /** Reads digits up to `last`, which is read too; NaN where there are more than are exact. */
  private digits(last: number): number {
    const { bytes, end } = this;
    const from = this.at;
    let value = 0;
    while (this.at < end && isDigit(bytes[this.at])) value = value * 10 + bytes[this.at++] - DIGIT_0;
    const count = this.at - from;
    if (count === 0 || (count > 1 && bytes[from] === DIGIT_0) || this.at >= end || bytes[this.at] !== last) this.fail();
    this.at++;
    return count > EXACT_DIGITS ? NaN : value;
  }

  /** Below 0, 0 or above it as the text read last comes before, is, or comes behind the key before. */
  private compareKey(start: number, length: number): number {
    const { bytes } = this;
    const shared = Math.min(length, this.length);
    for (let i = 0; i < shared; i++) {
      const difference = bytes[this.start + i] - bytes[start + i];
      if (difference !== 0) return difference;
    }
    return this.length - length;
  }
}

const isDigit = (byte: number): boolean => byte >= DIGIT_0 && byte <= DIGIT_9;
