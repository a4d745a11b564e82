/**
 * Growing lists of words and bytes in typed arrays: a rule set has millions, and as numbers of JavaScript they would
 * take twice the room. Stage: load.
 */

/** 32-bit words; larger numbers wrap. */
export class WordList {
  length = 0;
  private words = new Int32Array(1024);

  push(word: number): void {
    if (this.length === this.words.length) this.words = grown(this.words, new Int32Array(this.length * 2));
    this.words[this.length++] = word;
  }

  /** A view, good until the next push. */
  slice(start: number, end: number): Int32Array {
    return this.words.subarray(start, end);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.words.buffer, 0, this.length * 4);
  }
}

export class ByteList {
  length = 0;
  private list = new Uint8Array(4096);

  append(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.list.length) this.list = grown(this.list, new Uint8Array(Math.max(length, this.list.length * 2)));
    this.list.set(bytes, this.length);
    this.length = length;
  }

  bytes(): Uint8Array {
    return this.list.subarray(0, this.length);
  }
}

function grown<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
