/**
 * What is wrong with a rule, a rule file or a value, and where. Used from parsing to loading; nothing here throws.
 *
 * A `Span` counts characters (UTF-16 units of the file read as latin1, so bytes) from the start of the source; line and
 * column are worked out only when a diagnostic is shown.
 */

export interface Span {
  readonly start: number;
  /** Behind the last character. */
  readonly end: number;
}

export type Severity = 'error' | 'warning' | 'hint';

export interface Diagnostic {
  /** Stable, kebab-case: `unknown-keyword`, `bad-hex` … */
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong, one sentence without a final full stop. */
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string | undefined;
  readonly span: Span;
  /** Of the rule, where it is known. */
  readonly sid?: number | undefined;
}

/** Where parse and compile steps put what they find. */
export class Diagnostics {
  readonly list: Diagnostic[] = [];
  private errors = 0;

  error(code: string, message: string, span: Span, hint?: string): void {
    this.add({ code, severity: 'error', message, span, hint });
  }

  warning(code: string, message: string, span: Span, hint?: string): void {
    this.add({ code, severity: 'warning', message, span, hint });
  }

  hint(code: string, message: string, span: Span, hint?: string): void {
    this.add({ code, severity: 'hint', message, span, hint });
  }

  add(diagnostic: Diagnostic): void {
    if (diagnostic.severity === 'error') this.errors++;
    this.list.push(diagnostic);
  }

  get hasErrors(): boolean {
    return this.errors > 0;
  }
}
