/**
 * What steps over a buffer have to do with each other, asked of each by itself as the words of DEPENDENCE have it, and
 * by `dependenceOf`, which looks at each step once.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BufferMatch, Value } from '../../../src/rule/buffer-match.js';
import { DEPENDENCE, dependenceOf } from '../../../src/rule/compile/step-dependence.js';

const bool = fc.boolean();
const maybe = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.record({ variable: fc.integer({ min: 0, max: 2 }) }),
);
const constant = <T>(only: T): fc.Arbitrary<T> => fc.constant(only);
const read = { bytes: constant(1), offset: value, relative: bool, endian: constant('big' as const) };

const step: fc.Arbitrary<BufferMatch> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: constant('content' as const),
      bytes: constant(Uint8Array.of(1)),
      negated: bool,
      nocase: constant(false),
      offset: fc.option(value, { nil: undefined }),
      depth: maybe,
      distance: maybe,
      within: maybe,
      startswith: constant(false),
      endswith: constant(false),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: constant('pcre' as const),
      pattern: constant('a'),
      flags: constant(''),
      negated: bool,
      relative: bool,
      looksBack: bool,
      use: constant('existence' as const),
    }),
  },
  fc.record({ kind: constant('isdataat' as const), position: value, negated: bool, relative: bool }),
  fc.record({ kind: constant('bsize' as const), ranges: constant([]), relative: fc.option(bool, { nil: undefined }) }),
  fc.record({
    kind: constant('byte_test' as const),
    ...read,
    operator: constant('<' as const),
    negated: bool,
    value,
  }),
  fc.record({
    kind: constant('byte_jump' as const),
    ...read,
    multiplier: constant(1),
    align: bool,
    from: constant('read' as const),
    postOffset: value,
  }),
  fc.record({
    kind: constant('byte_extract' as const),
    ...read,
    variable: fc.integer({ min: 0, max: 2 }),
    multiplier: constant(1),
    align: constant(0 as const),
  }),
  fc.record({
    kind: constant('ber' as const),
    move: constant('skip' as const),
    type: constant(2),
    optional: bool,
  }),
  fc.record({
    kind: constant('entropy' as const),
    bytes: constant(0),
    offset: constant(0),
    operator: constant('<' as const),
    value: constant(1),
  }),
);

const isContent = (match: BufferMatch | undefined): boolean => match?.kind === 'content';

function readsPosition(match: BufferMatch): boolean {
  if (match.kind === 'ber') return true;
  if (match.kind === 'content') return match.distance !== undefined || match.within !== undefined;
  return 'relative' in match && match.relative === true;
}

function movesPosition(match: BufferMatch): boolean {
  if (match.kind === 'content' || match.kind === 'pcre') return !match.negated;
  return ['ber', 'byte_jump', 'byte_extract', 'byte_math'].includes(match.kind);
}

function readsVariableOf(before: readonly BufferMatch[], behind: readonly BufferMatch[]): boolean {
  const set = before.flatMap((match) => ('variable' in match ? [match.variable] : []));
  const isRead = (field: unknown): boolean =>
    typeof field === 'object' && field !== null && 'variable' in field && set.includes(field.variable as number);
  return behind.some((match) => Object.values(match).some(isRead));
}

/** Whether the steps from `index` on can come out differently for different choices before. */
function dependsOnBefore(steps: readonly BufferMatch[], index: number): boolean {
  const behind = steps.slice(index);
  const first = behind.find((match) => readsPosition(match) || movesPosition(match));
  return readsVariableOf(steps.slice(0, index), behind) || (first !== undefined && readsPosition(first));
}

function isForward(steps: readonly BufferMatch[], index: number): boolean {
  const match = steps[index]!;
  const looksAtRest =
    (match.kind === 'pcre' && match.relative && !match.negated && !match.looksBack) ||
    (match.kind === 'content' &&
      !match.negated &&
      match.distance !== undefined &&
      match.within === undefined &&
      match.depth === undefined);
  return looksAtRest && isContent(steps.slice(0, index).findLast(movesPosition));
}

function isRetried(steps: readonly BufferMatch[], index: number): boolean {
  const match = steps[index]!;
  const chooses = (match.kind === 'content' || match.kind === 'pcre') && !match.negated;
  if (!chooses || !dependsOnBefore(steps, index + 1)) return false;
  const next = steps.findIndex((each, i) => i > index && (readsPosition(each) || movesPosition(each)));
  return !(isContent(match) && next >= 0 && isForward(steps, next));
}

it('is what each step says by itself', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 7 }), (steps) => {
      const expected = steps.map(
        (_, index) =>
          (isRetried(steps, index) ? DEPENDENCE.retried : 0) |
          (index > 0 && !dependsOnBefore(steps, index) ? DEPENDENCE.cut : 0) |
          (isForward(steps, index) ? DEPENDENCE.forward : 0),
      );
      expect(dependenceOf(steps)).toEqual(expected);
    }),
    { numRuns: 5000, seed: 20_261_128 },
  );
});
