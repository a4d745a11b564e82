/**
 * A diagnostic as text, as a good compiler shows it. Stage: rule.
 *
 *   rules/scan.rules:3:31: error: unknown keyword 'contnet' [unknown-keyword]
 *     3 | alert tcp any any -> any any (contnet:"x"; sid:1;)
 *       |                               ^^^^^^^
 *     hint: did you mean content?
 *
 * Long lines are cut to a window around the caret; tabs and control characters become one column each, so that the
 * caret stands where it should and a rule file cannot write to the terminal's controls.
 */
import type { Severity } from './diagnostic.js';

/** A diagnostic whose place is worked out. */
export interface LocatedDiagnostic {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly sid: number | undefined;
  /** The source line, as latin1; undefined where there is none to show. */
  readonly sourceLine: string | undefined;
  /** Characters to underline. */
  readonly length: number;
}

const DEFAULT_WIDTH = 110;

/** Several lines without a final line feed. `width` is what a source line may take at most. */
export function renderDiagnostic(diagnostic: LocatedDiagnostic, width = DEFAULT_WIDTH): string {
  const { file, line, column, severity, code, message, hint, sourceLine } = diagnostic;
  const lines = [`${file}:${line}:${column}: ${severity}: ${visible(message)} [${code}]`];
  if (sourceLine !== undefined) {
    const { text, caret, carets } = excerpt(sourceLine, column - 1, diagnostic.length, width);
    const number = String(line).padStart(3);
    lines.push(`${number} | ${text}`, `${' '.repeat(number.length)} | ${' '.repeat(caret)}${'^'.repeat(carets)}`);
  }
  if (hint !== undefined) lines.push(`    hint: ${visible(hint)}`);
  return lines.join('\n');
}

interface Excerpt {
  readonly text: string;
  readonly caret: number;
  readonly carets: number;
}

/** The part of a line to show and where the caret stands in it. A third of the window lies before the caret. */
function excerpt(line: string, start: number, length: number, width: number): Excerpt {
  const end = Math.max(start + 1, Math.min(start + length, line.length));
  const before = visible(line.slice(0, start));
  const marked = visible(line.slice(start, end));
  const after = visible(line.slice(end));
  const text = before + marked + after;
  const carets = Math.max(1, marked.length);
  if (text.length <= width) return { text, caret: before.length, carets };
  const from = Math.max(0, Math.min(before.length - Math.floor(width / 3), text.length - width));
  const shown = text.slice(from, from + width);
  const left = from > 0 ? '…' : '';
  const right = from + width < text.length ? '…' : '';
  const caret = before.length - from;
  return { text: left + shown + right, caret: caret + left.length, carets: Math.min(carets, Math.max(1, width - caret)) };
}

/** Bytes of UTF-8 as characters, tabs as blanks, other control characters as dots. */
function visible(latin1: string): string {
  if (/^[\x20-\x7e]*$/.test(latin1)) return latin1;
  const isBytes = !/[^\0-\xff]/.test(latin1);
  const text = isBytes ? new TextDecoder().decode(Uint8Array.from(latin1, (character) => character.charCodeAt(0))) : latin1;
  return text.replace(/\t/g, ' ').replace(/\p{C}/gu, '·');
}
