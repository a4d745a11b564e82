/** `periscope read`: inspects capture files and writes their events. */
import { statSync, writeFileSync } from 'node:fs';
import { RuleSet, type RuleInfo } from '../block/rule-set.js';
import { Engine, type EngineEvents } from '../engine/engine.js';
import { eventsDropped, frameBalance } from '../counters/names.js';
import { counterFigures } from '../metrics/counter-figures.js';
import type { Outputs } from '../output/outputs.js';
import type { ShardError } from '../shard/error-reports.js';
import type { ShardLoss } from '../shard/supervisor.js';
import { peakResidentBytes } from '../util/peak-memory.js';
import { paintFor } from '../util/paint.js';
import { reasonOf } from '../util/reason.js';
import { reportCaptures, statusOfCaptures } from './capture-report.js';
import { configure } from './configuration.js';
import { Figures, samplesOfCounters } from './doctor-figures.js';
import { limitsMet } from './doctor-findings.js';
import { openEvidence, openOutputs, openRedaction } from './event-outputs.js';
import { CommandError, EXIT } from './exit.js';
import type { ReadFlags } from './flags.js';
import { profileReport } from './profile-report.js';
import { renderProfile } from './profile-table.js';
import { checkDestinations } from './read-destinations.js';
import {
  describeLoad,
  describeError,
  describeLoss,
  dropCounts,
  hasErrors,
  NO_RULES,
  reportDiagnostics,
  RULE_LIMITED,
  runtimeWarnings,
} from './report.js';

/** Time without a packet after which a pipe that is read is named. */
const SILENCE_MS = 2000;

/** What is wrong with an output, by its name. */
type Problems = Map<string, NodeJS.ErrnoException | undefined>;

