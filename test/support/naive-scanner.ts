/** A prefilter that tries every pattern everywhere, and whose "tables" are the patterns themselves. */
import type { HitList, Pattern, SetMatcher } from '../../src/match/literal/matcher.js';
import { NaiveMatcher } from '../../src/match/literal/naive.js';

/** Count, then per pattern its length (bit 31: nocase) and its bytes, each padded to 4. */
export function naiveTables(patterns: readonly Pattern[]): Uint8Array {
  const words: number[] = [patterns.length];
  for (const { bytes, nocase } of patterns) words.push(bytes.length | (nocase ? 0x80000000 : 0) | 0, ...bytes);
  return new Uint8Array(Int32Array.from(words).buffer);
}

export class NaiveScanner implements SetMatcher {
  readonly #memory: ArrayBufferLike;
  readonly #matchers = new Map<number, NaiveMatcher>();
  /** Scans so far. */
  scans = 0;

  constructor(memory: ArrayBufferLike) {
    this.#memory = memory;
  }

  scan(tables: number, bytes: Uint8Array, start: number, end: number, hits: HitList, fresh = start): void {
    this.scans++;
    let matcher = this.#matchers.get(tables);
    if (matcher === undefined) {
      matcher = new NaiveMatcher(this.#patterns(tables));
      this.#matchers.set(tables, matcher);
    }
    matcher.scan(bytes, start, end, hits, fresh);
  }

  #patterns(tables: number): Pattern[] {
    const words = new Int32Array(this.#memory, tables);
    let at = 1;
    return Array.from({ length: words[0] }, () => {
      const length = words[at] & 0x7fffffff;
      const nocase = words[at] < 0;
      const bytes = Uint8Array.from(words.subarray(at + 1, at + 1 + length));
      at += 1 + length;
      return { bytes, nocase };
    });
  }
}
