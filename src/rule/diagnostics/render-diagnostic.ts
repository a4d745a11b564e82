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
import { PLAIN, type Paint } from '../../util/paint.js';
import { visible } from '../../util/visible.js';
import type { DiagnosticCode, Severity } from './diagnostic.js';

/** A diagnostic whose place is worked out. */
export interface LocatedDiagnostic {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly sid: number | undefined;
  /** The source line; undefined where there is none to show, as of a file or a setting as a whole. */
  readonly sourceLine: string | undefined;
  /** Characters to underline. */
  readonly length: number;
}

const DEFAULT_WIDTH = 110;

/** What stands out, and how. */
export const SEVERITY_STYLE = { error: 'red', warning: 'yellow', hint: 'cyan' } as const satisfies Record<
  Severity,
  string
>;

/** Several lines without a final line feed. `width` is what a source line may take at most. */
export function renderDiagnostic(diagnostic: LocatedDiagnostic, width = DEFAULT_WIDTH, paint: Paint = PLAIN): string {
  const { line, column, hint, sourceLine } = diagnostic;
  const lines = [renderBrief(diagnostic, paint)];
  if (sourceLine !== undefined) {
    const { text, caret, carets } = excerpt(sourceLine, column - 1, diagnostic.length, width);
    const number = String(line).padStart(3);
    lines.push(
      `${number} | ${text}`,
      `${' '.repeat(number.length)} | ${' '.repeat(caret)}${paint(SEVERITY_STYLE[diagnostic.severity], '^'.repeat(carets))}`,
    );
  }
  if (hint !== undefined) lines.push(`    ${paint('cyan', 'hint')}: ${visible(hint)}`);
  return lines.join('\n');
}

/** The first line of it. What concerns a file or a setting as a whole has no line and column. */
export function renderBrief(
  { file, line, column, severity, code, message, sourceLine }: LocatedDiagnostic,
  paint: Paint = PLAIN,
): string {
  const place = sourceLine === undefined ? file : `${file}:${line}:${column}`;
  return `${paint('bold', place)}: ${paint(SEVERITY_STYLE[severity], severity)}: ${visible(message)} [${code}]`;
}

interface Excerpt {
  readonly text: string;
  readonly caret: number;
  readonly carets: number;
}

/** The part of a line to show and where the caret stands in it. A third of the window lies before the caret. */
function excerpt(line: string, start: number, length: number, width: number): Excerpt {
  const end = Math.max(start + 1, Math.min(start + length, line.length));
  // No more than can be shown: lines may be long, and have thousands of findings.
  const first = Math.max(0, start - width);
  const last = Math.min(line.length, end + width);
  const before = visible(line.slice(first, start));
  const marked = visible(line.slice(start, end).slice(0, 2 * width));
  const after = visible(line.slice(end, last));
  const text = before + marked + after;
  const carets = Math.max(1, marked.length);
  if (text.length <= width && last - first <= width) return { text, caret: before.length, carets };
  const from = Math.max(0, Math.min(before.length - Math.floor(width / 3), text.length - width));
  const shown = text.slice(from, from + width);
  const left = first + from > 0 ? '…' : '';
  const right = last < line.length || from + width < text.length ? '…' : '';
  const caret = before.length - from;
  return {
    text: left + shown + right,
    caret: caret + left.length,
    carets: Math.min(carets, Math.max(1, width - caret)),
  };
}
