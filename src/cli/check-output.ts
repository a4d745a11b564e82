/**
 * What `periscope check` prints: text for people, JSON for tools, annotations for a workflow on GitHub. Stage: cli.
 *
 * In text, errors and warnings are shown whole, hints one a line. What would bury the rest is counted instead: many
 * hints (unless asked for), and what a variable causes in rule after rule. JSON has everything.
 */
import { relative } from 'node:path';
import type { LoadReport } from '../load/load-rules.js';
import type { DiagnosticCode, Severity } from '../rule/diagnostics/diagnostic.js';
import {
  renderBrief,
  renderDiagnostic,
  SEVERITY_STYLE,
  type LocatedDiagnostic,
} from '../rule/diagnostics/render-diagnostic.js';
import { counted } from '../util/counted.js';
import { PLAIN, type Paint } from '../util/paint.js';

/** More hints than these are shown only when asked for. */
const MAXIMUM_HINTS = 20;
/** More of one severity than these are listed by code, too. */
const MANY = 20;
/** Said so often of one variable, class, reference system or kind of rule, then counted. */
const MAXIMUM_REPEATS = 3;
/** Their cause is not in the rule's text, and the message names it: more of the same message say nothing new. */
const CAUSED_ELSEWHERE: ReadonlySet<DiagnosticCode> = new Set([
  'bad-variable',
  'unknown-variable',
  'unknown-classtype',
  'unknown-reference',
  'builtin-rule',
]);

/** Field names and their order are an interface: design, the command line. */
export function renderJson(report: LoadReport): string {
  const { loaded, waitingRules, failed, warnings, seconds } = report;
  const diagnostics = report.diagnostics.map(({ file, line, column, severity, code, message, hint, sid }) => ({
    file,
    line,
    column,
    severity,
    code,
    message,
    hint: hint ?? null,
    sid: sid ?? null,
  }));
  const waiting = report.waitingList.map(({ file, line, gid, sid, waitingFor, keywords }) => ({
    file,
    line,
    gid,
    sid,
    waits_for: waitingFor,
    keywords,
  }));
  const start = JSON.stringify(
    { loaded, waiting: waitingRules, failed, warnings, seconds: round(seconds), diagnostics },
    undefined,
    2,
  );
  // A line for each, as there may be tens of thousands.
  const list =
    waiting.length === 0 ? '[]' : `[\n${waiting.map((rule) => `    ${JSON.stringify(rule)}`).join(',\n')}\n  ]`;
  return `${start.slice(0, -2)},\n  "waiting_rules": ${list}\n}\n`;
}

const COMMANDS = { error: 'error', warning: 'warning', hint: 'notice' } as const;

/** Workflow commands, which GitHub shows beside the lines they are about, and the summary. */
export function renderGithub(report: LoadReport, everyHint: boolean): string {
  const hints = shownHints(report, everyHint);
  const shown = report.diagnostics.filter((diagnostic) => diagnostic.severity !== 'hint' || hints.length > 0);
  return shown.map((diagnostic) => `${annotation(diagnostic)}\n`).join('') + renderSummary(report, hints.length);
}

function annotation({ file, line, column, severity, code, message, hint }: LocatedDiagnostic): string {
  const inRepository = relative(process.cwd(), file);
  const path = inRepository.startsWith('..') || inRepository === '' ? file : inRepository;
  const property = (value: string | number): string =>
    escapeData(String(value)).replace(/:/g, '%3A').replace(/,/g, '%2C');
  const text = hint === undefined ? message : `${message}\nhint: ${hint}`;
  return `::${COMMANDS[severity]} file=${property(path)},line=${line},col=${column},title=${property(code)}::${escapeData(text)}`;
}

const escapeData = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');

