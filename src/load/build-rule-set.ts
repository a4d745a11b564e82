/**
 * One load, from paths to a rule set that shards can open: files, rules, thresholds, the compiled block. Stage: load.
 *
 * Synchronous and self-contained: called by the loader's thread, and by tests that need rules without threads. Problems
 * with files end up in the report; nothing throws over them.
 */
import { RuleCompiler, type Allocate } from '../compile/compile-rules.js';
import { installedBytes } from '../detect/state/data-sets.js';
import { RuleSet } from '../block/rule-set.js';
import { compileKernel } from '../match/literal/kernel-matcher.js';
import type { DiagnosticCode, Diagnostics } from '../rule/diagnostics/diagnostic.js';
import type { ThresholdConfig } from '../block/terms.js';
import { wholeDiagnostic } from '../rule/diagnostics/locate-diagnostic.js';
import type { LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';
import { Variables } from '../rule/compile/variables.js';
import { cacheKey, type CacheInputs } from './cache-key.js';
import { defaultClassifications, parseClassifications } from './classification.js';
import { loadConfigFile } from './config-file.js';
import { withFindings } from './findings.js';
import { newRuleWords } from '../block/rule-set-handle.js';
import { NO_DATA } from './data-settings.js';
import { loadRules, type LoadOptions, type LoadReport, type ProgramSink } from './load-rules.js';
import type { LoadRequest, LoadedRules } from './loader.js';
import { defaultReferences, parseReferences, type ReferenceSystems } from './reference.js';
import { RuleCache, type CacheEntry, type KeptReport } from './rule-cache.js';
import { RuleDataFiles } from './rule-data-files.js';
import { parseThresholdConfig, type ThresholdConfigOptions } from './threshold-config.js';

export function buildRuleSet(request: LoadRequest): LoadedRules {
  const started = performance.now();
  const problems: LocatedDiagnostic[] = [];
  const thresholds = thresholdsOf(request);
  const { report, ruleCount, block, cached } = compiledOrCached(request, problems);
  problems.push(...datasetsTooLarge(block, request.data));
  const { findings, ...counts } = report;
  return {
    handle: {
      generation: request.generation,
      kernel: compileKernel(),
      block,
      ...newRuleWords(ruleCount),
    },
    report: {
      ...counts,
      ...withFindings([...thresholds.problems, ...problems], findings),
      seconds: (performance.now() - started) / 1000,
      cached,
    },
    thresholds: thresholds.thresholds,
  };
}

/** Says that datasets which rules change start with more than their table holds. */
function datasetsTooLarge(block: SharedArrayBuffer, { datasets: { bytes } } = NO_DATA): LocatedDiagnostic[] {
  const needed = installedBytes(new RuleSet(block));
  return needed <= bytes
    ? []
    : [
        aboutFile(
          'datasets.bytes',
          'warning',
          'dataset-too-large',
          `the datasets that rules change start with ${needed} bytes, and the setting allows ${bytes}: what has no room is left out`,
        ),
      ];
}

interface Compiled {
  readonly report: KeptReport;
  readonly ruleCount: number;
  readonly block: SharedArrayBuffer;
  readonly cached: boolean;
}

/** The rule set in shared memory: from the cache where there is one that knows it, else from the rules. */
function compiledOrCached(request: LoadRequest, problems: LocatedDiagnostic[]): Compiled {
  const { cacheDirectory = '' } = request;
  const cache =
    cacheDirectory === ''
      ? undefined
      : new RuleCache(cacheDirectory, (path, code, message) =>
          problems.push(aboutFile(path, 'warning', code, message)),
        );
  const key = cache && cacheKey(request);
  // The block is written where it stays: a copy of it would be what the whole load takes most memory for.
  let block: SharedArrayBuffer | undefined;
  const allocate = (blockBytes: number): Uint8Array => new Uint8Array((block = new SharedArrayBuffer(blockBytes)));
  const known = key === undefined ? undefined : cache!.read(key, allocate);
  const entry = known ?? keptEntry(compileFromFiles({ ...request, lint: false }, allocate));
  // Files may have changed while they were read; then the key is not that of what was read.
  if (known === undefined && key !== undefined && cacheKey(request) === key) cache!.write(key, entry);
  return { report: entry.report, ruleCount: entry.ruleCount, block: block!, cached: known !== undefined };
}

/** What rules are compiled with. */
export interface CompileInputs extends CacheInputs {
  readonly lint?: LoadOptions['lint'];
  readonly onProgress?: LoadOptions['onProgress'];
}

type CompiledFiles = Omit<CacheEntry, 'report'> & { readonly report: LoadReport };

/** Reads and compiles rules, and says what came of it. */
export function compileFromFiles(inputs: CompileInputs, allocate?: Allocate): CompiledFiles {
  let compiler: RuleCompiler | undefined;
  const data = new RuleDataFiles(inputs.data ?? NO_DATA);
  const report = loadWith(
    inputs,
    data,
    (references) =>
      (compiler = new RuleCompiler({ referencePrefix: (system) => references.get(system), tenants: inputs.tenants })),
  );
  const { block, ruleCount } = compiler!.finish(allocate);
  return { report, block, ruleCount, data: data.record };
}

/** What the cache keeps, and what crosses threads: less of the report. */
function keptEntry({ report, ...entry }: CompiledFiles): CacheEntry {
  const { loaded, waiting, waitingRules, failed, files, diagnostics } = report;
  return { ...entry, report: { loaded, waiting, waitingRules, failed, files, findings: withFindings(diagnostics) } };
}

/** What `check` looks at: thresholds are not compiled with the rules. */
export interface CheckInputs extends CompileInputs {
  readonly thresholdFile: string;
}

/** Reads rules for what is to be said of them. */
export function checkFiles(inputs: CheckInputs): LoadReport {
  const rules = new Set<string>();
  const report = loadWith(inputs, new RuleDataFiles(inputs.data ?? NO_DATA), () => ({
    add: ({ gid, sid }) => void rules.add(`${gid}:${sid}`),
    remove: () => {},
  }));
  return withProblems(report, thresholdsOf(inputs, { isLoaded: (gid, sid) => rules.has(`${gid}:${sid}`) }).problems);
}

interface Thresholds {
  readonly thresholds: ThresholdConfig;
  readonly problems: readonly LocatedDiagnostic[];
}

function thresholdsOf(
  { thresholdFile, variables }: Pick<LoadRequest, 'thresholdFile' | 'variables'>,
  options?: ThresholdConfigOptions,
): Thresholds {
  const problems: LocatedDiagnostic[] = [];
  const known = new Variables(variables);
  const thresholds = parseFile(
    thresholdFile,
    (text, diagnostics) => parseThresholdConfig(text, known, diagnostics, options),
    { suppressions: [], thresholds: [] },
    problems,
  );
  return { thresholds, problems };
}

/** The report with more that was found, before what it has. */
function withProblems(report: LoadReport, problems: readonly LocatedDiagnostic[]): LoadReport {
  const warnings = report.warnings + problems.filter(({ severity }) => severity === 'warning').length;
  return { ...report, warnings, diagnostics: [...problems, ...report.diagnostics] };
}

function loadWith(
  inputs: CompileInputs,
  data: RuleDataFiles,
  makeSink: (references: ReferenceSystems) => ProgramSink,
): LoadReport {
  const problems: LocatedDiagnostic[] = [];
  const references = parseFile(inputs.referenceFile, parseReferences, defaultReferences(), problems);
  const result = loadRules({
    sink: makeSink(references),
    rules: inputs.rules,
    variables: inputs.variables,
    tenants: inputs.tenants,
    silent: inputs.silent,
    includeDisabled: inputs.includeDisabled,
    allowWorldWritable: inputs.allowWorldWritable,
    lint: inputs.lint,
    classifications: parseFile(inputs.classificationFile, parseClassifications, defaultClassifications(), problems),
    references,
    data,
    onProgress: inputs.onProgress,
  });
  const { loaded, waiting, waitingRules, waitingList, failed, warnings, files, seconds, diagnostics } = result;
  return withProblems(
    { loaded, waiting, waitingRules, waitingList, failed, warnings, files, seconds, diagnostics },
    problems,
  );
}

/** Compiles rules into a directory of the cache; what went wrong with that. The report is the whole of it. */
export function fillCache(inputs: CheckInputs, directory: string): LoadReport {
  const problems: LocatedDiagnostic[] = [];
  const cache = new RuleCache(directory, (path, code, message) =>
    problems.push(aboutFile(path, 'error', code, message)),
  );
  const key = cacheKey(inputs);
  const entry = compileFromFiles(inputs);
  if (key !== undefined && cacheKey(inputs) === key) cache.write(key, keptEntry(entry));
  return withProblems(entry.report, [...thresholdsOf(inputs).problems, ...problems]);
}

function aboutFile(
  file: string,
  severity: 'error' | 'warning',
  code: DiagnosticCode,
  message: string,
): LocatedDiagnostic {
  return wholeDiagnostic(file, { code, severity, message });
}

/** The value of a file of settings; `fallback` for an empty path and for a file that cannot be read. */
function parseFile<T>(
  path: string,
  parse: (text: string, diagnostics: Diagnostics) => T,
  fallback: T,
  problems: LocatedDiagnostic[],
): T {
  if (path === '') return fallback;
  const { value, diagnostics } = loadConfigFile(path, parse);
  problems.push(...diagnostics);
  return value ?? fallback;
}
