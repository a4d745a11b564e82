/**
 * Watches a run from a thread of its own: where an input has not ended after so long, it is saved, and the process
 * ends, as nothing else ends a loop.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { decodeInput, encodeInput, type FuzzInput } from './fuzz-input.js';
import { FuzzStore } from './fuzz-store.js';

const MOST_BYTES = 4 << 20;
const HANG_MS = 180_000;
const LOOK_MS = 5000;

interface WatchTask {
  readonly memory: SharedArrayBuffer;
  readonly directory: string;
  readonly target: string;
  readonly command: string;
}

/** The number of the input, its length as text, and the text. */
const WORDS = 2;

export class Watchdog {
  private readonly memory = new SharedArrayBuffer(4 * WORDS + MOST_BYTES);
  private readonly words = new Int32Array(this.memory, 0, WORDS);
  private readonly text = Buffer.from(this.memory, 4 * WORDS);
  private readonly worker: Worker;

  constructor(directory: string, target: string, command: string) {
    const workerData: WatchTask = { memory: this.memory, directory, target, command };
    this.worker = new Worker(new URL('./watchdog.js', import.meta.url), { workerData });
    this.worker.unref();
  }

  begin(input: FuzzInput): void {
    this.words[1] = this.text.write(encodeInput(input));
    Atomics.add(this.words, 0, 1);
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

function watch({ memory, directory, target, command }: WatchTask): void {
  const words = new Int32Array(memory, 0, WORDS);
  let seen = -1;
  let since = Date.now();
  setInterval(() => {
    const now = Atomics.load(words, 0);
    if (now !== seen) {
      seen = now;
      since = Date.now();
      return;
    }
    if (Date.now() - since < HANG_MS) return;
    const text = Buffer.from(Buffer.from(memory, 4 * WORDS, words[1])).toString();
    const path = new FuzzStore(directory, target).crash(decodeInput(text), `has not ended after ${HANG_MS / 1000} s`);
    process.stderr.write(`${target}: an input does not end: ${command} ${path}\n`);
    process.kill(process.pid, 'SIGKILL');
  }, LOOK_MS);
}

if (!isMainThread && workerData !== null && 'directory' in (workerData as object)) watch(workerData as WatchTask);
