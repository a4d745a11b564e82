/** Texts of rules, each stored once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextPool } from '../../src/compile/text-pool.js';

/** What is stored, by number. */
function stored(pool: TextPool): string[] {
  const bytes = Buffer.from(pool.bytes());
  const index = pool.index();
  const words = new Int32Array(index.buffer, index.byteOffset, index.length / 4);
  return Array.from({ length: words.length / 2 }, (_, number) => {
    const [at, length] = [words[2 * number]!, words[2 * number + 1]!];
    return bytes.toString('utf8', at, at + length);
  });
}

const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '€', '𝄞'), maxLength: 6 }), {
  maxLength: 3000,
  size: 'max',
});

describe('pool of texts', () => {
  it('gives equal texts one number in the order of their first, and others their own', () => {
    fc.assert(
      fc.property(texts, (list) => {
        const pool = new TextPool();
        const numbers = list.map((text, i) => (i % 3 === 0 ? pool.addCommon(text) : pool.add(text)));
        const known = [...new Set(list)];
        expect(stored(pool)).toEqual(known);
        expect(numbers).toEqual(list.map((text) => known.indexOf(text)));
      }),
      { numRuns: 5 },
    );
  });

  it('does not look for what is appended, nor find it later', () => {
    const pool = new TextPool();
    expect([pool.add('x'), pool.append('x'), pool.append('y'), pool.add('y'), pool.add('x')]).toEqual([0, 1, 2, 3, 0]);
    expect(stored(pool)).toEqual(['x', 'x', 'y', 'y']);
  });
});
