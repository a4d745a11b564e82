/** Comparisons of numbers, against their meaning written down plainly. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atLeast } from '../../../src/app/at-least.js';
import { MAX_NUMBERS, NUMBER_WHICH } from '../../../src/block/step-layout.js';
import { BlockWriter } from '../../../src/compile/block-writer.js';
import { packBuffer } from '../../../src/compile/pack-steps.js';
import type { Compared } from '../../../src/block/terms.js';
import { BUFFER_CODE } from '../../../src/block/rule-block.js';
import type { BufferSource } from '../../../src/detect/verify/buffer-source.js';
import { NumberStep } from '../../../src/detect/verify/number-step.js';
import type { NumberMatch } from '../../../src/rule/buffer-match.js';

const sourceOf = (numbers: readonly number[]): BufferSource => ({
  bytes: new Uint8Array(0),
  origin: 0,
  littleEndian: false,
  locate: () => false,
  mayHave: () => true,
  number: (_buffer, instance) => numbers[instance] ?? NaN,
});

function passes(match: NumberMatch, numbers: readonly number[]): boolean {
  return new NumberStep(codeOf(match)).passes(BUFFER_CODE.end, sourceOf(numbers), 0);
}

function codeOf(match: NumberMatch): Int32Array {
  const writer = new BlockWriter();
  packBuffer({ buffer: 'payload', matches: [match] }, { number: 0, toServer: 0, toClient: 0 }, writer);
  return writer.code.slice(0, writer.code.length);
}

/** As Python cuts lists, but that a place outside leaves nothing. */
function cut(numbers: readonly number[], from = 0, to = numbers.length): readonly number[] {
  const [start, end] = [from, to].map((place) => (place < 0 ? numbers.length + place : place)) as [number, number];
  return start < 0 || start > numbers.length || end < 0 || end > numbers.length ? [] : numbers.slice(start, end);
}

function naive(
  { which, index = 0, ranges, mask, counts = { ranges: [] }, from, to }: NumberMatch,
  all: readonly number[],
): boolean {
  const numbers = cut(all, from, to);
  const isIn = (value: number, of: Compared): boolean => {
    const left = of.mask === undefined ? value : Number(BigInt(value) & BigInt(of.mask));
    return of.ranges.some(([low, high]) => left >= low && left <= high);
  };
  const holds = (value: number): boolean => isIn(value, { ranges, mask });
  const passing = numbers.filter(holds).length;
  const one = numbers.at(index);
  const isThere = index < 0 ? -index <= numbers.length : index < numbers.length;
  switch (which) {
    case 'any':
      return passing > 0;
    case 'all':
      return numbers.length > 0 && passing === numbers.length;
    case 'any_or_absent':
      return numbers.length === 0 || passing > 0;
    case 'all_or_absent':
      return passing === numbers.length;
    case 'index':
      return isThere && holds(one!);
    case 'index_or_absent':
      return !isThere || holds(one!);
    case 'matches':
      return isIn(passing, counts);
    case 'count':
      return isIn(numbers.length, counts);
  }
}

const LARGE = 2 ** 40 + 6;
const value = fc.constantFrom(0, 1, 2, 5, 6, 0xff, 0xffff_ffff, LARGE);
const range = fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const place = fc.integer({ min: -5, max: 5 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const matches: fc.Arbitrary<NumberMatch> = fc.record({
  kind: fc.constant('number' as const),
  which: fc.constantFrom(...NUMBER_WHICH),
  index: place,
  ranges: fc.array(range, { minLength: 1, maxLength: 2 }),
  mask: maybe(fc.constantFrom(1, 4, 0x80, 0xffff_ffff, LARGE)),
  counts: fc.record({
    ranges: fc.array(
      fc.tuple(fc.nat(3), fc.nat(3)).map(([low, more]) => [low, low + more] as const),
      { maxLength: 2 },
    ),
    mask: maybe(fc.constantFrom(1, 2)),
  }),
  from: maybe(place),
  to: maybe(place),
});

describe('a comparison of numbers', () => {
  it('is what it means', () => {
    fc.assert(
      fc.property(matches, fc.array(value, { maxLength: 4 }), (match, numbers) => {
        expect(passes(match, numbers)).toBe(naive(match, numbers));
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[what: string, asked: Pick<NumberMatch, 'ranges' | 'mask'>, holds: boolean]>([
    ['more than fewer', { ranges: [[10, Number.MAX_SAFE_INTEGER]] }, true],
    ['more than as many', { ranges: [[11, Number.MAX_SAFE_INTEGER]] }, false],
    [
      'more or much less',
      {
        ranges: [
          [0, 3],
          [5, Number.MAX_SAFE_INTEGER],
        ],
      },
      true,
    ],
    ['as many', { ranges: [[10, 10]] }, false],
    ['up to a number', { ranges: [[0, 4_000_000_000]] }, false],
    ['a bit of it', { ranges: [[0, Number.MAX_SAFE_INTEGER]], mask: 1 }, false],
  ])('of a number of which the least is known holds for all that it may be: %s', (_, asked, holds) => {
    expect(passes({ kind: 'number', which: 'any', ...asked }, [atLeast(10)])).toBe(holds);
  });

  it('looks at a bounded number of them', () => {
    const endless: BufferSource = { ...sourceOf([]), number: () => 1 };
    const match: NumberMatch = {
      kind: 'number',
      ranges: [[1, 1]],
      which: 'count',
      counts: { ranges: [[MAX_NUMBERS, MAX_NUMBERS]] },
    };
    expect(new NumberStep(codeOf(match)).passes(BUFFER_CODE.end, endless, 0)).toBe(true);
  });
});
