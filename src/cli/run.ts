/**
 * `periscope run`: the sensor. Starts the engine and the admin server, and turns signals into what they ask for.
 *
 * SIGTERM, SIGINT: stop. /readyz turns 503 at once; packets are read for a while longer, since a load balancer goes on
 * sending; then the rings are drained, alerts flushed, and the sums shown. A second signal cuts the wait short. Signals
 * are heeded from the first moment on: the first process of a container has no default action for them.
 * SIGHUP, SIGUSR2: open the event file again, and load configuration and rules anew. Files that have changed and a
 * POST to /-/reload ask for the latter alone. What cannot be loaded changes nothing. SIGUSR1: log the sums.
 */
import type { LoadedConfig } from '../config/load-config.js';
import type { Config } from '../config/schema.js';
import type { CounterTotals } from '../counters/names.js';
import { Engine } from '../engine/engine.js';
import type { LoadedRules } from '../load/loader.js';
import { fingerprint } from '../load/rule-fingerprint.js';
import { AdminPort } from '../metrics/admin-port.js';
import type { AdminAction } from '../metrics/admin-server.js';
import { Exporter } from '../metrics/exporter.js';
import type { Outputs } from '../output/outputs.js';
import { parseEndpoint } from '../util/endpoint.js';
import type { Logger } from '../util/logger.js';
import { adminIdentity } from './admin-identity.js';
import { configure, settingsForRestart } from './configuration.js';
import { openEvidence, openOutputs, openRedaction } from './event-outputs.js';
import { CommandError, EXIT } from './exit.js';
import type { RunFlags } from './flags.js';
import { LossLog } from './loss-log.js';
import { MirrorLog, mirrorTotals, type MirrorFigures } from './mirror-log.js';
import { checkMemory } from './memory-plan.js';
import { version } from './version.js';
import {
  describeLoad,
  describeError,
  describeLoss,
  dropCounts,
  failedShare,
  hasErrors,
  NO_RULES,
  logDiagnostics,
  RULE_LIMITED,
  runtimeWarnings,
  unreadableFiles,
} from './report.js';
import { SensorLog } from './sensor-log.js';
import { SensorState } from './sensor-state.js';
import { RuleUpdates } from './rule-updates.js';
import { RuleWatch } from './rule-watch.js';
import { releaseEndingSignals, takeSignals, type HeededSignal } from './signals.js';

/** Files and sockets that a sensor opens besides connections to its admin port, while rules are loaded anew too. */
const DESCRIPTORS = 128;
const DESCRIPTORS_PER_SHARD = 16;
const LOSS_LOOK_MS = 1000;

export async function runSensor(flags: RunFlags): Promise<number> {
  const { config, warnings, origins } = configure(flags);
  const output = new SensorLog(config.log.level);
  const log = output.logger;
  for (const warning of warnings) log.warn(warning);
  if (config.rules.length === 0) log.warn(NO_RULES);
  if (config.sockets > 1 && config.receiveMethod === 'dgram')
    log.warn(`one socket instead of ${config.sockets}: several cannot share a port with receiveMethod=dgram`);
  let sensor: Sensor | undefined;
  try {
    const { shardHeapBytes } = checkMemory(config, log);
    sensor = new Sensor(config, origins, flags, output, shardHeapBytes);
    return await sensor.run();
  } catch (error) {
    if (!log.isLevelEnabled('fatal')) throw error;
    if (error instanceof CommandError) log.fatal(error.message);
    else log.fatal({ err: error }, 'the sensor has failed');
    return error instanceof CommandError ? error.status : EXIT.failed;
  } finally {
    await sensor?.close();
    await output.close();
  }
}

class Sensor {
  private readonly config: Config;
  private readonly origins: LoadedConfig['origins'];
  private readonly flags: RunFlags;
  private readonly log: Logger;
  private readonly sink: Outputs;
  private readonly engine: Engine;
  private readonly state: SensorState;
  private readonly exporter: Exporter;
  private readonly admin: AdminPort;
  private readonly losses: LossLog;
  private lossTimer: NodeJS.Timeout | undefined;
  private readonly watch: RuleWatch;
  private readonly updates: RuleUpdates;
  /** What the watch looks at. */
  private watched: readonly string[];
  /** The first load, or the reload after it, that is under way or was the last. */
  private loading: Promise<unknown> = Promise.resolve();
  /** A reload has been asked for that has not begun. */
  private reloadWaits = false;
  /** Ends the time in which a stopping sensor goes on receiving. */
  private stopNow: (() => void) | undefined;

