/** The request of an answer: found among those that may be open, in a bounded number of steps. */
import { describe, expect, it } from 'vitest';
import {
  latestUnanswered,
  MOST_SEARCHED,
  oldestUnanswered,
  type PlainTransaction,
} from '../../../src/app/fields/plain-transaction.js';

interface Open {
  readonly key: number;
  readonly progressToClient: number;
}

/** Transactions of a connection, and how many of them were looked at. */
function connectionOf(open: readonly Open[]) {
  const seen = { steps: 0 };
  const transactions = new Proxy(open as unknown as PlainTransaction[], {
    get(target, name, receiver) {
      if (typeof name === 'string' && /^\d+$/.test(name)) seen.steps++;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return { connection: { transactions, count: open.length }, seen };
}

const SEARCHES = { oldestUnanswered, latestUnanswered };
const KINDS = ['oldestUnanswered', 'latestUnanswered'] as const;

describe.each(KINDS)('%s', (kind) => {
  const search = SEARCHES[kind];

  it('has the key, and no answer', () => {
    const open = [
      { key: 7, progressToClient: 1 },
      { key: 7, progressToClient: 0 },
      { key: 8, progressToClient: 0 },
      { key: 7, progressToClient: 0 },
      { key: 7, progressToClient: 1 },
    ];
    expect(search(connectionOf(open).connection, 7)).toBe(open[kind === 'oldestUnanswered' ? 1 : 3]);
    expect(search(connectionOf(open).connection, 9)).toBeNull();
  });

  it('takes no more steps than there may be open ones, however many the same bytes have brought', () => {
    const open = Array.from({ length: 20_000 }, () => ({ key: 1, progressToClient: 0 }));
    const { connection, seen } = connectionOf(open);
    expect(search(connection, 2)).toBeNull();
    expect(seen.steps).toBe(MOST_SEARCHED);
  });
});
