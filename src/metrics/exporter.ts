/**
 * All metrics as Prometheus reads them. Stage: metrics, main thread.
 *
 * Nothing is counted here but the time from receipt to alert: at each scrape one snapshot is taken and every metric is
 * set from it. Metrics of the process and of Node keep the names that dashboards know them by, without our prefix.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS } from './definitions.js';
import type { MetricDefinition } from './definition.js';
import type { MetricsSnapshot, MetricsSource } from './snapshot.js';

export const METRIC_PREFIX = 'periscope_';

export interface ExporterOptions {
  readonly version: string;
  /** Metrics of the process and of Node; true when left out. */
  readonly processMetrics?: boolean;
}

/** Milliseconds to ten seconds: what is slower is late by any measure. */
const LATENCY_BUCKETS = [0.001, 0.002, 0.0025, 0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/**
 * Gauges with names of counters, which checkers of metrics rightly refuse; those without `_total` say the same by kind.
 */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export class Exporter {
  private readonly source: MetricsSource;
  private readonly registry = new Registry();
  private readonly latency: Histogram;
  private snapshot: MetricsSnapshot | undefined;
  private rendering: Promise<unknown> = Promise.resolve();

  constructor(source: MetricsSource, options: ExporterOptions) {
    this.source = source;
    for (const definition of METRICS) this.register(definition);
    const registers = [this.registry];
    this.latency = new Histogram({
      name: `${METRIC_PREFIX}alert_latency_seconds`,
      help: 'Time from the receipt of a packet to its alert.',
      buckets: LATENCY_BUCKETS,
      registers,
    });
    const info = new Gauge({
      name: `${METRIC_PREFIX}build_info`,
      help: 'Version of the sensor and of Node.',
      labelNames: ['version', 'node'],
      registers,
    });
    info.set({ version: options.version, node: process.version }, 1);
    if (options.processMetrics === false) return;
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  /** Notes how long an alert took from the receipt of its packet. */
  observeLatency(seconds: number): void {
    this.latency.observe(Math.max(0, seconds));
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics in Prometheus's text format. One scrape after the other: each shows one snapshot. */
  async render(): Promise<string> {
    const rendering = this.rendering.then(() => {
      this.snapshot = this.source.snapshot();
      return this.registry.metrics();
    });
    this.rendering = rendering.catch(() => undefined);
    return await rendering;
  }

  private register({ name, kind, help, labels, samples }: MetricDefinition): void {
    const metric = new (kind === 'counter' ? Counter : Gauge)({
      name: METRIC_PREFIX + name,
      help,
      labelNames: labels,
      registers: [this.registry],
      collect: () => {
        if (this.snapshot === undefined) return;
        metric.reset();
        for (const sample of samples(this.snapshot)) metric.inc(sample.labels, sample.value);
      },
    });
  }
}
