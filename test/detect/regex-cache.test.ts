import { describe, expect, it } from 'vitest';
import { RegexCache } from '../../src/detect/regex-cache.js';
import type { RuleSet } from '../../src/detect/rule-set.js';
import { translatePcre } from '../../src/match/pcre.js';

function cacheOf(...expressions: readonly (readonly [source: string, flags: string])[]): RegexCache {
  const rules: Pick<RuleSet, 'regexSource' | 'regexFlags'> = { regexSource: (regex) => expressions[regex]![0], regexFlags: (regex) => expressions[regex]![1] };
  return new RegexCache(rules as RuleSet);
}

describe('the expressions of a rule set', () => {
  const MIXED = ['([a-z])x(?i)\\1', 'pcre:'] as const;

  it('are searched from a place on, those for the machine as those for JavaScript', () => {
    const cache = cacheOf(['ax[aA]', ''], MIXED);
    for (const regex of [0, 1]) {
      expect(cache.find(regex, 'axA axa', 0, true)).toBe(true);
      expect([cache.matchStart, cache.matchEnd]).toEqual([0, 3]);
      expect(cache.find(regex, 'axA axa', 1, true)).toBe(true);
      expect([cache.matchStart, cache.matchEnd]).toEqual([4, 7]);
      expect(cache.find(regex, 'axA axa', 5, true)).toBe(false);
    }
  });

  it('yield what their first group holds', () => {
    const cache = cacheOf(['x(.)', ''], ['(?>x+)(.)', 'pcre:'], ['(x)|(y)', 'pcre:']);
    expect(cache.firstGroup(0, 'axb')).toBe('b');
    expect(cache.firstGroup(1, 'axxb')).toBe('b');
    expect(cache.firstGroup(1, 'b')).toBeUndefined();
    expect(cache.firstGroup(2, 'y')).toBeUndefined();
  });

  it('charge what the machine does, and say when it gave up', () => {
    const cache = cacheOf(['^(a+)+$', 'pcre:'], ['a', '']);
    expect(cache.find(0, 'aaa', 0, false)).toBe(true);
    expect(cache.cost).toBeGreaterThan(3);
    expect(cache.find(0, `${'a'.repeat(40)}!`, 0, false)).toBe(false);
    expect(cache.exceeded).toBe(true);
    expect(cache.find(1, 'a', 0, false)).toBe(true);
    expect([cache.cost, cache.exceeded, cache.broken]).toEqual([0, false, 0]);
  });

  it('that the engine refuses never match, and are counted', () => {
    const cache = cacheOf(['(', '']);
    expect(cache.find(0, '(', 0, false)).toBe(false);
    expect(cache.broken).toBe(1);
  });
});

it('the translation gives the machine what JavaScript has no form for', () => {
  expect(translatePcre('([a-z])x(?i)\\1', 's', 'existence')).toMatchObject({ ok: true, source: '([a-z])x(?i)\\1', flags: 'pcre:s' });
});
