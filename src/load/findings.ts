/**
 * What was found in a load, in as much as goes on to whoever runs it. Stage: load.
 *
 * Counts are of everything; of the diagnostics themselves, which may be one or more for each of 40 000 rules, the first
 * of each severity are kept. So what is cloned into the main thread and what the cache keeps have a bound. `check`
 * shows all.
 */
import type { LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';

/** Diagnostics of one severity that are kept. */
export const MOST_KEPT = 50;
/** Characters of a text that are kept; the longest line of ET Open has 3 055. */
const MOST_CHARACTERS = 4096;

export interface Findings {
  readonly errors: number;
  readonly warnings: number;
  /** How often each code was reported. */
  readonly codes: ReadonlyMap<string, number>;
  /** The first of each severity, in the order found. */
  readonly diagnostics: readonly LocatedDiagnostic[];
}

const NO_FINDINGS: Findings = { errors: 0, warnings: 0, codes: new Map(), diagnostics: [] };

/** `found`, and behind it what was known already. */
export function withFindings(found: readonly LocatedDiagnostic[], known: Findings = NO_FINDINGS): Findings {
  const codes = new Map(known.codes);
  for (const { code } of found) codes.set(code, (codes.get(code) ?? 0) + 1);
  return {
    errors: known.errors + count(found, 'error'),
    warnings: known.warnings + count(found, 'warning'),
    codes,
    diagnostics: firstOfEach([...found, ...known.diagnostics]),
  };
}

const count = (list: readonly LocatedDiagnostic[], severity: string): number =>
  list.filter((each) => each.severity === severity).length;

function firstOfEach(list: readonly LocatedDiagnostic[]): LocatedDiagnostic[] {
  const kept = { error: 0, warning: 0, hint: 0 };
  return list.filter(({ severity }) => kept[severity]++ < MOST_KEPT).map(cut);
}

function cut(diagnostic: LocatedDiagnostic): LocatedDiagnostic {
  const { sourceLine, message, hint } = diagnostic;
  return {
    ...diagnostic,
    message: message.slice(0, MOST_CHARACTERS),
    hint: hint?.slice(0, MOST_CHARACTERS),
    sourceLine: sourceLine?.slice(0, MOST_CHARACTERS),
  };
}
