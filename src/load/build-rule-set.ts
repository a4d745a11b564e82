/**
 * One load, from paths to a rule set that shards can open: files, rules, thresholds, the compiled block. Stage: load.
 *
 * Synchronous and self-contained: called by the loader's thread, and by tests that need rules without threads. Problems
 * with files end up in the report; nothing throws over them.
 */
import { RuleCompiler, type Allocate } from '../detect/compile.js';
import { allocateMatcherMemory, compileKernel, type MatcherMemory } from '../match/matcher-memory.js';
import type { Diagnostics } from '../rule/diagnostic.js';
import type { ThresholdConfig } from '../rule/program.js';
import type { LocatedDiagnostic } from '../rule/render-diagnostic.js';
import { Variables } from '../rule/variables.js';
import { cacheKey, type CacheInputs } from './cache-key.js';
import { defaultClassifications, parseClassifications } from './classification.js';
import { loadConfigFile } from './config-file.js';
import { loadRules, type LoadOptions, type ProgramSink } from './load-rules.js';
import type { LoadRequest, LoadedRules } from './loader.js';
import { defaultReferences, parseReferences, type ReferenceSystems } from './reference.js';
import { RuleCache, type CacheEntry, type StoredReport } from './rule-cache.js';
import { parseThresholdConfig } from './threshold-config.js';

export function buildRuleSet(request: LoadRequest): LoadedRules {
  const started = performance.now();
  const problems: LocatedDiagnostic[] = [];
  const variables = new Variables(request.variables);
  const noThresholds: ThresholdConfig = { suppressions: [], thresholds: [] };
  const thresholds = parseFile(request.thresholdFile, (text, diagnostics) => parseThresholdConfig(text, variables, diagnostics), noThresholds, problems);
  const { report, ruleCount, matcher } = compiledOrCached(request, problems);
  return {
    handle: {
      generation: request.generation,
      kernel: compileKernel(),
      matcher,
      quarantine: new SharedArrayBuffer(4 * Math.ceil((ruleCount + 1) / 32)),
    },
    report: {
      loaded: report.loaded,
      waitingRules: report.waitingRules,
      waiting: report.waiting,
      failed: report.failed,
      warnings: report.warnings + problems.filter(({ severity }) => severity === 'warning').length,
      files: report.files,
      seconds: (performance.now() - started) / 1000,
      diagnostics: [...problems, ...report.diagnostics],
    },
    thresholds,
  };
}

interface Compiled {
  readonly report: StoredReport;
  readonly ruleCount: number;
  readonly matcher: MatcherMemory;
}

/** The rule set in a memory of its own: from the cache where there is one that knows it, else from the rules. */
function compiledOrCached(request: LoadRequest, problems: LocatedDiagnostic[]): Compiled {
  const { cacheDirectory = '', shards } = request;
  const cache = cacheDirectory === '' ? undefined : new RuleCache(cacheDirectory, (path, code, message) => problems.push(aboutFile(path, 'warning', code, message)));
  const key = cache && cacheKey(request);
  // The block is written where it stays: a copy of it would be what the whole load takes most memory for.
  let matcher: MatcherMemory | undefined;
  const allocate = (blockBytes: number, mostPatterns: number): Uint8Array => {
    matcher = allocateMatcherMemory(blockBytes, shards, mostPatterns);
    return new Uint8Array(matcher.memory.buffer, 0, blockBytes);
  };
  const known = key === undefined ? undefined : cache!.read(key, (blockBytes, { mostPatterns }) => allocate(blockBytes, mostPatterns));
  const entry = known ?? compileFromFiles(request, allocate);
  // Files may have changed while they were read; then the key is not that of what was read.
  if (known === undefined && key !== undefined && cacheKey(request) === key) cache!.write(key, entry);
  return { report: entry.report, ruleCount: entry.ruleCount, matcher: matcher! };
}

/** What rules are compiled with. */
export interface CompileInputs extends CacheInputs {
  readonly onProgress?: LoadOptions['onProgress'];
}

type TimedReport = StoredReport & { readonly seconds: number };

/** Reads and compiles rules, and says what came of it: what the cache keeps. */
export function compileFromFiles(inputs: CompileInputs, allocate?: Allocate): CacheEntry & { readonly report: TimedReport } {
  let compiler: RuleCompiler | undefined;
  const report = loadWith(inputs, (references) => (compiler = new RuleCompiler({ referencePrefix: (system) => references.get(system) })));
  const { block, ruleCount, mostPatterns } = compiler!.finish(allocate);
  return { report, block, ruleCount, mostPatterns };
}

/** Reads rules for what is to be said of them. */
export function checkFiles(inputs: CompileInputs): TimedReport {
  return loadWith(inputs, () => ({ add: () => {}, remove: () => {} }));
}

function loadWith(inputs: CompileInputs, makeSink: (references: ReferenceSystems) => ProgramSink): TimedReport {
  const problems: LocatedDiagnostic[] = [];
  const references = parseFile(inputs.referenceFile, parseReferences, defaultReferences(), problems);
  const result = loadRules({
    sink: makeSink(references),
    rules: inputs.rules,
    variables: inputs.variables,
    includeDisabled: inputs.includeDisabled,
    classifications: parseFile(inputs.classificationFile, parseClassifications, defaultClassifications(), problems),
    references,
    onProgress: inputs.onProgress,
  });
  const warnings = result.warnings + problems.filter(({ severity }) => severity === 'warning').length;
  const { loaded, waiting, waitingRules, failed, files, seconds, diagnostics } = result;
  return { loaded, waiting, waitingRules, failed, warnings, files, seconds, diagnostics: [...problems, ...diagnostics] };
}

/** Compiles rules into a directory of the cache; what went wrong with that. The report is the whole of it. */
export function fillCache(inputs: CompileInputs, directory: string): TimedReport {
  const problems: LocatedDiagnostic[] = [];
  const cache = new RuleCache(directory, (path, code, message) => problems.push(aboutFile(path, 'error', code, message)));
  const key = cacheKey(inputs);
  const entry = compileFromFiles(inputs);
  if (key !== undefined && cacheKey(inputs) === key) cache.write(key, entry);
  return { ...entry.report, diagnostics: [...entry.report.diagnostics, ...problems] };
}

function aboutFile(file: string, severity: 'error' | 'warning', code: string, message: string): LocatedDiagnostic {
  return { file, line: 1, column: 1, severity, code, message, hint: undefined, sid: undefined, sourceLine: undefined, length: 0 };
}

/** The value of a file of settings; `fallback` for an empty path and for a file that cannot be read. */
function parseFile<T>(path: string, parse: (text: string, diagnostics: Diagnostics) => T, fallback: T, problems: LocatedDiagnostic[]): T {
  if (path === '') return fallback;
  const { value, diagnostics } = loadConfigFile(path, parse);
  problems.push(...diagnostics);
  return value ?? fallback;
}
