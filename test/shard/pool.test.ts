/** The pool's bounds: shards get the heaps that the memory budget leaves them. */
import { Piscina } from 'piscina';
import { describe, expect, it } from 'vitest';
import { ShardPool } from '../../src/shard/pool.js';

describe('a pool of shards', () => {
  it.each([[200 * 1024 * 1024 + 5, 200], [undefined, undefined]])('with %s bytes of heap for each bounds its threads to %s MiB', async (heapBytes, mib) => {
    const pool = new ShardPool(1, { startOf: () => { throw new Error('none is started'); }, died: () => 'leave' }, heapBytes);
    const piscina = Reflect.get(pool, 'piscina') as Piscina;
    expect(piscina.options.resourceLimits?.maxOldGenerationSizeMb).toBe(mib);
    await pool.close();
  });
});