export function renderText(report: LoadReport, everyHint: boolean, paint: Paint = PLAIN): string {
  const { shown, repeated } = withoutRepeats(report.diagnostics.filter(({ severity }) => severity !== 'hint'));
  const hints = shownHints(report, everyHint);
  const blocks = [
    ...shown.map((diagnostic) => `${renderDiagnostic(diagnostic, undefined, paint)}\n`),
    ...repeated.map(
      ({ diagnostic: { severity, code, message }, times }) =>
        `… and ${times} more times: ${paint(SEVERITY_STYLE[severity], severity)}: ${message} [${code}]\n`,
    ),
    hints.map((hint) => `${renderBrief(hint, paint)}\n`).join(''),
  ];
  return [...blocks.filter((block) => block !== ''), renderSummary(report, hints.length, paint)].join('\n');
}

function shownHints({ diagnostics }: LoadReport, every: boolean): readonly LocatedDiagnostic[] {
  const hints = diagnostics.filter(({ severity }) => severity === 'hint');
  return every || hints.length <= MAXIMUM_HINTS ? hints : [];
}

interface Repeated {
  readonly diagnostic: LocatedDiagnostic;
  times: number;
}

function withoutRepeats(diagnostics: readonly LocatedDiagnostic[]): {
  readonly shown: readonly LocatedDiagnostic[];
  readonly repeated: readonly Repeated[];
} {
  const seen = new Map<string, Repeated>();
  const shown = diagnostics.filter((diagnostic) => {
    if (!CAUSED_ELSEWHERE.has(diagnostic.code)) return true;
    const key = `${diagnostic.code} ${diagnostic.message}`;
    const before = seen.get(key);
    if (before !== undefined) return ++before.times <= 0;
    seen.set(key, { diagnostic, times: 1 - MAXIMUM_REPEATS });
    return true;
  });
  return { shown, repeated: [...seen.values()].filter(({ times }) => times > 0) };
}

/**
 * As in `3 rules loaded from 1 file in 0.02 s; 1 of them waiting for …: http (1); 1 failed; 1 error, 2 warnings, 0
 * hints`.
 */
function renderSummary(report: LoadReport, hintsShown: number, paint: Paint = PLAIN): string {
  const { loaded, waiting, waitingRules, failed, files, seconds, diagnostics } = report;
  const bySeverity = (severity: Severity): readonly LocatedDiagnostic[] =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity);
  const [errors, warnings, hints] = [bySeverity('error'), bySeverity('warning'), bySeverity('hint')];
  const counts = `${counted(errors.length, 'error')}, ${counted(warnings.length, 'warning')}, ${counted(hints.length, 'hint')}`;
  const lines = [...byCode('errors', errors), ...byCode('warnings', warnings), ...byCode('hints', hints)];
  if (hints.length > hintsShown) lines.push('  --hints shows the hints');
  if (diagnostics.length > 0) lines.push('  periscope check --explain CODE says what a [code] means and what to do');
  const notes = lines.map((line) => `${line}\n`).join('');
  if (files === 0) return `no rule file could be read; ${counts}\n${notes}`;
  const parts = [`${counted(loaded, 'rule')} loaded from ${counted(files, 'file')} in ${round(seconds)} s`];
  if (waitingRules > 0) {
    const reasons = [...waiting].map(([reason, rules]) => `${reason} (${rules})`).join(', ');
    parts.push(`${waitingRules} of them waiting for what is not there yet: ${reasons}`);
  }
  parts.push(failed > 0 ? paint('red', `${failed} failed`) : `${failed} failed`, counts);
  return `${parts.join('; ')}\n${notes}`;
}

/** `  warnings by code: duplicate-sid 30, unknown-reference 2`, where there are many. */
function byCode(name: string, diagnostics: readonly LocatedDiagnostic[]): readonly string[] {
  if (diagnostics.length <= MANY) return [];
  const counts = new Map<string, number>();
  for (const { code } of diagnostics) counts.set(code, (counts.get(code) ?? 0) + 1);
  const sorted = [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return [`  ${name} by code: ${sorted.map(([code, times]) => `${code} ${times}`).join(', ')}`];
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
