import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { swallowedOption } from '../../../src/rule/parse/swallowed-option.js';

const NAMES = new Set(['content', 'sid', 'rev', 'nocase', 'offset', 'count']);
const isOption = (name: string): boolean => NAMES.has(name);

/** `code 'text under the caret'`. */
function find(text: string, start = 100): string | undefined {
  const found = swallowedOption({ text, span: { start, end: start + text.length } }, isOption);
  return found && `${found.code} '${text.slice(found.span.start - start, found.span.end - start)}'`;
}

describe('a value that holds the options behind it', () => {
  it.each([
    ['"a" sid:5', "missing-semicolon 'sid'"],
    ['"a"sid:5', undefined],
    ['"a", sid:5', "missing-semicolon ','"],
    ['5: rev:1', "missing-semicolon ':'"],
    ['5 rev:1', "missing-semicolon 'rev'"],
    ['"a" nocase', "missing-semicolon 'nocase'"],
    ['!"a" , content:"b"', "missing-semicolon ','"],
    ['"a; content:"b"', `unclosed-quote '"'`],
    ['"a; content:!"b"', `unclosed-quote '"'`],
    ['"a; b; sid : "', `unclosed-quote '"'`],
    [String.raw`"a\" sid:5`, undefined],
    [String.raw`"a\" b" sid:5`, "missing-semicolon 'sid'"],
  ])('%s is %s', (text, expected) => {
    expect(find(text)).toBe(expected);
  });

  it.each([
    '"a sid:5"',
    'url,http://x.test',
    'other:5',
    '"a; other:"',
    'sid:5',
    '',
    '"',
    'a "',
    ': , :',
    'type limit, count',
    'bytes 2, offset:0',
    '"a",nocase',
  ])('is not seen in %s', (text) => {
    expect(find(text)).toBeUndefined();
  });

  it('has its place within the value, whatever that is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('"', '\\', ' ', ',', ':', ';', '!', 'sid', 'content', 'x', '5')),
        (parts) => {
          const text = parts.join('');
          const found = swallowedOption({ text, span: { start: 7, end: 7 + text.length } }, isOption);
          if (found === undefined) return;
          expect(found.span.start).toBeGreaterThanOrEqual(7);
          expect(found.span.end).toBeLessThanOrEqual(7 + text.length);
          expect(found.span.end).toBeGreaterThan(found.span.start);
        },
      ),
    );
  });
});
