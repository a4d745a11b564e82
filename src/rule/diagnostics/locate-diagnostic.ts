/**
 * From places in a source to what people look at: file, line, column, and the line itself. Stage: rule.
 *
 * Sources are bytes, one a character; lines in UTF-8 are decoded here, and columns count characters, as editors do.
 */
import { decodeLatin1 } from '../../util/utf8.js';
import type { Diagnostic } from './diagnostic.js';
import type { LocatedDiagnostic } from './render-diagnostic.js';
import type { SourceText } from './source-text.js';

/** `at` leads from the diagnostic's span to the source, where the two are not the same. */
export function locateDiagnostic(
  diagnostic: Diagnostic,
  file: string,
  source: SourceText,
  at: (offset: number) => number = (offset) => offset,
): LocatedDiagnostic {
  const { code, severity, message, hint, sid, span } = diagnostic;
  const start = at(span.start);
  const { line, column } = source.position(start);
  const bytes = source.line(line);
  const end = column - 1 + at(Math.max(span.start, span.end - 1)) + 1 - start;
  const sourceLine = source.decodedLine(line);
  const isDecoded = sourceLine !== bytes;
  const characters = (offset: number): number => (isDecoded ? decodedLength(bytes, offset) : offset);
  const from = characters(column - 1);
  return {
    file,
    line,
    column: from + 1,
    severity,
    code,
    message: decodeLatin1(message),
    hint: hint && decodeLatin1(hint),
    sid,
    sourceLine,
    length: Math.max(1, characters(end) - from),
  };
}

/** About a file or a setting as a whole. */
export function wholeDiagnostic(
  file: string,
  { code, severity, message, hint }: Omit<Diagnostic, 'span' | 'sid'>,
): LocatedDiagnostic {
  return { file, line: 1, column: 1, severity, code, message, hint, sid: undefined, sourceLine: undefined, length: 0 };
}

/** Characters among the first bytes of a line; one that is cut counts not. */
function decodedLength(bytes: string, count: number): number {
  let characters = 0;
  for (let i = 0; i < count; i++) {
    const byte = bytes.charCodeAt(i);
    // Continuation bytes belong to a character counted before; four bytes are two units of UTF-16.
    if (byte < 0x80 || byte >= 0xc0) characters += byte >= 0xf0 ? 2 : 1;
  }
  return characters + Math.max(0, count - bytes.length);
}
