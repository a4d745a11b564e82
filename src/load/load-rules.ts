/**
 * From paths to rule programs: every rule of every file parsed and compiled, with everything that is wrong. Stage: load.
 *
 * One broken rule costs that rule, one unreadable file that file. Of rules with the same gid and sid the highest revision
 * stays. Nothing throws over what files contain; the loader thread runs this once per load.
 */
import { obstacle } from '../detect/compile.js';
import type { RuleNode } from '../rule/ast.js';
import { compileRule } from '../rule/compile-rule.js';
import { Diagnostics, type Diagnostic } from '../rule/diagnostic.js';
import { RuleParser } from '../rule/parser.js';
import type { RuleProgram } from '../rule/program.js';
import type { LocatedDiagnostic } from '../rule/render-diagnostic.js';
import type { RuleEnvironment } from '../rule/rule-builder.js';
import { SourceText } from '../rule/source-text.js';
import { Variables } from '../rule/variables.js';
import { defaultClassifications, type Classifications } from './classification.js';
import { findFiles } from './find-files.js';
import { readText } from './read-text.js';
import { defaultReferences, type ReferenceSystems } from './reference.js';
import { splitRules, type RuleText } from './split-rules.js';

export interface LoadOptions {
  /** Files, directories and globs, in this order. */
  readonly rules: readonly string[];
  /** Over the defaults; names without the dollar sign. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly includeDisabled?: boolean | undefined;
  readonly classifications?: Classifications | undefined;
  readonly references?: ReferenceSystems | undefined;
  /** Takes the programs one by one; `programs` of the result stays empty then. */
  readonly sink?: ProgramSink | undefined;
  /** Called after each file, and every thousand rules. */
  readonly onProgress?: ((progress: { readonly file: string; readonly filesDone: number; readonly files: number; readonly rules: number }) => void) | undefined;
}

/** Where programs go that are not to be kept, as those of a large set take much memory. */
export interface ProgramSink {
  add(program: RuleProgram): void;
  /** Takes back one that was added, for a newer revision. */
  remove(program: Pick<RuleProgram, 'gid' | 'sid' | 'waitingFor'>): void;
}

export interface LoadResult {
  /** Waiting ones included. In the order of the files, then of the lines. */
  readonly programs: readonly RuleProgram[];
  readonly loaded: number;
  /** Rules per protocol that they wait for; a rule that waits for two counts in both. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Rules that wait for at least one protocol; part of `loaded`. */
  readonly waitingRules: number;
  /** Rules that could not be loaded. */
  readonly failed: number;
  readonly warnings: number;
  /** Rule files that were read. */
  readonly files: number;
  readonly diagnostics: readonly LocatedDiagnostic[];
  readonly seconds: number;
}

export function loadRules(options: LoadOptions): LoadResult {
  const started = performance.now();
  const loader = new RuleLoader(options);
  const files = loader.findAll();
  let done = 0;
  for (const file of files) {
    const progress = (filesDone: number): void => options.onProgress?.({ file, filesDone, files: files.length, rules: loader.rules });
    loader.loadFile(file, () => progress(done));
    progress(++done);
  }
  return loader.finish(started);
}

class RuleLoader {
  rules = 0;
  private files = 0;
  private failed = 0;
  private readonly options: LoadOptions;
  private readonly variables: Variables;
  private readonly environment: RuleEnvironment;
  private readonly parser = new RuleParser();
  private readonly diagnostics: LocatedDiagnostic[] = [];
  /** By gid:sid, in the order in which they are to be loaded. */
  private readonly loaded = new Map<string, LoadedRule>();
  private readonly waitingLists = new Map<string, readonly string[]>();

  constructor(options: LoadOptions) {
    this.options = options;
    this.variables = new Variables(options.variables);
    const classifications = options.classifications ?? defaultClassifications();
    const references = options.references ?? defaultReferences();
    this.environment = { classification: (name) => classifications.get(name), reference: (system) => references.get(system) };
    for (const note of this.variables.notes) this.report(note, NOWHERE);
    for (const problem of this.variables.check(Object.keys(options.variables ?? {}))) this.report(problem, NOWHERE);
  }

  /** Every file once, in the order asked for. */
  findAll(): readonly string[] {
    const files = new Set<string>();
    for (const path of this.options.rules) {
      const found = findFiles(path);
      for (const file of found.files) files.add(file);
      for (const { path: where, code, reason, hint } of found.problems) this.reportFile(where, code, reason, hint);
    }
    return [...files];
  }

  loadFile(file: string, onProgress: () => void): void {
    const read = readText(file);
    if ('reason' in read) {
      this.reportFile(file, 'unreadable-file', `cannot read the file: ${read.reason}`);
      return;
    }
    this.files++;
    const source = new SourceText(read.text);
    const before = this.rules;
    for (const rule of splitRules(read.text)) {
      if (rule.disabled && this.options.includeDisabled !== true) continue;
      this.loadRule(file, source, rule);
      if (this.rules % PROGRESS_RULES === 0) onProgress();
    }
    if (this.rules === before) this.reportFile(file, 'no-rules', 'the file holds no rules', undefined, 'warning');
  }

