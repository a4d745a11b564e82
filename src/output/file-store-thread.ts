/**
 * The main thread's side of the thread that stores files: its rings and words, its start and its end. Stage: output.
 *
 * A thread that dies is not started again: shards are told that it is gone, and go on without storing.
 */
import { Worker } from 'node:worker_threads';
import { allocateCounters, CounterRow } from '../counters/counters.js';
import { STORE_LAYOUT } from '../counters/names.js';
import { FILE_RING_BYTES, STORE_WORD, STORE_WORDS_BYTES } from '../ring/file-ring.js';
import { allocateRing, type RingPlace } from '../ring/record-ring.js';
import { Doorbell, DOORBELL_BYTES } from '../util/doorbell.js';
import type { FileStoreOptions } from './file-store.js';
import type { FileStoreMessage, FileStoreTask } from './file-store-worker.js';
import { programFile } from '../util/program-folder.js';

/** What is left in the rings is written within this, or not at all. */
const STOP_MS = 10_000;

export class FileStoreThread {
  /** Of each shard. */
  readonly rings: readonly RingPlace[];
  readonly doorbell = new SharedArrayBuffer(DOORBELL_BYTES);
  readonly words = new SharedArrayBuffer(STORE_WORDS_BYTES);
  private readonly options: FileStoreOptions;
  private readonly counters = allocateCounters(1, STORE_LAYOUT.size);
  private readonly row = new CounterRow(this.counters, 0, STORE_LAYOUT.size);
  private worker: Worker | undefined;
  private ended: Promise<void> = Promise.resolve();

  constructor(options: FileStoreOptions, shards: number) {
    this.options = options;
    this.rings = Array.from({ length: shards }, () => allocateRing(FILE_RING_BYTES));
  }

  /** Rejects with a message for the user where the directory cannot be used. */
  async start(): Promise<void> {
    const { rings, doorbell, words, counters } = this;
    const { directory, files, bytes } = this.options;
    const task: FileStoreTask = { directory, files, bytes, rings, doorbell, words, counters };
    const worker = new Worker(programFile('output/file-store-worker.js'), {
      workerData: task,
      name: 'file-store',
    });
    this.worker = worker;
    this.ended = new Promise((resolve) => {
      worker.once('exit', () => {
        Atomics.store(new Int32Array(words), STORE_WORD.gone, 1);
        Atomics.store(new Int32Array(words), STORE_WORD.full, 1);
        resolve();
      });
    });
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FileStoreMessage) =>
        message.kind === 'ready' ? resolve() : reject(new Error(message.message)),
      );
      worker.on('error', reject);
    });
  }

  /** What shards are told. */
  get place(): Pick<FileStoreThread, 'rings' | 'doorbell' | 'words'> {
    const { rings, doorbell, words } = this;
    return { rings, doorbell, words };
  }

  /** Of the thread (STORE_SLOTS). */
  get counts(): Float64Array {
    return this.row.values;
  }

  /** Waits until what the shards have handed over is written. To be called when they have ended. */
  async close(): Promise<void> {
    if (this.worker === undefined) return;
    Atomics.store(new Int32Array(this.words), STORE_WORD.stop, 1);
    new Doorbell(this.doorbell).ring();
    const timer = setTimeout(() => void this.worker?.terminate(), STOP_MS);
    await this.ended;
    clearTimeout(timer);
  }
}
