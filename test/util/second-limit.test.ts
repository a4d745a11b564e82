import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecondLimit } from '../../src/util/second-limit.js';

const SECOND = 1e6;
const passing = (limit: SecondLimit, times: readonly number[]): number[] => times.filter((time) => limit.passes(time));

describe('a limit by the second', () => {
  it('lets the first of each second pass, and counts the others', () => {
    const limit = new SecondLimit(2);
    expect(passing(limit, [0, 1, 2, SECOND, SECOND + 1, 5, SECOND + 2])).toEqual([0, 1, SECOND, SECOND + 1]);
    expect(limit.withheld).toBe(3);
    expect(passing(limit, [-5, 1e18, 1e18, 1e18])).toEqual([1e18, 1e18]);
  });

  it('passes the same where parts of what comes have passed the same limit before', () => {
    const things = fc.array(fc.record({ shard: fc.nat({ max: 2 }), time: fc.nat({ max: 20 * SECOND }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(things, fc.integer({ min: 1, max: 5 }), (list, most) => {
        const alone = new SecondLimit(most);
        const shards = [0, 1, 2].map(() => new SecondLimit(most));
        const behind = new SecondLimit(most);
        const expected = list.filter(({ time }) => alone.passes(time));
        expect(
          list.filter(({ shard, time }) => shards[shard]!.passes(time)).filter(({ time }) => behind.passes(time)),
        ).toEqual(expected);
        expect(behind.withheld + shards.reduce((sum, { withheld }) => sum + withheld, 0)).toBe(alone.withheld);
      }),
    );
  });
});
