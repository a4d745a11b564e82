import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { translatePcre, type TranslatedPcre } from '../../src/match/pcre.js';
import { PCRE_CASES } from './pcre-cases.js';

function translate(pattern: string, flags = '', endUnused = false): TranslatedPcre {
  const result = translatePcre(pattern, flags, { endUnused });
  if (!result.ok) throw new Error(`${result.message} at ${result.offset} of ${pattern}`);
  return result;
}

/** The match and its groups by the pattern's own numbers, without those at the end that took no part. */
function run(pattern: string, flags: string, subject: string): (string | undefined)[] | null {
  const { source, flags: jsFlags, groups } = translate(pattern, flags);
  const match = new RegExp(source, jsFlags).exec(subject);
  if (!match) return null;
  const found = groups.map((group, n) => (n > 0 && group === 0 ? undefined : match[group]));
  while (found.length > 1 && found.at(-1) === undefined) found.pop();
  return found;
}

describe.each(Object.entries(PCRE_CASES))('%s', (_title, cases) => {
  it.each(cases.map(([pattern, flags, subject, match]) => ({ pattern, flags, subject, match })))('/$pattern/$flags on $subject', ({ pattern, flags, subject, match }) => {
    expect(run(pattern, flags, subject)).toEqual(match);
  });
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
    [String.raw`(?:(a)|b)*\1`, 10, /need not have matched/],
    [String.raw`(?:x(a)|y\1)+`, 9, /need not have matched/],
    [String.raw`(a)(?<=\1)`, 7, /lookbehind/],
    ['(?<=a++b)c', 4, /lookbehind/],
    [String.raw`([a-z])x(?i)\1`, 12, /ignores case/],
    ['('.repeat(300), 250, /deep/],
  ];
  it.each(refused)('%j at %i', (pattern, offset, message) => {
    const result = translatePcre(pattern, '');
    expect(result).toMatchObject({ ok: false, offset });
    expect((result as { message: string }).message).toMatch(message);
  });
});

describe('references to groups that may have taken no part', () => {
  it('fail where PCRE makes them fail', () => {
    expect(run(String.raw`(?:(a)|(b))x(?:\1|\2y)`, '', 'bxb')).toBeNull();
    expect(run(String.raw`(?:(a)|(b))x(?:\1|\2y)`, '', 'bxby')?.[0]).toBe('bxby');
    expect(run(String.raw`(["'])?x\1`, '', 'x"')).toBeNull();
    expect(run(String.raw`(["'])?x\1`, '', '"x"')?.[0]).toBe('"x"');
    expect(run(String.raw`(["'])?x\1?`, '', 'x')?.[0]).toBe('x');
  });
});

describe('groups within repeats whose last round takes nothing', () => {
  it('do not change what matches', () => {
    expect(run('(a*)*b', '', 'aab')?.[0]).toBe('aab');
    expect(run('()*a', '', 'a')?.[0]).toBe('a');
  });

  it('cannot be referred to, for PCRE would find them empty and JavaScript not', () => {
    expect(translatePcre(String.raw`(a*)+b\1`, '')).toMatchObject({ ok: false, offset: 6 });
    expect(run(String.raw`(a+)+b\1`, '', 'aabaa')).toEqual(['aabaa', 'aa']);
  });
});

describe('names and numbers of groups', () => {
  it('are kept apart from the groups that the translation adds', () => {
    const { source, groups, captureNames } = translate('(?>a+)(?P<first>b)(?:c++|d)(?<second>e)');
    const match = new RegExp(source).exec('aabce')!;
    expect(captureNames).toEqual(new Map([['first', 1], ['second', 2]]));
    expect(match[groups[captureNames.get('first')!]!]).toBe('b');
    expect(match[groups[captureNames.get('second')!]!]).toBe('e');
  });
});

