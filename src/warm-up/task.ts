/** What a thread is told that is to warm up. */
import type { ShardOptions } from '../shard/task.js';

/** Words that the main thread and all that warm up share. */
export const WARM_UP = {
  /** Set once the rules are there. */
  stop: 0,
} as const;
export const WARM_UP_BYTES = 4;

export interface WarmUpTask {
  readonly words: SharedArrayBuffer;
  /** Of the shard that the thread will be. */
  readonly options: ShardOptions;
  /** How long it goes on at most while rules are loaded. */
  readonly loadingMs: number;
  /** And once the shard runs, and waits for its first frame. */
  readonly waitingMs: number;
}
