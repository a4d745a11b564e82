/**
 * Loading rules on a thread of its own: from paths to a compiled rule set in shared memory. Stage: load, main thread's
 * side.
 *
 * The event loop of the main thread is never blocked, however many rules there are. A load that fails leaves the rules
 * in use as they are.
 */
import { Worker } from 'node:worker_threads';
import type { RuleSetHandle } from '../block/rule-set-handle.js';
import type { ThresholdConfig } from '../block/terms.js';
import type { CacheInputs } from './cache-key.js';
import type { Findings } from './findings.js';
import { programFile } from '../util/program-folder.js';

export interface LoadRequest extends CacheInputs {
  /** Empty for none. */
  readonly thresholdFile: string;
  /** Where compiled rule sets are kept between starts; nowhere when empty or left out. */
  readonly cacheDirectory?: string;
  readonly generation: number;
}

/** What came of a load. Bounded, whatever the rules are: it is cloned into the main thread. */
export interface RuleReport extends Findings {
  /** Waiting ones included. */
  readonly loaded: number;
  /** Rules that wait for an application protocol, in all and by protocol. */
  readonly waitingRules: number;
  readonly waiting: ReadonlyMap<string, number>;
  readonly failed: number;
  readonly files: number;
  readonly seconds: number;
  /** Compiled before, and taken from the cache. */
  readonly cached: boolean;
}

export interface LoadedRules {
  readonly handle: RuleSetHandle;
  readonly report: RuleReport;
  readonly thresholds: ThresholdConfig;
}

/**
 * Rejects only where the loader itself fails (out of memory), or is given up by `signal`; whatever is wrong with files
 * is in the report.
 */
export function loadOnThread(request: LoadRequest, signal?: AbortSignal): Promise<LoadedRules> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(programFile('load/loader-thread.js'), { workerData: request, name: 'loader' });
    worker.once('message', resolve);
    worker.once('error', reject);
    const giveUp = (): void => {
      reject(new Error('the load was given up'));
      void worker.terminate();
    };
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp);
    worker.once('exit', () => signal?.removeEventListener('abort', giveUp));
    worker.once('exit', (code) => reject(new Error(`the rule loader ended with code ${code}`)));
  });
}
