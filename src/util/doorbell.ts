/**
 * How a producer wakes a consumer thread that has gone to sleep, without a system call while it is awake.
 *
 * Two shared words: a sequence that waiting threads wait on, and whether the consumer sleeps. The consumer says that it
 * sleeps, looks once more, then waits; the producer publishes, then looks whether it sleeps: one of them sees the other.
 */
export const DOORBELL_BYTES = 8;
const SEQUENCE = 0;
const SLEEPING = 1;

export class Doorbell {
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer, byteOffset = 0) {
    this.words = new Int32Array(memory, byteOffset, 2);
  }

  /** Producer: wakes the consumer if it sleeps. Call after publishing. */
  ring(): void {
    if (Atomics.load(this.words, SLEEPING) === 0) return;
    Atomics.add(this.words, SEQUENCE, 1);
    Atomics.notify(this.words, SEQUENCE);
  }

  /** Consumer: says that it is going to sleep; look for work once more before `sleep`. @returns the token for `sleep`. */
  prepare(): number {
    const token = Atomics.load(this.words, SEQUENCE);
    Atomics.store(this.words, SLEEPING, 1);
    return token;
  }

  /** Consumer: sleeps until the bell rings or `timeoutMs` is over. */
  sleep(token: number, timeoutMs: number): void {
    Atomics.wait(this.words, SEQUENCE, token, timeoutMs);
    Atomics.store(this.words, SLEEPING, 0);
  }

  /** Consumer: there was work after all. */
  cancel(): void {
    Atomics.store(this.words, SLEEPING, 0);
  }
}

const NAP = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread for `ms` milliseconds (not the main thread). */
export function nap(ms: number): void {
  Atomics.wait(NAP, 0, 0, ms);
}
