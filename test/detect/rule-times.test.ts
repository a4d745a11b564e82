/** Which rules take most time: how the times of shards are added up, and which looks at rules are timed. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { allocateRuleTimes, dearestRules, SAMPLE_EVERY } from '../../src/block/rule-times.js';
import { Sensor } from '../support/detecting.js';
import { programsOf } from '../support/inspect.js';
import { ethernet, ipv4, udp } from '../support/packet-builder.js';

describe('the rules that take most time', () => {
  it('are those with the greatest sums, the dearest first, and none that has taken nothing', () => {
    const shard = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(shard, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 7 }), (shards, most) => {
        const memories = shards.map((times) => {
          const memory = allocateRuleTimes(times.length);
          new Float64Array(memory).set(times);
          return memory;
        });
        const sums = Array.from({ length: 6 }, (_, row) => shards.reduce((sum, times) => sum + times[row]!, 0));
        const expected = [...sums.entries()]
          .filter(([, time]) => time > 0)
          .sort(([a, first], [b, second]) => second - first || a - b)
          .slice(0, most);
        expect(dearestRules(memories, most).map(({ row, seconds }) => [row, Math.round(seconds * 1e6)])).toEqual(
          expected,
        );
      }),
    );
  });

  it('are none where nothing is noted', () => {
    expect(dearestRules([], 5)).toEqual([]);
  });
});

describe('looks at rules', () => {
  it('are timed one in 64, on average, and count for as many', () => {
    // Each look takes a millisecond, by a clock that goes on whenever it is asked.
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs++);
    try {
      const ruleTimes = new Float64Array(2);
      const rules =
        'alert udp any any -> any any (content:"needle"; sid:1;)\nalert udp any any -> any 1 (dsize:3; sid:2;)';
      const sensor = new Sensor(programsOf(rules), { detector: { ruleTimes } });
      const looks = 6400;
      for (let i = 0; i < looks; i++) sensor.send(ethernet({}, ipv4({}, udp({ dstPort: 53 }, 'a needle'))));
      const timed = ruleTimes[0]! / 1000 / SAMPLE_EVERY;
      expect(timed).toBeGreaterThan(0.8 * (looks / SAMPLE_EVERY));
      expect(timed).toBeLessThan(1.2 * (looks / SAMPLE_EVERY));
      expect(ruleTimes[1]).toBe(0);
    } finally {
      clock.mockRestore();
    }
  });
});
