/** In which order rules are verified that set and ask for flowbits. */
import { describe, expect, it } from 'vitest';
import { inVerificationOrder } from '../../src/compile/order.js';
import { compileText } from '../rule/support/compile.js';

const header = 'alert udp any any -> any any';
const ordered = (...options: readonly string[]): number[] =>
  inVerificationOrder(options.map((text, index) => compileText(`${header} (${text} sid:${index + 1};)`).program!)).map(
    ({ sid }) => sid,
  );

describe('the order of verification', () => {
  it('has who sets a bit before who asks for it, whatever their numbers', () => {
    expect(ordered('flowbits:isset,a;', 'flowbits:set,a;')).toEqual([2, 1]);
    expect(ordered('flowbits:isset,b;', 'flowbits:isset,a; flowbits:set,b;', 'flowbits:set,a;')).toEqual([3, 2, 1]);
  });

  it('has the priority, and then the number, where bits do not matter', () => {
    expect(ordered('', 'priority:1;', 'priority:2;')).toEqual([2, 3, 1]);
  });

  it('has who only asks behind all who change something, where they go in a circle', () => {
    const options = ['flowint:b,>=,2;', 'flowint:a,-,1; flowint:b,>,1;', 'flowint:b,=,2; flowint:a,>,1;'];
    expect(ordered(...options)).toEqual([2, 3, 1]);
  });
});
