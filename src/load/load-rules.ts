/**
 * From paths to rule programs: every rule of every file parsed and compiled, with everything that is wrong. Stage:
 * load.
 *
 * One broken rule costs that rule, one unreadable file that file. Of rules with the same gid and sid the highest
 * revision stays. Nothing throws over what files contain; the loader thread runs this once per load.
 */
import type { SilentProtocols, Tenant } from '../block/terms.js';
import { obstacle } from '../compile/compile-rules.js';
import type { RuleNode } from '../rule/ast.js';
import { compileRule } from '../rule/compile/compile-rule.js';
import { Diagnostics, type Diagnostic, type DiagnosticCode, type Severity } from '../rule/diagnostics/diagnostic.js';
import { explainOddCharacters } from '../rule/parse/odd-character.js';
import { RuleParser } from '../rule/parse/parser.js';
import type { RuleProgram } from '../rule/program.js';
import { locateDiagnostic, wholeDiagnostic } from '../rule/diagnostics/locate-diagnostic.js';
import type { LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';
import type { RuleEnvironment } from '../rule/compile/rule-builder.js';
import { SourceText } from '../rule/diagnostics/source-text.js';
import { warnOfSilence } from '../rule/compile/silent-protocols.js';
import { TenantVariables } from '../rule/compile/tenant-variables.js';
import { Variables, type VariableProblem } from '../rule/compile/variables.js';
import { defaultClassifications, type Classifications } from './classification.js';
import { NO_DATA } from './data-settings.js';
import { RuleMap } from '../util/rule-map.js';
import { findFiles } from './find-files.js';
import { isWorldWritable } from './world-writable.js';
import { readText } from './read-text.js';
import { defaultReferences, type ReferenceSystems } from './reference.js';
import { RuleDataFiles } from './rule-data-files.js';
import { splitRules, type RuleText } from './split-rules.js';
import { describeState, stateUse, UnloadedState, unmatchedState, type StateUse } from './state-usage.js';

export interface LoadOptions {
  /** Files, directories and globs, in this order. */
  readonly rules: readonly string[];
  /** Over the defaults; names without the dollar sign. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Mirror sessions with variables of their own. */
  readonly tenants?: readonly Tenant[] | undefined;
  /** Protocols that are turned off. */
  readonly silent?: SilentProtocols | undefined;
  readonly includeDisabled?: boolean | undefined;
  /** Files that everybody may write to are refused, unless this is true. */
  readonly allowWorldWritable?: boolean | undefined;
  /** Whether to look for what rules that load do not do; unless told otherwise it is. */
  readonly lint?: boolean | undefined;
  readonly classifications?: Classifications | undefined;
  readonly references?: ReferenceSystems | undefined;
  /** What keywords take from files; none but those beside the rules when left out. */
  readonly data?: RuleDataFiles | undefined;
  /** Takes the programs one by one; `programs` of the result stays empty then. */
  readonly sink?: ProgramSink | undefined;
  /** Called after each file, and every thousand rules. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** How far a load is. */
export interface LoadProgress {
  readonly file: string;
  readonly filesDone: number;
  readonly files: number;
  readonly rules: number;
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
  /** Each of them, in the order of loading; empty without lint. */
  readonly waitingList: readonly WaitingRule[];
  /** Rules that could not be loaded. */
  readonly failed: number;
  readonly warnings: number;
  /** Rule files that were read. */
  readonly files: number;
  readonly diagnostics: readonly LocatedDiagnostic[];
  readonly seconds: number;
}

/** A rule that waits, and for what. */
export interface WaitingRule {
  readonly gid: number;
  readonly sid: number;
  readonly file: string;
  readonly line: number;
  readonly waitingFor: readonly string[];
  /** Keywords that need it; none where only the header does. */
  readonly keywords: readonly string[];
}

/** What a load has to tell beside its programs. */
export type LoadReport = Omit<LoadResult, 'programs'>;

export function loadRules(options: LoadOptions): LoadResult {
  const started = performance.now();
  const loader = new RuleLoader(options);
  const files = loader.findAll();
  let done = 0;
  for (const file of files) {
    const progress = (filesDone: number): void =>
      options.onProgress?.({ file, filesDone, files: files.length, rules: loader.rules });
    loader.loadFile(file, () => progress(done));
    progress(++done);
  }
  return loader.finish(started);
}

class RuleLoader {
  rules = 0;
  /** What only advice needs is not kept without it. */
  private readonly lint: boolean;
  private files = 0;
  private failed = 0;
  /** Of each file that was read, how many were before it. */
  private readonly places = new Map<string, number>();
  private readonly options: LoadOptions;
  private readonly variables: Variables;
  private readonly tenants: TenantVariables;
  private readonly environment: RuleEnvironment;
  private readonly data: RuleDataFiles;
  private readonly parser = new RuleParser();
  private readonly diagnostics: LocatedDiagnostic[] = [];
  private readonly found = { error: 0, warning: 0, hint: 0 };
  private readonly loaded = new RuleMap<LoadedRule>();
  /** The same in the order in which they are to be loaded; undefined where one gave way to another. */
  private readonly inOrderOfLoading: (LoadedRule | undefined)[] = [];
  private readonly waitingLists = new Map<string, readonly string[]>();
  /** What rules that are not loaded would do, as a hint for those that go with them. */
  private readonly unloaded = new UnloadedState();

  constructor(options: LoadOptions) {
    this.options = options;
    this.lint = options.lint !== false;
    this.variables = new Variables(options.variables);
    this.tenants = new TenantVariables(options.tenants ?? [], options.variables);
    const classifications = options.classifications ?? defaultClassifications();
    const references = options.references ?? defaultReferences();
    this.data = options.data ?? new RuleDataFiles(NO_DATA);
    this.environment = {
      classification: (name) => classifications.get(name.toLowerCase()),
      classes: [...classifications.keys()],
      reference: (system) => references.get(system),
      data: this.data,
    };
    for (const note of this.variables.notes) this.reportVariable(note);
    for (const problem of this.variables.check(Object.keys(options.variables ?? {}))) this.reportVariable(problem);
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
      this.reportFile(file, 'unreadable-file', `cannot read the file: ${read.reason}`, read.hint);
      return;
    }
    if (this.options.allowWorldWritable !== true && isWorldWritable(file)) {
      this.reportFile(
        file,
        'world-writable',
        'everybody on this machine can write to the file, so it is refused',
        `chmod o-w ${file}, or set allowWorldWritableRules`,
      );
      return;
    }
    this.places.set(file, this.files++);
    const source = new SourceText(read.text);
    const before = this.rules;
    for (const batch of inBatches(splitRules(read.text), BATCH_RULES)) {
      const told = Math.floor(this.rules / PROGRESS_RULES);
      this.loadBatch(file, source, batch);
      if (Math.floor(this.rules / PROGRESS_RULES) > told) onProgress();
    }
    if (this.rules === before) this.reportFile(file, 'no-rules', 'the file holds no rules', undefined, 'warning');
  }

  finish(started: number): LoadResult {
    const rules = this.inOrderOfLoading.filter((rule) => rule !== undefined);
    if (this.lint) this.lintState(rules);
    for (const problem of this.data.problems) this.keep(problem.severity, () => problem);
    const waiting = new Map<string, number>();
    const waitingRules = rules.filter(({ waitingFor }) => waitingFor.length > 0);
    for (const protocol of waitingRules.flatMap((rule) => rule.waitingFor))
      waiting.set(protocol, (waiting.get(protocol) ?? 0) + 1);
    return {
      programs: rules.flatMap(({ program }) => program ?? []),
      loaded: rules.length,
      waiting: new Map([...waiting].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))),
      waitingRules: waitingRules.length,
      waitingList: this.lint
        ? waitingRules.map(({ gid, sid, file, line, waitingFor, waitingKeywords }) => ({
            gid,
            sid,
            file,
            line,
            waitingFor,
            keywords: waitingKeywords,
          }))
        : [],
      failed: this.failed,
      warnings: this.found.warning,
      files: this.files,
      diagnostics: this.inOrder(),
      seconds: (performance.now() - started) / 1000,
    };
  }

  /** By file and line, what is about no rule file first: some things are found only when all is read. */
  private inOrder(): LocatedDiagnostic[] {
    const place = (file: string): number => this.places.get(file) ?? -1;
    return this.diagnostics.sort((a, b) => place(a.file) - place(b.file) || a.line - b.line || a.column - b.column);
  }

  /** Step by step: see BATCH_RULES. */
  private loadBatch(file: string, source: SourceText, rules: readonly RuleText[]): void {
    const read: ReadRule[] = [];
    for (const rule of rules) read.push(this.read({ file, source, rule }));
    const compiled: CompiledRule[] = [];
    for (const rule of read) compiled.push(this.compileRead(rule));
    for (const rule of compiled) this.take(rule);
  }

  private read(place: Place): ReadRule {
    const diagnostics = new Diagnostics(this.lint);
    const isOff = place.rule.disabled && this.options.includeDisabled !== true;
    if (!isOff) this.rules++;
    return { place, isOff, diagnostics, node: isOff ? undefined : this.parser.parse(place.rule.text, diagnostics) };
  }

  private compileRead(read: ReadRule): CompiledRule {
    const { place, isOff, diagnostics, node } = read;
    if (node === undefined) return { place, isOff, diagnostics, program: undefined };
    const line = place.source.position(place.rule.at(node.span.start)).line;
    return { place, isOff, diagnostics, program: this.compile(node, { file: place.file, line }, diagnostics) };
  }

  /** Reports what was found, and adds the program where there is one. */
  private take({ place, isOff, diagnostics, program }: CompiledRule): void {
    const { text } = place.rule;
    if (program === undefined) {
      if (diagnostics.hasErrors) this.failed++;
      if (this.lint) this.unloaded.add(text, sidOf, whyNot(isOff, diagnostics));
    }
    const sid = program?.sid ?? sidOf(text);
    for (const diagnostic of explainOddCharacters(diagnostics.list, text))
      this.report({ ...diagnostic, sid: diagnostic.sid ?? sid }, place);
    if (program !== undefined) this.add(program, place);
  }

  private lintState(rules: readonly LoadedRule[]): void {
    for (const finding of unmatchedState(rules)) {
      const place = placeOf(finding.rule);
      const node = this.parser.parse(place.rule.text, new Diagnostics());
      if (node !== undefined)
        this.report({ ...describeState(finding, node, this.unloaded), sid: finding.rule.sid }, place);
    }
  }

  /** Undefined where the rule is wrong, or where it asks for what detection cannot do. */
  private compile(node: RuleNode, origin: RuleProgram['origin'], diagnostics: Diagnostics): RuleProgram | undefined {
    try {
      return this.compileSound(node, origin, diagnostics);
    } catch (error) {
      // A mistake of ours costs the rule that shows it, not all of them.
      const reason = `Periscope breaks at it: ${error instanceof Error ? error.message : String(error)}`;
      const hint = 'leave the rule out until this is mended, and please report it with the rule';
      diagnostics.error('not-inspected', `the rule cannot be inspected: ${reason}`, node.action.span, hint);
      return undefined;
    }
  }

  /** @throws where the compiler of rules has a mistake. */
  private compileSound(
    node: RuleNode,
    origin: RuleProgram['origin'],
    diagnostics: Diagnostics,
  ): RuleProgram | undefined {
    const program = compileRule(node, {
      variables: this.variables,
      tenants: this.tenants,
      environment: this.environment,
      diagnostics,
      origin,
      lint: this.lint,
    });
    const { silent } = this.options;
    if (program !== undefined && silent !== undefined) warnOfSilence(program, node, silent, diagnostics);
    const found = program === undefined || program.waitingFor.length > 0 ? undefined : obstacle(program);
    if (found === undefined) return program;
    const culprit =
      node.options.find(({ name }) => found.keywords.includes(name.text.toLowerCase()))?.name ?? node.action;
    diagnostics.error('not-inspected', `the rule cannot be inspected: ${found.reason}`, culprit.span, found.hint);
    return undefined;
  }

  private add(program: RuleProgram, place: Place): void {
    const { gid, sid, rev, waitingFor, waitingKeywords = NOTHING, origin } = program;
    const { sink } = this.options;
    const rule: LoadedRule = {
      index: this.inOrderOfLoading.length,
      gid,
      sid,
      rev,
      waitingFor: this.shared(waitingFor),
      waitingKeywords: this.shared(waitingKeywords),
      state: this.lint ? stateUse(program) : undefined,
      line: origin.line,
      file: place.file,
      source: place.source,
      start: place.rule.start,
      program: sink === undefined ? program : undefined,
    };
    const other = this.loaded.get(gid, sid);
    if (other === undefined) {
      this.keepRule(rule);
      sink?.add(program);
      return;
    }
    const newer = rev > other.rev;
    const [stays, goes] = newer ? [rule, other] : [other, rule];
    const message = `sid ${gid}:${sid} is there twice: revision ${goes.rev} gives way to revision ${stays.rev} (${stays.file}:${stays.line})`;
    const hint = goes.rev === stays.rev ? 'of two with the same revision the first one stays' : undefined;
    const where = newer ? placeOf(other) : place;
    this.report({ code: 'duplicate-sid', severity: 'warning', message, hint, span: sidSpan(where.rule), sid }, where);
    if (newer) {
      this.inOrderOfLoading[other.index] = undefined;
      this.keepRule(rule);
      sink?.remove(other);
      sink?.add(program);
    }
  }

  private keepRule(rule: LoadedRule): void {
    this.loaded.set(rule.gid, rule.sid, rule);
    this.inOrderOfLoading.push(rule);
  }

  /** One list for all rules that wait for the same. */
  private shared(waitingFor: readonly string[]): readonly string[] {
    if (waitingFor.length === 0) return NOTHING;
    const key = waitingFor.join();
    const known = this.waitingLists.get(key);
    if (known === undefined) this.waitingLists.set(key, waitingFor);
    return known ?? waitingFor;
  }

  private report(diagnostic: Diagnostic, { file, source, rule }: Place): void {
    this.keep(diagnostic.severity, () => locateDiagnostic(diagnostic, file, source, (offset) => rule.at(offset)));
  }

  /** Goes by the key of the setting; whoever knows where it was set adds that. */
  private reportVariable({ variable, ...problem }: VariableProblem): void {
    this.keep(problem.severity, () => wholeDiagnostic(`vars.${variable}`, problem));
  }

  private reportFile(
    file: string,
    code: DiagnosticCode,
    message: string,
    hint?: string,
    severity: 'error' | 'warning' = 'error',
  ): void {
    this.keep(severity, () => wholeDiagnostic(file, { code, severity, message, hint }));
  }

  /** Counts what was found, and places it while there are not too many. */
  private keep(severity: Severity, place: () => LocatedDiagnostic): void {
    if (this.found[severity]++ < MOST_DIAGNOSTICS) this.diagnostics.push(place());
  }
}

