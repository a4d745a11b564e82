/**
 * The admin port: /metrics (Prometheus), /healthz (alive) and /readyz (ready, or why not). Stage: metrics, main thread.
 *
 * HTTP has a thread of its own, so that no stranger's request takes time from alerts, or descriptors and memory beyond
 * its bounds. The main thread answers its questions; alerts go before scrapes.
 */
import { Worker } from 'node:worker_threads';
import { freeDescriptors } from '../util/descriptors.js';
import type { AdminRefusals } from './admin-refusals.js';
import { ADMIN_LIMITS, type AdminAction, type AdminAnswer, type AdminQuestion, type Identity } from './admin-server.js';
import type { AdminMessage, AdminReply, AdminTask } from './admin-thread.js';
import type { Exporter } from './exporter.js';
import { Scrapes } from './scrapes.js';
import type { MetricsSource } from './snapshot.js';
import { programFile } from '../util/program-folder.js';

export interface AdminPortOptions {
  readonly exporter: Pick<Exporter, 'render' | 'contentType'>;
  readonly source: Pick<MetricsSource, 'notReady'>;
  /** Writes the alerts that can be written, for a bounded time. */
  readonly writeAlerts: () => Promise<void>;
  readonly refusals: AdminRefusals;
  /** What a request to do something must bring; '' where there is none. */
  readonly token: string;
  /** For TLS; undefined for none. */
  readonly identity: Identity | undefined;
  readonly onAction: (action: AdminAction) => void;
  /** Descriptors that are to be left for everything else. */
  readonly reservedDescriptors: number;
  /** The thread has ended, and is started again. */
  readonly onRestart: (error: Error) => void;
}

const RESTART_MS = 1000;
const MIN_CONNECTIONS = 4;
/** For the thread; answers of some hundred kilobytes and 32 connections need a tenth. */
const HEAP_MEGABYTES = 64;

export class AdminPort {
  private readonly options: AdminPortOptions;
  private readonly scrapes: Scrapes;
  /** What a thread that ends is started again with. */
  private bound: AdminTask | undefined;
  private worker: Worker | undefined;
  private closing = false;

  constructor(options: AdminPortOptions) {
    this.options = options;
    const { exporter, writeAlerts } = options;
    this.scrapes = new Scrapes({ render: () => exporter.render(), writeAlerts });
  }

  /** Listens. @returns the port, of use where 0 was asked for. Rejects with a message for people. */
  async listen(host: string, port: number): Promise<number> {
    const free = (freeDescriptors() ?? Infinity) - this.options.reservedDescriptors;
    const connections = Math.max(MIN_CONNECTIONS, Math.min(ADMIN_LIMITS.connections, free));
    const { refusals, token, identity } = this.options;
    const task = { host, port, connections, refusals: refusals.memory, token, identity };
    this.bound = { ...task, port: await this.start(task) };
    return this.bound.port;
  }

  /** Another certificate and key, which must belong together, for connections from now on. */
  identify(identity: Identity): void {
    if (this.bound === undefined) return;
    this.bound = { ...this.bound, identity };
    this.worker?.postMessage(identity);
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.worker?.terminate();
  }

  private start(task: AdminTask): Promise<number> {
    const resourceLimits = { maxOldGenerationSizeMb: HEAP_MEGABYTES, maxYoungGenerationSizeMb: 16 };
    const script = programFile('metrics/admin-thread.js');
    const worker = new Worker(script, { workerData: task, name: 'admin', resourceLimits });
    this.worker = worker;
    let failure: Error | undefined;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: AdminMessage) => {
        if (message.kind === 'bound') resolve(message.port);
        else if (message.kind === 'failed') failure = new Error(message.message);
        else void this.reply(worker, message.path);
      });
      worker.on('error', (error) => (failure = error));
      worker.on('exit', (code) => {
        const error = failure ?? new Error(`the admin thread ended with code ${code}`);
        reject(error);
        this.restart(error);
      });
    });
  }

  /** Of a thread that has listened once; that it cannot is for the caller of `listen` to hear. */
  private restart(error: Error): void {
    const { bound } = this;
    if (this.closing || bound === undefined) return;
    this.options.onRestart(error);
    setTimeout(() => {
      if (!this.closing) this.start(bound).catch(() => undefined);
    }, RESTART_MS).unref();
  }

  private async reply(worker: Worker, path: AdminQuestion): Promise<void> {
    const failed = (error: unknown): AdminAnswer => ({ status: 500, type: 'text/plain', body: `${String(error)}\n` });
    const answer = await this.answer(path).catch(failed);
    const reply: AdminReply = { path, answer };
    worker.postMessage(reply);
  }

  private async answer(path: AdminQuestion): Promise<AdminAnswer> {
    if (path === '/healthz') return { status: 200, type: 'text/plain', body: 'ok\n' };
    if (path === '/-/reload' || path === '/-/reopen') {
      this.options.onAction(path);
      return { status: 202, type: 'application/json', body: `{"${path.slice(3)}":"asked for"}\n` };
    }
    if (path === '/metrics')
      return { status: 200, type: this.options.exporter.contentType, body: await this.scrapes.take() };
    const reasons = this.options.source.notReady();
    const ready = reasons.length === 0;
    return { status: ready ? 200 : 503, type: 'application/json', body: `${JSON.stringify({ ready, reasons })}\n` };
  }
}
