/**
 * The loader's thread: reads and compiles rules, puts the block into a new shared memory, says what came of it. Stage:
 * load.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { buildRuleSet } from './build-rule-set.js';
import type { LoadRequest } from './loader.js';

parentPort?.postMessage(buildRuleSet(workerData as LoadRequest));
