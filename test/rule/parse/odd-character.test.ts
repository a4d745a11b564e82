import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../src/rule/diagnostics/diagnostic.js';
import { explainOddCharacters } from '../../../src/rule/parse/odd-character.js';

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const about = (start: number, end: number, message = "expected ';', found 'x'"): Diagnostic => ({
  code: 'syntax',
  severity: 'error',
  message,
  span: { start, end },
});

describe('a character that nobody sees', () => {
  it.each([
    ['a\u00a0b', 'a no-break space (U+00A0)', 1, 3],
    ['a\u3000b', 'an ideographic space (U+3000)', 1, 4],
    ['a\u200bb', 'a zero width space (U+200B)', 1, 4],
    ['a\u2003b', 'a typographic space (U+2003)', 1, 4],
    ['a\u0001b', 'a character without shape (U+0001)', 1, 2],
    ['a\ufeffb', 'a byte order mark (U+FEFF)', 1, 4],
    ['a\u202eb', 'a character without shape (U+202E)', 1, 4],
  ])('is named where it stands: %j', (text, name, start, end) => {
    expect(explainOddCharacters([about(0, 2)], latin1(text))).toMatchObject([
      { code: 'syntax', message: `expected ';', found ${name}`, span: { start, end } },
    ]);
  });

  it('may be a byte of latin1', () => {
    expect(explainOddCharacters([about(0, 1, 'wrong')], 'a\xa0b')[0]).toMatchObject({
      message: 'wrong: a no-break space (U+00A0) stands in it',
      span: { start: 1, end: 2 },
    });
  });

  it.each(['plain', '"a\u00a0b"', 'a \u00e4 b', '"\\"\u00a0" x', 'far from here; \u00a0'])(
    'is not made up: %j',
    (text) => {
      const said = [about(0, 2)];
      expect(explainOddCharacters(said, latin1(text))).toEqual(said);
    },
  );

  it('is no matter of warnings, and of the first errors only', () => {
    const text = latin1('\u00a0'.repeat(20));
    expect(explainOddCharacters([{ ...about(0, 2), severity: 'warning' }], text)[0]!.message).toContain("'x'");
    const said = explainOddCharacters(
      Array.from({ length: 10 }, () => about(0, 2)),
      text,
    );
    expect(said.filter(({ message }) => message.includes('U+00A0'))).toHaveLength(8);
  });

  it('has its place within the text, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(30), fc.nat(30), (characters, start, length) => {
        const text = latin1(characters);
        const [{ span, message }] = explainOddCharacters([about(start, start + length)], text) as [Diagnostic];
        if (!message.includes('U+')) return;
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(span.end).toBeGreaterThan(span.start);
        expect(span.end).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
