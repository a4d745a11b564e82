import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clearBits, countBits, hasBit, lastSet, nextClear, nextSet, setBit, setBits } from '../../src/util/bit-map.js';

const SIZE = 200;
/** First word of the set in the array: what lies around it stays. */
const AT = 3;

describe('a set of bits', () => {
  const ends = fc.tuple(fc.nat({ max: SIZE }), fc.nat({ max: SIZE }));
  const range = ends.map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
  const step = fc.record({ kind: fc.constantFrom('set', 'clear', 'one'), range });

  it('is what an array of booleans is', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), range, (steps, [from, to]) => {
        const words = new Uint32Array(AT + 8).fill(0xffffffff);
        const naive = new Array<boolean>(SIZE).fill(true);
        for (const {
          kind,
          range: [a, b],
        } of steps) {
          if (kind === 'set') setBits(words, AT, a, b);
          else if (kind === 'clear') clearBits(words, AT, a, b);
          else setBit(words, AT, Math.min(a, SIZE - 1));
          if (kind === 'one') naive[Math.min(a, SIZE - 1)] = true;
          else naive.fill(kind === 'set', a, b);
        }
        expect(Array.from({ length: SIZE }, (_, bit) => hasBit(words, AT, bit))).toEqual(naive);
        const within = naive.slice(0, to);
        const find = (value: boolean): number => (within.indexOf(value, from) < 0 ? to : within.indexOf(value, from));
        expect([nextSet(words, AT, from, to), nextClear(words, AT, from, to)]).toEqual([find(true), find(false)]);
        expect(lastSet(words, AT, from, to)).toBe(Math.max(from - 1, within.lastIndexOf(true)));
        expect(countBits(words, AT, from, to)).toBe(within.slice(from).filter(Boolean).length);
        expect([words[AT - 1], words[AT + 7]]).toEqual([0xffffffff, 0xffffffff]);
      }),
      { numRuns: 500 },
    );
  });
});
