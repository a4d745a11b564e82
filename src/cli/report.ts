/** What several commands say: about loaded rules on stderr, about dropped packets. */
import type { RuleReport } from '../load/loader.js';
import { DROP_REASONS, type CounterTotals } from '../counters/names.js';
import type { ShardError } from '../shard/error-reports.js';
import type { ShardLoss } from '../shard/supervisor.js';
import { counted } from '../util/counted.js';
import { PLAIN, paintFor, type Paint } from '../util/paint.js';
import type { Logger } from '../util/logger.js';
import { renderDiagnostic, type LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';

export const NO_RULES =
  'no rules are given: packets are counted, nothing is detected; name rule files with --rules PATH';

/** More than these would bury the rest; `check` shows all. */
const MAX_SHOWN = 20;

/** Errors of a load, as many of them as are to be shown in full, and how many more there are. */
export function renderErrors(shown: readonly LocatedDiagnostic[], errors: number, paint: Paint = PLAIN): string {
  const more = errors > shown.length ? `${moreErrors(errors - shown.length)}\n` : '';
  return shown.map((diagnostic) => `${renderDiagnostic(diagnostic, undefined, paint)}\n`).join('') + more;
}

const moreErrors = (errors: number): string => `… and ${counted(errors, 'more error')}; periscope check shows them all`;

const firstErrors = (diagnostics: readonly LocatedDiagnostic[]): LocatedDiagnostic[] =>
  diagnostics.filter(({ severity }) => severity === 'error').slice(0, MAX_SHOWN);

/** Logs the errors of a load, a line each. */
export function logDiagnostics(
  log: Logger,
  { diagnostics, errors }: RuleReport,
  origins?: ReadonlyMap<string, string>,
): void {
  const shown = firstErrors(diagnostics);
  for (const { file, line, column, code, sid, hint, message, sourceLine } of withOrigins(shown, origins)) {
    log.error({ file, ...(sourceLine === undefined ? {} : { line, column }), code, sid, hint }, message);
  }
  if (errors > shown.length) log.error(moreErrors(errors - shown.length));
}

/** Shows the errors of a load. */
export function reportDiagnostics({ diagnostics, errors }: RuleReport, origins?: ReadonlyMap<string, string>): void {
  const shown = firstErrors(diagnostics);
  process.stderr.write(renderErrors(withOrigins(shown, origins), errors, paintFor(process.stderr)));
}

/** Warnings of what will be missing while packets are inspected; others are for who writes rules. */
export function runtimeWarnings({ diagnostics }: RuleReport): string[] {
  return diagnostics
    .filter(({ code, severity }) => code === 'dataset-too-large' && severity === 'warning')
    .map(({ message }) => message);
}

/**
 * What is said of a setting goes by where it was set, too: `vars.HOME_NET (--var)`. `origins` are by the settings'
 * keys.
 */
export function withOrigins(
  diagnostics: readonly LocatedDiagnostic[],
  origins: ReadonlyMap<string, string> | undefined,
): readonly LocatedDiagnostic[] {
  if (origins === undefined) return diagnostics;
  return diagnostics.map((diagnostic) => {
    const origin = diagnostic.sourceLine === undefined ? origins.get(diagnostic.file) : undefined;
    return origin === undefined ? diagnostic : { ...diagnostic, file: `${diagnostic.file} (${origin})` };
  });
}

/** One line: how many rules there are, and how many of them do nothing yet, or cannot be used. */
export function describeLoad({ loaded, waitingRules, failed, files, seconds, cached }: RuleReport): string {
  const parts = [
    `${counted(loaded, 'rule')} from ${counted(files, 'file')} in ${seconds.toFixed(2)} s${cached ? ', from the cache' : ''}`,
  ];
  if (waitingRules > 0) parts.push(`${waitingRules} of them wait for a protocol that is not parsed yet`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join('; ');
}

/** What became of a shard; `atRule` says whether it was at a rule that is known. */
export function describeLoss({ stalled, quarantined, flowLeftOut }: ShardLoss, atRule: boolean): string {
  const what = stalled
    ? 'a shard stalled and was replaced; its flows are lost'
    : 'a shard ended and was started again; its flows are lost';
  if (flowLeftOut) return `${what}, and the rest of the flow it was at is left out`;
  if (!atRule) return what;
  return `${what}, and the rule it was at is taken out ${quarantined ? 'until rules are loaded again' : 'should this happen again'}`;
}

/** What threw in a shard that has survived it. */
export function describeError({ application, isOut }: ShardError, ofRule: boolean): string {
  if (application !== undefined)
    return `the parser of ${application} failed; its flow is not parsed any further, or an event is lost`;
  if (!ofRule) return 'the inspection of a packet failed; what it was to find is lost';
  return `a rule failed on a packet and did not match for that; it is taken out ${isOut ? 'until rules are loaded again' : 'should this happen again'}`;
}

/** Of a rule that was given up on a packet. */
export const RULE_LIMITED =
  'a rule took too many steps on a packet and did not match for that; it is named once, the counters have the rest';

/** Whether a rule or a file of rules could not be loaded. */
export const hasErrors = (report: RuleReport): boolean => report.errors > 0;

/** Rules that failed of all that there are, per cent. */
export const failedShare = ({ failed, loaded }: RuleReport): number =>
  failed === 0 ? 0 : (100 * failed) / (failed + loaded);

const FILE_CODES = ['unreadable-file', 'world-writable', 'unreadable-directory', 'no-rule-files'] as const;

/** Files, directories and globs that could not be read, or name nothing. */
export const unreadableFiles = ({ codes }: RuleReport): number =>
  FILE_CODES.reduce((sum, code) => sum + (codes.get(code) ?? 0), 0);

/** Counts of drops by `stage.reason`, without those that are zero. */
export function dropCounts(totals: CounterTotals): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { stage, reason, row, slot } of DROP_REASONS) {
    if (totals[row][slot] > 0) counts[`${stage}.${reason}`] = totals[row][slot];
  }
  return counts;
}
