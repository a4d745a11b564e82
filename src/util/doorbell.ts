/**
 * How a producer wakes a consumer thread that has gone to sleep, without a system call while it is awake.
 *
 * Two shared words: a sequence that waiting threads wait on, and whether the consumer sleeps. The consumer says that it
 * sleeps, looks once more, then waits; the producer publishes, then looks whether it sleeps: one of them sees the
 * other. A consumer that holds work which must wait for others asks to be told of their progress, too.
 */
export const DOORBELL_BYTES = 8;
const SEQUENCE = 0;
const SLEEPING = 1;
/** What `SLEEPING` says: not at all; until there is work; until there is work, or progress. */
const AWAKE = 0;
const FOR_WORK = 1;
const FOR_PROGRESS = 2;
/** How a sleep ended that takes no thread. */
type Waking = 'ok' | 'not-equal' | 'timed-out';
/** Node 20 has it; the library of ES2023 does not know it yet. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(
    words: Int32Array,
    index: number,
    value: number,
    timeoutMs: number,
  ): { readonly value: Waking | Promise<Waking> };
};

export class Doorbell {
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer, byteOffset = 0) {
    this.words = new Int32Array(memory, byteOffset, 2);
  }

  /** Producer: wakes the consumer if it sleeps. Call after publishing. */
  ring(): void {
    if (Atomics.load(this.words, SLEEPING) !== AWAKE) this.wake();
  }

  /** Producer: what the consumer holds may be free to go. Wakes it if it waits for that. Call after publishing. */
  ringForProgress(): void {
    if (Atomics.load(this.words, SLEEPING) === FOR_PROGRESS) this.wake();
  }

  /**
   * Consumer: says that it is going to sleep; look for work once more before `sleep`. `holds` asks for progress, too.
   * @returns the token for `sleep`.
   */
  prepare(holds = false): number {
    const token = Atomics.load(this.words, SEQUENCE);
    Atomics.store(this.words, SLEEPING, holds ? FOR_PROGRESS : FOR_WORK);
    return token;
  }

  /** Consumer: sleeps until the bell rings or `timeoutMs` is over. */
  sleep(token: number, timeoutMs: number): void {
    Atomics.wait(this.words, SEQUENCE, token, timeoutMs);
    this.cancel();
  }

  /** As `sleep`, where the event loop must go on turning: resolves when the bell rings or `timeoutMs` is over. */
  async sleepAsync(token: number, timeoutMs: number): Promise<void> {
    await waitAsync(this.words, SEQUENCE, token, timeoutMs).value;
    this.cancel();
  }

  /** Consumer: there was work after all. */
  cancel(): void {
    Atomics.store(this.words, SLEEPING, AWAKE);
  }

  /** The first producer alone calls the system: the consumer counts as awake from then on. */
  private wake(): void {
    Atomics.store(this.words, SLEEPING, AWAKE);
    Atomics.add(this.words, SEQUENCE, 1);
    Atomics.notify(this.words, SEQUENCE);
  }
}

const NAP = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread for `ms` milliseconds (not the main thread). */
export function nap(ms: number): void {
  Atomics.wait(NAP, 0, 0, ms);
}
