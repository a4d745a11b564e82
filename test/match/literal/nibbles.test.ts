import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nibbleTables } from '../../../src/match/literal/nibbles.js';

/** What the kernel asks of 16 positions at a time, of one. */
function passes(tables: Uint8Array, pair: number): boolean {
  const [first, second] = [pair & 0xff, pair >>> 8];
  const a = tables[first & 0xf]! & tables[16 + (first >>> 4)]!;
  const b = tables[32 + (second & 0xf)]! & tables[48 + (second >>> 4)]!;
  return (a & b) !== 0;
}

describe('tables of nibbles', () => {
  it('let every pair pass that they were made of', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 60 }), (pairs) => {
        const tables = nibbleTables(pairs);
        expect(tables === undefined || pairs.every((pair) => passes(tables, pair))).toBe(true);
      }),
    );
  });

  it('let nothing else pass where each pair has a sort of its own', () => {
    const pairs = [0x6261, 0x0000, 0xff01, 0x0a0d, 0x7c22, 0x3130, 0x2f2f, 0x9c78];
    const tables = nibbleTables(pairs)!;
    const passing = Array.from({ length: 0x10000 }, (_, pair) => pair).filter((pair) => passes(tables, pair));
    expect(passing).toEqual(pairs.toSorted((a, b) => a - b));
  });

  it('put pairs together that look alike', () => {
    // Headers of zlib with letters before them, as many a trojan has them, and a command.
    const zlib = Array.from({ length: 8 }, (_, i) => 0x9c70 + i);
    const tables = nibbleTables([...zlib, 0x6463])!;
    const passing = Array.from({ length: 0x10000 }, (_, pair) => pair).filter((pair) => passes(tables, pair));
    expect(passing).toEqual([0x6463, ...zlib]);
  });

  it('are none where there is nothing to look for, or too much passes', () => {
    expect(nibbleTables([])).toBeUndefined();
    const everyLetter = Array.from({ length: 26 * 26 }, (_, i) => 0x6161 + (i % 26) + 256 * Math.floor(i / 26));
    expect(nibbleTables(everyLetter)).toBeUndefined();
  });
});
