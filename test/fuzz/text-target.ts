/** A reader of texts as a target: rules, files of settings, variables. Texts are bytes of UTF-8 in an input. */
import type { Random } from '../property/mutator.js';
import { RuleMutator } from '../rule/support/rule-mutator.js';
import type { FuzzInput } from './fuzz-input.js';
import type { FuzzTarget } from './fuzz-target.js';

const TAG = 'text';

export function textTarget(
  name: string,
  texts: readonly string[],
  open: () => (text: string) => Iterable<string>,
): FuzzTarget {
  return {
    name,
    seeds: texts.map(inputOf),
    pieces: 'one',
    change: (input, random) => inputOf(changed(textOf(input), random.pick(texts), random)),
    open: () => {
      const take = open();
      return (input) => take(textOf(input));
    },
  };
}

const inputOf = (text: string): FuzzInput => [[TAG, Buffer.from(text)]];
const textOf = (input: FuzzInput): string =>
  input.map(([, bytes]) => (typeof bytes === 'number' ? '' : Buffer.from(bytes).toString())).join('');

/** Parts of the other text may get into it. */
const changed = (text: string, other: string, random: Random): string =>
  new RuleMutator(random, [text, text, text, other]).next();
