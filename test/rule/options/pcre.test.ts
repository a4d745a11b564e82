import { describe, expect, it } from 'vitest';
import type { PcreMatch } from '../../../src/rule/program.js';
import { compileOptions, findings, programOf, reparse } from '../../support/rule-options.js';

function pcres(text: string): PcreMatch[] {
  return programOf(text).buffers.flatMap(({ matches }) => matches).filter((match) => match.kind === 'pcre');
}

function matches({ javascript }: PcreMatch, text: string): boolean {
  return new RegExp(javascript.source, javascript.flags).test(text);
}

describe('pcre', () => {
  it.each([
    ['pcre:"/a[bc]d/"', { pattern: 'a[bc]d', flags: '', negated: false, relative: false }, '"/a[bc]d/"'],
    ['pcre:"/abc/i"', { pattern: 'abc', flags: 'i' }, '"/abc/i"'],
    ['pcre:!"/abc/smi"', { pattern: 'abc', flags: 'ism', negated: true }, '!"/abc/ism"'],
    ['pcre: ! "/abc/R"', { pattern: 'abc', flags: '', negated: true, relative: true }, '!"/abc/R"'],
    ['pcre:"/a b # c/xAEG"', { pattern: 'a b # c', flags: 'xAEG' }, '"/a b # c/xAEG"'],
    ['pcre:"/a\\/b/c/RBO"', { pattern: 'a\\/b/c', relative: true }, '"/a\\/b/c/RBO"'],
    ['pcre:"/\\x22\\;a:b,c/"', { pattern: '\\x22\\;a:b,c' }, '"/\\x22\\;a:b,c/"'],
  ])('%s', (text, expected, printed) => {
    expect(pcres(`${text};`)).toMatchObject([{ kind: 'pcre', ...expected }]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(`pcre:${printed}`);
    expect(second).toEqual(first);
  });

  it('yields a JavaScript expression of the same meaning', () => {
    expect(matches(pcres('pcre:"/^user=[a-z]{3}$/i";')[0]!, 'USER=abc')).toBe(true);
    expect(matches(pcres('pcre:"/^user=[a-z]{3}$/";')[0]!, 'USER=abc')).toBe(false);
    expect(matches(pcres('pcre:"/a.b/s";')[0]!, 'a\nb')).toBe(true);
    expect(matches(pcres('pcre:"/a.b/";')[0]!, 'a\nb')).toBe(false);
    expect(matches(pcres('pcre:"/a b/x";')[0]!, 'ab')).toBe(true);
  });

  it.each([...'UIPHDMCSVWYQZK'])('flag %s waits for HTTP', (flag) => {
    expect(programOf(`content:"a"; pcre:"/abc/${flag}R";`)).toMatchObject({ waitingFor: ['http'] });
    expect(reparse(`pcre:"/abc/i${flag}"`).printed).toBe(`pcre:"/abc/i${flag}"`);
  });

  it('tells that groups are not kept', () => {
    const text = 'pcre:"/(a+)b/R, flow:name,pkt:other/one";';
    expect(compileOptions(text).diagnostics).toMatchObject([{ code: 'pcre-groups-not-kept', severity: 'warning' }]);
    expect(pcres(text)).toMatchObject([{ pattern: '(a+)b', relative: true }]);
    expect(reparse(text.slice(0, -1)).printed).toBe('pcre:"/(a+)b/R,flow:name,pkt:other/one"');
  });

  it.each([
    ['pcre:/abc/;', "bad-pcre-frame '/abc/'"], ['pcre:"abc";', "bad-pcre-frame '\"abc\"'"], ['pcre:"/abc";', "bad-pcre-frame '\"/abc\"'"],
    ['pcre:"//i";', "empty-pcre '\"//i\"'"], ['pcre:"/abc/iq";', "unknown-pcre-flag 'q'"], ['pcre:"/abc/UP";', "two-pcre-buffers 'UP'"], ['pcre;', "missing-value 'pcre'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });

  it.each(['pcre:"/a(b/";', 'pcre:"/a[b/";', 'pcre:"/*a/";'])('%s is an error inside the pattern', (text) => {
    const { program, diagnostics } = compileOptions(text);
    expect(program).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code: 'bad-pcre', severity: 'error' }]);
    const { start, end } = diagnostics[0]!.span;
    expect(start).toBeGreaterThanOrEqual(text.indexOf('/') + 1);
    expect(end).toBeLessThanOrEqual(text.lastIndexOf('/') + 1);
  });
});