  constructor(
    config: Config,
    origins: LoadedConfig['origins'],
    flags: RunFlags,
    output: SensorLog,
    shardHeapBytes: number,
  ) {
    const log = output.logger;
    this.origins = origins;
    this.config = config;
    this.flags = flags;
    this.log = log;
    this.sink = openOutputs(config, 'append', {
      onPipeWithoutReader: (path) =>
        log.warn({ path }, 'the event pipe has no reader yet; events wait, and are lost once eve.bufferBytes are full'),
      onError: (output, error) =>
        error === undefined
          ? log.info({ output, lost: this.lostAt(output) }, 'events are written again')
          : log.error({ err: error, output }, 'events cannot be written; trying again, inspection goes on'),
    });
    const redaction = openRedaction(config);
    const evidence = openEvidence(config, redaction, (error) =>
      error === undefined
        ? log.info('evidence is written again')
        : log.error({ err: error }, 'evidence cannot be written; alerts and inspection go on'),
    );
    this.engine = new Engine({
      config,
      sink: this.sink,
      evidence,
      redaction,
      shardHeapBytes,
      events: {
        onBound: (bound) => this.logBound(bound),
        onShardLost: (loss, rule) => {
          const { shard, seq, error, stalled } = loss;
          log.error(
            { ...(stalled ? {} : { err: error }), shard, frame: seq, rule: rule && `${rule.gid}:${rule.sid}` },
            describeLoss(loss, rule !== undefined),
          );
        },
        onShardError: (error, rule) => {
          const { shard, application, message, stack } = error;
          const details = { shard, application, rule: rule && `${rule.gid}:${rule.sid}` };
          log.error({ err: { type: 'Error', message, stack }, ...details }, describeError(error, rule !== undefined));
        },
        onRuleLimited: ({ gid, sid }) => log.warn({ rule: `${gid}:${sid}` }, RULE_LIMITED),
        onAlert: ({ gid, sid }, seconds) => {
          this.state.ruleCounts.count({ gid, sid });
          if (seconds !== undefined) this.exporter.observeLatency(seconds);
        },
      },
    });
    this.state = new SensorState(this.engine, this.sink, config, () => output.lost);
    this.losses = new LossLog(log);
    this.watch = new RuleWatch({
      seconds: config.reload.pollSeconds,
      look: () => fingerprint(this.watched),
      onChange: () => {
        this.log.info('rule files have changed: loading them');
        void this.reload();
      },
    });
    this.watched = watchedFiles(config, flags);
    this.updates = new RuleUpdates({ config, log, reload: () => this.reload().then(() => this.state.loadedWell) });
    this.state.updates = () => this.updates.state;
    this.exporter = new Exporter(this.state, { version: version() });
    this.admin = new AdminPort({
      exporter: this.exporter,
      source: this.state,
      writeAlerts: () => this.engine.writeAlerts(),
      refusals: this.state.adminRefusals,
      token: config.adminToken,
      identity: identityOf(config),
      onAction: (action) => this.act(action),
      reservedDescriptors: DESCRIPTORS + config.workers * DESCRIPTORS_PER_SHARD,
      onRestart: (error) =>
        log.error({ err: error }, 'metrics and health are not served; trying again, inspection goes on'),
    });
  }

  async run(): Promise<number> {
    try {
      const starting = this.start();
      this.loading = starting.catch(() => undefined);
      takeSignals((signal) => this.heed(signal));
      const status = await starting;
      if (status !== undefined) return status;
      await this.receive();
    } finally {
      releaseEndingSignals();
    }
    return EXIT.done;
  }

  /**
   * Until told to stop, or until a source or a shard fails for good: what there is of alerts, datasets and sums is kept
   * then, too.
   */
  private async receive(): Promise<void> {
    try {
      await this.engine.run().catch((error: Error) => {
        this.log.error({ err: error }, 'the sensor cannot go on');
        throw new CommandError(EXIT.failed, error.message);
      });
    } finally {
      // What takes too long from here on can be ended.
      releaseEndingSignals();
      this.engine.stop();
      await this.loading;
      await this.saveDatasets();
      await this.sink.close();
      this.logLostEvents();
      this.logSums('stopped');
    }
  }

