/**
 * The threads of shards, each owned by a piscina of its own: one long-lived `run`, never a task per packet. Stage:
 * shard.
 *
 * A shard whose run ends before its rings do has died. The pool says so only once nothing of it runs any more (its run
 * threw, or its thread has exited), so the owner can account for what was lost. It asks for the task to start the shard
 * anew with only then when it starts it: what happens during the pause before that is not missed. A thread that cannot
 * even start, for lack of descriptors or memory, is a shard that died as well; a piscina that has seen one starts no
 * thread any more, which is why every start has a new one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { ShardError } from './error-reports.js';
import { CONTROL, type NextRules, type ShardTask } from './task.js';
import { programFile } from '../util/program-folder.js';

const MIB = 1024 * 1024;
/** A shard that dies soon after its start, again and again, is started after longer and longer pauses. */
const QUICK_DEATH_MS = 5000;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 10_000;
/** Loading rules takes less. */
const LOADING_MS = 3_600_000;

export type ShardStart = Omit<ShardTask, 'rulePort' | 'errorPort'>;

/** What is to become of a shard that died. `leave` ends its run as if its rings had ended. */
export type AfterDeath = 'restart' | 'leave' | 'fail';

/** What threads do while there are no rules yet: a task of piscina's. */
export interface WarmUpCall {
  /** The module, and its function. */
  readonly filename: string;
  readonly name: string;
  readonly task: unknown;
  /** Has all of them end. */
  stop(): void;
}

/** A thread that warms up; `succeeded` resolves once it has ended. */
interface WarmingThread {
  readonly piscina: Piscina;
  readonly succeeded: Promise<boolean>;
}

export interface PoolOwner {
  /** The task to start the shard with, now. */
  startOf(shard: number): ShardStart;
  /** The shard is gone; `wasUp` says whether it had come to reading its rings. With `fail`, `ended` rejects. */
  died(shard: number, error: Error, wasUp: boolean): AfterDeath;
  /** The shard has survived an exception. */
  survived(error: ShardError): void;
}

export interface PoolOptions {
  /** What the heap of a shard may grow to; Node decides where it is left out. */
  readonly heapBytes?: number | undefined;
  /** Whether a shard that dies again and again is started after longer and longer pauses; a capture has an end. */
  readonly backsOff?: boolean | undefined;
}

export class ShardPool {
  /** By shard, of its latest start. */
  private readonly piscinas = new Map<number, Piscina>();
  private readonly heapBytes: number | undefined;
  private readonly backsOff: boolean;
  private closed = false;
  /** What each was started with. */
  private readonly starts = new Map<number, ShardStart>();
  private readonly ports = new Map<number, MessagePort>();
  private readonly owner: PoolOwner;
  private readonly shards: number;
  private runs: readonly Promise<void>[] = [];
  /** By shard, until it starts. */
  private readonly warming = new Map<number, WarmingThread>();
  private warmUpCall: WarmUpCall | undefined;
  private readonly hurrying = new AbortController();

  constructor(shards: number, owner: PoolOwner, { heapBytes, backsOff = true }: PoolOptions = {}) {
    this.owner = owner;
    this.backsOff = backsOff;
    // Before the shards compile any: V8 takes flag `l` of regular expressions, for its linear-time engine.
    setFlagsFromString('--enable-experimental-regexp-engine');
    this.heapBytes = heapBytes;
    this.shards = shards;
  }

  /** Starts the threads of the shards already, which do what is called until `start`; once. */
  warmUp(call: WarmUpCall): void {
    if (this.warmUpCall !== undefined) return;
    this.warmUpCall = call;
    for (let shard = 0; shard < this.shards; shard++) this.warming.set(shard, this.warmingThread(call));
  }

  start(): void {
    this.warmUpCall?.stop();
    this.runs = Array.from({ length: this.shards }, (_, shard) => this.keepRunning(shard));
    // Whoever starts the pool asks for its end in time; until then a failure must not bring the process down.
    for (const run of this.runs) run.catch(() => undefined);
  }

  /** Resolves when every shard has come to the end of its rings; rejects when one was given up. */
  async ended(): Promise<void> {
    await Promise.all(this.runs);
  }

  /** The shard has taken up the rules that it was started with. */
  letGoOfRules(shard: number): void {
    const start = this.starts.get(shard);
    if (start !== undefined) start.rules.handle = undefined;
  }

  /** Sends rules to a shard, of which there must be one that runs or is about to. */
  post(shard: number, rules: NextRules, words: Int32Array): void {
    this.ports.get(shard)?.postMessage(rules);
    Atomics.add(words, CONTROL.posted, 1);
  }

