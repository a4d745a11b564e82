import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMachine, isForMachine, translatePcre, type TranslatedPcre } from '../../../src/match/pcre/pcre.js';
import { PCRE_CASES } from '../pcre-cases.js';
import { translate } from '../pcre-support.js';

type Found = (string | undefined)[] | null;

/** The match and its groups by the pattern's own numbers, without those at the end that took no part. */
function run(pattern: string, flags: string, subject: string): Found {
  const found = isForMachine(translate(pattern, flags).flags)
    ? runMachine(pattern, flags, subject)
    : runJavaScript(translate(pattern, flags), subject);
  while (found !== null && found.length > 1 && found.at(-1) === undefined) found.pop();
  return found;
}

function runJavaScript({ source, flags, groups }: TranslatedPcre, subject: string): Found {
  const match = new RegExp(source, flags).exec(subject);
  return match && groups.map((group, n) => (n > 0 && group === 0 ? undefined : match[group]));
}

/** Our own matcher, which all patterns can be given to. */
function runMachine(pattern: string, flags: string, subject: string): Found {
  const machine = createMachine(pattern, `pcre:${flags}`);
  return machine.find(subject, 0) ? translate(pattern, flags).groups.map((_, n) => machine.group(n)) : null;
}

const withoutLast = (found: Found): Found =>
  found && found.slice(0, found.findLastIndex((group) => group !== undefined) + 1);

describe.each(Object.entries(PCRE_CASES))('%s', (_title, cases) => {
  it.each(cases.map(([pattern, flags, subject, match]) => ({ pattern, flags, subject, match })))(
    '/$pattern/$flags on $subject',
    ({ pattern, flags, subject, match }) => {
      expect(run(pattern, flags, subject)).toEqual(match);
      expect(withoutLast(runMachine(pattern, flags, subject))).toEqual(match);
      // Where the groups, or also the place, do not matter, other expressions answer.
      const position = translate(pattern, flags, 'position');
      if (!isForMachine(position.flags))
        expect(new RegExp(position.source, position.flags).exec(subject)?.[0]).toBe(match?.[0]);
      const existence = translate(pattern, flags, 'existence');
      if (!isForMachine(existence.flags))
        expect(new RegExp(existence.source, existence.flags).test(subject)).toBe(match !== null);
    },
  );
});

it('the table is what it is meant to be', () => {
  const cases = Object.values(PCRE_CASES).flat();
  expect(cases.length).toBeGreaterThan(400);
  expect(new Set(cases.map((each) => JSON.stringify(each.slice(0, 3)))).size).toBe(cases.length);
});

it('matches the empty text', () => {
  expect(run('$', '', '')).toEqual(['']);
  expect(run('^$', 'm', '')).toEqual(['']);
  expect(run('', '', 'a')).toEqual(['']);
});

