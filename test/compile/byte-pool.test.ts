/** Literals of rules, each stored once. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { BytePool } from '../../src/compile/byte-pool.js';

describe('pool of bytes', () => {
  it('gives equal literals one place, and others their own', () => {
    const literals = fc.array(fc.uint8Array({ maxLength: 6, max: 3 }), { maxLength: 3000, size: 'max' });
    fc.assert(
      fc.property(literals, (list) => {
        const pool = new BytePool();
        const places = list.map((bytes) => pool.add(bytes));
        const stored = Buffer.from(pool.bytes());
        const known = new Map<string, number>();
        let length = 0;
        list.forEach((bytes, i) => {
          const key = bytes.join();
          if (!known.has(key)) known.set(key, length);
          if (known.get(key) === length) length += bytes.length;
          expect(places[i]).toBe(known.get(key));
          expect(stored.subarray(places[i], places[i]! + bytes.length).equals(bytes)).toBe(true);
        });
      }),
      { numRuns: 5 },
    );
  });
});
