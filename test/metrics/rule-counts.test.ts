import { describe, expect, it } from 'vitest';
import { RuleCounts, type RuleId } from '../../src/metrics/rule-counts.js';

const rule = (sid: number): RuleId => ({ gid: 1, sid });
const shown = (counts: RuleCounts, nowMs: number): Record<string, number> =>
  Object.fromEntries(counts.read(nowMs).map(({ sid, alerts }) => [sid, alerts]));

describe('RuleCounts', () => {
  it('are there with 0 from the load on where all rules fit', () => {
    const counts = new RuleCounts(3);
    counts.expect([rule(1), rule(2), rule(1)]);
    expect(shown(counts, 0)).toEqual({ 1: 0, 2: 0, other: 0 });
    counts.count(rule(2));
    expect(shown(counts, 30_000)).toEqual({ 1: 0, 2: 1, other: 0 });
    // A reload adds what fits, and takes nothing away.
    counts.expect([rule(3)]);
    counts.expect([rule(4), rule(5)]);
    expect(Object.keys(shown(counts, 30_001))).toEqual(['1', '2', '3', 'other']);
  });

  it('are born with 0 for a rule that has alerted, and show what it has by then half a minute after a scrape saw them', () => {
    const counts = new RuleCounts(2);
    counts.expect([rule(1), rule(2), rule(3)]);
    expect(shown(counts, 0)).toEqual({ other: 0 });
    counts.count(rule(7));
    expect(shown(counts, 1_000_000)).toEqual({ 7: 0, other: 0 });
    counts.count(rule(7));
    expect(shown(counts, 1_029_999)).toEqual({ 7: 0, other: 0 });
    expect(shown(counts, 1_030_000)).toEqual({ 7: 2, other: 0 });
  });

  it('only ever grow: a rule keeps its series, others beyond the limit are counted together', () => {
    const counts = new RuleCounts(2);
    for (const sid of [1, 2, 3, 3, 3, 4]) counts.count(rule(sid));
    counts.read(0);
    expect(shown(counts, 60_000)).toEqual({ 1: 1, 2: 1, other: 4 });
    counts.count(rule(3));
    counts.count(rule(1));
    expect(shown(counts, 60_001)).toEqual({ 1: 2, 2: 1, other: 5 });
  });

  it('are none where none were asked for', () => {
    const counts = new RuleCounts(0);
    counts.expect([rule(1)]);
    counts.count(rule(1));
    expect(counts.read(0)).toEqual([]);
  });
});
