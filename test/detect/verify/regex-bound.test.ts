/**
 * Expressions and texts made for each other, so that backtracking explodes: no search takes more than its share,
 * whichever engine it is that runs it, and where two engines come to an end they agree. A search without a bound shows
 * as a test that never ends. `npm test` plays a dozen of expressions; PERISCOPE_PCRE_FUZZ=2000 plays so many and
 * tells the longest search of each engine, PERISCOPE_PCRE_FUZZ_SEED plays others.
 */
import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { RuleSet } from '../../../src/block/rule-set.js';
import { DEFAULT_REGEX_LIMITS, RegexCache, type RegexLimits } from '../../../src/detect/verify/regex-cache.js';
import { PCRE_USES, type PcreUse } from '../../../src/match/pcre/simplify.js';

const EXPRESSIONS = Number(process.env['PERISCOPE_PCRE_FUZZ'] ?? 12);
const SEED = Number(process.env['PERISCOPE_PCRE_FUZZ_SEED'] ?? 20_261_122);
const IS_LONG = EXPRESSIONS > 100;

// As the pool of shards does it.
beforeAll(() => setFlagsFromString('--enable-experimental-regexp-engine'));

const raw = String.raw;
const COUNTS = [
  '*',
  '+',
  '?',
  '*?',
  '+?',
  '??',
  '{2}',
  '{1,2}',
  '{0,3}?',
  '{2,}',
  '{3,20}',
  '{17}',
  '{0,40}',
  '{100}',
  '{0,1000}',
  '{1,65535}?',
  '*+',
  '++',
  '{2,9}+',
];
const hostile: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    { weight: 5, arbitrary: fc.constantFrom('a', 'b', '[ab]', '.', '[^a]', 'c', raw`\w`, raw`\R`) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom('a', 'b', '[ab]', '.', '[^b]', raw`\s`), fc.constantFrom(...COUNTS))
        .map((parts) => parts.join('')),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '^',
        '$',
        raw`\b`,
        raw`\1`,
        raw`(?i)\1`,
        raw`\2`,
        '(?<=a)',
        '(?<!ab|b)',
        '(?<=[ab]{1,3})',
        '(?m)',
        '(?:)',
      ),
    },
    { weight: 6, arbitrary: fc.tuple(tie('node'), tie('node')).map((parts) => parts.join('')) },
    { weight: 3, arbitrary: fc.tuple(tie('node'), tie('node')).map((parts) => `(?:${parts.join('|')})`) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('(', '(?=', '(?!', '(?>', '(?<='), tie('node'))
        .map(([open, node]) => `${open}${node})`),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom('(?:', '(', '(?>'), tie('node'), fc.constantFrom(...COUNTS))
        .map(([open, node, count]) => `${open}${node})${count}`),
    },
  ),
})).node;
const expressions = fc
  .tuple(fc.constantFrom('', '^', 'x*', '(a|b)'), hostile, fc.constantFrom('', '!', '!$', raw`\1!`))
  .map(([start, middle, end]) => `${start}(?:${middle})(a)?(b)?${end}`);
const KNOWN = [
  raw`(a+)+\1b`,
  '^(?=.*(a|aa)+b).+$',
  raw`((a+)+\2)+c`,
  'a.*b',
  'a.*b.*c',
  'a.*b.*c.*d.*e',
  '.+?[^a].*!',
  '(?:a|b|ab)*c',
  '^(?:(a??){0,1000})!',
  '(?<=(?:a|b|ab)*)c',
  '(?>(?:a|aa)+)b',
  '(?:a++b?)*+c',
  '(?!(?:a+)+b)!',
];

const PUMPS = ['a', 'ab', 'aab', 'abc', 'a\n', 'A', 'x'];
const TEXTS = PUMPS.flatMap((pump) =>
  [80, 1460, ...(pump === 'a' || IS_LONG ? [65_536] : [])].map(
    (length) => `${pump.repeat(Math.ceil(length / pump.length)).slice(0, length - 1)}c`,
  ),
);

/** As a rule has it. */
const SHARE = 50_000;
/**
 * Units of work that a search may be over its share: the text's length counts, and a tight loop over it or the stack is
 * seen through.
 */
const MARGIN = SHARE / 4;
const ENGINES: Readonly<Record<string, RegexLimits>> = {
  all: DEFAULT_REGEX_LIMITS,
  machine: { proven: 0, linear: 0 },
  linear: { proven: 0, linear: DEFAULT_REGEX_LIMITS.linear },
};

function cacheOf(pattern: string, use: PcreUse, limits: RegexLimits): RegexCache {
  const rules: Pick<RuleSet, 'regexSource' | 'regexFlags' | 'regexUse'> = {
    regexSource: () => pattern,
    regexFlags: () => 's',
    regexUse: () => use,
  };
  return new RegexCache(rules as RuleSet, limits);
}

it('no search takes more than its share', () => {
  const longest: Record<string, { ms: number; search: string }> = {};
  const done = { searches: 0, exceeded: 0 };
  for (const pattern of [...KNOWN, ...fc.sample(expressions, { numRuns: EXPRESSIONS, seed: SEED })]) {
    for (const use of PCRE_USES) {
      const caches = Object.entries(ENGINES).map(([engine, limits]) => ({
        engine,
        cache: cacheOf(pattern, use, limits),
      }));
      for (const text of TEXTS) {
        const search = `/${pattern}/ for ${use} on ${text.length} bytes of ${JSON.stringify(text.slice(0, 3))}`;
        const found = new Set<string>();
        for (const { engine, cache } of caches) {
          cache.begin();
          const start = performance.now();
          const matches = cache.find(0, text, 0, use !== 'existence', SHARE);
          const ms = performance.now() - start;
          if (ms > (longest[engine]?.ms ?? 0)) longest[engine] = { ms, search };
          expect(cache.cost, search).toBeLessThanOrEqual(SHARE + MARGIN);
          done.searches++;
          if (cache.exceeded) done.exceeded++;
          else
            found.add(!matches || use === 'existence' ? String(matches) : `${cache.matchStart} to ${cache.matchEnd}`);
        }
        expect(found.size, `${search}: ${[...found].join(', ')}`).toBeLessThan(2);
      }
    }
  }
  if (IS_LONG) console.log(JSON.stringify({ ...done, longest }, undefined, 1));
  // Both happen often.
  expect(done.exceeded).toBeGreaterThan(0.01 * done.searches);
  expect(done.exceeded).toBeLessThan(0.5 * done.searches);
}, 3_600_000);

it('nor do all searches of a packet together: behind what is proven, and what the linear-time engine may, all is counted', () => {
  const cache = cacheOf('a[^c]*b', 'existence', { proven: 100_000, linear: 100_000 });
  const text = 'a'.repeat(2000);
  let charged = 0;
  let searches = 0;
  for (; searches < 1000 && charged < 500_000; searches++) {
    cache.find(0, text, 0, false, SHARE);
    charged += cache.cost;
  }
  // Two million steps of backtracking each: nothing is free once the proven steps are gone.
  expect(searches).toBeLessThan(100);
});
