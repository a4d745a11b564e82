/**
 * Patterns made to keep whoever reads them busy: nested counts that multiply, thousands of branches, depth. That each
 * is read, translated, analysed and made ready at all is the test: without limits, these take hours or all memory.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAutomaton } from '../../src/match/pcre/automaton.js';
import { findBacktracking } from '../../src/match/pcre/backtracking.js';
import { boundOf } from '../../src/match/pcre/bound.js';
import { PcreExpression } from '../../src/match/pcre/expression.js';
import { PcreStack } from '../../src/match/pcre/machine.js';
import { readPcre, translatePattern } from '../../src/match/pcre/pcre.js';

/** As long as a rule's value may be. */
const LENGTH = 8192;
const USES = ['existence', 'position', 'groups'] as const;
const stack = new PcreStack();

/** Goes all the way that a pattern goes; undefined where it is refused. */
function goThrough(pattern: string): { readonly printed: number; readonly steps: number } | undefined {
  const read = readPcre(pattern, '');
  if (!read.ok) return undefined;
  let printed = 0;
  let steps = 0;
  for (const use of USES) {
    const translated = translatePattern(read, use);
    printed = Math.max(printed, translated.source.length);
    boundOf(translated.body);
    findBacktracking(translated.body, read.pattern.groupCount, translated.obstacle === undefined);
    const { machine } = new PcreExpression(read, use, stack);
    machine.find('ab'.repeat(50), 0, 20_000);
    steps = Math.max(steps, machine.steps);
  }
  return { printed, steps };
}

const nest = (open: string, core: string, close: string, depth: number): string =>
  open.repeat(depth) + core + close.repeat(depth);
const fill = (start: string, unit: string, end = ''): string =>
  start + unit.repeat(Math.floor((LENGTH - start.length - end.length) / unit.length)) + end;
const raw = String.raw;

describe('what is made to multiply', () => {
  it.each(
    Object.entries({
      'counts of counts': '((a{65535}){65535}){65535}',
      'ranges of ranges': fill('', '(?:a{0,65535}){0,65535}'),
      'counts of nothing': nest('(?:', '', '){8}', 200),
      'large counts of nothing': nest('(?:', '', '){65535}', 200),
      'optional counts of nothing': nest('(?:(?:){0,8}', '', '){0,8}', 100),
      'counts of assertions': nest('(?:', raw`\b`, '){0,8}', 200),
      'counts of lookaheads': nest('(?:', '(?=a)', '){8}', 200),
      'counts of lookaheads with a reference': nest('(?:', raw`(?=(a)\1)`, '){8}', 200),
      'counts of a reference to nothing': `()${nest('(?:', raw`\1`, '){8}', 200)}`,
      'counts just above what the linear engine unfolds': nest('(?:', 'a', '){1,17}', 200),
      'references to references':
        `(a)${Array.from({ length: 600 }, (_, i) => raw`(\g{${i + 1}}\g{${i + 1}})`).join('')}`.slice(0, LENGTH),
      'edges that double': nest('(?:', 'a{2}', '){2}', 200),
      'loops in loops': nest('(', 'a*', 'b?)*', 240),
      'lookbehinds in lookbehinds': nest('(?<=', 'a{1,9}', ')', 200),
      'words that must not follow': fill('(?!', '[ab]?', ')x'),
      'negative lookaheads': fill('^', '(?!a{0,32})', 'b'),
      branches: fill('(?:', 'ab|', 'c)x'),
      'empty branches': fill('', '|'),
      'branches with groups': fill('(?:', '(a)|', 'b)x'),
      'branches with references': fill('()(?:', raw`\1|`, 'b)x'),
      'possessive repeats': fill('', 'a*+'),
      'optional bytes': fill('', 'a?'),
      'newline sequences': fill('', raw`\R+`),
      'brackets that open': fill('', '[:'),
      'classes that look like POSIX': fill('', '[[:'),
      braces: fill('', 'a{1'),
    }),
  )('%s', (_, pattern) => {
    const done = goThrough(pattern);
    if (done === undefined) return;
    // Each byte of a pattern is at most a class, or a newline sequence in full; the linear engine's counts add a few
    // thousand.
    expect(done.printed).toBeLessThan(25 * LENGTH);
    expect(done.steps).toBeLessThan(30_000);
  });

  it('is given up where it has too many parts, edges or bytes', () => {
    for (const pattern of [`()${nest('(?:', raw`\1`, '){8}', 60)}`, fill('', 'a?'), nest('(', 'a*', 'b?)*', 240)]) {
      const read = readPcre(pattern, '');
      expect(read.ok && buildAutomaton(translatePattern(read, 'groups').body), pattern.slice(0, 40)).toBeUndefined();
    }
  });
});

const counts = fc.constantFrom('*', '+', '?', '{8}', '{0,8}', '{17}', '{1,17}', '{65535}', '{0,65535}?', '{2,}', '*+');
const hostile: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 8 },
    { weight: 4, arbitrary: fc.constantFrom('', 'a', '[ab]', '.', raw`\b`, '^', raw`\1`, raw`\R`, '(?:|)') },
    {
      weight: 3,
      arbitrary: fc.tuple(tie('node'), fc.constantFrom('', '|'), tie('node')).map((parts) => `(?:${parts.join('')})`),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom('(', '(?:', '(?=', '(?!', '(?<=', '(?>'), tie('node'), counts)
        .map(([open, node, count]) => `${open}${node})${count}`),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('(?:', '(', '(?>'), tie('node'), counts, fc.integer({ min: 2, max: 60 }))
        .map(([open, node, count, depth]) => nest(open, node, `)${count}`, depth)),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(tie('node'), fc.integer({ min: 2, max: 200 })).map(([node, times]) => node.repeat(times)),
    },
  ),
})).node;

it('patterns made at random with all of this are done with, too', () => {
  let read = 0;
  fc.assert(
    fc.property(hostile, (node) => {
      const done = goThrough(`()${node}b`.slice(0, LENGTH));
      if (done === undefined) return;
      read++;
      expect(done.printed).toBeLessThan(25 * LENGTH);
      expect(done.steps).toBeLessThan(30_000);
    }),
    { numRuns: 150, seed: 4 },
  );
  expect(read).toBeGreaterThan(50);
});
