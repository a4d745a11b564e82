/** The order in which matches of a packet leave, against a sort that is stable by itself. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RuleStrikes } from '../../src/block/rule-strikes.js';
import { MatchQueue, MOST_MATCHES, UNIT_KIND } from '../../src/detect/match-queue.js';
import { RuleErrors } from '../../src/detect/rule-errors.js';

const newQueue = (): MatchQueue =>
  new MatchQueue(new RuleErrors(new RuleStrikes(new Int32Array(1), new Int32Array(1)), () => undefined));

const placesOf = (queue: MatchQueue): number[] => Array.from({ length: queue.count }, (_, index) => queue.place(index));

/** Rows in the order in which they match: few rules on many messages, and any. */
const rows = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(MOST_MATCHES))
    .map(([rules, count]) => Array.from({ length: count }, (_, i) => i % rules)),
  fc.array(fc.nat(2 ** 20 - 1), { maxLength: 40 }),
);

it('is that of ranks, and of one rule that in which it matched', () => {
  const queue = newQueue();
  fc.assert(
    fc.property(rows, (matched) => {
      for (const row of matched) expect(queue.add(row, UNIT_KIND.packet, 0, null)).toBe(true);
      queue.sort();
      const wanted = matched.map((row, place) => ({ row, place })).sort((a, b) => a.row - b.row || a.place - b.place);
      expect(placesOf(queue)).toEqual(wanted.map(({ place }) => place));
      queue.clear();
    }),
    { numRuns: 60 },
  );
});

it('takes what it has room for', () => {
  const queue = newQueue();
  for (let i = 0; i < MOST_MATCHES; i++) queue.add(MOST_MATCHES - i, UNIT_KIND.packet, 0, null);
  expect(queue.add(0, UNIT_KIND.packet, 0, null)).toBe(false);
  queue.sort();
  expect(placesOf(queue)[0]).toBe(MOST_MATCHES - 1);
  expect(queue.count).toBe(MOST_MATCHES);
});

it('keeps nothing of a packet that is done with, however much its alerts have shown', () => {
  const queue = newQueue();
  for (let i = 0; i < 9; i++) {
    queue.add(i, UNIT_KIND.packet, 0, null);
    queue.evidence[i] = ',"payload":"…"';
  }
  queue.clear();
  expect(queue.evidence.every((text) => text === '')).toBe(true);
  queue.add(0, UNIT_KIND.packet, 0, null);
  expect(queue.evidence[0]).toBe('');
});
