/**
 * The multi-pattern prefilter: the kernel and its scalar twin over payloads of captured packets, in segments of 1400
 * bytes. Both must find the same in every segment, the naive matcher the same in some, and patterns put into segments
 * must be found; else the figure is worth nothing and the benchmark fails.
 */
import { compileKernel, openMatcher } from '../../build/match/literal/kernel-matcher.js';
import { NaiveMatcher } from '../../build/match/literal/naive.js';
import { compilePatternSet } from '../../build/match/literal/tables.js';
import { expect, rate } from './harness.mjs';
import { memoryWithTables } from './shard-memory.mjs';
import { SEGMENT_BYTES, pickPatterns, segments } from './patterns.mjs';

const SEGMENTS = 1024;
const NAIVE_SEGMENTS = 4;
const PLANT_EVERY = 16;

const idsOf = (hits) => hits.ids.slice(0, hits.count).sort().join(' ');

/** Puts a pattern into every 16th segment. @returns its id by segment. */
function plant(text, patterns) {
  const planted = new Map();
  for (let segment = 0; segment < SEGMENTS; segment += PLANT_EVERY) {
    const id = (segment * 7919) % patterns.length;
    const { bytes } = patterns[id];
    if (bytes.length > SEGMENT_BYTES) continue;
    text.set(bytes, segment * SEGMENT_BYTES + ((segment * 31) % (SEGMENT_BYTES - bytes.length + 1)));
    planted.set(segment, id);
  }
  return planted;
}

/** Hits over all segments; throws where matchers disagree. */
function check(text, patterns, matchers) {
  const naive = new NaiveMatcher(patterns);
  const hits = { ids: new Uint32Array(patterns.length), count: 0 };
  const planted = plant(text, patterns);
  for (const { bytes, at } of matchers) bytes.set(text, at);
  let total = 0;
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const [start, end] = [segment * SEGMENT_BYTES, (segment + 1) * SEGMENT_BYTES];
    const found = matchers.map(({ matcher, set, bytes, at }) => {
      matcher.scan(set, bytes, at + start, at + end, hits);
      if (planted.has(segment))
        expect(
          hits.ids.subarray(0, hits.count).includes(planted.get(segment)),
          true,
          `pattern put into segment ${segment}`,
        );
      return idsOf(hits);
    });
    total += hits.count;
    for (const ids of found) expect(ids, found[0], `hits of the matchers in segment ${segment}`);
    if (segment >= NAIVE_SEGMENTS) continue;
    naive.scan(text, start, end, hits);
    expect(found[0], idsOf(hits), `hits in segment ${segment}, by the naive matcher`);
  }
  return total;
}

/** A scanner with these tables, and where in its memory a text lies. */
function make(kernel, tables, textBytes) {
  const {
    memory,
    tables: { patterns },
  } = memoryWithTables(tables, textBytes);
  return { matcher: openMatcher(kernel, memory), set: patterns, bytes: memory.bytes, at: memory.layout.arena };
}

const prepared = new Map();

function prepare(source, count) {
  const key = `${source} ${count}`;
  if (!prepared.has(key)) {
    const { patterns, of } = pickPatterns(source, count);
    const started = performance.now();
    const tables = compilePatternSet(patterns);
    const buildMs = performance.now() - started;
    const text = segments(SEGMENTS);
    const makers = { kernel: compileKernel(''), scalar: undefined };
    const matchers = Object.fromEntries(
      Object.entries(makers).map(([name, kernel]) => [name, make(kernel, tables, text.length)]),
    );
    const hits = check(text, patterns, Object.values(matchers));
    prepared.set(key, {
      patterns,
      text,
      matchers,
      facts: {
        patterns: patterns.length,
        of,
        hits,
        buildMs: Math.round(buildMs),
        tableKB: Math.round(tables.length / 1000),
      },
    });
  }
  return prepared.get(key);
}

function scan(source, count, which) {
  const { patterns, text, matchers, facts } = prepare(source, count);
  const { matcher, set, bytes, at } = matchers[which];
  const hits = { ids: new Uint32Array(patterns.length), count: 0 };
  const value =
    rate(() => {
      let total = 0;
      for (let segment = 0; segment < SEGMENTS; segment++) {
        matcher.scan(set, bytes, at + segment * SEGMENT_BYTES, at + (segment + 1) * SEGMENT_BYTES, hits);
        total += hits.count;
      }
      expect(total, facts.hits, 'hits');
      return text.length;
    }, 1.5) / 1e6;
  return which === 'kernel' ? { value, ...facts } : { value };
}

export const matcherBenches = [
  ['project', 40],
  ['et-open', 7400],
  ['et-open', 29_000],
].flatMap(([source, count]) =>
  ['kernel', 'scalar'].map((which) => ({
    name: `matcher: ${count} patterns, ${which}`,
    unit: 'MB/s',
    run: () => scan(source, count, which),
  })),
);
