/** How far a shard is, as the merge of its alerts asks it. Stage: dispatch; the main thread's look at rings. */
import type { FrameRingObserver } from './ring.js';
import type { SequenceWords } from './task.js';

/**
 * The sequence number below which every frame that goes to the shard is done; `observers` are its rings, one per
 * dispatcher. The published number is read before the ring is looked at: what is written in between is not below it.
 */
export function watermarkOf(observers: readonly FrameRingObserver[], sequence: SequenceWords): number {
  let least = Infinity;
  for (let dispatcher = 0; dispatcher < observers.length; dispatcher++) {
    const published = sequence.published(dispatcher);
    least = Math.min(least, observers[dispatcher].headSeq() ?? published);
  }
  return least;
}