  /** @returns the status to end with where there is nothing to run. */
  private async start(): Promise<number | undefined> {
    await this.listenAdmin();
    const started = performance.now();
    this.watch.note();
    const rules = await this.engine.load().catch((error: Error) => {
      if (!this.state.stopping) throw error;
    });
    if (rules === undefined) return EXIT.done;
    this.report(rules, this.origins);
    if (this.flags.strict === true && hasErrors(rules.report)) {
      this.log.error(`not started, as a rule failed and --strict is set: ${describeLoad(rules.report)}`);
      return EXIT.findings;
    }
    if (this.state.stopping) return EXIT.done;
    this.watch.start();
    const mirror = new MirrorLog(this.log, performance.now(), this.config.mirror);
    this.state.clockSteps = () => mirror.clockSteps;
    const look = (): void => {
      const totals = this.engine.totals();
      this.losses.look(dropCounts(totals), performance.now());
      mirror.look(() => this.mirrorFigures(totals), performance.now(), Date.now());
    };
    this.lossTimer = setInterval(look, LOSS_LOOK_MS).unref();
    await this.engine.start(rules).catch((error: Error) => {
      throw new CommandError(EXIT.failed, error.message);
    });
    this.state.loadedAt(Date.now() / 1000, rules.report.seconds, this.state.noRules === undefined);
    const details = { shards: this.config.workers, seconds: Math.round(performance.now() - started) / 1000 };
    if (this.state.noRules === undefined)
      this.log[rules.report.failed > 0 ? 'warn' : 'info'](details, `ready: ${describeLoad(rules.report)}`);
    else
      this.log.error(
        details,
        `not ready: ${this.state.noRules}; packets are counted, nothing is detected: ${describeLoad(rules.report)}`,
      );
    this.updates.start();
    return undefined;
  }

  private mirrorFigures(totals: CounterTotals): MirrorFigures {
    const named = this.engine.vniNames.map(({ vni }) => vni);
    const { figures } = this.engine;
    const sessions = figures.vniCounts();
    return { totals: mirrorTotals(totals), sessions, losses: figures.vniLosses(), halves: figures.vniHalves(), named };
  }

  async close(): Promise<void> {
    this.watch.stop();
    await this.updates.close();
    clearInterval(this.lossTimer);
    await this.admin.close();
    await this.engine.close();
  }

  private async listenAdmin(): Promise<void> {
    if (this.config.admin === 'off') return;
    const { address, port } = parseEndpoint(this.config.admin);
    const bound = await this.admin.listen(address, port).catch((error: Error) => {
      throw new CommandError(EXIT.failed, error.message);
    });
    this.log.info({ address, port: bound }, 'metrics and health are served');
  }

  private act(action: AdminAction): void {
    this.log.info(`a ${action === '/-/reload' ? 'reload' : 'new event file'} is asked for at the admin port`);
    if (action === '/-/reload') void this.reload();
    else this.sink.reopen();
  }

  private heed(signal: HeededSignal): void {
    if (signal === 'SIGUSR1') this.logSums('sums');
    else if (signal === 'SIGHUP' || signal === 'SIGUSR2') {
      this.sink.reopen();
      void this.reload();
    } else void this.stop(signal);
  }

