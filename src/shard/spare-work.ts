/**
 * What a shard's thread does with its time until the first frame comes. Stage: shard.
 *
 * Whoever has the thread before the shard leaves it here; the shard takes it, and knows nothing of what it is.
 */
export class SpareWork {
  private readonly work: () => void;
  private readonly milliseconds: number;
  private untilMs = Infinity;

  constructor(work: () => void, milliseconds: number) {
    this.work = work;
    this.milliseconds = milliseconds;
  }

  /** Does some of it. @returns whether there is more: until its time is over, or it fails, as nobody depends on it. */
  goOn(): boolean {
    if (this.untilMs === Infinity) this.untilMs = performance.now() + this.milliseconds;
    try {
      this.work();
    } catch {
      return false;
    }
    return performance.now() < this.untilMs;
  }
}

let left: SpareWork | undefined;

/** For the shard that runs next on this thread: `work`, which takes some milliseconds, again and again for a while. */
export function leaveSpareWork(work: () => void, milliseconds: number): void {
  left = new SpareWork(work, milliseconds);
}

/** What was left, once. */
export function takeSpareWork(): SpareWork | undefined {
  const work = left;
  left = undefined;
  return work;
}
