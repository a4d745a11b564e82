/**
 * Fetches the sensor's rules now and then, each time on a thread of its own, and asks for a reload where there are new
 * ones. What comes of it is logged and counted; where anything fails, the rules in use stay.
 *
 * Times are spread by a tenth, so that the sensors of a fleet do not ask at once. After a failure the next try comes
 * after a tenth of the time, a minute at least. An update that takes too long is ended.
 */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config/schema.js';
import { tenantsOf } from '../config/tenants.js';
import { restorePrevious } from '../load/install-rules.js';
import { rulesFolder, type UpdateRequest } from '../load/rule-update.js';
import type { UpdateMessage } from '../load/update-thread.js';
import type { UpdateState } from '../metrics/snapshot.js';
import type { Logger } from '../util/logger.js';
import { version } from './version.js';
import { programFile } from '../util/program-folder.js';

export interface RuleUpdateOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Loads rules anew. @returns whether they are in use. */
  readonly reload: () => Promise<boolean>;
  /** From 0 to below 1. */
  readonly random?: () => number;
  /** Runs one update. */
  readonly update?: (request: UpdateRequest) => Promise<UpdateMessage>;
}

/** The largest archive there may be; ET Open has 5 MB, ET Pro and Talos some 20. */
export const MAXIMUM_ARCHIVE_BYTES = 128 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 120_000;
/** Of one update, with all that it compiles. */
const UPDATE_TIMEOUT_MS = 900_000;
const SPREAD = 0.1;
/** How soon after the start the first one comes, at most. */
const FIRST_SECONDS = 60;
const LEAST_RETRY_SECONDS = 60;
const RETRY_SHARE = 0.1;

export class RuleUpdates {
  private readonly options: RuleUpdateOptions;
  private readonly random: () => number;
  private config: Config;
  private timer: NodeJS.Timeout | undefined;
  private worker: Worker | undefined;
  private closed = false;
  private readonly counts = { success: 0, unchanged: 0, failure: 0 };
  private lastSuccess = true;
  private lastGoodSeconds = 0;

  constructor(options: RuleUpdateOptions) {
    this.options = options;
    this.config = options.config;
    this.random = options.random ?? Math.random;
  }

  /** Undefined where no rules are fetched. */
  get state(): UpdateState | undefined {
    if (this.config.update.sources.length === 0) return undefined;
    return { counts: { ...this.counts }, lastSuccess: this.lastSuccess, lastGoodSeconds: this.lastGoodSeconds };
  }

  /** Without a set from before, the first update is at once. */
  start(): void {
    const { sources, directory } = this.config.update;
    if (sources.length > 0) this.plan(existsSync(rulesFolder(directory)) ? this.random() * FIRST_SECONDS : 0);
  }

  /** What a reload takes over holds from the next update on. */
  use(config: Config): void {
    const wasOff = this.config.update.sources.length === 0;
    this.config = config;
    if (config.update.sources.length === 0) clearTimeout(this.timer);
    else if (wasOff) this.start();
  }

  /** Ends an update that is under way: until its last step nothing has changed. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.worker?.terminate();
  }

  /** One update. @returns seconds until the next. */
  async run(): Promise<number> {
    const request = requestOf(this.config);
    const result = await (this.options.update ?? ((each) => this.onThread(each)))(request);
    const isGood = !this.closed && (await this.take(result));
    const { every } = this.config.update;
    const seconds = isGood ? every : Math.min(every, Math.max(LEAST_RETRY_SECONDS, every * RETRY_SHARE));
    return seconds * (1 + SPREAD * (2 * this.random() - 1));
  }

  private plan(seconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.runAndPlan(), seconds * 1000).unref();
  }

  private async runAndPlan(): Promise<void> {
    const seconds = await this.run();
    if (!this.closed && this.config.update.sources.length > 0) this.plan(seconds);
  }

  /** @returns whether the rules in use are those of all sources, as they are now. */
  private async take(result: UpdateMessage): Promise<boolean> {
    const { log } = this.options;
    if (result.kind === 'failed' || result.kind === 'refused') return this.fail(result.reason);
    for (const problem of result.problems) log.warn(`rules of a source stay as they were: ${problem}`);
    if (result.kind === 'installed') {
      const { loaded, failed, listed } = result;
      log.info({ loaded, failed, ...listed }, 'new rules are fetched and checked: loading them');
      if (!(await this.options.reload())) {
        const isBack = restorePrevious(rulesFolder(this.config.update.directory));
        return this.fail(`they could not be loaded${isBack ? ', and those before are back' : ''}`);
      }
      this.counts.success++;
    } else {
      log.info('the rules that are fetched have not changed');
      this.counts.unchanged++;
    }
    this.lastSuccess = result.problems.length === 0;
    if (this.lastSuccess) this.lastGoodSeconds = Date.now() / 1000;
    return this.lastSuccess;
  }

  private fail(reason: string): false {
    this.counts.failure++;
    this.lastSuccess = false;
    this.options.log.error(`an update of the rules has failed, those in use stay as they are: ${reason}`);
    return false;
  }

  private onThread(request: UpdateRequest): Promise<UpdateMessage> {
    const script = programFile('load/update-thread.js');
    const worker = new Worker(script, { workerData: request, name: 'update' });
    this.worker = worker;
    const timer = setTimeout(() => void worker.terminate(), UPDATE_TIMEOUT_MS).unref();
    return new Promise<UpdateMessage>((resolve) => {
      const failed = (reason: string): void => resolve({ kind: 'failed', reason });
      worker.once('message', resolve);
      worker.once('error', (error) => failed(error.message));
      worker.once('exit', () => failed('it was ended, or took too long'));
    }).finally(() => {
      clearTimeout(timer);
      this.worker = undefined;
    });
  }
}

function requestOf(config: Config): UpdateRequest {
  const { update, vars, classificationFile, referenceFile } = config;
  const { sources, directory, enable, disable, modify, drop } = update;
  return {
    sources,
    directory,
    lists: { enable, disable, modify, drop },
    failures: config.reload.maxFailedPercent / 100,
    fetching: {
      timeoutMs: FETCH_TIMEOUT_MS,
      maximumBytes: MAXIMUM_ARCHIVE_BYTES,
      userAgent: `periscope/${version()}`,
    },
    settings: { variables: vars, tenants: tenantsOf(config), classificationFile, referenceFile, data: config },
  };
}
