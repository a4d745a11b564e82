/** The main thread's side of a dispatch thread: starts it, hears what it says, waits for its end. Stage: dispatch. */
import { Worker } from 'node:worker_threads';
import type { CaptureReport, DispatcherMessage, DispatcherTask } from './task.js';
import { programFile } from '../util/program-folder.js';

/** Longer than a source waits for datagrams and then empties its socket. */
const STOP_MS = 2000;

export type BoundMessage = Extract<DispatcherMessage, { kind: 'bound' }>;

export class DispatchThread {
  /** Set once a socket is bound. */
  bound: BoundMessage | undefined;
  /** Complete once `ended` has resolved. */
  captures: readonly CaptureReport[] = [];
  /** Resolves when the socket is bound, or captures can be read; rejects when the thread fails before. */
  readonly ready: Promise<void>;
  /** Resolves when the source has ended and the thread has exited; rejects when the thread failed. */
  readonly ended: Promise<void>;
  private readonly worker: Worker;
  /** Resolves when the thread may be ended: Node aborts where one is ended while it loads a module. */
  private readonly loaded: Promise<void>;

  constructor(task: DispatcherTask) {
    const worker = new Worker(programFile('dispatch/dispatcher.js'), {
      workerData: task,
      name: `dispatcher-${task.dispatcher}`,
    });
    this.worker = worker;
    let failure: Error | undefined;
    let setLoaded: () => void = () => undefined;
    this.loaded = new Promise((resolve) => (setLoaded = resolve));
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: DispatcherMessage) => {
        if (message.kind === 'loaded') setLoaded();
        else if (message.kind === 'ready') resolve();
        else if (message.kind === 'bound') {
          this.bound = message;
          resolve();
        } else if (message.kind === 'captures') this.captures = message.reports;
        else {
          failure = new Error(message.message);
          reject(failure);
        }
      });
      worker.on('error', (error) => {
        failure = error;
        reject(error);
      });
    });
    this.ended = new Promise((resolve, reject) => {
      worker.on('exit', () => (failure === undefined ? resolve() : reject(failure)));
    });
    // Whoever starts the thread looks at both; neither may bring the process down before that.
    this.ready.catch(() => undefined);
    this.ended.catch(() => undefined);
  }

  /** Waits for the end of a thread that was told to stop; one that waits for a shard that will not come is ended. */
  async close(): Promise<void> {
    const ended = this.ended.catch(() => undefined);
    await Promise.race([this.loaded, ended]);
    const timer = setTimeout(() => void this.worker.terminate(), STOP_MS);
    await ended;
    clearTimeout(timer);
  }
}
