/**
 * What the catalogue of diagnostics says about one code: an entry of the files in this folder. Stage: rule. Pure data,
 * from which the pages in docs/diagnostics and `periscope check --explain` are made.
 *
 * Every `bad` example is run by a test and gets exactly that code, every `good` one loads without it: an entry cannot
 * say what is not so.
 */

export type Severity = 'error' | 'warning' | 'hint';

/** What an example is: rules when left out; else lines of a file, flags of `check`, or how a file comes to be wrong. */
export type ExampleKind =
  'rules' | 'threshold.config' | 'classification.config' | 'reference.config' | 'flags' | 'files';

export interface DiagnosticEntry {
  /** The severity, or those, that it is reported with. */
  readonly severity: Severity | readonly Severity[];
  /** What is wrong, one sentence with its full stop. */
  readonly title: string;
  /** What the engine does with the rule, and why it matters: one to four sentences. */
  readonly why: string;
  /** Whole rules (or what `example` says), one a line, that get the diagnostic. */
  readonly bad: string;
  /** The same, mended. */
  readonly good: string;
  readonly example?: ExampleKind;
  /** Keywords of rules that the reader may want to look up. */
  readonly keywords?: readonly string[];
}

export type DiagnosticEntries = Readonly<Record<string, DiagnosticEntry>>;