  finish(started: number): LoadResult {
    const rules = [...this.loaded.values()];
    const waiting = new Map<string, number>();
    for (const protocol of rules.flatMap((rule) => rule.waitingFor)) waiting.set(protocol, (waiting.get(protocol) ?? 0) + 1);
    return {
      programs: rules.flatMap(({ program }) => program ?? []),
      loaded: rules.length,
      waiting: new Map([...waiting].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))),
      waitingRules: rules.filter((rule) => rule.waitingFor.length > 0).length,
      failed: this.failed,
      warnings: this.diagnostics.filter(({ severity }) => severity === 'warning').length,
      files: this.files,
      diagnostics: this.diagnostics,
      seconds: (performance.now() - started) / 1000,
    };
  }

  private loadRule(file: string, source: SourceText, rule: RuleText): void {
    this.rules++;
    const diagnostics = new Diagnostics();
    const node = this.parser.parse(rule.text, diagnostics);
    const start = rule.at(node?.span.start ?? rule.text.search(/\S/));
    const origin = { file, line: source.position(start).line };
    const program = node && this.compile(node, origin, diagnostics);
    if (program === undefined) this.failed++;
    const place = { file, source, rule };
    const sid = program?.sid ?? sidOf(rule.text);
    for (const diagnostic of diagnostics.list) this.report({ ...diagnostic, sid: diagnostic.sid ?? sid }, place);
    if (program !== undefined) this.add(program, place);
  }

  /** Undefined where the rule is wrong, or where it asks for what detection cannot do. */
  private compile(node: RuleNode, origin: RuleProgram['origin'], diagnostics: Diagnostics): RuleProgram | undefined {
    const program = compileRule(node, { variables: this.variables, environment: this.environment, diagnostics, origin });
    const found = program === undefined || program.waitingFor.length > 0 ? undefined : obstacle(program);
    if (found === undefined) return program;
    const culprit = node.options.find(({ name }) => found.keywords.includes(name.text.toLowerCase()))?.name ?? node.action;
    diagnostics.error('not-inspected', `the rule cannot be inspected: ${found.reason}`, culprit.span, found.hint);
    return undefined;
  }

  private add(program: RuleProgram, place: Place): void {
    const { gid, sid, rev, waitingFor, origin } = program;
    const key = `${gid}:${sid}`;
    const { sink } = this.options;
    const rule = { gid, sid, rev, waitingFor: this.shared(waitingFor), line: origin.line, file: place.file, source: place.source, start: place.rule.start, program: sink === undefined ? program : undefined };
    const other = this.loaded.get(key);
    if (other === undefined) {
      this.loaded.set(key, rule);
      sink?.add(program);
      return;
    }
    const newer = rev > other.rev;
    const [stays, goes] = newer ? [rule, other] : [other, rule];
    const message = `sid ${key} is there twice: revision ${goes.rev} gives way to revision ${stays.rev} (${stays.file}:${stays.line})`;
    const hint = goes.rev === stays.rev ? 'of two with the same revision the first one stays' : undefined;
    const where = newer ? placeOf(other) : place;
    this.report({ code: 'duplicate-sid', severity: 'warning', message, hint, span: sidSpan(where.rule), sid }, where);
    if (newer) {
      this.loaded.delete(key);
      this.loaded.set(key, rule);
      sink?.remove(other);
      sink?.add(program);
    }
  }

  /** One list for all rules that wait for the same. */
  private shared(waitingFor: readonly string[]): readonly string[] {
    const key = waitingFor.join();
    const known = this.waitingLists.get(key);
    if (known === undefined) this.waitingLists.set(key, waitingFor);
    return known ?? waitingFor;
  }

  private report(diagnostic: Diagnostic, { file, source, rule }: Place): void {
    const { code, severity, message, hint, sid, span } = diagnostic;
    const start = rule.at(span.start);
    const { line, column } = source.position(start);
    const sourceLine = source.text === '' ? undefined : source.line(line);
    const length = rule.at(Math.max(span.start, span.end - 1)) + 1 - start;
    this.diagnostics.push({ file, line, column, severity, code, message, hint, sid, sourceLine, length });
  }

  private reportFile(file: string, code: string, message: string, hint?: string, severity: 'error' | 'warning' = 'error'): void {
    this.diagnostics.push({ file, line: 1, column: 1, severity, code, message, hint, sid: undefined, sourceLine: undefined, length: 0 });
  }
}

const PROGRESS_RULES = 1000;

/** What is kept of a rule: enough to let another take its place. */
interface LoadedRule {
  readonly gid: number;
  readonly sid: number;
  readonly rev: number;
  readonly line: number;
  readonly waitingFor: readonly string[];
  readonly file: string;
  readonly source: SourceText;
  /** Where it starts in the source. */
  readonly start: number;
  readonly program: RuleProgram | undefined;
}

function placeOf({ file, source, start }: LoadedRule): Place {
  const { value } = splitRules(source.text, start).next();
  if (value === undefined) throw new Error(`no rule at offset ${start} of ${file}`);
  return { file, source, rule: value as RuleText };
}

interface Place {
  readonly file: string;
  readonly source: SourceText;
  readonly rule: RuleText;
}

/** Of what is said about settings rather than files. */
const NOWHERE: Place = { file: '(settings)', source: new SourceText(''), rule: { text: '', disabled: false, start: 0, at: (offset) => offset } };

/** The sid of a rule that could not be read. */
function sidOf(text: string): number | undefined {
  const sid = /[;(\s]sid\s*:\s*(\d{1,10})\s*;/.exec(text)?.[1];
  return sid === undefined ? undefined : Number(sid);
}

function sidSpan({ text }: RuleText): { start: number; end: number } {
  const match = /[;(\s](sid\s*:\s*\d+)\s*;/.exec(text);
  const start = match === null ? 0 : match.index + 1;
  return { start, end: start + (match?.[1]?.length ?? 1) };
}
