/**
 * Preloaded into a process that is measured (`--import`): on SIGUSR2 and at the end it writes to $BENCH_COST_FILE what
 * the process has cost so far and, since the last SIGUSR2, the longest time in which the main thread's event loop did
 * not turn: by the clock, and as the time that the thread itself ran, which a busy machine does not make longer.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { peakResidentBytes } from '../../build/util/peak-memory.js';

/** Milliseconds that this thread has had a core; 0 where /proc does not tell. */
function ranMs() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

function watch(file) {
  const longest = { gapMs: 0, turnMs: 0 };
  let [at, ran] = [performance.now(), ranMs()];
  const turn = () => {
    const [now, nowRan] = [performance.now(), ranMs()];
    longest.gapMs = Math.max(longest.gapMs, now - at);
    longest.turnMs = Math.max(longest.turnMs, nowRan - ran);
    [at, ran] = [now, nowRan];
    setTimeout(turn, 1).unref();
  };
  turn();
  const write = () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(
      `${file}.part`,
      JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, maxRssMB: peakResidentBytes() / 1e6, ...longest }),
    );
    renameSync(`${file}.part`, file);
    Object.assign(longest, { gapMs: 0, turnMs: 0 });
  };
  process.on('SIGUSR2', write).on('exit', write);
}

const file = process.env.BENCH_COST_FILE;
if (isMainThread && file !== undefined) watch(file);
