/**
 * Warms a shard's thread up while rules are loaded: piscina's task before the shard's own. And behind it, until the
 * first frame comes. Stage: shard, before it starts.
 */
import { leaveSpareWork } from '../shard/spare-work.js';
import { zlibCalls } from '../util/zlib-calls.js';
import { WARM_UP, type WarmUpTask } from './task.js';
import type { UnseenShard } from './unseen-shard.js';

/** @returns frames that were inspected. Throws where what it works with is not there. */
export async function warmUp(task: WarmUpTask): Promise<number> {
  const words = new Int32Array(task.words);
  const until = performance.now() + task.loadingMs;
  const isOver = (): boolean => Atomics.load(words, WARM_UP.stop) !== 0 || performance.now() >= until;
  // Most of the time goes into loading modules, which the shard needs as well.
  await import('../shard/worker.js');
  if (isOver() && task.waitingMs === 0) return 0;
  const { UnseenShard } = await import('./unseen-shard.js');
  let shard: UnseenShard | undefined;
  const step = (): number => (shard ??= new UnseenShard(task.options)).step();
  let frames = 0;
  while (!isOver()) {
    frames += step();
    if (zlibCalls.areMany) await zlibCalls.cleanUp();
  }
  if (task.waitingMs > 0) leaveSpareWork(step, task.waitingMs);
  return frames;
}
