/** What several commands say: about loaded rules on stderr, about dropped packets. */
import type { RuleReport } from '../load/loader.js';
import { DROP_REASONS, type CounterTotals } from '../metrics/names.js';
import { renderDiagnostic } from '../rule/render-diagnostic.js';

export { reasonOf } from '../load/read-text.js';

export const NO_RULES = 'no rules are given: packets are counted, nothing is detected; name rule files with --rules PATH';

/** More than these would bury the rest; `check` shows all. */
const MAX_SHOWN = 20;

/** Shows errors and warnings of a load. */
export function reportDiagnostics({ diagnostics }: RuleReport): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  for (const diagnostic of errors.slice(0, MAX_SHOWN)) process.stderr.write(`${renderDiagnostic(diagnostic)}\n`);
  if (errors.length > MAX_SHOWN) process.stderr.write(`… and ${errors.length - MAX_SHOWN} more errors; periscope check shows them all\n`);
}

/** One line: how many rules there are, and how many of them do nothing yet, or cannot be used. */
export function describeLoad({ loaded, waitingRules, failed, files, seconds }: RuleReport): string {
  const parts = [`${loaded} ${loaded === 1 ? 'rule' : 'rules'} from ${files} ${files === 1 ? 'file' : 'files'} in ${seconds.toFixed(2)} s`];
  if (waitingRules > 0) parts.push(`${waitingRules} of them wait for a protocol that is not parsed yet`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join('; ');
}

/** What became of a shard; `atRule` says whether it was at a rule that is known. */
export function describeLoss(stalled: boolean, atRule: boolean): string {
  if (!stalled) return 'a shard ended and was started again; its flows are lost';
  return `a shard stalled and was replaced; its flows are lost${atRule ? ', and the rule it was at is taken out until rules are loaded again' : ''}`;
}

/** Whether a rule or a file of rules could not be loaded. */
export const hasErrors = (report: RuleReport): boolean => report.diagnostics.some(({ severity }) => severity === 'error');

/** Counts of drops by `stage.reason`, without those that are zero. */
export function dropCounts(totals: CounterTotals): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { stage, reason, row, slot } of DROP_REASONS) {
    if (totals[row][slot] > 0) counts[`${stage}.${reason}`] = totals[row][slot];
  }
  return counts;
}
