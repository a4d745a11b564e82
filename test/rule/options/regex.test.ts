import { describe, expect, it } from 'vitest';
import { compileOptions, findings, programOf, reparse } from '../../support/rule-options.js';

describe('regex', () => {
  it.each([
    ['regex:"/a[bc]d/"', { pattern: 'a[bc]d', flags: '', negated: false, relative: false }, '"/a[bc]d/"'],
    ['regex:"/abc/smiR"', { pattern: 'abc', flags: 'ism', relative: true }, '"/abc/ismR"'],
    ['regex:!"/abc/"', { pattern: 'abc', negated: true }, '!"/abc/"'],
    ['regex:"/a\\/b/", fast_pattern, nocase', { pattern: 'a\\/b', flags: 'i' }, '"/a\\/b/i",fast_pattern'],
  ])('%s', (text, expected, printed) => {
    expect(programOf(`${text};`).buffers).toMatchObject([
      { buffer: 'payload', matches: [{ kind: 'pcre', ...expected }] },
    ]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(`regex:${printed}`);
    expect(second).toEqual(first);
  });

  it('means what pcre means', () => {
    const [one] = programOf('regex:"/^a.+b$/m",nocase;').buffers[0]!.matches;
    const [other] = programOf('pcre:"/^a.+b$/mi";').buffers[0]!.matches;
    expect(one).toEqual({ ...other, flags: 'im' });
  });

  it.each([
    ['regex:"abc";', 'bad-pcre-frame \'"abc"\''],
    ['regex:"//";', 'bad-pcre-frame \'"//"\''],
    ['regex:"/abc/x";', "unknown-pcre-flag 'x'"],
    ['regex:"/a/",nocase,nocase;', "unknown-argument 'nocase'"],
    ['regex:"/a/",dotall;', "unknown-argument 'dotall'"],
    ['regex:"/a(/";', "bad-pcre '('"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });
});