  private async stop(signal: NodeJS.Signals): Promise<void> {
    if (this.stopNow !== undefined) {
      this.stopNow();
      return;
    }
    this.state.stopping = true;
    // Before anything is received there is nothing to wait for.
    const drainSeconds = this.engine.running ? this.config.shutdown.drainSeconds : 0;
    if (this.engine.running)
      this.log.info(
        { signal, drainSeconds },
        'stopping: not ready any more, receiving for a while longer; a second signal (Ctrl-C) ends that at once',
      );
    else this.log.info({ signal }, 'stopping before anything was received');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, drainSeconds * 1000);
      this.stopNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.engine.stop();
  }

  /** One at a time; who asks meanwhile is answered by one load after this one. */
  private reload(): Promise<unknown> {
    if (this.reloadWaits) return this.loading;
    this.reloadWaits = true;
    this.loading = this.loading.then(() => this.loadAgain());
    return this.loading;
  }

  private async loadAgain(): Promise<void> {
    this.reloadWaits = false;
    if (this.state.stopping || !this.engine.running) return;
    const started = performance.now();
    let problem: string | undefined;
    try {
      const { config, origins } = configure(this.flags);
      const identity = adminIdentity(config);
      if (identity !== undefined) this.admin.identify(identity);
      await this.saveDatasets();
      this.watched = watchedFiles(config, this.flags);
      this.watch.note();
      const rules = await this.engine.load(config);
      this.report(rules, origins);
      if (rules.report.loaded === 0 && config.rules.length > 0)
        problem = `no rule could be loaded from ${config.rules.join(', ')}`;
      else if (this.flags.strict === true && hasErrors(rules.report)) problem = 'a rule failed and --strict is set';
      else if (unreadableFiles(rules.report) > this.unreadableBefore())
        problem = 'a file is missing or cannot be read; mend it, or take it out of the settings';
      else if (failedShare(rules.report) > this.mostThatMayFail(config))
        problem = `${failedShare(rules.report).toFixed(1)} per cent of the rules fail, more than reload.maxFailedPercent: ${describeLoad(rules.report)}`;
      else {
        await this.engine.adopt(rules);
        this.state.namedRules = config.rules;
        this.updates.use(config);
        this.log.info(`rules are loaded again: ${describeLoad(rules.report)}`);
        const changed = settingsForRestart(this.config, config);
        if (changed.length > 0) this.log.warn(`changed settings that wait for a restart: ${changed.join(', ')}`);
      }
    } catch (error) {
      problem = (error as Error).message;
    }
    if (problem !== undefined && this.state.stopping) {
      this.log.info('the reload is given up, as the sensor is stopping');
      return;
    }
    if (problem !== undefined) this.log.error(`the rules in use stay as they are: ${problem}`);
    this.state.loadedAt(Date.now() / 1000, (performance.now() - started) / 1000, problem === undefined);
  }

  /** Of the load in use: what was missing then is no reason against a new one. */
  private unreadableBefore(): number {
    return this.engine.report === undefined ? 0 : unreadableFiles(this.engine.report);
  }

  /** Per cent; a set that is in use with more is no reason against the same. */
  private mostThatMayFail({ reload }: Config): number {
    const { report } = this.engine;
    return Math.max(reload.maxFailedPercent, report === undefined ? 0 : failedShare(report));
  }

  /** What there is to say of rules: errors in full, and what will be missing while the sensor runs. */
  private report({ report }: LoadedRules, origins: ReadonlyMap<string, string>): void {
    logDiagnostics(this.log, report, origins);
    for (const warning of runtimeWarnings(report)) this.log.warn(warning);
  }

  private async saveDatasets(): Promise<void> {
    for (const problem of await this.engine.datasets.save()) this.log.error(problem);
  }

  private logBound({
    address,
    port,
    method,
    reason,
    requestedBufferBytes,
    grantedBufferBytes,
  }: Engine['bound'][number]): void {
    this.log.info({ address, port, method, requestedBufferBytes, grantedBufferBytes }, 'receiving');
    // Asked for, it is nothing to warn of.
    if (reason !== undefined)
      this.log[this.config.receiveMethod === 'dgram' ? 'info' : 'warn'](
        { reason },
        'receiving one datagram at a time through dgram',
      );
    if (grantedBufferBytes < requestedBufferBytes) {
      this.log.warn(
        { requestedBufferBytes, grantedBufferBytes },
        'the kernel granted a smaller receive buffer: raise net.core.rmem_max on the host, or expect drops in bursts',
      );
    }
  }

  /** Events that an output has lost since the start. */
  private lostAt(output: string): number {
    return this.sink.sinks.find(({ name }) => name === output)?.stats.lost ?? 0;
  }

  private logLostEvents(): void {
    for (const { name: output, stats } of this.sink.sinks)
      if (stats.lost > 0)
        this.log.warn({ output, lost: stats.lost }, 'events were lost, as this output could not take them in time');
  }

  private logSums(message: string): void {
    const { received, inspected, dropped, pending, kernelDropped } = this.engine.balance();
    const { suppressed, filtered } = this.state.thresholds;
    const reasons = dropCounts(this.engine.totals());
    this.log.info(
      {
        received,
        inspected,
        dropped,
        pending,
        kernelDropped,
        reasons,
        alerts: this.engine.eve.total,
        suppressed,
        filtered,
        lostEvents: this.sink.stats.lost,
      },
      message,
    );
  }
}

/** What is wrong with it is wrong with the settings. */
function identityOf(config: Config): ReturnType<typeof adminIdentity> {
  try {
    return adminIdentity(config);
  } catch (error) {
    throw new CommandError(EXIT.usage, (error as Error).message);
  }
}

/** All that a reload reads, but for what rules name themselves. */
const watchedFiles = ({ rules, ...files }: Config, { config }: RunFlags): readonly string[] => [
  ...rules,
  files.thresholdFile,
  files.classificationFile,
  files.referenceFile,
  files.adminTls.certificate,
  files.adminTls.key,
  config ?? '',
];
