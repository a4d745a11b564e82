/** The bounds of a shard's thread: its heap is what the memory budget leaves it. */
import { describe, expect, it } from 'vitest';
import { newPiscina } from '../../src/shard/pool.js';

describe('the thread of a shard', () => {
  it.each([
    [200 * 1024 * 1024 + 5, 200],
    [undefined, undefined],
  ])('with %s bytes of heap is bound to %s MiB', async (heapBytes, mib) => {
    const piscina = newPiscina(heapBytes);
    expect(piscina.options.resourceLimits?.maxOldGenerationSizeMb).toBe(mib);
    await piscina.destroy();
  });
});
