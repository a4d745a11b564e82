/**
 * Scans with the kernel's tables in JavaScript, where WebAssembly SIMD or threads are missing or not wanted. Stage: detect
 * (prefilter). Slower, same results; reads the text where it lies. Allocates nothing a scan.
 */
import { foldByte } from './gram.js';
import type { HitList, SetMatcher } from './matcher.js';
import * as format from './table-format.js';

const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => foldByte(byte));

export class ScalarMatcher implements SetMatcher {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  readonly #seen: Uint8Array;
  #hits: HitList = { ids: new Uint32Array(0), count: 0 };
  #set = 0;
  #text: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** Scans with sets in `memory` of at most `maxPatterns` patterns each. */
  constructor(memory: ArrayBufferLike, maxPatterns: number) {
    this.#bytes = new Uint8Array(memory);
    this.#words = new Uint32Array(memory);
    this.#halves = new Uint16Array(memory);
    this.#seen = new Uint8Array(maxPatterns);
  }

  scan(setOffset: number, bytes: Uint8Array, start: number, end: number, hits: HitList): void {
    if (this.#word(setOffset + format.AT_PATTERN_COUNT) > this.#seen.length) {
      throw new Error(`pattern set at ${setOffset} is larger than the matcher was made for`);
    }
    this.#set = setOffset;
    this.#text = bytes;
    this.#start = start;
    this.#end = end;
    this.#hits = hits;
    hits.count = 0;
    this.#scanSingles();
    this.#scanLane(format.AT_LONG_LANE, 4);
    this.#scanLane(format.AT_SHORT_LANE, 2);
    for (let i = 0; i < hits.count; i++) this.#seen[hits.ids[i]!] = 0;
  }

  #scanSingles(): void {
    let single = this.#set + this.#word(this.#set + format.AT_SINGLES);
    for (let left = this.#word(this.#set + format.AT_SINGLE_COUNT); left > 0; left--, single += format.SINGLE_BYTES) {
      const tagged = this.#word(single + format.ENTRY_ID);
      if (this.#hasByte(this.#word(single), tagged >>> 31 !== 0)) this.#report(tagged & format.ID_MASK);
    }
  }

  #hasByte(wanted: number, nocase: boolean): boolean {
    for (let at = this.#start; at < this.#end; at++) {
      const byte = this.#text[at]!;
      if ((nocase ? FOLD[byte] : byte) === wanted) return true;
    }
    return false;
  }

  /** The gram of a position is made of the one before it and one more byte. */
  #scanLane(lane: number, gramBytes: 2 | 4): void {
    const set = this.#set;
    const filter = set + this.#word(set + lane + format.LANE_FILTER);
    if (filter === set) return;
    const shift = 32 - this.#bytes[set + lane + format.LANE_BITS]!;
    const top = 8 * (gramBytes - 1);
    const text = this.#text;
    const end = this.#end;
    let gram = 0;
    for (let i = 0; i < gramBytes - 1 && this.#start + i < end; i++) gram |= FOLD[text[this.#start + i]!]! << (8 * (i + 1));
    for (let at = this.#start, ahead = at + gramBytes - 1; ahead < end; at++, ahead++) {
      gram = (gram >>> 8) | (FOLD[text[ahead]!]! << top);
      const after = ahead + 1 < end ? FOLD[text[ahead + 1]!]! : 0;
      if ((this.#bytes[filter + (Math.imul(gram, format.HASH_FACTOR) >>> shift)]! >>> (after & 7)) & 1) this.#lookUp(lane, gram, at);
    }
  }

  #lookUp(lane: number, gram: number, position: number): void {
    const set = this.#set;
    const bucketBits = this.#bytes[set + lane + format.LANE_BITS + 1]!;
    const head = set + this.#word(set + lane + format.LANE_HEADS) + 4 * (Math.imul(gram, format.HASH_FACTOR) >>> (32 - bucketBits));
    const entries = set + this.#word(set + lane + format.LANE_ENTRIES);
    const stop = entries + this.#word(head + 4);
    for (let entry = entries + this.#word(head); entry < stop; ) {
      const length = this.#halves[(entry + format.ENTRY_LENGTH) >>> 1]!;
      this.#verify(entry, length, position - this.#halves[(entry + format.ENTRY_GRAM_OFFSET) >>> 1]!);
      entry += format.ENTRY_BYTES + ((length + 3) & ~3);
    }
  }

  #verify(entry: number, length: number, start: number): void {
    if (start < this.#start || start + length > this.#end) return;
    const tagged = this.#word(entry + format.ENTRY_ID);
    if (this.#seen[tagged & format.ID_MASK]) return;
    const nocase = tagged >>> 31 !== 0;
    const wanted = entry + format.ENTRY_BYTES;
    for (let i = 0; i < length; i++) {
      const byte = this.#text[start + i]!;
      if ((nocase ? FOLD[byte] : byte) !== this.#bytes[wanted + i]) return;
    }
    this.#report(tagged & format.ID_MASK);
  }

  /** Patterns equal to this one are found with it. */
  #report(id: number): void {
    const duplicates = this.#word(this.#set + format.AT_DUPLICATES);
    for (;;) {
      this.#seen[id] = 1;
      this.#hits.ids[this.#hits.count++] = id;
      if (duplicates === 0) return;
      id = this.#word(this.#set + duplicates + 4 * id);
      if (id === format.NO_ID) return;
    }
  }

  #word(at: number): number {
    return this.#words[at >>> 2]!;
  }
}
