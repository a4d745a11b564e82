/**
 * What is wrong with a rule, a rule file or a value, and where. Used from parsing to loading; nothing here throws.
 *
 * A `Span` counts characters (UTF-16 units of the file read as latin1, so bytes) from the start of the source; line and
 * column are worked out only when a diagnostic is shown.
 */
import type { DiagnosticCode } from './catalogue.js';
import type { Severity } from './entry.js';

export type { DiagnosticCode, Severity };

export interface Span {
  readonly start: number;
  /** Behind the last character. */
  readonly end: number;
}

export interface Diagnostic {
  /** Stable; what it means is in the catalogue (diagnostics/). */
  readonly code: DiagnosticCode;
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
  /** Whether advice is wanted that takes long to find; a sensor that starts does without. */
  readonly advise: boolean;
  private errors = 0;

  constructor(advise = true) {
    this.advise = advise;
  }

  error(code: DiagnosticCode, message: string, span: Span, hint?: string): void {
    this.add({ code, severity: 'error', message, span, hint });
  }

  warning(code: DiagnosticCode, message: string, span: Span, hint?: string): void {
    this.add({ code, severity: 'warning', message, span, hint });
  }

  hint(code: DiagnosticCode, message: string, span: Span, hint?: string): void {
    this.add({ code, severity: 'hint', message, span, hint });
  }

  /** Puts one in the place of all that were added since there were `length`. */
  replace(length: number, diagnostic: Diagnostic): void {
    for (const { severity } of this.list.splice(length)) if (severity === 'error') this.errors--;
    this.add(diagnostic);
  }

  add(diagnostic: Diagnostic): void {
    if (diagnostic.severity === 'error') this.errors++;
    this.list.push(diagnostic);
  }

  get hasErrors(): boolean {
    return this.errors > 0;
  }
}