describe('errors say where', () => {
  const refused: readonly (readonly [string, number, RegExp])[] = [
    ['a**', 2, /nothing for '\*'/],
    ['*a', 0, /nothing for/],
    ['a|+', 2, /nothing for/],
    ['^*', 1, /nothing for/],
    [String.raw`\b+`, 2, /nothing for/],
    ['{2}', 0, /nothing for/],
    ['a{2}{3}', 4, /nothing for/],
    ['a{3,2}', 1, /wrong order/],
    ['a{65536}', 1, /above 65535/],
    ['a(b', 1, /not closed/],
    ['a)b', 1, /unmatched/],
    ['a(?#b', 1, /comment is not closed/],
    ['a[b', 1, /class is not closed/],
    ['a[]', 1, /class is not closed/],
    ['a[z-b]', 2, /backward/],
    ['[[:foo:]]', 1, /no POSIX class 'foo'/],
    ['a[:alpha:]', 1, /within a class/],
    ['[[.a.]]', 1, /collating/],
    ['abc\\', 3, /ends with a backslash/],
    [String.raw`a\y`, 1, /means nothing/],
    [String.raw`[a\R]`, 2, /means nothing in a class/],
    [String.raw`a\Kb`, 1, /\\K/],
    [String.raw`\X`, 0, /\\X/],
    [String.raw`a\x{100}`, 1, /above 255/],
    [String.raw`a\777`, 1, /above 255/],
    [String.raw`a\x{g}`, 1, /hexadecimal/],
    [String.raw`a\N{U+41}`, 1, /not bytes/],
    ['a\u0100', 1, /above 255/],
    ['[\u0100]', 1, /above 255/],
    [String.raw`\c`, 0, /\\c/],
    [String.raw`\pQ`, 0, /property/],
    [String.raw`\p{Greek}`, 0, /property/],
    [String.raw`(a)\2`, 3, /no group '2'/],
    [String.raw`(a)\g{-2}`, 3, /no group/],
    [String.raw`\k<n>`, 0, /no group 'n'/],
    ['(?P=n)', 0, /no group 'n'/],
    [String.raw`\g`, 0, /name or number/],
    [String.raw`(a)\g<1>`, 3, /calling a group/],
    ['(?<a>x)(?<a>y)', 7, /two groups/],
    ['(?<1a>x)', 0, /a name/],
    ['a(?R)', 1, /recursion/],
    ['(a)(?1)', 3, /recursion/],
    ['(?<n>a)(?&n)', 7, /recursion/],
    ['(?P>n)', 0, /recursion/],
    ['(a)?(?(1)b|c)', 4, /conditional/],
    ['(?|(a)|(b))', 0, /each branch anew/],
    ['(*UTF8)a', 0, /start of a pattern/],
    ['a(*FAIL)', 1, /verbs/],
    ['(?C1)a', 0, /callouts/],
    ['(?z)a', 0, /unknown kind/],
    ['(?', 0, /unknown kind/],
    ['('.repeat(300), 250, /deep/],
  ];
  it.each(refused)('%j at %i', (pattern, offset, message) => {
    const result = translatePcre(pattern, '', 'groups');
    expect(result).toMatchObject({ ok: false, offset });
    expect((result as { message: string }).message).toMatch(message);
  });
});

it('a group of assertions can be repeated, a bare one cannot', () => {
  expect(run(String.raw`(?:\b)*a`, '', 'a')).toEqual(['a']);
  expect(translatePcre(String.raw`\b*a`, '', 'groups').ok).toBe(false);
});

describe('names and numbers of groups', () => {
  it('are kept apart from the groups that the translation adds', () => {
    const { source, groups, captureNames } = translate('(?>a+)(?P<first>b)(?:c++|d)(?<second>e)');
    const match = new RegExp(source).exec('aabce')!;
    expect(captureNames).toEqual(
      new Map([
        ['first', 1],
        ['second', 2],
      ]),
    );
    expect(match[groups[captureNames.get('first')!]!]).toBe('b');
    expect(match[groups[captureNames.get('second')!]!]).toBe('e');
  });
});

it('never throws, and what it translates compiles', () => {
  const piece = fc.constantFrom(
    ...'abcAB019.^$|()[]{}*+?\\-:=!<>#, \n"',
    '(?:',
    '(?=',
    '(?<!',
    '(?>',
    '(?i)',
    '(?P<n>',
    '(?P=n)',
    '\\1',
    '\\d',
    '\\Q',
    '\\E',
    '[[:alpha:]]',
    '[^',
    '{2,3}',
    '++',
    '\\x{41}',
    '\\g{-1}',
  );
  const flags = fc.subarray([...'ismxAEG']).map((letters) => letters.join(''));
  const use = fc.constantFrom('existence', 'position', 'groups');
  let compiled = 0;
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
      flags,
      use,
      (pattern, letters, asked) => {
        const result = translatePcre(pattern, letters, asked);
        if (!result.ok) {
          expect(result.offset).toBeGreaterThanOrEqual(0);
          expect(result.offset).toBeLessThanOrEqual(pattern.length);
          return;
        }
        compiled++;
        if (isForMachine(result.flags)) createMachine(result.source, result.flags);
        else new RegExp(result.source, result.flags);
      },
    ),
    { numRuns: 5000, seed: 4 },
  );
  expect(compiled).toBeGreaterThan(500);
});
