/** Blocks of a pcapng file, whatever time a capture says: each reads back as it was, or as the nearest there is. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { enhancedPacket, statistics } from '../../src/output/pcapng.js';

const timeOf = (block: Buffer): number => block.readUInt32LE(12) * 2 ** 32 + block.readUInt32LE(16);

it('times are kept; those that no file can hold are the nearest', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (us) => {
      expect([timeOf(enhancedPacket(0, us, new Uint8Array(3), 3, [])), timeOf(statistics(0, us, ['a']))]).toEqual([
        us,
        us,
      ]);
    }),
  );
  for (const us of [1e300, 2 ** 64 * 1e6, -1, -1e300]) {
    const nearest = us < 0 ? 0 : Number.MAX_SAFE_INTEGER;
    expect(timeOf(enhancedPacket(0, us, new Uint8Array(3), 3, []))).toBe(nearest);
    expect(timeOf(statistics(0, us, []))).toBe(nearest);
  }
});
