/** When changed files ask for a reload: once they are at rest, once for each change. */
import { expect, it } from 'vitest';
import { RuleWatch } from '../../src/cli/rule-watch.js';

it('asks once for a change, when the files are at rest, and not for one that was loaded already', () => {
  let [state, asked] = ['a', 0];
  const watch = new RuleWatch({ seconds: 1, look: () => state, onChange: () => asked++ });
  watch.note();
  const look = (now: string): number => {
    state = now;
    watch.check();
    return asked;
  };
  expect(['a', 'b', 'c', 'c', 'c', 'c'].map(look)).toEqual([0, 0, 0, 1, 1, 1]);
  state = 'd';
  watch.note();
  expect(['d', 'd', 'a', 'a', 'd', 'a', 'a'].map(look)).toEqual([1, 1, 1, 2, 2, 2, 2]);
});
