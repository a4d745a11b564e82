import { describe, expect, it } from 'vitest';
import { translatePcre } from '../../../src/match/pcre/pcre.js';
import type { PcreMatch } from '../../../src/rule/buffer-match.js';
import { compileOptions, findings, programOf, reparse } from '../../support/rule-options.js';

function pcres(text: string): PcreMatch[] {
  return programOf(text)
    .buffers.flatMap(({ matches }) => matches)
    .filter((match) => match.kind === 'pcre');
}

function translated({ pattern, flags, use }: PcreMatch): { source: string; flags: string } {
  const result = translatePcre(pattern, flags, use);
  if (!result.ok) throw new Error(result.message);
  return { source: result.source, flags: result.flags };
}

function matches(match: PcreMatch, text: string): boolean {
  const { source, flags } = translated(match);
  return new RegExp(source, flags).test(text);
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

  it.each([...'UIPHDMCSVWYQZ'])('flag %s looks at a buffer of HTTP', (flag) => {
    const { waitingFor, buffers } = programOf(`content:"a"; pcre:"/abc/${flag}";`);
    expect(waitingFor).toEqual([]);
    expect(buffers.some(({ buffer }) => /^http\.|^file\.data/.test(buffer))).toBe(true);
    expect(reparse(`pcre:"/abc/i${flag}"`).printed).toBe(`pcre:"/abc/i${flag}"`);
  });

  it.each([
    ['pcre:"/(a)(?P<ua>.)/"', []],
    ['pcre:"/\\(\\?P<flow_ua>.*/"', []],
    ['pcre:"/(?<flow_ua>a)/"', []],
    ['pcre:"/(a)(?P<flow_ua>.)/"', [[2, { names: ['flowvar:ua'], capture: { of: 'flow' } }]]],
    ['pcre:"/(?P<pkt_ua>.)/i"', [[1, { names: ['pktvar:ua'], capture: { of: 'packet' } }]]],
    ['pcre:"/(?P<alert_ua>.)/"', [[1, { names: [], capture: { of: 'alert', key: 'ua' } }]]],
    [
      'pcre:"/(a)(b)/R,flow:x-1,alert:key"',
      [
        [1, { names: ['flowvar:x-1'], capture: { of: 'flow', text: 0 } }],
        [2, { names: [], capture: { of: 'alert', key: 'key', text: 1 } }],
      ],
    ],
    [
      'pcre:"/(?P<flow_o>a)(b)(c)/,pkt:key,pkt:value,pkt:z"',
      [
        [1, undefined],
        [2, { names: [], capture: { of: 'pair', key: 0, text: 1 } }],
        [3, { names: ['pktvar:z'], capture: { of: 'packet', text: 2 } }],
        [1, { names: ['flowvar:o'], capture: { of: 'flow', text: 3 } }],
      ],
    ],
  ] as [string, [number, object | undefined][]][])('%s says what is kept of its groups', (text, captures) => {
    const { effects, buffers } = programOf(`${text};`);
    const groups = buffers.flatMap(({ matches }) => matches.flatMap((match) => (match as PcreMatch).captures ?? []));
    expect(groups).toEqual(captures.map(([group], place) => ({ group, text: place })));
    expect(effects).toMatchObject(captures.flatMap(([, effect]) => (effect === undefined ? [] : [effect])));
    expect(pcres(`${text};`)[0]!.use).toBe(captures.length > 0 ? 'groups' : 'existence');
    const { first, second, printed } = reparse(text);
    expect(printed).toBe(text);
    expect(second).toEqual(first);
  });

  it('names behind the flags are parted by commas or blanks', () => {
    expect(reparse('pcre:"/(a)(b)/i  flow:x , pkt:y "').printed).toBe('pcre:"/(a)(b)/i,flow:x,pkt:y"');
  });

  it('tells that a pattern that must not match captures nothing', () => {
    const { program, diagnostics } = compileOptions('pcre:!"/a(b)/,flow:x";');
    expect(diagnostics).toMatchObject([{ code: 'without-effect', severity: 'warning' }]);
    expect(program!.effects).toEqual([]);
  });

  it.each([
    ['pcre:"/ab/,flow:x";', "bad-capture 'flow:x'"],
    ['pcre:"/a(b)/, flow:x, pkt:y";', "bad-capture 'pkt:y'"],
    ['pcre:"/(a)(b)/,pkt:key,flow:x";', "bad-capture 'pkt:key'"],
    ['pcre:"/(a)(b)/,pkt:key";', "bad-capture 'pkt:key'"],
    ['pcre:"/(a)(b)/,flow:x,pkt:value";', "bad-capture 'pkt:value'"],
    ['pcre:"/(a)(b)/,host:x";', 'bad-pcre-frame \'"/(a)(b)/,host:x"\''],
    [
      `pcre:"/${'(a)'.repeat(9)}/${',flow:x'.repeat(9)}";`,
      `bad-capture '"/${'(a)'.repeat(9)}/${',flow:x'.repeat(9)}"'`,
    ],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).program).toBeUndefined();
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });

  it.each([
    ['pcre:/abc/;', "bad-pcre-frame '/abc/'"],
    ['pcre:"abc";', 'bad-pcre-frame \'"abc"\''],
    ['pcre:"/abc";', 'bad-pcre-frame \'"/abc"\''],
    ['pcre:"//i";', 'empty-pcre \'"//i"\''],
    ['pcre:"/abc/iq";', "unknown-pcre-flag 'q'"],
    ['pcre:"/abc/UP";', "two-pcre-buffers 'UP'"],
    ['pcre;', "missing-value 'pcre'"],
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

describe('what the steps behind ask for', () => {
  const sources = (text: string): string[] => pcres(text).map((match) => translated(match).source);

  it('a match only has to exist where nothing is relative to it', () => {
    expect(sources('pcre:"/\\s*a+$/";')).toEqual(['a\\x0a?$']);
    expect(sources('pcre:"/\\s*a+$/"; content:"b";')).toEqual(['a\\x0a?$']);
    expect(sources('pcre:!"/\\s*a+$/"; content:"b"; distance:0;')).toEqual(['a\\x0a?$']);
    expect(sources('pcre:"/\\s*a+/"; content:"b"; pcre:"/c+/R"; pcre:"/d+/R";')).toEqual(['a', 'c+', 'd']);
  });

  it('its place counts where something is relative to it', () => {
    for (const step of [
      'content:"b"; distance:0;',
      'content:"b"; within:5;',
      'isdataat:4,relative;',
      'byte_test:1,>,0,0,relative;',
      'pcre:"/b/R";',
      'content:!"x"; isdataat:!2,relative;',
    ]) {
      expect(sources(`pcre:"/\\s*a+$/"; ${step}`)[0], step).toBe('[\\x09-\\x0d ]*a+(?=\\n?$)');
    }
  });

  it('what JavaScript has no form for is left as it is', () => {
    const [match] = pcres('pcre:"/([a-z])x(?i)\\1/s";');
    expect(translated(match!)).toEqual({ source: '([a-z])x(?i)\\1', flags: 'pcre:s' });
  });
});

describe('what a pattern may cost', () => {
  it.each([
    ['pcre:"/(a)x\\1/";', "pcre-not-linear '\\1'"],
    ['pcre:"/x(?=ab)[^c]+d/i";', "pcre-not-linear '(?=ab)'"],
    ['pcre:"/xa{5000}b/";', "pcre-not-linear 'a{5000}'"],
    ['pcre:"/^a$/"; content:"b"; distance:0;', "pcre-not-linear '$'"],
    ['pcre:"/(a)x\\1/U";', "pcre-not-linear '\\1'"],
    ['pkt_data; pcrexform:"(.)x\\1"; content:"a";', "pcre-not-linear '\\1'"],
  ])('%s: %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics).toMatchObject([{ severity: 'hint', hint: expect.any(String) as string }]);
  });

  it.each([
    ['pcre:"/^(?:[a-z]+,?)+;/";', ["pcre-backtracks '(?:[a-z]+,?)+'"], ['hint']],
    [
      'pcre:"/^(.)(?:[a-z]+,?)+;\\1/";',
      ["pcre-not-linear '\\1'", "pcre-backtracks '(?:[a-z]+,?)+'"],
      ['hint', 'warning'],
    ],
    ['pkt_data; pcrexform:"^(?:b+c?)+;(.)"; content:"a";', ["pcre-backtracks '(?:b+c?)+'"], ['hint']],
  ])('%s: %s', (text, codes, severities) => {
    expect(findings(text)).toEqual(codes);
    const { diagnostics } = compileOptions(text);
    expect(diagnostics.map(({ severity }) => severity)).toEqual(severities);
    expect(diagnostics.at(-1)!.message).toMatch(/grows exponentially: it takes \d+ steps to fail on "/);
  });

  it('nothing is said of a pattern that costs little', () => {
    expect(findings('pcre:"/^User-Agent\\x3a[^\\r\\n]+\\r$/mi";')).toEqual([]);
    expect(findings('pcre:"/(a+)+$/";')).toEqual([]);
  });
});
