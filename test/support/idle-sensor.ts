/** What a sensor that has just started tells the exporter: nothing has happened yet. */
import { AdminRefusals } from '../../src/metrics/admin-refusals.js';
import { DISPATCHER_LAYOUT, ENGINE_LAYOUT, SHARD_LAYOUT } from '../../src/counters/names.js';
import type { MetricsSnapshot, MetricsSource } from '../../src/metrics/snapshot.js';
import { EveWriter } from '../../src/output/eve.js';
import { noStats } from '../../src/output/sink.js';

export class IdleSensor implements MetricsSource {
  readonly dispatcher = new Float64Array(DISPATCHER_LAYOUT.size);
  readonly shard = new Float64Array(SHARD_LAYOUT.size);
  readonly engine = new Float64Array(ENGINE_LAYOUT.size);
  extra: Partial<MetricsSnapshot> = {};

  snapshot(): MetricsSnapshot {
    return {
      ready: false,
      totals: this,
      vnis: [],
      vnisReplaced: 0,
      vniNames: [],
      lateEvents: 0,
      anomaliesWithheld: 0,
      lostLogLines: 0,
      alerts: new EveWriter({ write: () => true }).alertCounts(),
      thresholds: { suppressed: 0, filtered: 0, evicted: 0, entries: 0 },
      output: { ...noStats(), pendingBytes: 0 },
      outputs: [{ name: '-', up: true, pendingBytes: 0, stats: noStats() }],
      rules: { loaded: 0, waiting: 0, failed: 0, quarantined: 0, generation: 0, faults: { stalled: 0, threw: 0 } },
      reload: { succeeded: 0, failed: 0, lastSuccess: false, lastTimeSeconds: 0, lastDurationSeconds: 0 },
      shards: [{ up: true, busySeconds: 0, ringFill: 0, restarts: 0, generation: 0 }],
      sockets: [{ address: '0.0.0.0:4789', method: 'recvmmsg', requestedBufferBytes: 16, grantedBufferBytes: 8 }],
      datasets: { values: 0, bytes: 0, refused: 0 },
      hostBitsEvicted: 0,
      hostTagsEvicted: 0,
      adminRefusals: new AdminRefusals().all,
      ruleCounts: [],
      ...this.extra,
    };
  }

  notReady(): readonly string[] {
    return [];
  }
}
