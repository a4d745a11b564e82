import { describe, expect, it } from 'vitest';
import { locateDiagnostic, wholeDiagnostic } from '../../../src/rule/diagnostics/locate-diagnostic.js';
import { renderBrief, renderDiagnostic } from '../../../src/rule/diagnostics/render-diagnostic.js';
import { SourceText } from '../../../src/rule/diagnostics/source-text.js';

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Where a word of a text in UTF-8 is said to be, read as files are. */
function locate(text: string, word: string, message = 'wrong') {
  const source = bytes(text);
  const start = source.indexOf(bytes(word));
  return locateDiagnostic(
    { code: 'syntax', severity: 'error', message, span: { start, end: start + bytes(word).length } },
    'a.rules',
    new SourceText(source),
  );
}

describe('a place', () => {
  it.each([
    ['of ASCII', 'one\ntwo three', 'three', { line: 2, column: 5, length: 5, sourceLine: 'two three' }],
    ['behind accents', 'é → x', 'x', { line: 1, column: 5, length: 1, sourceLine: 'é → x' }],
    ['behind what takes two units', '😀 x', 'x', { line: 1, column: 4, length: 1 }],
    ['of characters of several bytes', 'a “b” c', '“b”', { line: 1, column: 3, length: 3 }],
  ])('%s counts characters', (_what, text, word, expected) => {
    expect(locate(text, word)).toMatchObject(expected);
  });

  it('counts bytes where a line is not UTF-8', () => {
    const source = new SourceText('\xe9\xff x');
    expect(
      locateDiagnostic({ code: 'syntax', severity: 'error', message: '\xff', span: { start: 3, end: 4 } }, 'a', source),
    ).toMatchObject({ column: 4, length: 1, sourceLine: '\xe9\xff x', message: '\xff' });
  });

  it('has text of the source in message and hint as it was written', () => {
    expect(locate('“x”', '“x”', bytes('found “x”')).message).toBe('found “x”');
  });

  it('leads through a mapping, and never is without a caret', () => {
    const located = locateDiagnostic(
      { code: 'syntax', severity: 'error', message: 'm', span: { start: 0, end: 0 } },
      'a',
      new SourceText('abc\ndef'),
      (offset) => offset + 4,
    );
    expect(located).toMatchObject({ line: 2, column: 1, length: 1, sourceLine: 'def' });
  });
});

describe('shown', () => {
  it('has the caret under the characters that are meant', () => {
    expect(renderDiagnostic(locate('é → xyz', 'xyz'))).toBe(
      'a.rules:1:5: error: wrong [syntax]\n  1 | é → xyz\n    |     ^^^',
    );
  });

  it('has no line where the whole of a file is meant', () => {
    const whole = wholeDiagnostic('a.rules', {
      code: 'unreadable-file',
      severity: 'error',
      message: 'no',
      hint: 'look',
    });
    expect(renderBrief(whole)).toBe('a.rules: error: no [unreadable-file]');
    expect(renderDiagnostic(whole)).toBe('a.rules: error: no [unreadable-file]\n    hint: look');
    expect(whole).toMatchObject({ line: 1, column: 1 });
  });

  it('lets no control characters through', () => {
    const shown = renderDiagnostic(locate('a\tb\x1b[31m x', 'x', 'a\x1b[2J'));
    expect([shown.includes('\x1b'), shown.includes('\t')]).toEqual([false, false]);
  });
});
