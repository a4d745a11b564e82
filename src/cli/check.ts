/**
 * `periscope check`: loads rules and says what is wrong with them. Stage: cli.
 *
 * Status 0 when every rule loads, 1 when a rule or a file failed (with `strict` also on warnings), 3 when no rule file
 * could be read at all.
 */
import { relative } from 'node:path';
import { checkFiles, fillCache, type CompileInputs } from '../load/build-rule-set.js';
import type { LoadResult } from '../load/load-rules.js';
import { renderDiagnostic, type LocatedDiagnostic } from '../rule/render-diagnostic.js';

export const FORMATS = ['text', 'json', 'github'] as const;
export type Format = (typeof FORMATS)[number];

export interface CheckOptions {
  readonly rules: readonly string[];
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly classificationFile?: string | undefined;
  readonly referenceFile?: string | undefined;
  readonly format?: Format | undefined;
  /** As format json. */
  readonly json?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly includeDisabled?: boolean | undefined;
  /** Where the compiled rules are to be kept; nowhere when empty. */
  readonly cacheDirectory?: string | undefined;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Takes one line at a time that overwrites the last, where somebody is watching. */
  readonly writeProgress?: ((text: string) => void) | undefined;
}

type Report = Omit<LoadResult, 'programs'>;

/** The exit status. */
export async function runCheck(options: CheckOptions): Promise<number> {
  const result = load(options);
  const format = options.json === true ? 'json' : (options.format ?? 'text');
  options.write(format === 'json' ? renderJson(result) : format === 'github' ? renderGithub(result) : renderText(result));
  if (result.files === 0) {
    if (format === 'json') options.writeError('no rule file could be read\n');
    return 3;
  }
  const errors = result.diagnostics.some(({ severity }) => severity === 'error');
  return errors || (options.strict === true && result.warnings > 0) ? 1 : 0;
}

function load(options: CheckOptions): Report {
  const inputs: CompileInputs = {
    rules: options.rules,
    variables: options.variables ?? {},
    classificationFile: options.classificationFile ?? '',
    referenceFile: options.referenceFile ?? '',
    includeDisabled: options.includeDisabled === true,
    onProgress: options.writeProgress && (({ rules, file, filesDone, files }) => options.writeProgress!(`${rules} rules read, ${filesDone} of ${files} files done: ${file}`)),
  };
  const directory = options.cacheDirectory ?? '';
  const report = directory === '' ? checkFiles(inputs) : fillCache(inputs, directory);
  options.writeProgress?.('');
  return report;
}

/** Field names and their order are an interface: design, the command line. */
function renderJson(result: Report): string {
  const { loaded, waitingRules, failed, warnings, seconds } = result;
  const diagnostics = result.diagnostics.map(({ file, line, column, severity, code, message, hint, sid }) => (
    { file, line, column, severity, code, message, hint: hint ?? null, sid: sid ?? null }
  ));
  return `${JSON.stringify({ loaded, waiting: waitingRules, failed, warnings, seconds: round(seconds), diagnostics }, undefined, 2)}\n`;
}

const COMMANDS = { error: 'error', warning: 'warning', hint: 'notice' } as const;

/** Workflow commands, which GitHub shows beside the lines they are about, and the summary. */
function renderGithub(result: Report): string {
  return result.diagnostics.map((diagnostic) => `${annotation(diagnostic)}\n`).join('') + renderSummary(result);
}

function annotation({ file, line, column, severity, code, message, hint }: LocatedDiagnostic): string {
  const inRepository = relative(process.cwd(), file);
  const path = inRepository.startsWith('..') || inRepository === '' ? file : inRepository;
  const property = (value: string | number): string => escapeData(String(value)).replace(/:/g, '%3A').replace(/,/g, '%2C');
  const text = hint === undefined ? message : `${message}\nhint: ${hint}`;
  return `::${COMMANDS[severity]} file=${property(path)},line=${line},col=${column},title=${property(code)}::${escapeData(text)}`;
}

const escapeData = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');

function renderText(result: Report): string {
  const shown = result.diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n\n`).join('');
  return shown + renderSummary(result);
}

/** As in `3 rules loaded from 1 file in 0.02 s, 1 of them waiting for http (1); 1 failed; 2 warnings`. */
export function renderSummary({ loaded, waiting, waitingRules, failed, warnings, files, seconds }: Report): string {
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
