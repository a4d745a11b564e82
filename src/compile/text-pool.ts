/**
 * Texts one behind the other as UTF-8, equal ones stored once, each known by a number. Stage: load.
 *
 * PERF: they are compared by their bytes. As keys of a Map each message of a rule would be kept as a string as well
 * until all rules are there.
 */
import { randomBytes } from 'node:crypto';
import { ByteList, WordList } from '../block/word-list.js';
import { hashBytes, sameBytes } from '../util/hash.js';
import { Recent } from '../util/recent.js';

export class TextPool {
  private readonly list = new ByteList();
  /** Pairs of offset and length, by number. */
  private readonly places = new WordList();
  /** So that nobody can make texts fall into one place; it is not seen in the result. */
  private readonly seed = randomBytes(4).readInt32LE();
  private count = 0;
  /** Open addressing: number of a text + 1, or 0, and its hash. A power of two, at least twice the texts. */
  private numbers = new Int32Array(1024);
  private hashes = new Int32Array(1024);
  private readonly recent = new Recent<string, number>(256);

  /** For texts that are said again and again. */
  addCommon(text: string): number {
    const known = this.recent.get(text);
    if (known !== undefined) return known;
    const number = this.add(text);
    this.recent.set(text, number);
    return number;
  }

  add(text: string): number {
    const start = this.list.length;
    this.list.appendText(text);
    const length = this.list.length - start;
    if (2 * this.count >= this.numbers.length) this.grow();
    const mask = this.numbers.length - 1;
    const bytes = this.list.bytes();
    const hash = hashBytes(bytes, start, length, this.seed);
    let slot = hash & mask;
    for (let known = this.numbers[slot]!; known !== 0; known = this.numbers[slot]!) {
      if (this.hashes[slot] === hash && this.isAt(known - 1, bytes, start, length)) {
        this.list.length = start;
        return known - 1;
      }
      slot = (slot + 1) & mask;
    }
    const number = this.place(start);
    this.numbers[slot] = number + 1;
    this.hashes[slot] = hash;
    this.count++;
    return number;
  }

  /** As add, for a text that is there once: it is not looked for. */
  append(text: string): number {
    const start = this.list.length;
    this.list.appendText(text);
    return this.place(start);
  }

  bytes(): Uint8Array {
    return this.list.bytes();
  }

  index(): Uint8Array {
    return this.places.bytes();
  }

  private place(start: number): number {
    this.places.push(start);
    this.places.push(this.list.length - start);
    return this.places.length / 2 - 1;
  }

  private isAt(number: number, bytes: Uint8Array, start: number, length: number): boolean {
    return (
      this.places.at(2 * number + 1) === length && sameBytes(bytes, this.places.at(2 * number), bytes, start, length)
    );
  }

  private grow(): void {
    const [numbers, hashes] = [this.numbers, this.hashes];
    const size = 2 * numbers.length;
    this.numbers = new Int32Array(size);
    this.hashes = new Int32Array(size);
    for (let old = 0; old < numbers.length; old++) {
      if (numbers[old] === 0) continue;
      let slot = hashes[old]! & (size - 1);
      while (this.numbers[slot] !== 0) slot = (slot + 1) & (size - 1);
      this.numbers[slot] = numbers[old]!;
      this.hashes[slot] = hashes[old]!;
    }
  }
}
