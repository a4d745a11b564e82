/**
 * Warms a shard's thread up while rules are loaded: piscina's task before the shard's own. Stage: shard, before it
 * starts.
 */
import { WARM_UP, type WarmUpTask } from './task.js';

/** @returns frames that were inspected. Throws where what it works with is not there. */
export async function warmUp(task: WarmUpTask): Promise<number> {
  const words = new Int32Array(task.words);
  const until = performance.now() + task.milliseconds;
  const isOver = (): boolean => Atomics.load(words, WARM_UP.stop) !== 0 || performance.now() >= until;
  // Most of the time goes into loading modules, which the shard needs as well.
  await import('../shard/worker.js');
  if (isOver()) return 0;
  const { UnseenShard } = await import('./unseen-shard.js');
  return isOver() ? 0 : new UnseenShard(task.options).run(isOver);
}
