/**
 * Loaded before a sensor, in all of its threads: faults that neither rules nor traffic can bring about. Each goes on
 * for as long as its file is in the folder FAULTS: with `shards-die` every shard ends as soon as it has nothing to do,
 * with `clock-ahead` the main thread's clock of the day is five seconds ahead. A search for the expression `stall`
 * never ends.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import './stalling-search.mjs';

const { wait } = Atomics;
const { now } = Date;
const has = (fault) => existsSync(join(process.env.FAULTS, fault));

if (isMainThread) Date.now = () => now() + (has('clock-ahead') ? 5000 : 0);
else
  Atomics.wait = (...args) => {
    if (has('shards-die') && new Error().stack.includes('/shard/worker.js')) throw new Error('a fault for a test');
    return wait(...args);
  };
