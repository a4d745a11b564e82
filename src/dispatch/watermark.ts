/** How far a shard is, as the merge of its alerts asks it. Stage: dispatch; the main thread's look at rings. */
import type { FrameRingObserver } from '../ring/frame-ring.js';
import type { SequenceWords } from './task.js';

/**
 * The sequence number below which every frame that goes to the shard is done; `observers` are its rings, one per
 * dispatcher. The counter is read before what is published (`SequenceWords` says why), and that before the ring is
 * looked at: what is written in between is not below it. It may step back, from the counter to what a dispatcher that
 * has become busy says; each of the two holds from the moment at which it was read.
 */
export function watermarkOf(observers: readonly FrameRingObserver[], sequence: SequenceWords): number {
  const next = sequence.next;
  let least = Infinity;
  for (let dispatcher = 0; dispatcher < observers.length; dispatcher++) {
    const published = sequence.published(dispatcher, next);
    least = Math.min(least, observers[dispatcher].headSeq() ?? published);
  }
  return least;
}
