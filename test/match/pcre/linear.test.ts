/** Which patterns come within reach of V8's linear-time engine, and that it finds the same in them. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isForMachine, readPcre, translatePattern } from '../../../src/match/pcre/pcre.js';
import { hasRuleSets, patternFlags, patterns, patternsOf, RULE_SETS, subjects, translate } from '../pcre-support.js';

/**
 * Runs a script on data in a process of its own, for the flag changes how the engine treats every expression after it.
 */
function inLinearProcess<T>(script: string, data: unknown): T {
  const output = execFileSync(process.execPath, ['--enable-experimental-regexp-engine', '-e', script], {
    input: JSON.stringify(data),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return JSON.parse(output) as T;
}

const READ = "const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));";

describe('what the linear engine takes', () => {
  it.each([
    ['[^"]*+"', ''],
    [String.raw`\d++$`, 'E'],
    ['a.b[c-e]', 'i'],
    ['[a-f0-9]{32}', 'i'],
    ['(?:ab){18}', ''],
    ['x{20,}', ''],
    ['a{1,20}', ''],
    ['(?:a{1,20}b){1,20}', ''],
    ['(?!a)[a-z]+', ''],
    ['(a|b){17}', ''],
  ])('/%s/%s wherever it matches', (pattern, flags) => {
    expect(translate(pattern, flags, 'position').obstacle).toBeUndefined();
  });

  it.each([
    ['a$', ''],
    ['^(?:a|b$)', ''],
    ['^a', 'm'],
    ['a$', 'm'],
    ['^a$', 'm'],
    ['a(?=b)', ''],
    ['a(?!b)', ''],
    ['a(?!bc|[de]{2})', ''],
    ['(?<=a)b', ''],
    ['(?<!ab)c', ''],
    ['(?:^|x)(?>a|ab)', ''],
  ])('/%s/%s where it only matters whether it matches', (pattern, flags) => {
    expect(translate(pattern, flags, 'existence').obstacle).toBeUndefined();
    expect(translate(pattern, flags, 'position').obstacle).toBeDefined();
  });

  it.each([
    [String.raw`(a)\1b`, 'back-reference', String.raw`\1`],
    ['x(?=ab)[^c]+d', 'lookahead', '(?=ab)'],
    ['x(?<!ab)y', 'lookbehind', '(?<!ab)'],
    ['x(?>a|ab)c', 'atomic group', '(?>a|ab)'],
    ['xa++ab', 'possessive repeat', 'a++'],
    ['(?m)a^b', 'line anchor', '^'],
    ['xa{5000}b', 'counted repeat', 'a{5000}'],
  ])('%s has a %s in the way', (pattern, construct, text) => {
    const { obstacle } = translate(pattern, '', 'existence');
    expect(obstacle).toMatchObject({ construct });
    expect(pattern.slice(obstacle!.at, obstacle!.end)).toBe(text);
  });
});

it('counts are unfolded for the linear engine alone: a backtracking one may take more ways through what is unfolded', () => {
  const { source, linearSource } = translate('^(?:a??){0,40}b', '', 'existence');
  expect(source).toBe('^(?:a??){0,40}b');
  expect(linearSource).toContain('(?:a??){16}');
  expect(translate(String.raw`(a)\1`, '', 'existence').linearSource).toBeUndefined();
});

describe('only whether a pattern matches', () => {
  it.each([
    [String.raw`\s*foo.*`, 'foo'],
    ['a+', 'a'],
    ['(?:ab+){2}', 'ab+ab'],
    ['(?:a|)b|', '(?:)'],
    ['^a*', '^'],
    ['(foo|bar)+x*', 'foo|bar'],
  ])('%s is %s', (pattern, source) => {
    expect(translate(pattern, '', 'existence').source).toBe(source);
  });

  it('leaves alone what references refer to and what is possessive', () => {
    expect(translate(String.raw`(a+)b\1`, '', 'existence').source).toBe(String.raw`(a+)b(?:\1)`);
    expect(new RegExp(translate('a++ab', '', 'existence').source).test('aab')).toBe(false);
  });
});

it('finds the same as the backtracking engine', () => {
  const cases = fc
    .sample(fc.tuple(patterns, patternFlags, fc.array(subjects, { minLength: 4, maxLength: 4 })), {
      numRuns: 3000,
      seed: 11,
    })
    .flatMap(([pattern, flags, texts]) => {
      const read = readPcre(pattern, flags);
      return read.ok
        ? (['existence', 'position'] as const).flatMap((use) => {
            const { source, linearSource, flags: letters } = translatePattern(read, use);
            return linearSource === undefined ? [] : [[source, linearSource, letters, texts] as const];
          })
        : [];
    });
  expect(cases.length).toBeGreaterThan(1000);
  const differences = inLinearProcess<string[]>(
    `${READ}
    const run = (source, flags, text) => JSON.stringify(new RegExp(source, flags).exec(text)?.[0] ?? null);
    console.log(JSON.stringify(cases.flatMap(([source, linear, flags, texts]) => texts.filter((text) => run(source, flags, text) !== run(linear, flags + 'l', text)).map((text) => source + ' on ' + text))));`,
    cases,
  );
  expect(differences).toEqual([]);
});

if (!hasRuleSets) console.warn('skipped: no rule sets in ../shared/rules');

describe.skipIf(!hasRuleSets)('the patterns that people run', () => {
  const counts = { 'et-open-2024-03': 9660, 'snort2-community-2026-07': 1078, 'snort3-community-2026-05': 1080 };
  /** Of these, when only asked whether they match. */
  const linear = { 'et-open-2024-03': 8900, 'snort2-community-2026-07': 790, 'snort3-community-2026-05': 790 };

  it.each(RULE_SETS)('all of %s are translated, and are linear for V8 where the translation says so', (name) => {
    const all = patternsOf(name);
    expect(all.length).toBe(counts[name]);
    const claims = all.map(({ pattern, flags }) => translate(pattern, flags, 'existence'));
    expect(
      claims.filter(({ obstacle, flags }) => obstacle === undefined && !isForMachine(flags)).length,
    ).toBeGreaterThan(linear[name]);
    const cases = claims.flatMap(({ source, linearSource, flags }) =>
      isForMachine(flags) ? [] : [[linearSource ?? source, flags, linearSource !== undefined]],
    );
    expect(claims.length - cases.length).toBeLessThanOrEqual(1);
    // A newer V8 takes more: lookbehind, to begin with.
    expect(
      inLinearProcess(
        `${READ}
      const takes = (source, flags) => { try { new RegExp(source, flags + 'l'); return true; } catch { return false; } };
      const takesMore = takes('(?<=a)b', '');
      console.log(JSON.stringify(cases.filter(([source, flags, linear]) => {
        new RegExp(source, flags);
        return takes(source, flags) ? !linear && !takesMore : linear;
      })));`,
        cases,
      ),
    ).toEqual([]);
  });
});
