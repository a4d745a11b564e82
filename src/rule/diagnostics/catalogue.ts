/**
 * Every diagnostic there is, by area: what `check --explain` and the pages in docs/diagnostics are made from. Stage:
 * rule.
 *
 * `DiagnosticCode` is the union of all codes, so the compiler refuses to report one that is not described here. To add
 * a code: an entry in the file of its area. Only types of this file are imported where diagnostics are reported.
 */
import { CONTENT } from './content.js';
import { DATA } from './data.js';
import type { DiagnosticEntries, DiagnosticEntry } from './entry.js';
import { FILES } from './files.js';
import { HEADER } from './header.js';
import { LINT } from './lint.js';
import { OPTIONS } from './options.js';
import { PCRE } from './pcre.js';
import { SETTINGS } from './settings.js';
import { SYNTAX } from './syntax.js';
import { THRESHOLDS } from './thresholds.js';

export interface DiagnosticArea {
  readonly title: string;
  readonly entries: DiagnosticEntries;
}

/** In the order of the index. A code stands in one area only. */
export const AREAS = [
  { title: 'What is no rule', entries: SYNTAX },
  { title: 'The header', entries: HEADER },
  { title: 'Options and their values', entries: OPTIONS },
  { title: 'Contents', entries: CONTENT },
  { title: 'Regular expressions', entries: PCRE },
  { title: 'Rules that do not do what they should', entries: LINT },
  { title: 'Files', entries: FILES },
  { title: 'Datasets, reputation and countries', entries: DATA },
  { title: 'Variables', entries: SETTINGS },
  { title: 'threshold.config, classification.config, reference.config', entries: THRESHOLDS },
] as const satisfies readonly DiagnosticArea[];

type KeysOf<Entries> = Entries extends Entries ? keyof Entries & string : never;

/** The stable name of a diagnostic. */
export type DiagnosticCode = KeysOf<(typeof AREAS)[number]['entries']>;

/** What is known of a code. */
export function diagnosticEntry(code: string): DiagnosticEntry | undefined {
  for (const { entries } of AREAS as readonly DiagnosticArea[]) {
    if (Object.hasOwn(entries, code)) return entries[code];
  }
  return undefined;
}

/** All codes, by area. */
export function diagnosticCodes(): readonly string[] {
  return AREAS.flatMap(({ entries }) => Object.keys(entries));
}
