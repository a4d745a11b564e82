/**
 * Does what the kernel does in JavaScript, where WebAssembly SIMD or threads are missing or not wanted. Stage: detect.
 * Slower, same memory, same results; reads every text where it lies. Allocates nothing a scan.
 */
import type { ShardMemory } from '../../memory/shard-memory.js';
import { foldByte } from './gram.js';
import type { HitList, MemoryMatcher } from './matcher.js';
import * as format from './table-format.js';

const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => foldByte(byte));

export class ScalarMatcher implements MemoryMatcher {
  readonly bytes: Uint8Array;
  compared = 0;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  /** Where the bits of patterns found lie. */
  readonly #seen: number;
  #hits: HitList = { ids: new Uint32Array(0), count: 0 };
  #set = 0;
  #text: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #fresh = 0;

  constructor({ memory, layout, bytes }: ShardMemory) {
    this.bytes = bytes;
    this.#words = new Uint32Array(memory.buffer);
    this.#halves = new Uint16Array(memory.buffer);
    this.#seen = layout.scratch.seen;
    // What a dead thread has left behind.
    bytes.fill(0, layout.scratch.seen, layout.scratch.hits);
  }

  scan(setOffset: number, bytes: Uint8Array, start: number, end: number, hits: HitList, fresh = start): void {
    this.#set = setOffset;
    this.#text = bytes;
    // What begins before that ends before `fresh`, too.
    this.#start = Math.max(start, fresh - Math.max(0, this.#word(setOffset + format.AT_MAX_LENGTH) - 1));
    this.#end = end;
    this.#fresh = fresh;
    this.#hits = hits;
    hits.count = 0;
    this.#scanSingles();
    this.#scanLane(format.AT_LONG_LANE, 4);
    this.#scanLane(format.AT_SHORT_LANE, 2);
    for (let i = 0; i < hits.count; i++) this.bytes[this.#seen + (hits.ids[i]! >>> 3)] = 0;
  }

  find(
    from: number,
    to: number,
    literal: number,
    length: number,
    anchor: number,
    nocase: boolean,
    mayCompare: number,
  ): number {
    const { bytes } = this;
    const lower = bytes[literal + anchor]!;
    const upper = nocase && lower >= 0x61 && lower <= 0x7a ? lower & 0xdf : lower;
    const last = to - length + anchor;
    this.compared = 0;
    for (let at = from + anchor; at <= last; at++) {
      const byte = bytes[at]!;
      if (byte !== lower && byte !== upper) continue;
      const same = this.#countSame(at - anchor, literal, length, nocase);
      if (same === length) return at - anchor;
      this.compared += same;
      if (this.compared > mayCompare) return 0;
    }
    return 0;
  }

  copy(to: number, from: number, length: number): void {
    this.bytes.copyWithin(to, from, from + length);
  }

  fold(to: number, from: number, length: number): void {
    for (let i = 0; i < length; i++) this.bytes[to + i] = FOLD[this.bytes[from + i]!]!;
  }

  /** Bytes of the literal that are equal, up to the first that is not. */
  #countSame(text: number, literal: number, length: number, nocase: boolean): number {
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      const byte = bytes[text + i]!;
      if ((nocase ? FOLD[byte] : byte) !== bytes[literal + i]) return i;
    }
    return length;
  }

  #scanSingles(): void {
    let single = this.#set + this.#word(this.#set + format.AT_SINGLES);
    for (let left = this.#word(this.#set + format.AT_SINGLE_COUNT); left > 0; left--, single += format.SINGLE_BYTES) {
      const tagged = this.#word(single + format.ENTRY_ID);
      if (this.#hasByte(this.#word(single), tagged >>> 31 !== 0)) this.#report(tagged & format.ID_MASK);
    }
  }

  #hasByte(wanted: number, nocase: boolean): boolean {
    for (let at = Math.max(this.#start, this.#fresh); at < this.#end; at++) {
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
    const shift = 32 - this.bytes[set + lane + format.LANE_BITS]!;
    const top = 8 * (gramBytes - 1);
    const text = this.#text;
    const end = this.#end;
    let gram = 0;
    for (let i = 0; i < gramBytes - 1 && this.#start + i < end; i++)
      gram |= FOLD[text[this.#start + i]!]! << (8 * (i + 1));
    for (let at = this.#start, ahead = at + gramBytes - 1; ahead < end; at++, ahead++) {
      gram = (gram >>> 8) | (FOLD[text[ahead]!]! << top);
      const after = ahead + 1 < end ? FOLD[text[ahead + 1]!]! : 0;
      if ((this.bytes[filter + (Math.imul(gram, format.HASH_FACTOR) >>> shift)]! >>> (after & 7)) & 1)
        this.#lookUp(lane, gram, at);
    }
  }

  #lookUp(lane: number, gram: number, position: number): void {
    const set = this.#set;
    const bucketBits = this.bytes[set + lane + format.LANE_BITS + 1]!;
    const head =
      set +
      this.#word(set + lane + format.LANE_HEADS) +
      4 * (Math.imul(gram, format.HASH_FACTOR) >>> (32 - bucketBits));
    const entries = set + this.#word(set + lane + format.LANE_ENTRIES);
    const stop = entries + this.#word(head + 4);
    for (let entry = entries + this.#word(head); entry < stop;) {
      const length = this.#halves[(entry + format.ENTRY_LENGTH) >>> 1]!;
      this.#verify(entry, length, position - this.#halves[(entry + format.ENTRY_GRAM_OFFSET) >>> 1]!);
      entry += format.ENTRY_BYTES + ((length + 3) & ~3);
    }
  }

  #verify(entry: number, length: number, start: number): void {
    if (start < this.#start || start + length > this.#end || start + length <= this.#fresh) return;
    const tagged = this.#word(entry + format.ENTRY_ID);
    const id = tagged & format.ID_MASK;
    if (((this.bytes[this.#seen + (id >>> 3)]! >>> (id & 7)) & 1) !== 0) return;
    const nocase = tagged >>> 31 !== 0;
    const wanted = entry + format.ENTRY_BYTES;
    for (let i = 0; i < length; i++) {
      const byte = this.#text[start + i]!;
      if ((nocase ? FOLD[byte] : byte) !== this.bytes[wanted + i]) return;
    }
    this.#report(id);
  }

  /** Patterns equal to this one are found with it. */
  #report(id: number): void {
    const duplicates = this.#word(this.#set + format.AT_DUPLICATES);
    for (;;) {
      this.bytes[this.#seen + (id >>> 3)]! |= 1 << (id & 7);
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
