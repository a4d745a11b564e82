/**
 * Values in which it cannot be told where a quoted text ends are refused before they swallow the options behind them.
 */
import { describe, expect, it } from 'vitest';
import { strayQuote } from '../../../src/rule/parse/stray-quote.js';
import { compileText } from '../support/compile.js';

describe('a stray quote', () => {
  it.each([
    ['"a;b"', -1],
    ['!"a;b"', -1],
    [' ! "a;b" , "c;d"', -1],
    ['"a\\"b;c"', -1],
    ['"a"b"', -1],
    ['a\\;"b', -1],
    ['', -1],
    ['"a"b; content:"x"', 2],
    ['a,"b; content:"x",c', 14],
    ['"a;b" "c"', 4],
    ['a "b;c"', 2],
    ['"a;b', 0],
    ['\\""a;b"', 2],
  ])('of %j stands at %i', (value, at) => expect(strayQuote(value)).toBe(at));

  it('is looked for in one go', () => {
    for (const filler of [' ', '",', '"', ', ', '!'])
      expect(strayQuote(`;"${filler.repeat(200_000)}x"`)).toBeGreaterThanOrEqual(0);
  });
});

describe('a rule', () => {
  const codes = (options: string): readonly string[] =>
    compileText(`alert tcp any any -> any any (${options} sid:1;)`).codes;

  it.each([
    'metadata:"a"b; content:"x";',
    'msg:a,"b; content:"x",c;',
    'reference:url,"a; content:"x";',
    'service:"a; rev:2; rem:"x";',
  ])('does not lose an option to the value before it: %s', (options) => {
    expect(compileText(`alert tcp any any -> any any (${options} sid:1;)`).program).toBeUndefined();
    expect(['bad-quote', 'missing-semicolon', 'unclosed-quote']).toContain(codes(options)[0]);
  });

  it('may have semicolons and quotes where they are closed', () => {
    expect(codes('msg:"a;b"; content:"x;y"; metadata:a "b", c;')).toEqual([]);
  });

  it('has values of a length that somebody may have written', () => {
    expect(codes(`metadata:${'k v, '.repeat(1500)}k v;`)).toEqual([]);
    expect(codes(`metadata:${'k v, '.repeat(2000)}k v;`)).toEqual(['too-long']);
    expect(codes(`content:"${'a'.repeat(60_000)}";`)).toEqual([]);
  });
});