  /** What the shard has said of rules that it could not make ready, where it could say something. */
  reasonOf(shard: number): string | undefined {
    const port = this.ports.get(shard);
    return port === undefined ? undefined : (receiveMessageOnPort(port)?.message as string | undefined);
  }

  /** Ends the thread of a shard wherever it is; the shard then counts as died. @returns whether it was running. */
  async kill(threadId: number): Promise<boolean> {
    const thread =
      threadId === 0
        ? undefined
        : [...this.piscinas.values()].flatMap(({ threads }) => threads).find((worker) => worker.threadId === threadId);
    if (thread === undefined) return false;
    await thread.terminate();
    return true;
  }

  /** From now on a shard that died is started again without a pause. */
  hurry(): void {
    this.hurrying.abort();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.hurry();
    this.warmUpCall?.stop();
    const warming = [...this.warming.values()];
    // Node aborts where a thread is ended while it loads a module: they end by themselves first.
    await Promise.all(warming.map(({ succeeded }) => succeeded));
    const piscinas = [...this.piscinas.values(), ...warming.map(({ piscina }) => piscina)];
    await Promise.all(piscinas.map((piscina) => piscina.destroy()));
    for (const port of this.ports.values()) port.close();
  }

  private async keepRunning(shard: number): Promise<void> {
    let quickDeaths = 0;
    for (;;) {
      const startedMs = performance.now();
      const start = this.owner.startOf(shard);
      try {
        await this.runOnce(start);
        return;
      } catch (reason) {
        const error = reason instanceof Error ? reason : new Error(String(reason));
        const wasUp = Atomics.exchange(new Int32Array(start.control), CONTROL.threadId, 0) !== 0;
        const next = this.owner.died(shard, error, wasUp);
        if (next === 'fail') throw error;
        if (next === 'leave') return;
        quickDeaths = performance.now() - startedMs < QUICK_DEATH_MS ? quickDeaths + 1 : 0;
        if (this.backsOff && quickDeaths > 1)
          await this.pauseFor(Math.min(FIRST_DELAY_MS * 2 ** quickDeaths, MAX_DELAY_MS));
        if (this.closed) return;
      }
    }
  }

  private async pauseFor(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.hurrying.signal }).catch(() => undefined);
  }

  private warmingThread({ filename, name, task }: WarmUpCall): WarmingThread {
    const piscina = newPiscina(this.heapBytes);
    const succeeded = new Promise<boolean>((resolve) => {
      piscina.once('error', () => resolve(false));
      piscina.run(task, { filename, name }).then(
        () => resolve(true),
        () => resolve(false),
      );
    });
    return { piscina, succeeded };
  }

  /** The thread of a shard: the one that has warmed up, or a new one where there is none, or it has failed. */
  private async threadOf(shard: number): Promise<Piscina> {
    const warm = this.warming.get(shard);
    if (warm !== undefined) {
      const succeeded = await warm.succeeded;
      this.warming.delete(shard);
      if (succeeded) return warm.piscina;
      await warm.piscina.destroy();
      if (this.closed) throw new Error('the pool is closed');
    }
    return newPiscina(this.heapBytes);
  }

  private async runOnce(start: ShardStart): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    this.ports.get(start.shard)?.close();
    this.ports.set(start.shard, port1);
    this.starts.set(start.shard, start);
    port1.unref();
    const errors = new MessageChannel();
    errors.port1.on('message', (error: ShardError) => this.owner.survived(error));
    errors.port1.unref();
    const task: ShardTask = { ...start, rulePort: port2, errorPort: errors.port2 };
    const piscina = await this.threadOf(start.shard);
    this.piscinas.set(start.shard, piscina);
    try {
      // Of a thread that ends before it has the task, piscina says so and leaves the task where it is.
      await new Promise<void>((resolve, reject) => {
        piscina.once('error', reject);
        piscina.run(task, { transferList: [port2, errors.port2] }).then(resolve, reject);
      });
    } finally {
      await piscina.destroy();
      errors.port1.close();
    }
  }
}

/**
 * For one run of one shard. `heapBytes`: what the heap of its thread may grow to; Node decides where it is left out.
 */
export function newPiscina(heapBytes: number | undefined): Piscina {
  return new Piscina({
    filename: fileURLToPath(programFile('shard/worker.js')),
    minThreads: 0,
    maxThreads: 1,
    // Between warming up and the shard's run the thread has nothing to do.
    idleTimeout: LOADING_MS,
    name: 'run',
    concurrentTasksPerWorker: 1,
    // A shard has no use for piscina's messages while it runs.
    atomics: 'disabled',
    ...(heapBytes === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: Math.floor(heapBytes / MIB) } }),
  });
}
