/**
 * One load, from paths to a rule set that shards can open: files, rules, thresholds, the compiled block. Stage: load.
 *
 * Synchronous and self-contained: called by the loader's thread, and by tests that need rules without threads. Problems
 * with files end up in the report; nothing throws over them.
 */
import { RuleCompiler } from '../detect/compile.js';
import { GROUP, GROUP_WORDS } from '../detect/rule-block.js';
import { RuleSet } from '../detect/rule-set.js';
import { compileKernel, createMatcherMemory } from '../match/matcher-memory.js';
import { Diagnostics } from '../rule/diagnostic.js';
import type { LocatedDiagnostic } from '../rule/render-diagnostic.js';
import { SourceText } from '../rule/source-text.js';
import { Variables } from '../rule/variables.js';
import { defaultClassifications, parseClassifications } from './classification.js';
import { loadRules } from './load-rules.js';
import type { LoadRequest, LoadedRules } from './loader.js';
import { readText } from './read-text.js';
import { defaultReferences, parseReferences } from './reference.js';
import { parseThresholdConfig } from './threshold-config.js';

export function buildRuleSet(request: LoadRequest): LoadedRules {
  const started = performance.now();
  const problems: LocatedDiagnostic[] = [];
  const references = parseFile(request.referenceFile, parseReferences, defaultReferences(), problems);
  const compiler = new RuleCompiler({ referencePrefix: (system) => references.get(system) });
  const result = loadRules({
    sink: compiler,
    rules: request.rules,
    variables: request.variables,
    includeDisabled: request.includeDisabled,
    classifications: parseFile(request.classificationFile, parseClassifications, defaultClassifications(), problems),
    references,
  });
  const variables = new Variables(request.variables);
  const parsed = parseFile(request.thresholdFile, (text, diagnostics) => parseThresholdConfig(text, variables, diagnostics), { suppress: [], thresholds: [], rateFilters: [] }, problems);
  const thresholds = { suppressions: parsed.suppress, thresholds: [...parsed.thresholds, ...parsed.rateFilters.map(({ gid, sid, threshold, newAction, timeoutSeconds }) => ({ gid, sid, threshold: { ...threshold, newAction, timeoutSeconds } }))] };
  const { block, ruleCount } = compiler.finish();
  const matcher = createMatcherMemory(block, request.shards, mostPatterns(block));
  return {
    handle: {
      generation: request.generation,
      kernel: compileKernel(),
      matcher,
      quarantine: new SharedArrayBuffer(4 * Math.ceil((ruleCount + 1) / 32)),
    },
    report: {
      loaded: result.loaded,
      waitingRules: result.waitingRules,
      waiting: result.waiting,
      failed: result.failed,
      warnings: result.warnings,
      files: result.files,
      seconds: (performance.now() - started) / 1000,
      diagnostics: [...problems, ...result.diagnostics],
    },
    thresholds,
  };
}

/** Reads and parses a file of settings; `fallback` for an empty path and for a file that cannot be read. */
function parseFile<T>(path: string, parse: (text: string, diagnostics: Diagnostics) => T, fallback: T, problems: LocatedDiagnostic[]): T {
  if (path === '') return fallback;
  const read = readText(path);
  if ('reason' in read) {
    const message = `cannot read the file: ${read.reason}`;
    problems.push({ file: path, line: 1, column: 1, severity: 'error', code: 'unreadable-file', message, hint: undefined, sid: undefined, sourceLine: undefined, length: 0 });
    return fallback;
  }
  const diagnostics = new Diagnostics();
  const parsed = parse(read.text, diagnostics);
  const source = new SourceText(read.text);
  for (const { span, severity, code, message, hint } of diagnostics.list) {
    const { line, column } = source.position(span.start);
    problems.push({ file: path, line, column, severity, code, message, hint, sid: undefined, sourceLine: source.line(line), length: span.end - span.start });
  }
  return parsed;
}

/** Patterns of the largest group of a compiled block: what the matcher's scratch space is made for. */
function mostPatterns(block: Uint8Array): number {
  const { groups } = new RuleSet(block.buffer, block.byteOffset);
  let most = 0;
  for (let group = 0; group < groups.length; group += GROUP_WORDS) most = Math.max(most, groups[group + GROUP.patterns]);
  return most;
}
