/** Patterns at a fixed place: what the lookup finds is what comparing each of them finds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnchoredPattern, packAnchored } from '../../../src/compile/anchored-table.js';
import { AnchoredLookup } from '../../../src/detect/candidates/anchored.js';

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte);

function lookupOf(patterns: readonly AnchoredPattern[], at: number): AnchoredLookup {
  const pool: number[] = [];
  const words = packAnchored(patterns, at, (bytes) => pool.push(...bytes) - bytes.length);
  return new AnchoredLookup(Int32Array.from([...new Array<number>(at).fill(-1), ...words]), Uint8Array.from(pool));
}

function naive(
  patterns: readonly AnchoredPattern[],
  text: Uint8Array,
  origin: number,
  start: number,
  end: number,
  seen: number,
): number[] {
  return patterns
    .filter(({ place, bytes, nocase }) => {
      const at = origin + place;
      if (at < start || at + bytes.length > end || at + bytes.length <= seen) return false;
      return bytes.every((byte, i) => (nocase ? lower(text[at + i]!) : text[at + i]) === byte);
    })
    .map(({ id }) => id);
}

// Few letters, so that patterns are found often, and ones of which only the case differs.
const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc
    .array(fc.constantFrom(0x41, 0x61, 0x62, 0xc1, 0), { minLength: 1, maxLength })
    .map((list) => Uint8Array.from(list));
const patterns = fc
  .array(fc.record({ place: fc.nat(5), bytes: bytes(7), nocase: fc.boolean() }), { minLength: 1, maxLength: 40 })
  .map((list): AnchoredPattern[] =>
    list.map(({ place, bytes: literal, nocase }, index) => ({
      id: 3 + index,
      place,
      nocase,
      bytes: nocase ? literal.map(lower) : literal,
    })),
  );

describe('patterns at a fixed place', () => {
  it('are found where they are, wherever the buffer starts, ends, and was seen up to', () => {
    fc.assert(
      fc.property(
        patterns,
        bytes(16),
        fc.nat(6),
        fc.nat(4),
        fc.nat(6),
        fc.nat(12),
        (list, text, start, before, cut, seen) => {
          const end = Math.max(start, text.length - cut);
          const origin = start - before;
          const hits = { ids: new Uint32Array(list.length), count: 0 };
          lookupOf(list, 1).find(1, text, origin, start, end, start + seen, hits);
          expect([...hits.ids.subarray(0, hits.count)].sort((a, b) => a - b)).toEqual(
            naive(list, text, origin, start, end, start + seen),
          );
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('are added behind what was found before', () => {
    const hits = { ids: new Uint32Array(4), count: 1 };
    lookupOf([{ id: 7, place: 0, bytes: Uint8Array.from([1, 2]), nocase: false }], 1).find(
      1,
      Uint8Array.from([1, 2, 3]),
      0,
      0,
      3,
      0,
      hits,
    );
    expect([...hits.ids.subarray(0, hits.count)]).toEqual([0, 7]);
  });
});
