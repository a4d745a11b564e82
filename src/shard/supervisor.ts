/**
 * The shards as the main thread sees them: their memory, their pool, what happens when one dies or stalls. Stage: shard.
 *
 * A shard that is gone loses its flows and the packet it was at; that packet is counted (stage `shard`) and passed over,
 * so that it does not kill the next one too, and the rule it was at is named in the log. The frames that wait in its
 * rings stay for the one that takes its place.
 */
import type { RuleSetHandle } from '../detect/rule-set-handle.js';
import { FrameRingObserver, MIN_RING_BYTES, skipHead } from '../dispatch/ring.js';
import { ENGINE_SLOTS } from '../metrics/names.js';
import { Doorbell, DOORBELL_BYTES } from '../util/doorbell.js';
import { allocateRing } from '../util/record-ring.js';
import { ownerOfShard, type LockedTable } from '../util/word-lock.js';
import { ShardPool, type ShardStart } from './pool.js';
import { CONTROL, CONTROL_BYTES, type ShardOptions } from './task.js';

export interface SupervisorOptions {
  readonly shards: number;
  readonly dispatchers: number;
  readonly ringBytes: number;
  readonly candidateBytes: number;
  /** Counter memory of the shards, a row each. */
  readonly counters: SharedArrayBuffer;
  /** The engine's own counter row. */
  readonly engineCounts: Float64Array;
  /** What shards share and lock: a dead one's locks are freed. */
  readonly tables: readonly LockedTable[];
  readonly shard: ShardOptions;
  /** A shard that has packets and finishes none for so long is replaced, and the rule it is at quarantined. */
  readonly stallMs: number;
}

export interface ShardLoss {
  readonly shard: number;
  readonly error: Error;
  /** The packet that was lost, where there was one. */
  readonly seq: number | undefined;
  /** Row of the rule that was being verified in the generation in use, where there was one. */
  readonly rule: number | undefined;
  readonly stalled: boolean;
}

interface ShardMemory {
  readonly rings: readonly SharedArrayBuffer[];
  readonly observers: readonly FrameRingObserver[];
  readonly doorbell: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly candidates: SharedArrayBuffer;
}

export class ShardSupervisor {
  readonly memories: readonly ShardMemory[];
  /** How often each shard was started again after it died. */
  readonly restarts: number[];
  /** Rules of the generation in use that were taken out because they stalled a shard. */
  quarantined = 0;
  /** Why a shard could not be started. */
  failure: Error | undefined;
  private readonly options: SupervisorOptions;
  private readonly onLoss: (loss: ShardLoss) => void;
  private readonly lastPositions: number[][];
  private readonly movedAtMs: number[];
  private readonly stalled = new Set<number>();
  private pool: ShardPool | undefined;
  private ruleSet: RuleSetHandle | undefined;
  private closing = false;

  constructor(options: SupervisorOptions, onLoss: (loss: ShardLoss) => void) {
    this.options = options;
    this.onLoss = onLoss;
    this.memories = Array.from({ length: options.shards }, () => allocateShard(options));
    this.lastPositions = this.memories.map(({ observers }) => observers.map((ring) => ring.readPosition));
    this.movedAtMs = this.memories.map(() => performance.now());
    this.restarts = this.memories.map(() => 0);
  }

  start(ruleSet: RuleSetHandle): void {
    this.ruleSet = ruleSet;
    this.pool = new ShardPool(this.memories.map((_, shard) => this.startOf(shard)), { died: (shard, error, wasUp) => this.replace(shard, error, wasUp) });
  }

  /** Hands new rules to all shards; each takes them up between two packets. */
  adopt(ruleSet: RuleSetHandle): void {
    this.ruleSet = ruleSet;
    this.quarantined = 0;
    this.pool?.adopt(ruleSet);
    for (const { doorbell } of this.memories) new Doorbell(doorbell).ring();
  }

  /** Whether every shard reads its rings, with the newest rules. */
  get ready(): boolean {
    return this.memories.every(({ words }) => Atomics.load(words, CONTROL.threadId) !== 0 && Atomics.load(words, CONTROL.adopted) === this.ruleSet?.generation);
  }

  /** Whether the shard's thread reads its rings. */
  isUp(shard: number): boolean {
    return Atomics.load(this.memories[shard].words, CONTROL.threadId) !== 0;
  }

