/**
 * Preloaded into the sensor of the soak (`--import`). On SIGWINCH, which the sensor does not use, it ends the thread of
 * a shard, another one each time. Each second it writes to $SOAK_FILE how many it has ended, and the longest time that
 * the main thread ran without turning its event loop in that second, which a busy machine does not make longer.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const LOOK_MS = 5;
const WRITE_MS = 1000;

const ranMs = () => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;

/** Keeps the threads that piscina starts: those of shards, the longest alive first. */
function keepShards() {
  const threads = createRequire(import.meta.url)('node:worker_threads');
  const shards = [];
  threads.Worker = class extends threads.Worker {
    constructor(script, options) {
      super(script, options);
      if (!String(script).includes('piscina')) return;
      shards.push(this);
      this.once('exit', () => shards.splice(shards.indexOf(this), 1));
    }
  };
  syncBuiltinESMExports();
  return shards;
}

function watch(file) {
  const shards = keepShards();
  let [ended, longestMs, ran] = [0, 0, ranMs()];
  process.on('SIGWINCH', () => {
    if (shards.length === 0) return;
    ended++;
    void shards[0].terminate();
  });
  setInterval(() => {
    const now = ranMs();
    longestMs = Math.max(longestMs, now - ran);
    ran = now;
  }, LOOK_MS).unref();
  setInterval(() => {
    writeFileSync(`${file}.part`, JSON.stringify({ ended, longestMs }));
    renameSync(`${file}.part`, file);
    longestMs = 0;
  }, WRITE_MS).unref();
}

const file = process.env.SOAK_FILE;
if (isMainThread && file !== undefined) watch(file);
