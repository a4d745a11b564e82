/**
 * The admin port: /metrics (Prometheus), /healthz (alive), /readyz (ready, or why not). Stage: metrics, main thread.
 *
 * Nothing is counted here but the time from receipt to alert: at each scrape one snapshot is taken and every metric is set
 * from it. Metrics of the process and of Node keep the names that dashboards know them by, without our prefix.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricDefinition } from './definitions.js';
import type { MetricsSnapshot, MetricsSource } from './snapshot.js';

export const METRIC_PREFIX = 'periscope_';

export interface ExporterOptions {
  readonly version: string;
  /** Metrics of the process and of Node; true when left out. */
  readonly processMetrics?: boolean;
}

/** Milliseconds to ten seconds: what is slower is late by any measure. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const PATHS = ['/metrics', '/healthz', '/readyz'];

export class Exporter {
  private readonly source: MetricsSource;
  private readonly registry = new Registry();
  private readonly latency: Histogram;
  private readonly server: Server;
  private snapshot: MetricsSnapshot | undefined;
  private rendering: Promise<unknown> = Promise.resolve();

  constructor(source: MetricsSource, options: ExporterOptions) {
    this.source = source;
    for (const definition of METRICS) this.register(definition);
    const registers = [this.registry];
    this.latency = new Histogram({ name: `${METRIC_PREFIX}alert_latency_seconds`, help: 'Time from the receipt of a packet to its alert.', buckets: LATENCY_BUCKETS, registers });
    const info = new Gauge({ name: `${METRIC_PREFIX}build_info`, help: 'Version of the sensor and of Node.', labelNames: ['version', 'node'], registers });
    info.set({ version: options.version, node: process.version }, 1);
    if (options.processMetrics !== false) collectDefaultMetrics({ register: this.registry });
    this.server = createServer((request, response) => void this.respond(request, response));
  }

  /** Notes how long an alert took from the receipt of its packet. */
  observeLatency(seconds: number): void {
    this.latency.observe(Math.max(0, seconds));
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

  /** Listens. @returns the port, of use where 0 was asked for. Rejects with a message for people. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(listenProblem(host, port, error), { cause: error })));
      this.server.listen(port, host, () => {
        this.server.removeAllListeners('error');
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
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

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'only GET and HEAD\n');
      await this.answer((request.url ?? '/').split('?')[0], response);
    } catch (error) {
      send(response, 500, 'text/plain', `${String(error)}\n`);
    }
  }

  private async answer(path: string, response: ServerResponse): Promise<void> {
    if (path === '/healthz') return send(response, 200, 'text/plain', 'ok\n');
    if (path === '/metrics') return send(response, 200, this.registry.contentType, await this.render());
    if (path === '/readyz') {
      const reasons = this.source.notReady();
      return send(response, reasons.length === 0 ? 200 : 503, 'application/json', `${JSON.stringify({ ready: reasons.length === 0, reasons })}\n`);
    }
    send(response, 404, 'text/plain', `nothing here; try ${PATHS.join(', ')}\n`);
  }
}

/** The body of an answer to HEAD is left out by Node. */
function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function listenProblem(host: string, port: number, error: NodeJS.ErrnoException): string {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where} is in use: another sensor, or set another address with --admin`;
    case 'EACCES':
      return `${where} may not be used without privileges: set a port above 1023 with --admin`;
    case 'EADDRNOTAVAIL':
      return `${where} is no address of this machine`;
    default:
      return `${where}: ${error.message}`;
  }
}
