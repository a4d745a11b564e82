/** What a running sensor tells the exporter: the engine's figures in the shape of metrics, and why it is not ready. */
import type { Config } from '../config/schema.js';
import type { Engine } from '../engine/engine.js';
import { AdminRefusals } from '../metrics/admin-refusals.js';
import { SHARD_SLOTS } from '../counters/names.js';
import type { MetricsSnapshot, MetricsSource, ReloadState, ThresholdState, UpdateState } from '../metrics/snapshot.js';
import { RuleCounts } from '../metrics/rule-counts.js';
import type { Outputs } from '../output/outputs.js';

export class SensorState implements MetricsSource {
  /** A signal to stop has come. */
  stopping = false;
  /** What the rules in use were to be loaded from. */
  namedRules: readonly string[];
  readonly ruleCounts: RuleCounts;
  readonly adminRefusals = new AdminRefusals();
  /** Steps of the clock so far. */
  clockSteps: () => number = () => 0;
  /** Of rules that the sensor fetches. */
  updates: () => UpdateState | undefined = () => undefined;
  private readonly engine: Engine;
  private readonly sink: Outputs;
  private readonly lostLogLines: () => number;
  private reload: ReloadState = {
    succeeded: 0,
    failed: 0,
    lastSuccess: false,
    lastTimeSeconds: 0,
    lastDurationSeconds: 0,
  };

  constructor(engine: Engine, sink: Outputs, config: Config, lostLogLines: () => number) {
    this.lostLogLines = lostLogLines;
    this.engine = engine;
    this.sink = sink;
    this.namedRules = config.rules;
    this.ruleCounts = new RuleCounts(config.metrics.topRules);
  }

  /** Notes a load of the rules, the first one included. */
  loadedAt(timeSeconds: number, durationSeconds: number, success: boolean): void {
    const { succeeded, failed } = this.reload;
    if (success) this.ruleCounts.expect(this.engine.ruleIds(this.ruleCounts.room));
    this.reload = {
      succeeded: succeeded + Number(success),
      failed: failed + Number(!success),
      lastSuccess: success,
      lastTimeSeconds: timeSeconds,
      lastDurationSeconds: durationSeconds,
    };
  }

  /** Whether the last load went well. */
  get loadedWell(): boolean {
    return this.reload.lastSuccess;
  }

  get thresholds(): ThresholdState {
    const { stats, size } = this.engine.thresholder;
    const filtered = stats.filtered + this.engine.totals().shard[SHARD_SLOTS.candidatesHeldBack];
    return { suppressed: stats.suppressed, filtered, evicted: stats.evicted, entries: size };
  }

  /** Says that rules were named and there is none; undefined where there are, or none was asked for. */
  get noRules(): string | undefined {
    if (this.namedRules.length === 0 || this.engine.report === undefined || this.engine.report.loaded > 0)
      return undefined;
    return `no rule could be loaded from ${this.namedRules.join(', ')}`;
  }

  notReady(): readonly string[] {
    const { engine } = this;
    const reasons: string[] = [];
    if (this.stopping) reasons.push('the sensor is stopping');
    if (engine.report === undefined) reasons.push('rules are being loaded');
    if (!engine.running && !this.stopping) reasons.push('sockets are not bound yet');
    // While rules are loaded, shards go on with those that they have: that is no reason.
    const { running, memories, lagging } = engine.shards;
    if (engine.report !== undefined && running < memories.length)
      reasons.push(`${running} of ${memories.length} shards are up`);
    if (engine.running && lagging.length > 0)
      reasons.push(`shards that have not taken up the newest rules yet: ${lagging.join(', ')}`);
    if (this.noRules !== undefined) reasons.push(this.noRules);
    return reasons;
  }

  snapshot(): MetricsSnapshot {
    const { engine, sink } = this;
    return {
      ready: this.notReady().length === 0,
      totals: engine.totals(),
      vnis: engine.figures.vniCounts(),
      vniLosses: engine.figures.vniLosses(),
      vniHalves: engine.figures.vniHalves(),
      vnisReplaced: engine.figures.vnisReplaced,
      alerts: engine.eve.alertCounts(),
      thresholds: this.thresholds,
      vniNames: engine.vniNames,
      lateEvents: engine.lateEvents,
      anomaliesWithheld: engine.anomaliesWithheld,
      lostLogLines: this.lostLogLines(),
      output: { ...sink.stats, pendingBytes: sink.pendingBytes },
      outputs: sink.sinks.map(({ name, isUp, pendingBytes, stats }) => ({ name, up: isUp, pendingBytes, stats })),
      rules: {
        loaded: engine.report?.loaded ?? 0,
        waiting: engine.report?.waitingRules ?? 0,
        failed: engine.report?.failed ?? 0,
        quarantined: engine.shards.quarantined,
        generation: engine.generation,
        faults: engine.ruleFaults,
      },
      dearRules: engine.dearRules,
      reload: this.reload,
      update: this.updates(),
      shards: engine.shards.memories.map((_, shard) => ({
        up: engine.shards.isUp(shard),
        busySeconds: engine.figures.ofShard(shard)[SHARD_SLOTS.busyMicroseconds] / 1e6,
        ringFill: engine.shards.ringFill(shard),
        restarts: engine.shards.restarts[shard],
        generation: engine.shards.generationOf(shard),
      })),
      sockets: engine.bound.map(({ address, port, method, requestedBufferBytes, grantedBufferBytes }) => ({
        address: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
        method,
        requestedBufferBytes,
        grantedBufferBytes,
      })),
      fileStore: engine.storeCounts,
      evidence: engine.evidenceCounts,
      clockSteps: this.clockSteps(),
      datasets: {
        values: engine.datasets.table.values,
        bytes: engine.datasets.table.usedBytes,
        refused: engine.datasets.table.refused,
      },
      hostBitsEvicted: engine.hostBits.evicted,
      hostTagsEvicted: engine.hostTags.evicted,
      adminRefusals: this.adminRefusals.all,
      ruleCounts: this.ruleCounts.read(Date.now()),
    };
  }
}
