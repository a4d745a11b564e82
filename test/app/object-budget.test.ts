/** What pools of a shard may make together, and what they let go of for each other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectBudget } from '../../src/app/object-budget.js';
import { Pool } from '../../src/app/pool.js';
import { Arena, PAGE_BYTES } from '../../src/memory/arena.js';
import { LEAST_OBJECT_BYTES, MOST_OBJECT_BYTES, objectBytesOf } from '../../src/memory/object-bytes.js';

const newArena = (): Arena => new Arena(new ArrayBuffer(2 * PAGE_BYTES), PAGE_BYTES, PAGE_BYTES, { keptBytes: 0 });

function poolsOf(limitBytes: number, ...sizes: number[]): Pool<object>[] {
  const arena = newArena();
  objectBudget(arena).limitBytes = limitBytes;
  return sizes.map((bytes) => new Pool(arena, Infinity, bytes, () => ({})));
}

describe('pools of one shard', () => {
  it('make no more than all of them together may', () => {
    const [small, large] = poolsOf(10, 2, 4);
    expect([large.take(), large.take(), small.take(), small.take()].map((one) => one !== undefined)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect([small.hasRoom, large.hasRoom]).toEqual([false, false]);
  });

  it('let go of what waits in them where another needs room', () => {
    const [small, large] = poolsOf(10, 2, 4);
    const taken = [1, 2, 3, 4, 5].map(() => small.take()!);
    for (const one of taken.slice(1)) small.give(one);
    expect([large.hasRoom, large.take(), large.take(), large.take()].map(Boolean)).toEqual([true, true, true, false]);
    expect([small.inUse, small.hasRoom]).toEqual([1, false]);
  });

  it('hand out again what waits, though there is no room for one more', () => {
    const [pool] = poolsOf(2, 2);
    const one = pool.take()!;
    pool.give(one);
    expect(pool.hasRoom).toBe(true);
    expect(pool.take()).toBe(one);
  });

  it('are crowded where the heap is nearly full, and let go of what waits', () => {
    const arena = newArena();
    const budget = objectBudget(arena);
    const pool = new Pool(arena, Infinity, 2, () => ({}));
    const one = pool.take()!;
    pool.give(one);
    budget.noteHeap(true);
    expect([budget.isCrowded, pool.take() === one]).toEqual([true, false]);
    budget.noteHeap(false);
    expect([budget.isCrowded, budget.inUseBytes]).toEqual([false, 2]);
  });

  it('of different shards have nothing in common', () => {
    const [one] = poolsOf(2, 2);
    const [other] = poolsOf(2, 2);
    one.take();
    expect(other.take()).toBeDefined();
  });

  it('count as a naive sum does, whatever is taken and given', () => {
    const step = fc.record({ pool: fc.nat(2), gives: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (steps, limit) => {
        const sizes = [1, 3, 7];
        const arena = newArena();
        const budget = objectBudget(arena);
        budget.limitBytes = limit;
        const pools = sizes.map((bytes) => new Pool(arena, Infinity, bytes, () => ({})));
        const taken: object[][] = sizes.map(() => []);
        const inUse = (): number => taken.reduce((sum, list, pool) => sum + list.length * sizes[pool], 0);
        for (const { pool, gives } of steps) {
          if (gives) {
            const one = taken[pool].pop();
            if (one !== undefined) pools[pool].give(one);
          } else {
            const fits = inUse() + sizes[pool] <= limit;
            expect(pools[pool].hasRoom).toBe(fits);
            const one = pools[pool].take();
            expect(one !== undefined).toBe(fits);
            if (one !== undefined) taken[pool].push(one);
          }
          expect(budget.inUseBytes).toBe(inUse());
          expect(budget.isCrowded).toBe(inUse() > (7 / 8) * limit);
        }
      }),
    );
  });
});

describe('what objects may take of a heap', () => {
  it('grows with it, within bounds', () => {
    const [small, middle, large] = [128, 400, 4096].map((mib) => objectBytesOf(mib * 1024 * 1024));
    expect([small, large]).toEqual([LEAST_OBJECT_BYTES, MOST_OBJECT_BYTES]);
    expect(middle).toBeGreaterThan(small);
    expect(middle).toBeLessThan((3 / 4) * 400 * 1024 * 1024);
  });
});