interface Spent {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export async function readCaptures(captures: readonly string[], flags: ReadFlags): Promise<number> {
  const { config, warnings, origins } = configure({ ...flags, eve: flags.eve ?? '-' });
  if (flags.profile === '-' && config.eve.file === '-')
    throw new CommandError(
      EXIT.usage,
      '--profile - and the events both go to stdout: name a file for one, as in --eve FILE',
    );
  checkDestinations(captures, config.eve.file, [flags.stats, flags.profile]);
  for (const warning of config.rules.length === 0 ? [...warnings, NO_RULES] : warnings)
    process.stderr.write(`periscope: ${warning}\n`);
  const problems: Problems = new Map();
  const sink = openOutputs(config, 'truncate', {
    onError: (output, error) => problems.set(output, error),
    onPipeWithoutReader: (path) => process.stderr.write(`periscope: waiting for a reader of the pipe ${path}\n`),
  });
  const events: EngineEvents = { onShardLost: reportLoss, onShardError: reportError, onRuleLimited: reportLimit };
  const redaction = openRedaction(config);
  const evidence = openEvidence(config, redaction, (error) => {
    if (error !== undefined) process.stderr.write(`periscope: evidence cannot be written: ${reasonOf(error)}\n`);
  });
  const parts = { captures, sink, evidence, redaction, events, profiles: flags.profile !== undefined };
  let engine = new Engine({ config, ...parts });
  try {
    const rules = await engine.load();
    reportDiagnostics(rules.report, origins);
    if (config.rules.length > 0 && rules.report.files === 0)
      throw new CommandError(EXIT.failed, 'no rule file could be read, so nothing would be detected');
    for (const warning of runtimeWarnings(rules.report)) process.stderr.write(`periscope: ${warning}\n`);
    if (process.stderr.isTTY) process.stderr.write(`${describeLoad(rules.report)}\n`);
    if (config.workers > 1 && new RuleSet(rules.handle.block).hostState) {
      process.stderr.write(
        'periscope: rules keep state across flows (xbits, hostbits, tag:host, dataset), which hangs on the order of packets: one worker reads the captures\n',
      );
      await engine.close();
      engine = new Engine({ config: { ...config, workers: 1 }, ...parts });
    }
    const spent = await inspect(engine, captures, rules);
    // Whoever reads the events from a pipe may take any time.
    await sink.close(Infinity);
    const unwritten = reportLostEvents(sink, problems, config.eve.file);
    const eventsLost = reportLargeEvents(engine) || unwritten;
    const metrics = counterFigures({
      totals: engine.totals(),
      anomaliesWithheld: engine.anomaliesWithheld,
      vniLosses: engine.figures.vniLosses(),
      vniHalves: engine.figures.vniHalves(),
      output: sink.stats,
    });
    if (flags.stats !== undefined) writeStats(flags.stats, engine, spent, metrics);
    reportCaptures(engine);
    for (const { says, change } of limitsMet(new Figures(samplesOfCounters(metrics))))
      process.stderr.write(`periscope: ${says} ${change}\n`);
    if (process.stderr.isTTY) reportFigures(engine, spent);
    if (flags.profile !== undefined) writeProfile(flags.profile, engine, new RuleSet(rules.handle.block));
    if (eventsLost) return EXIT.failed;
    return Math.max(
      statusOfCaptures(engine),
      flags.strict === true && hasErrors(rules.report) ? EXIT.findings : EXIT.done,
    );
  } finally {
    await engine.close();
  }
}

async function inspect(
  engine: Engine,
  captures: readonly string[],
  rules: Awaited<ReturnType<Engine['load']>>,
): Promise<Spent> {
  await engine.start(rules);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const timer = setTimeout(() => reportSilentPipes(engine, captures), SILENCE_MS);
  await engine.run().finally(() => clearTimeout(timer));
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** A pipe is opened when its writer opens it, which may never be: says what is waited for. */
function reportSilentPipes(engine: Engine, captures: readonly string[]): void {
  if (engine.balance().received > 0) return;
  const pipe = captures.find((path) => statSync(path, { throwIfNoEntry: false })?.isFIFO());
  if (pipe !== undefined) process.stderr.write(`periscope: waiting for packets from the pipe ${pipe}\n`);
}

function reportLoss(loss: ShardLoss, rule: RuleInfo | undefined): void {
  const { shard, error, seq, stalled } = loss;
  const details = [`shard ${shard}`];
  if (seq !== undefined) details.push(`frame ${seq} is lost`);
  if (rule !== undefined) details.push(`rule ${rule.gid}:${rule.sid}`);
  process.stderr.write(
    `periscope: ${describeLoss(loss, rule !== undefined)} (${details.join(', ')})${stalled ? '' : `: ${error.stack ?? error.message}`}\n`,
  );
}

function reportError(error: ShardError, rule: RuleInfo | undefined): void {
  const details = [`shard ${error.shard}`, ...(rule === undefined ? [] : [`rule ${rule.gid}:${rule.sid}`])];
  process.stderr.write(
    `periscope: ${describeError(error, rule !== undefined)} (${details.join(', ')}): ${error.stack}\n`,
  );
}

const reportLimit = ({ gid, sid }: RuleInfo): void =>
  void process.stderr.write(`periscope: ${RULE_LIMITED} (rule ${gid}:${sid})\n`);

/** @returns whether events are missing that somebody wanted: who closes a pipe (`| head`) has seen enough. */
function reportLostEvents({ sinks }: Outputs, problems: Problems, file: string): boolean {
  const isClosedPipe = (name: string): boolean => name === file && problems.get(name)?.code === 'EPIPE';
  const missing = sinks.filter(({ name, stats }) => stats.lost > 0 && !isClosedPipe(name));
  for (const { name, stats } of missing) {
    const error = problems.get(name);
    process.stderr.write(
      `periscope: ${stats.lost} events could not be written to ${name === '-' ? 'stdout' : name}${error === undefined ? '' : `: ${reasonOf(error)}`}\n`,
    );
  }
  return missing.length > 0;
}

/**
 * Shards wait for room while captures are read: what they drop all the same is too large. @returns whether there was
 * any.
 */
function reportLargeEvents(engine: Engine): boolean {
  const dropped = eventsDropped(engine.totals().shard);
  if (dropped === 0) return false;
  process.stderr.write(
    `periscope: ${dropped} events are lost, as each is larger than half of candidates.bytes: raise that setting\n`,
  );
  return true;
}

function reportFigures(engine: Engine, { seconds }: Spent): void {
  const { received, inspected, dropped } = engine.balance();
  process.stderr.write(
    `${received} packets in ${seconds.toFixed(2)} s: ${inspected} inspected, ${dropped} dropped; ${engine.eve.total} alerts\n`,
  );
}

/** Field names are an interface: design, the command line. */
function writeStats(
  path: string,
  engine: Engine,
  { seconds, cpuSeconds }: Spent,
  metrics: Readonly<Record<string, number>>,
): void {
  const totals = engine.totals();
  const { received, inspected } = frameBalance(totals);
  const report = engine.report!;
  const stats = {
    captures: engine.captures.length,
    packets: engine.captures.reduce((sum, capture) => sum + capture.packets, 0),
    bytes: engine.captures.reduce((sum, capture) => sum + capture.bytes, 0),
    received,
    inspected,
    dropped: dropCounts(totals),
    alerts: engine.eve.total,
    rules_loaded: report.loaded,
    rules_waiting: report.waitingRules,
    rules_failed: report.failed,
    load_seconds: round(report.seconds),
    run_seconds: round(seconds),
    cpu_seconds: round(cpuSeconds),
    max_rss_bytes: peakResidentBytes(),
    metrics,
  };
  writeJson(path, stats);
}

/** The tables come first: should the file not be written, they are there. */
function writeProfile(path: string, engine: Engine, ruleSet: RuleSet): void {
  const { profile } = engine;
  if (profile === undefined) return;
  const { shard } = engine.totals();
  const report = profileReport({ profile, shard, ruleInfo: (row) => ruleSet.ruleInfo(row) });
  process.stderr.write(renderProfile(report, paintFor(process.stderr)));
  if (path === '-') process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  else writeJson(path, report);
}

function writeJson(path: string, document: object): void {
  try {
    writeFileSync(path, `${JSON.stringify(document, undefined, 2)}\n`);
  } catch (error) {
    throw new CommandError(EXIT.failed, `cannot write ${path}: ${reasonOf(error)}`);
  }
}

const round = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;
