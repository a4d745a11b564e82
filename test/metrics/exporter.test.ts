import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/metrics/definitions.js';
import { Exporter } from '../../src/metrics/exporter.js';
import { applicationCountAt } from '../../src/app/application-stats.js';
import { applicationId } from '../../src/app/applications.js';
import { APPLICATION_SLOT, DISPATCHER_SLOTS, DROP_REASONS, SHARD_SLOTS } from '../../src/counters/names.js';
import { noStats } from '../../src/output/sink.js';
import { IdleSensor } from '../support/idle-sensor.js';
import { hasPromtool, promtool } from '../support/promtool.js';

/** Samples by name and labels. */
async function samples(exporter: Exporter): Promise<Map<string, number>> {
  const lines = (await exporter.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

const exporterOf = (sensor = new IdleSensor()): Exporter =>
  new Exporter(sensor, { version: '1.2.3', processMetrics: false });

describe('metrics', () => {
  it('are all there, with 0, before anything has happened', async () => {
    const values = await samples(exporterOf());
    for (const { stage, reason } of DROP_REASONS)
      expect(values.get(`periscope_dropped_packets_total{stage="${stage}",reason="${reason}"}`)).toBe(0);
    for (const name of [
      'received_packets_total',
      'inspected_packets_total',
      'flows_active',
      'alerts_total{severity="1",action="alert"}',
      'alerts_total{severity="other",action="drop"}',
      'pending_packets{place="rings"}',
      'stream_gap_bytes_total',
      'rules{state="quarantined"}',
      'alerts_dropped_total{reason="output"}',
      'reloads_total{result="failure"}',
      'admin_refused_total{reason="pipelining"}',
      'alert_latency_seconds_count',
    ]) {
      expect(values.get(`periscope_${name}`), name).toBe(0);
    }
    expect(values.get(`periscope_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1);
  });

  it("follow Prometheus's naming: counters end in _total, times in seconds, sizes in bytes", () => {
    for (const { name, kind } of METRICS) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
      expect(name).not.toMatch(/_(ms|us|millis|micros|kb|mb)(_|$)/);
    }
    expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length);
  });

  it('count by application protocol', async () => {
    const sensor = new IdleSensor();
    sensor.shard[APPLICATION_SLOT + applicationCountAt('flows', applicationId('tls'))] = 3;
    sensor.shard[APPLICATION_SLOT + applicationCountAt('gapBytes', 0)] = 4;
    const values = await samples(exporterOf(sensor));
    expect(values.get('periscope_app_flows_total{protocol="tls"}')).toBe(3);
    expect(values.get('periscope_app_gap_bytes_total{protocol="unknown"}')).toBe(4);
    expect(values.get('periscope_app_connections_refused_total{protocol="socks"}')).toBe(0);
  });

  it('tell the share of events that is lost, whatever they are of', async () => {
    const sensor = new IdleSensor();
    sensor.shard[SHARD_SLOTS.candidates] = 94;
    sensor.shard[APPLICATION_SLOT + applicationCountAt('eventsDropped', applicationId('tls'))] = 5;
    sensor.shard[SHARD_SLOTS.flowEventsDropped] = 1;
    sensor.extra = { output: { ...noStats(), pendingBytes: 0, lines: 90, lost: 4 } };
    const values = await samples(exporterOf(sensor));
    expect(values.get('periscope_loss_part_ratio{part="output"}')).toBe(0.1);
    expect(values.get('periscope_loss_ratio')).toBeCloseTo(0.1, 10);
  });

  it('show the counters as they are at each scrape', async () => {
    const sensor = new IdleSensor();
    const exporter = exporterOf(sensor);
    sensor.dispatcher[DISPATCHER_SLOTS.receivedPackets] = 10;
    sensor.dispatcher[DISPATCHER_SLOTS.routedPackets] = 9;
    sensor.dispatcher[DISPATCHER_SLOTS.pendingFragments] = 1;
    sensor.shard[SHARD_SLOTS.inspectedPackets] = 7;
    sensor.extra = {
      vnis: [
        { vni: 42, packets: 3, bytes: 300, lastSeenUs: 1_700_000_000_500_000 },
        { vni: -1, packets: 1, bytes: 1, lastSeenUs: 0 },
      ],
      shards: [
        { up: true, busySeconds: 1.5, ringFill: 0.25, restarts: 0, generation: 0 },
        { up: false, busySeconds: 0, ringFill: 0, restarts: 2, generation: 0 },
      ],
      datasets: { values: 11, bytes: 704, refused: 12 },
      hostBitsEvicted: 8,
      hostTagsEvicted: 9,
      ruleCounts: [{ gid: '1', sid: '2001', alerts: 5 }],
    };
    const first = await samples(exporter);
    expect(Object.fromEntries(first)).toMatchObject({
      periscope_received_packets_total: 10,
      'periscope_pending_packets{place="rings"}': 2,
      'periscope_pending_packets{place="fragments"}': 1,
      'periscope_vni_packets_total{vni="42"}': 3,
      'periscope_vni_packets_total{vni="other"}': 1,
      'periscope_vni_last_seen_timestamp_seconds{vni="42"}': 1_700_000_000.5,
      'periscope_shard_busy_seconds_total{shard="0"}': 1.5,
      'periscope_shard_up{shard="1"}': 0,
      'periscope_rule_alerts_total{gid="1",sid="2001"}': 5,
      periscope_dataset_values: 11,
      periscope_dataset_bytes: 704,
      periscope_dataset_values_refused_total: 12,
      periscope_host_marks_evicted_total: 8,
      periscope_host_tags_evicted_total: 9,
      'periscope_receive_buffer_bytes{address="0.0.0.0:4789"}': 8,
    });
    sensor.dispatcher[DISPATCHER_SLOTS.receivedPackets] = 11;
    sensor.extra = {};
    const second = await samples(exporter);
    expect(second.get('periscope_received_packets_total')).toBe(11);
    expect(second.has('periscope_vni_packets_total{vni="42"}')).toBe(false);
  });

  it('have a histogram of the time from receipt to alert', async () => {
    const exporter = exporterOf();
    exporter.observeLatency(0.004);
    exporter.observeLatency(-1);
    const values = await samples(exporter);
    expect(values.get('periscope_alert_latency_seconds_bucket{le="0.0025"}')).toBe(1);
    expect(values.get('periscope_alert_latency_seconds_bucket{le="0.005"}')).toBe(2);
  });

  it('keep the usual names for the process', async () => {
    const text = await new Exporter(new IdleSensor(), { version: '1' }).render();
    expect(text).toContain('\nprocess_cpu_seconds_total ');
    expect(text).toContain('\nnodejs_version_info');
  });

  it.skipIf(!hasPromtool)('satisfy promtool', async () => {
    const exporter = new Exporter(new IdleSensor(), { version: '1' });
    expect(promtool(['check', 'metrics'], await exporter.render())).toEqual({ status: 0, said: '' });
  });
});
