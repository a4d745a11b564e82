/**
 * What is said about patterns that backtrack without bound, by growth of steps in a matcher that shares no code with
 * it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBacktracking, type Backtracking } from '../../../src/match/pcre/backtracking.js';
import { isForMachine } from '../../../src/match/pcre/pcre.js';
import { countSteps } from '../naive-backtracker.js';
import { hasRuleSets, patternsOf, RULE_SETS, translate } from '../pcre-support.js';

const raw = String.raw;

function find(pattern: string, flags = '', isCovered = false): Backtracking | undefined {
  const { body, groups } = translate(pattern, flags, 'existence');
  return findBacktracking(body, groups.length - 1, isCovered);
}

const LIMIT = 200_000;

interface Growth {
  /** With which steps grow when a hostile text's rounds are doubled, as near to the limit as that goes. */
  readonly power: number;
  /** Length of what is repeated in the text that takes more steps than the limit. */
  readonly bytes: number;
}

/** How the naive matcher's steps grow on hostile texts; the pattern must fail on each. */
function growthOf(pattern: string, flags: string, { segments, suffix }: Backtracking): Growth {
  const { body } = translate(pattern, flags, 'existence');
  const steps = [0];
  let bytes = Infinity;
  for (let rounds = 1; rounds <= 64 && bytes === Infinity; rounds++) {
    const text = segments.map(({ text: lead, pump }) => lead + pump.repeat(rounds)).join('') + suffix;
    const outcome = countSteps(body, text, LIMIT);
    expect(outcome.matched).toBe(false);
    if (outcome.exceeded) bytes = rounds * segments.reduce((sum, { pump }) => sum + pump.length, 0);
    else steps.push(outcome.steps);
  }
  const rounds = 2 * Math.floor((steps.length - 1) / 2);
  return { power: Math.log2(steps[rounds]! / steps[rounds / 2]!), bytes };
}

function expectGrowth(pattern: string, flags: string, found: Backtracking): void {
  const { power, bytes } = growthOf(pattern, flags, found);
  expect(power).toBeGreaterThan(found.kind === 'exponential' ? 2.8 : 2.2);
  if (found.kind === 'exponential') expect(bytes).toBeLessThan(60);
}

describe('exponential', () => {
  it.each([
    ['^(a+)+$', '', '(a+)+'],
    ['^(a*)*b', '', '(a*)*'],
    ['^(?:a|a)*$', '', undefined],
    ['^(?:a|ab|b)*c', '', '(?:a|ab|b)*'],
    [raw`^(\w+\s?)*$`, '', raw`(\w+\s?)*`],
    ['x(?:[a-z]+,?)+;', 'i', '(?:[a-z]+,?)+'],
    [raw`^Location\x3a(\s*|\s*\r?\n\s+)*URL`, 'i', raw`(\s*|\s*\r?\n\s+)*`],
    [raw`(a)(?:b+c?)+d\1`, '', '(?:b+c?)+'],
    ['x(?=(?:a+)+b)', '', '(?:a+)+'],
    ['^(?:a{2}|a{3})+$', '', '(?:a{2}|a{3})+'],
    [raw`^(.)(?:\1|a)*$`, '', raw`(?:\1|a)*`],
  ])('/%s/%s', (pattern, flags, repeat) => {
    const found = find(pattern, flags);
    if (repeat === undefined) {
      // A choice of the same bytes is one set.
      expect(found).toBeUndefined();
      return;
    }
    expect(found).toMatchObject({ kind: 'exponential' });
    expect(pattern.slice(found!.at, found!.end)).toBe(repeat);
    expectGrowth(pattern, flags, found!);
  });
});

describe('a power of the length', () => {
  it.each([
    [raw`a.*b.*c.*d(?=\1)(x)`, 's'],
    [raw`x\s+(?!\s+y)[ ;]\s+[ ;]\s+z`, ''],
    ['a.*b.*c', 's'],
    [raw`^(.)[^"]*{[^"]*}[^"]*""\1`, ''],
  ])('/%s/%s', (pattern, flags) => {
    const found = find(pattern, flags);
    expect(found).toMatchObject({ kind: 'polynomial' });
    expect(find(pattern, flags, true)).toBeUndefined();
    expectGrowth(pattern, flags, found!);
  });
});

