/** What locates bytes tells where they are; lengths that cannot be end at whoever asked, and not in the kernel. */
import { expect, it } from 'vitest';
import { Span } from '../../src/memory/span.js';

it('is where bytes lie', () => {
  const span = new Span();
  expect(span.set(8, 0)).toBe(true);
  span.set(0x8000_0010, 5);
  expect([span.start, span.length]).toEqual([0x8000_0010, 5]);
});

it('has no negative length, which would be one of four gigabytes', () => {
  const span = new Span();
  span.set(8, 3);
  expect(() => span.set(16, -2)).toThrow(RangeError);
  expect([span.start, span.length]).toEqual([8, 3]);
});
