/**
 * Locks of single words in shared memory, for tables that several threads change: 0 is free. Hold them for microseconds, and
 * never two of a kind. Allocates nothing.
 *
 * A lock that is not given back within half a second was that of a thread that died, and is taken over; what it guards must be
 * changed so that it may be left at any point.
 */

const SPINS = 1000;
const WAIT_MS = 1;
const WAITS = 500;

export function lockWord(words: Int32Array, at: number): void {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.compareExchange(words, at, 0, 1) === 0) return;
  // Its holder may be waiting for this very processor.
  for (let wait = 0; wait < WAITS; wait++) {
    Atomics.wait(words, at, 1, WAIT_MS);
    if (Atomics.compareExchange(words, at, 0, 1) === 0) return;
  }
}

export function unlockWord(words: Int32Array, at: number): void {
  Atomics.store(words, at, 0);
}
