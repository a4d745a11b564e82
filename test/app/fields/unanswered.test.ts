/** The request of an answer: found among those that may be open, in a bounded number of steps. */
import { describe, expect, it } from 'vitest';
import { DCERPC } from '../../../src/app/dcerpc/index.js';
import {
  latestUnanswered,
  MOST_SEARCHED,
  oldestUnanswered,
  type PlainTransaction,
} from '../../../src/app/fields/plain-transaction.js';
import { MQTT } from '../../../src/app/mqtt/index.js';
import type { Transaction } from '../../../src/app/transaction.js';
import { concat, u16 } from '../../support/packet-builder.js';
import { Talk } from '../support/talk.js';

interface Open {
  readonly key?: number;
  readonly progressToClient: number;
}

/** A list of transactions, and how many of them were looked at. */
function watched<T extends Open>(open: T[]): { transactions: T[]; seen: { steps: number } } {
  const seen = { steps: 0 };
  const transactions = new Proxy(open, {
    get(target, name, receiver) {
      if (typeof name === 'string' && /^\d+$/.test(name)) seen.steps++;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return { transactions, seen };
}

function connectionOf(open: readonly Open[]) {
  const { transactions, seen } = watched(open as unknown as PlainTransaction[]);
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

const ANSWERS = 2000;
const PROTOCOLS = [
  { protocol: MQTT, answer: (id: number) => concat([0x40, 2], u16(id)) },
  { protocol: DCERPC, answer: (id: number) => concat([5, 0, 13, 3, 0x10, 0, 0, 0, 16, 0, 0, 0], u16(id), u16(0)) },
];

describe.each(PROTOCOLS)('answers to nothing of $protocol.name', ({ protocol, answer }) => {
  it('are compared with so many at most, however many there are', () => {
    const talk = new Talk(protocol, [], [], 8);
    const { transactions, seen } = watched<Transaction>([]);
    Object.defineProperty(talk.connection, 'transactions', { value: transactions });
    talk.stream('<', concat(...Array.from({ length: ANSWERS }, (_, id) => answer(id))));
    expect(talk.connection.count).toBe(ANSWERS);
    expect(seen.steps).toBeLessThanOrEqual(ANSWERS * (MOST_SEARCHED + 2));
  });
});
