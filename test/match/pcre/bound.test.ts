/** Bounds of what a backtracking engine does, held against a matcher that shares no code with them and counts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundOf } from '../../../src/match/pcre/bound.js';
import { countSteps } from '../naive-backtracker.js';
import { translate } from '../pcre-support.js';

const degree = (pattern: string, flags = ''): number | undefined =>
  boundOf(translate(pattern, flags, 'existence').body).degree;

describe('the power of the length that is proven', () => {
  it.each([
    ['abc', 1],
    ['^abc', 1],
    ['^[a-z]+=[0-9]+;', 1],
    ['^(?:[a-z]+,)+;', 1],
    ['a[^b]{1,20}b', 1],
    ['^(?=.*x)abc', 1],
    [String.raw`^(\w{1,8})-\1!`, 1],
    ['a.*b', 2],
    ['^.*a.*b', 2],
    ['x[^b]*b', 2],
    ['a.*b.*c', 3],
    [String.raw`^(\w+).*\1!`, 3],
    ['^.*(?=.*a)b', 2],
    ['^(?:a|b|ab)*c', undefined],
    ['^(?:a+)+$', undefined],
    [String.raw`^(a+)+\1b`, undefined],
    ['^(?=.*(a|aa)+b).+$', undefined],
    [String.raw`^((a+)+\2)+c`, undefined],
    ['c?x(?<=a{1,900}x)b', undefined],
    ['c?x(?<=a{1,20}x)b', 1],
    ['a(?:|){20}$', undefined],
    ['^(?:(?:|){20}b)*c', undefined],
    ['^(?:(?:|){20})*c', undefined],
    ['^(?!a(?:|){20}$)b', undefined],
    ['^a{400}(?:b|c)', undefined],
  ])('of /%s/ is %s', (pattern, expected) => {
    expect(degree(pattern)).toBe(expected);
  });
});

const raw = String.raw;
const COUNTS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,3}?', '{2,}', '{3,20}', '{0,40}', '*+', '++'];
/** Patterns that backtrack in every way. */
const hostile: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    { weight: 5, arbitrary: fc.constantFrom('a', 'b', '[ab]', '.', '[^a]', 'c', raw`\w`) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom('a', 'b', '[ab]', '.', '[^b]'), fc.constantFrom(...COUNTS))
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
        '(?<=a)',
        '(?<!ab|b)',
        '(?<=[ab]{1,3})',
        '(?:)',
        '(?:|)',
      ),
    },
    { weight: 6, arbitrary: fc.tuple(tie('node'), tie('node')).map((parts) => parts.join('')) },
    { weight: 3, arbitrary: fc.tuple(tie('node'), tie('node')).map((parts) => `(?:${parts.join('|')})`) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('(', '(?=', '(?!', '(?>'), tie('node'))
        .map(([open, node]) => `${open}${node})`),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom('(?:', '('), tie('node'), fc.constantFrom(...COUNTS))
        .map(([open, node, count]) => `${open}${node})${count}`),
    },
  ),
})).node;
const texts = fc
  .tuple(
    fc.constantFrom('', 'a', 'b', 'ab', 'cA'),
    fc.constantFrom('a', 'b', 'ab', 'aab', 'abc', 'ba', 'A', 'a\n'),
    fc.integer({ min: 1, max: 30 }),
    fc.constantFrom('', 'b', 'c', '!', 'ab', '\n'),
  )
  .map(([lead, pump, rounds, end]) => lead + pump.repeat(rounds) + end);

it('no matcher that backtracks takes more steps than proven', () => {
  let proven = 0;
  fc.assert(
    fc.property(
      fc.tuple(fc.constantFrom('', '^'), hostile, fc.constantFrom('', '!', '!$')),
      fc.array(texts, { minLength: 6, maxLength: 6 }),
      ([start, middle, end], subjects) => {
        const pattern = `${start}(?:${middle})(a)?${end}`;
        for (const use of ['existence', 'groups'] as const) {
          const { body } = translate(pattern, 's', use);
          const bound = boundOf(body);
          if (bound.degree === undefined) continue;
          proven++;
          for (const subject of subjects) {
            // A step of the bound is an edge, with the groups, repeats and assertions on it.
            const most = bound.on(subject.length) * GLUE;
            const { steps } = countSteps(body, subject, most + 1);
            expect(steps, `/${pattern}/ on ${JSON.stringify(subject)}`).toBeLessThanOrEqual(most);
          }
        }
      },
    ),
    { numRuns: 2000, seed: 11 },
  );
  expect(proven).toBeGreaterThan(500);
});

/** Nodes of a pattern that stand between two of its bytes, at most, in patterns as deep as these. */
const GLUE = 12;
