/**
 * What can be fuzzed, and how the suite does it. Tests say with `describeFuzz` what their messages are: the suite plays
 * a few hundred damaged ones (FUZZ_RUNS), `npm run fuzz` as many as one likes, from the same seeds by the same changes.
 */
import { describe, it } from 'vitest';
import { Random } from '../property/mutator.js';
import { encodeInput, type FuzzInput } from './fuzz-input.js';
import { PieceMutator } from './piece-mutator.js';

/**
 * Takes an input. Throws where it does harm. @returns what it led to, in words: one that leads to what no other led to
 * is worth keeping.
 */
export type Taker = (input: FuzzInput) => Iterable<string>;

export interface FuzzTarget {
  /** A file's name, too. */
  readonly name: string;
  readonly seeds: readonly FuzzInput[];
  /** Whether pieces may be left out, doubled, cut, and bytes be missing. */
  readonly pieces: 'of a stream' | 'whole' | 'one';
  /** Changes an input as its kind wants it; bytes and pieces where it is left out. */
  readonly change?: ((input: FuzzInput, random: Random) => FuzzInput) | undefined;
  /** Everything that inputs are given to, made anew. */
  open(): Taker;
}

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 200);
const SEED = 20_261_122;
const targets = new Map<string, FuzzTarget>();

/** All that tests have named so far; those with one name are one, with the seeds of all. */
export const fuzzTargets = (): readonly FuzzTarget[] => [...targets.values()];

export function describeFuzz(target: FuzzTarget, runs = RUNS): void {
  const known = targets.get(target.name);
  targets.set(target.name, known === undefined ? target : { ...known, seeds: [...known.seeds, ...target.seeds] });
  describe(`${target.name} damaged`, () => {
    it('throws nothing, keeps nothing, and is read the same however it is cut', () => {
      const random = new Random(SEED);
      const mutator = new PieceMutator(random);
      const take = target.open();
      for (let run = 0; run < runs; run++) {
        const input = mutator.next(target, target.seeds);
        try {
          void [...take(input)];
        } catch (error) {
          throw new Error(`run ${run}: ${(error as Error).message}\n${encodeInput(input).slice(0, 4000)}`, {
            cause: error,
          });
        }
      }
    }, 3_600_000);
  });
}
