/**
 * The bytes that a content stands for, from the pieces between its quotes. Stage: rule (parse).
 *
 * Text is latin1, so that one character is one byte of the rule file. Escapes are those of Suricata and Snort.
 */
import type { Diagnostics, Span } from '../diagnostics/diagnostic.js';
import type { Piece } from './nodes.js';

/** Longest content in bytes; the longest of ET Open has 660. */
const MAXIMUM_BYTES = 65_535;
const ESCAPABLE = '";:\\|';

/**
 * Undefined (and an error) where a piece stands for no bytes, or all of them for none. Spans of pieces count from
 * `value`.
 */
export function contentBytes(pieces: readonly Piece[], value: Span, diagnostics: Diagnostics): Uint8Array | undefined {
  const bytes: number[] = [];
  let good = true;
  for (const piece of pieces) {
    const span = { start: value.start + piece.span.start, end: value.start + piece.span.end };
    const append = piece.kind === 'hex' ? appendHex : piece.kind === 'escape' ? appendEscape : appendText;
    good = append(piece.text, bytes, span, diagnostics) && good;
  }
  if (!good) return undefined;
  if (bytes.length === 0) {
    diagnostics.error(
      'empty-content',
      'a content of no bytes matches nothing',
      value,
      'write the bytes to look for, or leave the content out',
    );
    return undefined;
  }
  if (bytes.length > MAXIMUM_BYTES) {
    diagnostics.error('too-long', `a content of ${bytes.length} bytes; ${MAXIMUM_BYTES} is the most`, value);
    return undefined;
  }
  return Uint8Array.from(bytes);
}

function appendText(text: string, bytes: number[], span: Span, diagnostics: Diagnostics): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) {
      diagnostics.error(
        'bad-hex',
        `'${text[i]}' is no single byte`,
        span,
        'write its bytes in hexadecimal between pipes',
      );
      return false;
    }
    bytes.push(code);
  }
  return true;
}

function appendEscape(text: string, bytes: number[], span: Span, diagnostics: Diagnostics): boolean {
  if (!ESCAPABLE.includes(text[1]!)) {
    diagnostics.error('bad-escape', `'${text}' is no escape`, span, escapeHint(text[1]!));
    return false;
  }
  bytes.push(text.charCodeAt(1));
  return true;
}

export const EMPTY_HEX_HINT = 'leave it out, or write |7C 7C| for two pipes';

const CONTROLS: Readonly<Record<string, string>> = { n: '0a', r: '0d', t: '09', 0: '00' };

/** Other languages write bytes as \n and \x41. */
function escapeHint(letter: string): string {
  if (Object.hasOwn(CONTROLS, letter))
    return `write |${CONTROLS[letter]}| for \\${letter}, or \\\\${letter} for a backslash and ${letter}`;
  if (letter === 'x') return String.raw`write bytes in hexadecimal between pipes: |41 42| for \x41\x42`;
  return String.raw`only \" \; \: \\ \| are escapes: write \\ for a backslash, other bytes in hexadecimal, as in |0d 0a|`;
}

function hexHint(text: string, bad: number): string {
  if (/^x$/i.test(text[bad]!) && text[bad - 1] === '0')
    return `write the digits without 0x: |${text.replace(/0x/gi, '').trim()}|`;
  return 'digits are 0-9 and a-f; a pipe itself is |7C|';
}

/** Pairs of digits; blanks may stand between pairs, and inside one as Snort takes them. */
function appendHex(text: string, bytes: number[], span: Span, diagnostics: Diagnostics): boolean {
  const bad = text.search(/[^0-9A-Fa-f\s]/);
  if (bad >= 0) {
    const at = span.start + bad;
    diagnostics.error(
      'bad-hex',
      `'${text[bad]}' is no hexadecimal digit`,
      { start: at, end: at + 1 },
      hexHint(text, bad),
    );
    return false;
  }
  const digits = text.replace(/\s+/g, '');
  if (digits === '') {
    diagnostics.error('bad-hex', 'there are no bytes between the pipes', span, EMPTY_HEX_HINT);
    return false;
  }
  if (digits.length % 2 !== 0) {
    diagnostics.error(
      'bad-hex',
      'an odd number of hexadecimal digits',
      span,
      'every byte takes two digits, as in |0a|; a pipe itself is |7C|',
    );
    return false;
  }
  for (let i = 0; i < digits.length; i += 2) bytes.push(Number.parseInt(digits.slice(i, i + 2), 16));
  return true;
}
