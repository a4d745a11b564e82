/**
 * The pool of shard threads, owned by piscina: one long-lived `run` per shard, never a task per packet. Stage: shard.
 *
 * A shard whose run ends before its rings do has died. The pool says so only once nothing of it runs any more (its run
 * threw, or its thread has exited), so the owner can account for what was lost and hand out the task to start it anew.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { RuleSetHandle } from '../detect/rule-set-handle.js';
import { CONTROL, type ShardTask } from './task.js';

/** A shard that dies soon after its start, again and again, is started after longer and longer pauses. */
const QUICK_DEATH_MS = 5000;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 10_000;

export type ShardStart = Omit<ShardTask, 'rulePort'>;

export interface PoolEvents {
  /**
   * The shard is gone; `wasUp` says whether it had come to reading its rings. @returns the task to start it anew with, or
   * undefined to give up, which makes `ended` reject.
   */
  died(shard: number, error: Error, wasUp: boolean): ShardStart | undefined;
}

export class ShardPool {
  private readonly piscina: Piscina;
  private readonly ports = new Map<number, MessagePort>();
  private readonly controls = new Map<number, Int32Array>();
  private readonly events: PoolEvents;
  private readonly runs: Promise<void>[];

  constructor(starts: readonly ShardStart[], events: PoolEvents) {
    this.events = events;
    // Before the shards compile any: a regular expression that backtracks too much goes on in V8's linear-time engine, if
    // it is one that this engine takes (no back-references, lookarounds or large counts). The watchdog has the rest.
    setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
    this.piscina = new Piscina({
      filename: fileURLToPath(new URL('./worker.js', import.meta.url)),
      minThreads: starts.length,
      maxThreads: starts.length,
      name: 'run',
      concurrentTasksPerWorker: 1,
      // A shard never returns to piscina's message loop while it runs: there is nothing to wait for there.
      atomics: 'disabled',
    });
    // Errors of threads that run nothing concern no shard; piscina replaces such a thread.
    this.piscina.on('error', () => undefined);
    this.runs = starts.map((start) => this.keepRunning(start));
    // Whoever starts the pool asks for its end in time; until then a failure must not bring the process down.
    for (const run of this.runs) run.catch(() => undefined);
  }

  /** Resolves when every shard has come to the end of its rings; rejects when one was given up. */
  async ended(): Promise<void> {
    await Promise.all(this.runs);
  }

  /** Hands a new generation of the rules to every shard. */
  adopt(ruleSet: RuleSetHandle): void {
    for (const [shard, port] of this.ports) {
      port.postMessage(ruleSet);
      Atomics.store(this.controls.get(shard)!, CONTROL.generation, ruleSet.generation);
    }
  }

  /** Ends the thread of a shard wherever it is; the shard then counts as died. @returns whether it was running. */
  async kill(shard: number): Promise<boolean> {
    const control = this.controls.get(shard);
    const threadId = control === undefined ? 0 : Atomics.load(control, CONTROL.threadId);
    const thread = threadId === 0 ? undefined : this.piscina.threads.find((worker) => worker.threadId === threadId);
    if (thread === undefined) return false;
    await thread.terminate();
    return true;
  }

  async close(): Promise<void> {
    await this.piscina.destroy();
    for (const port of this.ports.values()) port.close();
  }

  private async keepRunning(first: ShardStart): Promise<void> {
    let start: ShardStart | undefined = first;
    let quickDeaths = 0;
    for (;;) {
      const { shard, control } = start;
      const startedMs = performance.now();
      try {
        await this.runOnce(start);
        return;
      } catch (reason) {
        const error = reason instanceof Error ? reason : new Error(String(reason));
        const wasUp = Atomics.exchange(new Int32Array(control), CONTROL.threadId, 0) !== 0;
        start = this.events.died(shard, error, wasUp);
        if (start === undefined) throw error;
        quickDeaths = performance.now() - startedMs < QUICK_DEATH_MS ? quickDeaths + 1 : 0;
        if (quickDeaths > 1) await pause(Math.min(FIRST_DELAY_MS * 2 ** quickDeaths, MAX_DELAY_MS));
      }
    }
  }

  private async runOnce(start: ShardStart): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    this.ports.get(start.shard)?.close();
    this.ports.set(start.shard, port1);
    this.controls.set(start.shard, new Int32Array(start.control));
    port1.unref();
    const task: ShardTask = { ...start, rulePort: port2 };
    await this.piscina.run(task, { transferList: [port2] });
  }
}
