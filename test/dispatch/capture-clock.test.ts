/** When captures tick: by the time of their packets, whatever single ones of them say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureClock } from '../../src/dispatch/capture-clock.js';

/** The frames before which there is a tick; times are seconds. */
function ticks(...times: readonly number[]): number[] {
  const clock = new CaptureClock();
  return times.flatMap((time, place) => (clock.ticksBefore(1e12 + time * 1e6) ? [place] : []));
}

describe('a capture', () => {
  it('ticks when ten seconds have passed', () => {
    expect(ticks(0, 5, 9.9, 10, 15, 20.1, 500)).toEqual([3, 5, 6]);
  });

  it('ticks before the third frame behind a long silence', () => {
    expect(ticks(0, 4000, 4001, 4002, 4003, 4012)).toEqual([3, 5]);
  });

  it('goes on ticking past frames that are far ahead or far behind', () => {
    expect(ticks(0, 9e7, 10, 11, 9e7, 20, 30)).toEqual([2, 5, 6]);
    expect(ticks(0, -9e5, 10, -9e5, 20, 30)).toEqual([2, 4, 5]);
    expect(ticks(0, 9e7, -9e5, 8e7, 10)).toEqual([4]);
  });

  it('begins anew where time stays behind, and where its first frame was absurd', () => {
    expect(ticks(0, -4000, -3999, -3998, -3995, -3988)).toEqual([5]);
    expect(ticks(9e7, 0, 1, 2, 12, 22)).toEqual([4, 5]);
  });

  it('is not moved by two frames that agree', () => {
    const clock = new CaptureClock();
    for (const time of [1e12, 9e15, 9e15, 1e12 + 1]) clock.ticksBefore(time);
    expect(clock.nowUs).toBe(1e12 + 1);
    clock.reset();
    clock.ticksBefore(7);
    expect(clock.nowUs).toBe(7);
  });

  it('ticks as often as its times, where they are in order and near, demand', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 60 }), (steps) => {
        let [now, last] = [0, 0];
        const times = steps.map((step) => (now += step));
        last = times[0]!;
        const expected = times.flatMap((time, place) => (time - last >= 10 ? [((last = time), place)] : []));
        expect(ticks(...times)).toEqual(expected);
      }),
    );
  });
});
