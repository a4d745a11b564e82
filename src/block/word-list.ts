/**
 * Growing lists of words and bytes in typed arrays: a rule set has millions, and as numbers of JavaScript they would
 * take twice the room. Stage: load.
 */

import { sameBytes } from '../util/hash.js';

/** 32-bit words; larger numbers wrap. */
export class WordList {
  length = 0;
  private words = new Int32Array(1024);

  push(word: number): void {
    if (this.length === this.words.length) this.words = grown(this.words, new Int32Array(this.length * 2));
    this.words[this.length++] = word;
  }

  append(words: readonly number[]): void {
    for (let i = 0; i < words.length; i++) this.push(words[i]!);
  }

  /** So many more words, zeros: a view, good until the next push. */
  extend(count: number): Int32Array {
    const start = this.length;
    this.length += count;
    if (this.length > this.words.length) {
      const size = Math.max(this.length, this.words.length * 2);
      this.words = grown(this.words, new Int32Array(size));
    }
    return this.words.subarray(start, this.length);
  }

  at(place: number): number {
    return this.words[place]!;
  }

  set(at: number, word: number): void {
    this.words[at] = word;
  }

  /** A view, good until the next push. */
  slice(start: number, end: number): Int32Array {
    return this.words.subarray(start, end);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.words.buffer, 0, this.length * 4);
  }
}

/** Of one UTF-16 unit. */
const MOST_UTF8_BYTES = 3;

export class ByteList {
  length = 0;
  private list = Buffer.alloc(4096);

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.list.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** As UTF-8. */
  appendText(text: string): void {
    this.reserve(MOST_UTF8_BYTES * text.length);
    this.length += this.list.write(text, this.length, 'utf8');
  }

  /** Whether these bytes stand at `at`. */
  hasAt(at: number, bytes: Uint8Array): boolean {
    return sameBytes(this.list, at, bytes, 0, bytes.length);
  }

  bytes(): Uint8Array {
    return this.list.subarray(0, this.length);
  }

  private reserve(bytes: number): void {
    const length = this.length + bytes;
    if (length > this.list.length) this.list = grown(this.list, Buffer.alloc(Math.max(length, this.list.length * 2)));
  }
}

function grown<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