  /** Shards that are up. */
  get running(): number {
    return this.memories.filter((_, shard) => this.isUp(shard)).length;
  }

  /** How full the fullest ring of a shard is, 0 to 1. */
  ringFill(shard: number): number {
    return Math.max(...this.memories[shard].observers.map((ring) => ring.filledBytes / ring.capacityBytes));
  }

  /** Wakes shards that sleep: there is something for them to see besides packets. */
  wake(): void {
    for (const { doorbell } of this.memories) new Doorbell(doorbell).ring();
  }

  /** Resolves when all shards have come to the end of their rings. */
  async ended(): Promise<void> {
    await this.pool?.ended();
  }

  /** Ends a shard's thread, as an operator or a test would. */
  async kill(shard: number): Promise<boolean> {
    return (await this.pool?.kill(shard)) ?? false;
  }

  /** Looks for shards that have work and do none; call it about once a second. */
  async watch(nowMs: number): Promise<void> {
    for (const [shard, { observers, words }] of this.memories.entries()) {
      const moved = observers.some((ring, i) => ring.readPosition !== this.lastPositions[shard][i]);
      const idle = observers.every((ring) => ring.filledBytes === 0);
      const down = Atomics.load(words, CONTROL.threadId) === 0;
      if (moved || idle || down) {
        this.movedAtMs[shard] = nowMs;
        this.lastPositions[shard] = observers.map((ring) => ring.readPosition);
      } else if (nowMs - this.movedAtMs[shard] > this.options.stallMs && !this.stalled.has(shard)) {
        this.stalled.add(shard);
        await this.kill(shard);
      }
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.pool?.close();
  }

  private startOf(shard: number): ShardStart {
    const { rings, doorbell, control, candidates } = this.memories[shard];
    const { counters, shard: options } = this.options;
    return { shard, rings, doorbell, control, candidates, counters, counterRow: shard, ruleSet: this.ruleSet!, options };
  }

  /** Accounts for a shard that is gone. Nothing of it runs any more. */
  private replace(shard: number, error: Error, wasUp: boolean): ShardStart | undefined {
    if (this.closing) return undefined;
    // One that cannot even start will not start the next time either.
    if (!wasUp) {
      this.failure = error;
      return undefined;
    }
    const { rings, observers, words } = this.memories[shard];
    const ring = Atomics.load(words, CONTROL.ring) - 1;
    // A row of an older generation says nothing about the rules in use.
    const row = Atomics.load(words, CONTROL.adopted) === this.ruleSet!.generation ? Atomics.load(words, CONTROL.rule) - 1 : -1;
    for (const table of this.options.tables) table.freeLocksOf(ownerOfShard(shard));
    for (const observer of observers) observer.replaceConsumer();
    const lost = ring < 0 ? undefined : skipHead(rings[ring]);
    this.options.engineCounts[ENGINE_SLOTS.droppedShardDied] += lost?.weight ?? 0;
    const stalled = this.stalled.delete(shard);
    if (stalled && row >= 0) this.quarantine(row);
    Atomics.store(words, CONTROL.ring, 0);
    Atomics.store(words, CONTROL.rule, 0);
    this.movedAtMs[shard] = performance.now();
    this.restarts[shard]++;
    this.onLoss({ shard, error, seq: lost?.seq, rule: row < 0 ? undefined : row, stalled });
    return this.startOf(shard);
  }

  private quarantine(row: number): void {
    const bits = new Int32Array(this.ruleSet!.quarantine);
    const bit = 1 << (row & 31);
    if ((Atomics.or(bits, row >> 5, bit) & bit) === 0) this.quarantined++;
  }
}

function allocateShard(options: SupervisorOptions): ShardMemory {
  const rings = Array.from({ length: options.dispatchers }, () => allocateRing(Math.max(options.ringBytes, MIN_RING_BYTES)));
  const control = new SharedArrayBuffer(CONTROL_BYTES);
  return {
    rings,
    observers: rings.map((memory) => new FrameRingObserver(memory)),
    doorbell: new SharedArrayBuffer(DOORBELL_BYTES),
    control,
    words: new Int32Array(control),
    candidates: allocateRing(options.candidateBytes),
  };
}
