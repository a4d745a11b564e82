/**
 * Locks of single words in shared memory, for tables that several threads change. Hold them for microseconds. Allocates
 * nothing.
 *
 * The word is the owner's number, 0 when free. Whoever waits, waits until it is free, however long that takes: a thread
 * that is merely slow is still inside, and a second one beside it would see what is half changed. The locks of a thread
 * that died are freed by the one who knows that nothing of it runs any more (`freeLocksOf`). So what a lock guards must
 * be changed such that it may be left at any point.
 */

/** Of a table that one thread has for itself. */
export const SOLE_OWNER = 0x7fff_fffe;
/** The main thread hears of dead threads in its event loop: it must never wait for a lock (`tryLock`). */
export const MAIN_OWNER = 0x7fff_ffff;
export const ownerOfShard = (shard: number): number => shard + 1;

const SPINS = 1000;
const WAIT_MS = 1;

export class WordLocks {
  readonly owner: number;
  private readonly words: Int32Array;

  constructor(words: Int32Array, owner: number) {
    this.words = words;
    this.owner = owner;
  }

  /** Waits until the lock is ours. */
  lock(at: number): void {
    while (!this.tryLock(at)) {
      // Its holder may be waiting for this very processor.
      const holder = Atomics.load(this.words, at);
      if (holder !== 0) Atomics.wait(this.words, at, holder, WAIT_MS);
    }
  }

  /** @returns whether the lock is ours now; tries for some microseconds. */
  tryLock(at: number): boolean {
    for (let spin = 0; spin < SPINS; spin++)
      if (Atomics.compareExchange(this.words, at, 0, this.owner) === 0) return true;
    return false;
  }

  unlock(at: number): void {
    Atomics.compareExchange(this.words, at, this.owner, 0);
  }

  /**
   * Frees what `owner` holds of `count` locks, `stride` words apart from `first` on, once nothing of it runs any more.
   * @returns how many.
   */
  freeLocksOf(owner: number, first: number, stride: number, count: number): number {
    let freed = 0;
    for (let i = 0, at = first; i < count; i++, at += stride) {
      if (Atomics.compareExchange(this.words, at, owner, 0) === owner) freed++;
    }
    return freed;
  }
}

/** A table whose locks can be freed when one of its owners has died. */
export interface LockedTable {
  /** @returns how many locks were freed. */
  freeLocksOf(owner: number): number;
}
