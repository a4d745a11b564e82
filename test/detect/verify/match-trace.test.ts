/** Places of matches: the last word on each step stands, one rule at a time, within bounds. */
import { expect, it } from 'vitest';
import { MatchTrace, MOST_TRACED } from '../../../src/detect/verify/match-trace.js';

it('keeps the last place of each step, in the order of first finds, of one rule', () => {
  const trace = new MatchTrace();
  trace.use(1);
  trace.note(10, 0, 0, false, 5, 2);
  trace.note(20, 1, 0, false, 9, 1);
  trace.note(10, 0, 0, false, 7, 2);
  trace.use(1);
  expect([trace.count, [...trace.starts.subarray(0, 2)]]).toEqual([2, [7, 9]]);
  trace.use(2);
  expect(trace.count).toBe(0);
});

it('forgets with the unit, and notes no more than it has room for', () => {
  const trace = new MatchTrace();
  trace.use(1);
  for (let step = 0; step < MOST_TRACED + 5; step++) trace.note(step, 0, 0, false, step, 1);
  expect(trace.count).toBe(MOST_TRACED);
  trace.note(3, 0, 0, false, 99, 1);
  expect(trace.starts[3]).toBe(99);
  trace.clear();
  trace.use(1);
  expect(trace.count).toBe(0);
});