const PROGRESS_RULES = 1000;
/**
 * Rules that take each step together. PERF: the code of all steps is more than a processor keeps at hand, and would
 * come in anew for each rule; what many more rules are made of is too much as well.
 */
const BATCH_RULES = 64;
/** Diagnostics of one severity that are kept; what has more is no rule file. All are counted. */
const MOST_DIAGNOSTICS = 100_000;

const NOTHING: readonly string[] = [];

/** What is kept of a rule: enough to let another take its place. */
interface LoadedRule {
  /** Its place in the order of loading. */
  readonly index: number;
  readonly gid: number;
  readonly sid: number;
  readonly rev: number;
  readonly line: number;
  readonly waitingFor: readonly string[];
  readonly waitingKeywords: readonly string[];
  readonly state: StateUse | undefined;
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

function* inBatches<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** A rule whose text was read, unless it is commented out; no node where it cannot be read. */
interface ReadRule {
  readonly place: Place;
  readonly isOff: boolean;
  /** Of this rule alone. */
  readonly diagnostics: Diagnostics;
  readonly node: RuleNode | undefined;
}

/** The same rule behind the next step; no program where it cannot be loaded. */
interface CompiledRule extends Omit<ReadRule, 'node'> {
  readonly program: RuleProgram | undefined;
}

function whyNot(isOff: boolean, diagnostics: Diagnostics): string {
  if (isOff) return 'is commented out';
  return diagnostics.hasErrors ? 'could not be loaded' : 'is left out';
}

interface Place {
  readonly file: string;
  readonly source: SourceText;
  readonly rule: RuleText;
}

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
