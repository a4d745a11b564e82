/** Every way of scanning behind one shape, so that each case runs against all of them. */
import { compileKernel, openMatcher } from '../../src/match/literal/kernel-matcher.js';
import type { HitList, Matcher, Pattern } from '../../src/match/literal/matcher.js';
import { NaiveMatcher } from '../../src/match/literal/naive.js';
import { compilePatternSet } from '../../src/match/literal/tables.js';
import { memoryWithTables } from '../support/shard-memory.js';

const kernel = compileKernel('');

function overTables(patterns: readonly Pattern[], module: WebAssembly.Module | undefined): Matcher {
  // Not at the start, so that a reference that was not relocated shows.
  const memory = memoryWithTables(compilePatternSet(patterns), 192);
  const matcher = openMatcher(module, memory);
  const set = memory.layout.tables[0] + 192;
  return { scan: (bytes, start, end, hits, fresh) => matcher.scan(set, bytes, start, end, hits, fresh) };
}

export const matchers: Record<string, (patterns: readonly Pattern[]) => Matcher> = {
  naive: (patterns) => new NaiveMatcher(patterns),
  kernel: (patterns) => overTables(patterns, kernel),
  scalar: (patterns) => overTables(patterns, undefined),
};

export { kernel };

/** `latin1:"abc"` case-sensitive, with a trailing `/i` not. */
export function pattern(text: string, nocase = false): Pattern {
  return { bytes: new Uint8Array(Buffer.from(text, 'latin1')), nocase };
}

export function newHits(capacity: number): HitList {
  return { ids: new Uint32Array(capacity), count: 0 };
}

export function scanAll(
  matcher: Matcher,
  bytes: Uint8Array,
  capacity: number,
  start = 0,
  end = bytes.length,
  fresh = start,
): number[] {
  const hits = newHits(capacity);
  hits.count = 99;
  matcher.scan(bytes, start, end, hits, fresh);
  return [...hits.ids.subarray(0, hits.count)].sort((a, b) => a - b);
}

/** Bytes as the rings hold them: in shared memory, at any alignment, amid bytes that are none of the text's. */
export function shared(text: Uint8Array, offset = 0, filler = 0): Uint8Array {
  const buffer = new SharedArrayBuffer(offset + text.length + 5);
  const all = new Uint8Array(buffer).fill(filler);
  all.set(text, offset);
  return all;
}
