/**
 * Calls of Node's zlib in this thread since its event loop has turned. What such a call leaves behind, some bytes, and
 * 2 KB where it fails, is freed by the event loop alone; a thread that never returns to it must do so now and then.
 */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';

/** After so many calls it is time: 2 MB, if all of them have failed. */
const MOST_CALLS = 1000;

class ZlibCalls {
  private count = 0;

  /** To be called for each of them. */
  note(): void {
    this.count++;
  }

  /** Whether no more may be made before `cleanUp`. */
  get areMany(): boolean {
    return this.count > MOST_CALLS;
  }

  /** Has the event loop turn. */
  async cleanUp(): Promise<void> {
    await eventLoopTurn();
    this.count = 0;
  }
}

/** Those of this thread. */
export const zlibCalls = new ZlibCalls();
