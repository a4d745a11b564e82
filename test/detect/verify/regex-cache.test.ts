import { setFlagsFromString } from 'node:v8';
import { beforeAll, describe, expect, it } from 'vitest';
import { RegexCache, type RegexLimits } from '../../../src/detect/verify/regex-cache.js';
import type { RuleSet } from '../../../src/block/rule-set.js';
import type { PcreUse } from '../../../src/match/pcre/simplify.js';

type Expression = readonly [pattern: string, flags: string, use: PcreUse];

function cacheOf(expressions: readonly Expression[], limits?: RegexLimits): RegexCache {
  const rules: Pick<RuleSet, 'regexSource' | 'regexFlags' | 'regexUse'> = {
    regexSource: (regex) => expressions[regex]![0],
    regexFlags: (regex) => expressions[regex]![1],
    regexUse: (regex) => expressions[regex]![2],
  };
  return new RegexCache(rules as RuleSet, limits);
}

/** As a rule has it. */
const SHARE = 50_000;
const NOTHING_LEFT: RegexLimits = { proven: 0, linear: 0 };

// As the pool of shards does it.
beforeAll(() => setFlagsFromString('--enable-experimental-regexp-engine'));

describe('the expressions of a rule set', () => {
  const ANY: readonly Expression[] = [
    ['ax[aA]', '', 'position'],
    ['([a-z])x(?i)\\1', '', 'position'],
    ['a(?:x)(a|A)', '', 'groups'],
  ];

  it.each([undefined, NOTHING_LEFT])('are searched from a place on, whatever engine does it', (limits) => {
    const cache = cacheOf(ANY, limits);
    for (const regex of ANY.keys()) {
      expect(cache.find(regex, 'axA axa', 0, true, SHARE)).toBe(true);
      expect([cache.matchStart, cache.matchEnd]).toEqual([0, 3]);
      expect(cache.find(regex, 'axA axa', 1, true, SHARE)).toBe(true);
      expect([cache.matchStart, cache.matchEnd]).toEqual([4, 7]);
      expect(cache.find(regex, 'axA axa', 5, true, SHARE)).toBe(false);
      expect(cache.find(regex, 'axA', 4, true, SHARE)).toBe(false);
    }
  });

  it.each([undefined, NOTHING_LEFT])('yield what their first group holds', (limits) => {
    const cache = cacheOf(
      [
        ['x(.)', '', 'groups'],
        ['(?>x+)(.)', '', 'groups'],
        ['(x)|(y)', '', 'groups'],
      ],
      limits,
    );
    expect(cache.firstGroup(0, 'axb', SHARE)).toBe('b');
    expect(cache.firstGroup(1, 'axxb', SHARE)).toBe('b');
    expect(cache.firstGroup(1, 'b', SHARE)).toBeUndefined();
    expect(cache.firstGroup(2, 'y', SHARE)).toBeUndefined();
  });

  it('charge what the machine does, and say when it gave up', () => {
    const cache = cacheOf([
      ['^(a+)+\\1b', '', 'existence'],
      ['a', '', 'existence'],
    ]);
    expect(cache.find(0, 'aaab', 0, false, SHARE)).toBe(true);
    expect(cache.find(0, `${'a'.repeat(40)}!`, 0, false, SHARE)).toBe(false);
    expect([cache.exceeded, cache.limited]).toEqual([true, 1]);
    expect(cache.cost).toBeGreaterThan(10_000);
    expect(cache.find(1, 'a', 0, false, SHARE)).toBe(true);
    expect([cache.cost, cache.exceeded, cache.limited, cache.broken]).toEqual([0, false, 1, 0]);
  });

  it('that the machine gives up are left to the linear-time engine where it takes them, while the packet has something left for it', () => {
    const text = `${'ab'.repeat(40)}!`;
    const pattern = '^(?:a|ab|b|ba)*c$';
    expect(cacheOf([[pattern, '', 'existence']]).find(0, `${text}c`, 0, false, SHARE)).toBe(false);
    const helped = cacheOf(
      [
        ['^(?:a|ab|b|ba)*!$', '', 'existence'],
        [pattern, '', 'existence'],
      ],
      { proven: 0, linear: 5000 },
    );
    expect(helped.find(0, text, 0, false, SHARE)).toBe(true);
    expect(helped.find(1, text, 0, false, SHARE)).toBe(false);
    expect([helped.exceeded, helped.limited]).toEqual([false, 0]);
    for (let again = 0; again < 4; again++) helped.find(1, text, 0, false, SHARE);
    expect([helped.exceeded, helped.limited > 0]).toEqual([true, true]);
    helped.begin();
    helped.find(1, text, 0, false, SHARE);
    expect(helped.exceeded).toBe(false);
  });

  it('that cannot be read never match, and are counted', () => {
    const cache = cacheOf([['(', '', 'existence']]);
    expect(cache.find(0, '(', 0, false, SHARE)).toBe(false);
    expect(cache.broken).toBe(1);
  });
});
