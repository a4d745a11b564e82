/**
 * The oracle of the fast matchers: every pattern is tried at every position. Slow, and obviously right.
 */
import type { HitList, Matcher, Pattern } from './matcher.js';

export class NaiveMatcher implements Matcher {
  readonly #patterns: readonly Pattern[];

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
  }

  scan(bytes: Uint8Array, start: number, end: number, hits: HitList, fresh = start): void {
    hits.count = 0;
    this.#patterns.forEach((pattern, id) => {
      if (occurs(pattern, bytes, start, end, fresh)) hits.ids[hits.count++] = id;
    });
  }
}

function occurs(pattern: Pattern, bytes: Uint8Array, start: number, end: number, fresh: number): boolean {
  for (let at = start; at + pattern.bytes.length <= end; at++) {
    if (at + pattern.bytes.length > fresh && occursAt(pattern, bytes, at)) return true;
  }
  return false;
}

function occursAt(pattern: Pattern, bytes: Uint8Array, at: number): boolean {
  return pattern.bytes.every((wanted, i) => {
    const found = bytes[at + i]!;
    return pattern.nocase ? lower(wanted) === lower(found) : wanted === found;
  });
}

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);
