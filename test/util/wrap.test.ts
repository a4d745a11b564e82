import { expect, it } from 'vitest';
import { wrap } from '../../src/util/wrap.js';

it('breaks at blanks, keeps line ends, and lets no word go', () => {
  expect(wrap('one two three', 7)).toBe('one two\nthree');
  expect(wrap('one\ntwo three', 20)).toBe('one\ntwo three');
  expect(wrap('immeasurable x', 5)).toBe('immeasurable\nx');
  expect(wrap('', 5)).toBe('');
});
