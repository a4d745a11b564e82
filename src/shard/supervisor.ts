/**
 * The shards as the main thread sees them: their memory, their pool, what happens when one dies or stalls. Stage:
 * shard.
 *
 * A shard that is gone loses its flows and the record it was at; a packet is counted (stage `shard`), a mark too, and
 * both are passed over, so that they do not kill the next one too. The rule it was at is named in the log; the second
 * time in one generation, the rule is taken out. The frames that wait in its rings stay for the one that takes its
 * place.
 *
 * New rules are made ready by every shard before any takes them into use: what one cannot take up, none does. A shard
 * that is down meanwhile starts with whatever is in use by then.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { RuleSetHandle } from '../block/rule-set-handle.js';
import { RuleStrikes, STRIKE } from '../block/rule-strikes.js';
import { FrameRingObserver, MIN_RING_BYTES, RECORD_KIND, skipHead } from '../ring/frame-ring.js';
import { ENGINE_SLOTS } from '../counters/names.js';
import { Doorbell, DOORBELL_BYTES } from '../util/doorbell.js';
import { shardLayout, type ShardSizes } from '../memory/layout.js';
import { allocateShardMemory, type ShardMemoryHandle } from '../memory/shard-memory.js';
import { allocateRing, type RingPlace } from '../ring/record-ring.js';
import { ownerOfShard, type LockedTable } from '../util/word-lock.js';
import type { ShardError } from './error-reports.js';
import { LethalFlows } from './lethal-flows.js';
import { ShardPool, type AfterDeath, type PoolOwner, type ShardStart, type WarmUpCall } from './pool.js';
import { placesOf } from './places.js';
import { CONTROL, CONTROL_BYTES, type ShardOptions } from './task.js';

export interface SupervisorOptions {
  readonly shards: number;
  readonly dispatchers: number;
  /** Of the memory of each. */
  readonly memory: Omit<ShardSizes, 'rings'>;
  readonly candidateBytes: number;
  /** Doorbell of whoever takes the candidates. */
  readonly alertBell: SharedArrayBuffer;
  /** Counter memory of the shards, a row each. */
  readonly counters: SharedArrayBuffer;
  /** Of each shard: what its streams have missed, by mirror session. */
  readonly vniLosses: readonly SharedArrayBuffer[];
  /** Likewise: connections that come in halves. */
  readonly vniHalves: readonly SharedArrayBuffer[];
  /** The engine's own counter row. */
  readonly engineCounts: Float64Array;
  /** What shards share and lock: a dead one's locks are freed. */
  readonly tables: readonly LockedTable[];
  readonly shard: ShardOptions;
  /** A shard that has packets and finishes none for so long is replaced. */
  readonly stallMs: number;
  /** What the heap of a shard may grow to. */
  readonly heapBytes?: number | undefined;
}

export interface ShardLoss {
  readonly shard: number;
  readonly error: Error;
  /** The packet that was lost, where there was one. */
  readonly seq: number | undefined;
  /** Row of the rule that was being verified in the generation in use, where there was one. */
  readonly rule: number | undefined;
  readonly stalled: boolean;
  /** The rule was taken out for it. */
  readonly quarantined: boolean;
  /** The rest of the flow that it was at is left out for it. */
  readonly flowLeftOut: boolean;
}

/** Whoever tells the user. */
export interface ShardListener {
  onLoss(loss: ShardLoss): void;
  /** A shard has survived an exception; `rule` is the row in the generation in use. */
  onError(error: ShardError, rule: number | undefined): void;
}

interface ShardMemory {
  readonly memory: ShardMemoryHandle;
  readonly rings: readonly RingPlace[];
  readonly observers: readonly FrameRingObserver[];
  readonly doorbell: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly candidates: RingPlace;
}

/**
 * Time between two looks of the watchdog counts no more than this: the whole process may have been stopped meanwhile.
 */
const LOOK_MS = 2000;
/** And a shard must have been seen at the same place so often. */
const LEAST_LOOKS = 2;
/** Starts in a row that may fail of a shard that has run before: memory may be short for a while. */
const FAILED_STARTS = 4;
/** Deaths of a shard after which it is left, once the sensor is stopping. */
const DEATHS_WHILE_STOPPING = 5;
/**
 * Shards that have not answered to new rules after this, beyond the time in which they would be replaced, follow later.
 */
