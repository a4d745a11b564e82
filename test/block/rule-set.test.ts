/** What a compiled rule set says of its rules. */
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../src/compile/compile-rules.js';
import { RuleSet } from '../../src/block/rule-set.js';
import type { Threshold } from '../../src/block/terms.js';
import type { RuleProgram } from '../../src/rule/program.js';
import { placeBlock } from '../support/detecting.js';
import { naiveTables } from '../support/naive-scanner.js';
import { content, program } from '../support/rule-programs.js';

const ruleSetOf = (programs: readonly RuleProgram[]): RuleSet =>
  new RuleSet(placeBlock(compileRules(programs, { compilePatterns: naiveTables }).block));
const LAST = 0xffff_ffff;

describe('the numbers of a rule', () => {
  it('come back as they were, up to 32 bits', () => {
    const thresholds: Threshold[] = [
      { kind: 'limit', track: 'by_src', count: LAST, seconds: LAST, multiplier: undefined, uniqueOn: undefined },
      { kind: 'backoff', track: 'by_flow', count: 1, seconds: 0, multiplier: LAST, uniqueOn: 'dst_port' },
    ];
    const info = ruleSetOf([program({ gid: LAST, sid: LAST, rev: LAST, priority: 255, thresholds })]).ruleInfo(0);
    expect(info).toMatchObject({ gid: LAST, sid: LAST, rev: LAST, priority: 255 });
    expect(info.thresholds).toEqual(thresholds);
  });
});

describe('rules with thresholds', () => {
  it('are all that are looked at, in the order of rows', () => {
    const limit = (count: number): Threshold => ({ kind: 'limit', track: 'by_src', count, seconds: 60 });
    const rules = ruleSetOf(
      Array.from({ length: 500 }, (_, index) =>
        program({
          sid: index + 1,
          payload: [content(`pattern${index}`)],
          thresholds: index % 100 === 7 ? [limit(index), limit(1)] : [],
        }),
      ),
    );
    expect([...rules.rulesWithThresholds()]).toMatchObject(
      [7, 107, 207, 307, 407].map((index) => ({
        gid: 1,
        sid: index + 1,
        thresholds: [{ count: index }, { count: 1 }],
      })),
    );
  });

  it('may be none', () => {
    expect([...ruleSetOf([program({})]).rulesWithThresholds()]).toEqual([]);
  });
});
