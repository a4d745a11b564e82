/** Copies of bytes, within one memory and between two, against a plain loop. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyBytes, moveBy } from '../../src/memory/copy.js';

const PAGE_BYTES = 65_536;
const MOST = 20_000;
const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const shardBytes = new Uint8Array(shared.buffer);
moveBy(shared, shardBytes);

const newMemory = (): Uint8Array => new Uint8Array(new SharedArrayBuffer(PAGE_BYTES));
const memories: Record<string, () => readonly [target: Uint8Array, source: Uint8Array]> = {
  "within the shard's memory": () => [shardBytes, shardBytes],
  'within another memory': () => {
    const bytes = newMemory();
    return [bytes, bytes];
  },
  "from the shard's memory to another": () => [newMemory(), shardBytes],
  "from another memory to the shard's": () => [shardBytes, newMemory()],
};

it.each(Object.entries(memories))('copies %s', (_, make) => {
  const length = fc.oneof(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: MOST }));
  fc.assert(
    fc.property(length, fc.nat(1000), fc.nat(1000), fc.boolean(), fc.nat(255), (count, low, high, isUp, seed) => {
      const [target, source] = make();
      const [from, to] = isUp ? [low, MOST + 1000 + high] : [MOST + 1000 + high, low];
      for (let i = 0; i < PAGE_BYTES; i++) source[i] = (i * 31 + (i >>> 8) + seed) & 0xff;
      const expected = target.slice();
      for (let i = 0; i < count; i++) expected[to + i] = source[from + i]!;
      copyBytes(target, to, source, from, count);
      expect(Buffer.compare(target, expected)).toBe(0);
    }),
    { numRuns: 60 },
  );
});