const PREPARE_MS = 30_000;

/** Where the watchdog last saw a shard, and for how long. */
interface Standing {
  positions: number[];
  looks: number;
  ms: number;
}

export class ShardSupervisor {
  readonly memories: readonly ShardMemory[];
  /** How often each shard was started again after it died. */
  readonly restarts: number[];
  /** Shards lost at a rule, since the start: those that stalled, and those that threw. */
  readonly ruleFaults = { stalled: 0, threw: 0 };
  /** Why a shard could not be started. */
  failure: Error | undefined;
  private readonly options: SupervisorOptions;
  private readonly listener: ShardListener;
  private readonly standings: Standing[];
  private readonly lethalFlows: readonly LethalFlows[];
  private lookedAtMs = performance.now();
  private readonly stalled = new Set<number>();
  /** Shards that are being ended from outside. */
  private readonly killed = new Set<number>();
  /** What rules of the generation in use did wrong; marks that a shard died at have numbers below 0. */
  private strikes: RuleStrikes | undefined;
  private marksLost = 0;
  private readonly failedStarts: number[];
  private readonly deathsWhileStopping: number[];
  /** Shards that are not started again, as the sensor is stopping. */
  private readonly left: number[] = [];
  private readonly pool: ShardPool;
  private ruleSet: RuleSetHandle | undefined;
  private started = false;
  private stopping = false;
  private closing = false;

  constructor(options: SupervisorOptions, listener: ShardListener) {
    this.options = options;
    this.listener = listener;
    this.memories = Array.from({ length: options.shards }, () => allocateShard(options));
    this.standings = this.memories.map(({ observers }) => ({
      positions: observers.map((ring) => ring.readPosition),
      looks: 0,
      ms: 0,
    }));
    this.lethalFlows = this.memories.map(({ words }) => new LethalFlows(words));
    this.restarts = this.memories.map(() => 0);
    const owner: PoolOwner = {
      startOf: (shard) => this.startOf(shard),
      died: (shard, error, wasUp) => this.replace(shard, error, wasUp),
      survived: (error) =>
        this.listener.onError(error, error.generation === this.ruleSet?.generation ? error.rule : undefined),
    };
    const { heapBytes, shard } = options;
    this.pool = new ShardPool(this.memories.length, owner, { heapBytes, backsOff: !shard.offline });
    this.failedStarts = this.memories.map(() => 0);
    this.deathsWhileStopping = this.memories.map(() => 0);
  }

  /** Rules of the generation in use that were taken out. */
  get quarantined(): number {
    return this.strikes?.out ?? 0;
  }

  /** Starts threads before there are rules for them. */
  warmUp(call: WarmUpCall): void {
    this.pool.warmUp(call);
  }

  start(ruleSet: RuleSetHandle): void {
    this.use(ruleSet);
    this.pool.start();
  }

  /**
   * Has all shards make new rules ready; they go on with those in use. @returns why one cannot, else undefined: then
   * `commit` has them taken into use.
   */
  async prepare(ruleSet: RuleSetHandle): Promise<string | undefined> {
    const asked = this.memories
      .map(({ words }, shard) => ({ shard, words, threadId: Atomics.load(words, CONTROL.threadId) }))
      .filter(({ threadId }) => threadId !== 0);
    for (const { shard, words } of asked) {
      this.pool.letGoOfRules(shard);
      this.pool.post(shard, ruleSet, words);
    }
    this.wake();
    const { generation } = ruleSet;
    const deadline = performance.now() + this.options.stallMs + PREPARE_MS;
    // Who is not there any more starts with whatever is in use then.
    const isOpen = ({ words, threadId }: (typeof asked)[number]): boolean =>
      Atomics.load(words, CONTROL.threadId) === threadId && Atomics.load(words, CONTROL.built) !== generation;
    for (;;) {
      const refused = asked.find(({ words }) => Atomics.load(words, CONTROL.refused) === generation);
      if (refused !== undefined || this.stopping || this.closing) {
        for (const { shard, words } of asked) this.pool.post(shard, undefined, words);
        return refused === undefined
          ? 'the sensor is stopping'
          : `shard ${refused.shard} cannot take up the rules: ${this.pool.reasonOf(refused.shard) ?? 'it died of them'}`;
      }
      if (!asked.some(isOpen) || performance.now() > deadline) return undefined;
      await pause(1);
    }
  }

