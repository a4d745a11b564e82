/**
 * `periscope check`: loads rules and says what is wrong with them. Stage: cli.
 *
 * Status 0 when every rule loads, 1 when a rule or a file failed (with `strict` also on warnings), 3 when no rule file
 * could be read at all.
 */
import { loadRules, type LoadResult } from '../load/load-rules.js';
import { renderDiagnostic } from '../rule/render-diagnostic.js';

export interface CheckOptions {
  readonly rules: readonly string[];
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly json?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly includeDisabled?: boolean | undefined;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** The exit status. */
export async function runCheck(options: CheckOptions): Promise<number> {
  const result = loadRules(options);
  options.write(options.json === true ? renderJson(result) : renderText(result));
  if (result.files === 0) {
    if (options.json === true) options.writeError('no rule file could be read\n');
    return 3;
  }
  const errors = result.diagnostics.some(({ severity }) => severity === 'error');
  return errors || (options.strict === true && result.warnings > 0) ? 1 : 0;
}

/** Field names and their order are an interface: design, the command line. */
function renderJson(result: LoadResult): string {
  const { loaded, waitingRules, failed, warnings, seconds } = result;
  const diagnostics = result.diagnostics.map(({ file, line, column, severity, code, message, hint, sid }) => (
    { file, line, column, severity, code, message, hint: hint ?? null, sid: sid ?? null }
  ));
  return `${JSON.stringify({ loaded, waiting: waitingRules, failed, warnings, seconds: round(seconds), diagnostics }, undefined, 2)}\n`;
}

function renderText(result: LoadResult): string {
  const shown = result.diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n\n`).join('');
  return shown + renderSummary(result);
}

/** As in `3 rules loaded from 1 file in 0.02 s, 1 of them waiting for http (1); 1 failed; 2 warnings`. */
export function renderSummary({ loaded, waiting, waitingRules, failed, warnings, files, seconds }: LoadResult): string {
  if (files === 0) return 'no rule file could be read\n';
  const parts = [`${count(loaded, 'rule')} loaded from ${count(files, 'file')} in ${round(seconds)} s`];
  if (waitingRules > 0) {
    const protocols = [...waiting].map(([protocol, rules]) => `${protocol} (${rules})`).join(', ');
    parts.push(`${waitingRules} of them waiting for protocols that are not parsed yet: ${protocols}`);
  }
  parts.push(`${failed} failed`, count(warnings, 'warning'));
  return `${parts.join('; ')}\n`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