describe('nothing is said of', () => {
  it.each([
    // Trimmed where it only matters whether it matches.
    ['(a+)+', ''],
    ['(a+)+$', ''],
    [raw`\s+$`, ''],
    ['(x+x+)+y', ''],
    // Deterministic.
    [raw`^(?:[a-z]+\.)+$`, ''],
    [raw`^"(?:[^"\\]|\\.)*"$`, 's'],
    ['^(?:ab|cd)*$', ''],
    ['^(?:a{3}b?)+$', ''],
    // Ended by what they cannot take back.
    ['^(?>(a+)+)$', ''],
    ['^(?:a++b?)*+c', ''],
    // Bounded.
    ['^(?:a|ab){1,5}c', ''],
    ['^[a-z]{1,20}[a-z0-9]{1,20}!', ''],
    // A square.
    ['a.*b', 's'],
    ['^.*a.*b', 's'],
    // Always a match.
    ['^(?:a*)*', ''],
    ['^(?:a|b|ab)*', ''],
  ])('/%s/%s', (pattern, flags) => {
    expect(find(pattern, flags)).toBeUndefined();
  });
});

describe('patterns made at random', () => {
  const loops: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      { weight: 4, arbitrary: fc.constantFrom('a', 'b', '[ab]', 'c', 'a+', 'b*', 'a?') },
      { weight: 3, arbitrary: fc.tuple(tie('node'), tie('node')).map((parts) => parts.join('')) },
      { weight: 2, arbitrary: fc.tuple(tie('node'), tie('node')).map((parts) => `(?:${parts.join('|')})`) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(tie('node'), fc.constantFrom('*', '+', '*?', '{0,40}'))
          .map(([node, count]) => `(?:${node})${count}`),
      },
    ),
  })).node;
  const anchored = loops.map((loop) => `^(?:${loop})!`);
  const texts = ['a', 'b', 'c', 'ab', 'ba', 'abc', 'aab', 'bba', 'abab'].flatMap((pump) =>
    ['', 'a', 'b', 'c'].map((lead) => ({ lead, pump })),
  );

  it('that are called exponential are', () => {
    let flagged = 0;
    fc.assert(
      fc.property(anchored, (pattern) => {
        const found = find(pattern);
        if (found?.kind !== 'exponential') return;
        flagged++;
        expectGrowth(pattern, '', found);
      }),
      { numRuns: 300, seed: 5 },
    );
    expect(flagged).toBeGreaterThan(20);
  });

  it('of which nothing is said grow with a small power at most', () => {
    let quiet = 0;
    fc.assert(
      fc.property(anchored, (pattern) => {
        if (find(pattern) !== undefined) return;
        quiet++;
        const { body } = translate(pattern, '', 'existence');
        for (const { lead, pump } of texts) {
          const steps = [8, 16].map((rounds) => countSteps(body, lead + pump.repeat(rounds), 100_000));
          expect(
            steps.some(({ exceeded }) => exceeded),
            `${pattern} on ${lead}(${pump})+`,
          ).toBe(false);
          expect(steps[1]!.steps / steps[0]!.steps).toBeLessThan(24);
        }
      }),
      { numRuns: 150, seed: 6 },
    );
    expect(quiet).toBeGreaterThan(50);
  });
});

if (!hasRuleSets) console.warn('skipped: no rule sets in ../shared/rules');

/** By sid; those of which a linear-time run has no hold. */
const FLAGGED: Readonly<Record<(typeof RULE_SETS)[number], readonly number[]>> = {
  'et-open-2024-03': [2017463, 2019091, 2019375, 2020975, 2022566, 2024007],
  'snort2-community-2026-07': [41349, 41748, 44008, 46300, 46308, 46513, 46517, 46778, 57908],
  'snort3-community-2026-05': [41349, 41748, 44008, 46300, 46308, 46513, 46517, 46778, 57908],
};

describe.skipIf(!hasRuleSets)('the patterns that people run', () => {
  it.each(RULE_SETS)(
    '%s: every warning is borne out',
    (name) => {
      const flagged = new Set<number>();
      const tried = new Map<string, boolean>();
      for (const { sid, pattern, flags } of patternsOf(name)) {
        const key = `${flags}/${pattern}`;
        let isFlagged = tried.get(key);
        if (isFlagged === undefined) {
          const { flags: letters, obstacle } = translate(pattern, flags, 'existence');
          const found = obstacle === undefined && !isForMachine(letters) ? undefined : find(pattern, flags);
          if (found !== undefined) expectGrowth(pattern, flags, found);
          isFlagged = found !== undefined;
          tried.set(key, isFlagged);
        }
        if (isFlagged) flagged.add(sid);
      }
      expect([...flagged].sort((a, b) => a - b)).toEqual(FLAGGED[name]);
    },
    30_000,
  );
});