describe('the linear engine', () => {
  it('is not lost to possessive marks without effect, to case or to long counts', () => {
    for (const [pattern, flags] of [['[^"]*+"', ''], ['\\d++$', 'E'], ['a.b[c-e]', 'i'], ['[a-f0-9]{32}', 'i'], ['(?:ab){18}', ''], ['x{20,}', '']] as const) {
      expect(translate(pattern, flags).linear, pattern).toBe(true);
    }
    for (const pattern of ['a(?=b)', String.raw`(a)\1`, 'a{1,20}', 'a++a', 'a$']) expect(translate(pattern).linear, pattern).toBe(false);
  });

  it('takes a final $ where it does not matter where the match ends', () => {
    const { source, linear } = translate('^(?:a|b$)', '', true);
    expect(linear).toBe(true);
    expect(['a', 'b', 'b\n', 'b\n\n', 'bc'].map((text) => new RegExp(source).test(text))).toEqual([true, true, true, false, false]);
    expect(translate('(?=a$)', '', true).linear).toBe(false);
  });
});

it('never throws, and what it translates compiles', () => {
  const piece = fc.constantFrom(...'abcAB019.^$|()[]{}*+?\\-:=!<>#, \n"', '(?:', '(?=', '(?<!', '(?>', '(?i)', '(?P<n>', '(?P=n)', '\\1', '\\d', '\\Q', '\\E', '[[:alpha:]]', '[^', '{2,3}', '++', '\\x{41}', '\\g{-1}');
  const flags = fc.subarray([...'ismxAEG']).map((letters) => letters.join(''));
  let compiled = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')), flags, (pattern, letters) => {
      const result = translatePcre(pattern, letters);
      if (!result.ok) {
        expect(result.offset).toBeGreaterThanOrEqual(0);
        expect(result.offset).toBeLessThanOrEqual(pattern.length);
        return;
      }
      compiled++;
      new RegExp(result.source, result.flags);
    }),
    { numRuns: 5000, seed: 4 },
  );
  expect(compiled).toBeGreaterThan(500);
});

const RULES = join(import.meta.dirname, '../../../shared/rules');
const ruleSets = ['et-open-2024-03', 'snort2-community-2026-07', 'snort3-community-2026-05'];
const present = existsSync(RULES);
if (!present) console.warn(`skipped: no rule sets in ${RULES}`);

describe.skipIf(!present)('the patterns that people run', () => {
  it.each(ruleSets)('%s', (name) => {
    const text = gunzipSync(readFileSync(join(RULES, `${name}.rules.gz`))).toString('latin1');
    const patterns = new Set([...text.matchAll(/pcre:\s*!?\s*"\/((?:[^"\\]|\\.)*)\/([A-Za-z]*)(?:,[^"]*)?"/g)].map((match) => `${match[2]}/${match[1]}`));
    expect(patterns.size).toBeGreaterThan(700);
    const failures: string[] = [];
    for (const each of patterns) {
      const flags = each.slice(0, each.indexOf('/'));
      const result = translatePcre(each.slice(flags.length + 1), flags);
      if (result.ok) new RegExp(result.source, result.flags);
      else failures.push(`${result.message}: ${each}`);
    }
    // One pattern compares a case-sensitive lookahead with a reference that ignores case.
    expect(failures.filter((failure) => !failure.startsWith('a reference that ignores case'))).toEqual([]);
    expect(failures.length).toBeLessThanOrEqual(1);
  });

  it('are linear for V8 where the translation says so', () => {
    const text = gunzipSync(readFileSync(join(RULES, `${ruleSets[2]}.rules.gz`))).toString('latin1');
    const claims = [...text.matchAll(/pcre:\s*!?\s*"\/((?:[^"\\]|\\.)*)\/([A-Za-z]*)/g)].flatMap((match) => {
      const result = translatePcre(match[1]!, match[2]!, { endUnused: true });
      return result.ok ? [[result.source, result.flags, result.linear] as const] : [];
    });
    // In a process of its own: the flag changes how the engine treats every expression after it.
    const check = `
      const wrong = JSON.parse(require('fs').readFileSync(0, 'utf8')).filter(([source, flags, linear]) => {
        try { new RegExp(source, flags + 'l'); return !linear; } catch { return linear; }
      });
      console.log(JSON.stringify(wrong));`;
    const output = execFileSync(process.execPath, ['--enable-experimental-regexp-engine', '-e', check], { input: JSON.stringify(claims), encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual([]);
    expect(claims.filter(([, , linear]) => linear).length).toBeGreaterThan(claims.length * 0.45);
  });
});