  /** Takes rules into use that `prepare` has seen ready; each shard changes between two packets. */
  commit(ruleSet: RuleSetHandle): void {
    this.use(ruleSet);
    for (const [shard, { words }] of this.memories.entries()) {
      if (Atomics.load(words, CONTROL.built) !== ruleSet.generation) this.pool.post(shard, ruleSet, words);
      Atomics.store(words, CONTROL.commit, ruleSet.generation);
    }
    this.wake();
  }

  /** Whether every shard reads its rings, with the newest rules. */
  get ready(): boolean {
    return this.memories.every((_, shard) => this.isUp(shard)) && this.lagging.length === 0;
  }

  /** Shards that are up and not at the rules in use yet. */
  get lagging(): readonly number[] {
    return [...this.memories.keys()].filter(
      (shard) => this.isUp(shard) && this.generationOf(shard) !== this.ruleSet?.generation,
    );
  }

  /** Generation of the rules that a shard uses. */
  generationOf(shard: number): number {
    return Atomics.load(this.memories[shard].words, CONTROL.adopted);
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

  /** The sources are being stopped: from now on nothing is waited for that is not needed to empty the rings. */
  stop(): void {
    this.stopping = true;
    this.pool.hurry();
  }

  /** Resolves when all shards have come to the end of their rings. */
  async ended(): Promise<void> {
    await this.pool.ended();
  }

  /** Counts what is in the rings of shards that are not started again, so that the sums close. */
  emptyLeft(): void {
    const counts = this.options.engineCounts;
    for (const ring of this.left.flatMap((shard) => this.memories[shard].rings)) {
      for (let record = skipHead(ring); record !== undefined; record = skipHead(ring))
        counts[ENGINE_SLOTS.droppedShardLeft] += record.weight;
    }
  }

  /** Ends a shard's thread, as an operator or a test would. */
  async kill(shard: number): Promise<boolean> {
    this.killed.add(shard);
    const found = await this.end(shard);
    if (!found) this.killed.delete(shard);
    return found;
  }

  /** Looks for shards that have work and do none; call it about once a second. */
  async watch(nowMs: number): Promise<void> {
    const elapsed = Math.max(0, Math.min(nowMs - this.lookedAtMs, LOOK_MS));
    this.lookedAtMs = nowMs;
    for (const flows of this.lethalFlows) flows.age(nowMs);
    const standing = [...this.memories.keys()].filter(
      (shard) => this.stands(shard, elapsed) && !this.stalled.has(shard),
    );
    await Promise.all(
      standing.map(async (shard) => {
        this.stalled.add(shard);
        // It may have died by itself meanwhile.
        if (!(await this.end(shard))) this.stalled.delete(shard);
      }),
    );
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.pool.close();
  }

  private use(ruleSet: RuleSetHandle): void {
    this.ruleSet = ruleSet;
    for (const flows of this.lethalFlows) flows.forget();
    this.strikes = new RuleStrikes(new Int32Array(ruleSet.strikes), new Int32Array(ruleSet.quarantine));
  }

  /** Whether the shard has had work for long enough and has finished no record. */
  private stands(shard: number, elapsedMs: number): boolean {
    const { observers, words } = this.memories[shard];
    const standing = this.standings[shard];
    const positions = observers.map((ring) => ring.readPosition);
    const moved = positions.some((position, i) => position !== standing.positions[i]);
    const idle = observers.every((ring) => ring.filledBytes === 0);
    if (moved || idle || Atomics.load(words, CONTROL.threadId) === 0) {
      this.standings[shard] = { positions, looks: 0, ms: 0 };
      return false;
    }
    standing.looks++;
    standing.ms += elapsedMs;
    return standing.looks >= LEAST_LOOKS && standing.ms > this.options.stallMs;
  }

  private end(shard: number): Promise<boolean> {
    return this.pool.kill(Atomics.load(this.memories[shard].words, CONTROL.threadId));
  }

  private startOf(shard: number): ShardStart {
    const { memory, doorbell, control, candidates } = this.memories[shard];
    const { alertBell, counters, vniLosses, vniHalves, shard: options } = this.options;
    return {
      shard,
      memory,
      doorbell,
      control,
      candidates,
      alertBell,
      counters,
      counterRow: shard,
      vniLosses: vniLosses[shard],
      vniHalves: vniHalves[shard],
      rules: { handle: this.ruleSet },
      options,
    };
  }

  /** Accounts for a shard that is gone. Nothing of it runs any more. */
  private replace(shard: number, error: Error, wasUp: boolean): AfterDeath {
    if (this.closing) return 'fail';
    const { observers, words } = this.memories[shard];
    for (const table of this.options.tables) table.freeLocksOf(ownerOfShard(shard));
    for (const observer of observers) observer.replaceConsumer();
    this.refuseWhatItDiedOf(words);
    this.started ||= wasUp;
    this.failedStarts[shard] = wasUp ? 0 : this.failedStarts[shard] + 1;
    // One that cannot even start at first will not start the next time either.
    if (!this.started || this.failedStarts[shard] > FAILED_STARTS) {
      this.failure = error;
      return 'fail';
    }
    const stalled = this.stalled.delete(shard);
    const killed = this.killed.delete(shard);
    const lost = this.skipRecord(shard);
    const row = this.rowOf(words);
    const quarantined = row !== undefined && !killed && this.strike(row, lost, stalled);
    // Of a rule or a flow one is to blame.
    const flowLeftOut =
      row === undefined && !killed && lost !== undefined && this.lethalFlows[shard].blame(performance.now());
    Atomics.store(words, CONTROL.ring, 0);
    Atomics.store(words, CONTROL.rule, 0);
    this.standings[shard] = { positions: observers.map((ring) => ring.readPosition), looks: 0, ms: 0 };
    this.restarts[shard]++;
    this.listener.onLoss({ shard, error, seq: lost, rule: row, stalled, quarantined, flowLeftOut });
    if (!this.stopping || ++this.deathsWhileStopping[shard] < DEATHS_WHILE_STOPPING) return 'restart';
    this.left.push(shard);
    void this.keepEmptying();
    return 'leave';
  }

  /** One that died while it made rules ready will not be asked again. */
  private refuseWhatItDiedOf(words: Int32Array): void {
    const building = Atomics.exchange(words, CONTROL.building, 0);
    if (Atomics.exchange(words, CONTROL.built, 0) !== building) Atomics.store(words, CONTROL.refused, building);
  }

  /** Passes over the record that the shard was at, and counts it. @returns the number of the packet, if it was one. */
  private skipRecord(shard: number): number | undefined {
    const { rings, words } = this.memories[shard];
    const ring = Atomics.load(words, CONTROL.ring) - 1;
    const lost = ring < 0 ? undefined : skipHead(rings[ring]);
    if (lost === undefined) return undefined;
    const counts = this.options.engineCounts;
    counts[ENGINE_SLOTS.droppedShardDied] += lost.weight;
    if (lost.kind === RECORD_KIND.packet) return lost.seq;
    counts[ENGINE_SLOTS.skippedMarks]++;
    return undefined;
  }

  /** The rule that the shard was at; one of an older generation says nothing about the rules in use. */
  private rowOf(words: Int32Array): number | undefined {
    const row = Atomics.load(words, CONTROL.rule) - 1;
    return row >= 0 && Atomics.load(words, CONTROL.adopted) === this.ruleSet!.generation ? row : undefined;
  }

  /** Notes that a shard was lost at the rule. @returns whether the rule was taken out for it. */
  private strike(row: number, frame: number | undefined, stalled: boolean): boolean {
    this.ruleFaults[stalled ? 'stalled' : 'threw']++;
    return this.strikes!.strike(row, frame ?? --this.marksLost) === STRIKE.out;
  }

  /** Sources may wait for room to say that they have ended. */
  private async keepEmptying(): Promise<void> {
    for (; !this.closing; await pause(10)) this.emptyLeft();
  }
}

function allocateShard(options: SupervisorOptions): ShardMemory {
  const { memory: sizes, dispatchers } = options;
  const ringBytes = Math.max(sizes.ringBytes, MIN_RING_BYTES);
  const memory = allocateShardMemory(shardLayout({ ...sizes, rings: dispatchers, ringBytes }));
  const rings = placesOf(memory);
  const control = new SharedArrayBuffer(CONTROL_BYTES);
  return {
    memory,
    rings,
    observers: rings.map((place) => new FrameRingObserver(place)),
    doorbell: new SharedArrayBuffer(DOORBELL_BYTES),
    control,
    words: new Int32Array(control),
    candidates: allocateRing(options.candidateBytes),
  };
}
