/**
 * The whole: sources → shards → outputs. Starts the threads, moves alerts from the shards to the sink, reloads, drains,
 * stops. Main thread; what it knows of packets is counters.
 */
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/schema.js';
import { allocateFullWindows, fullWindowsOf } from '../detect/event/full-windows.js';
import { HostBits, allocateHostBits } from '../detect/state/host-bits.js';
import { allocateProfile, InspectionProfile } from '../block/inspection-profile.js';
import { RuleSet, type RuleInfo } from '../block/rule-set.js';
import type { RuleSetHandle } from '../block/rule-set-handle.js';
import { allocateRuleTimes, dearestRules } from '../block/rule-times.js';
import { HostTags, allocateHostTags } from '../detect/state/tag-hosts.js';
import { DispatchThread, type BoundMessage } from '../dispatch/dispatch-thread.js';
import { SWITCH, SWITCH_BYTES, SequenceWords, type CaptureReport, type DispatcherTask } from '../dispatch/task.js';
import { watermarkOf } from '../dispatch/watermark.js';
import { DatasetStore } from '../load/dataset-store.js';
import { loadOnThread, type LoadedRules, type RuleReport } from '../load/loader.js';
import { DISPATCHER_SLOTS, SHARD_SLOTS, type CounterTotals, type FrameBalance } from '../counters/names.js';
import { AlertStream, PATIENCE_MS } from '../output/alert-stream.js';
import { FileStoreThread } from '../output/file-store-thread.js';
import { EveWriter } from '../output/eve.js';
import type { EvidenceCounts, EvidenceStore } from '../output/evidence-store.js';
import type { Redaction } from '../output/redaction.js';
import type { Sink } from '../output/sink.js';
import { renderStats } from '../output/stats-event.js';
import { Thresholder } from '../output/threshold.js';
import { shardSizes } from '../memory/budget.js';
import type { ShardError } from '../shard/error-reports.js';
import { LimitedRules } from '../shard/limited-rules.js';
import { ShardSupervisor, type ShardLoss } from '../shard/supervisor.js';
import { CONTROL } from '../shard/task.js';
import { pauseUntil } from '../util/pause.js';
import { collectGarbage } from '../util/collect-garbage.js';
import { Doorbell, DOORBELL_BYTES } from '../util/doorbell.js';
import { MAIN_OWNER } from '../util/word-lock.js';
import { Figures } from './figures.js';
import { dispatchOptions, loadRequest, shardOptions, socketTasks, warmUpCall } from './tasks.js';

/** What the engine tells its owner as it happens. */
export interface EngineEvents {
  onBound?(bound: BoundMessage): void;
  /** A rule took too many steps on some packet, and did not match for that; said once per rule and load. */
  onRuleLimited?(rule: RuleInfo): void;
  onShardLost?(loss: ShardLoss, rule: RuleInfo | undefined): void;
  /** A shard has survived an exception. */
  onShardError?(error: ShardError, rule: RuleInfo | undefined): void;
  /** Seconds from receipt of a frame to its alert being written; live only. */
  onAlert?(alert: { readonly gid: number; readonly sid: number }, seconds: number | undefined): void;
}

export interface EngineOptions {
  readonly config: Config;
  /** Captures to read; undefined receives from the configured sockets. */
  readonly captures?: readonly string[] | undefined;
  readonly sink: Sink;
  /** Where the packets of flows that alert go; undefined where none are kept. */
  readonly evidence?: EvidenceStore | undefined;
  /** What is taken out of events before they are written. */
  readonly redaction?: Redaction | undefined;
  readonly events?: EngineEvents;
  /** What the heap of a shard may grow to; Node decides where it is left out. */
  readonly shardHeapBytes?: number | undefined;
  /** Whether what inspection costs is measured, of the rules that the engine starts with. */
  readonly profiles?: boolean | undefined;
}

/** How long a change of rules waits for shards to take them up. */
const TAKE_UP_MS = 500;
/** Candidates taken before the event loop gets its turn. */
const PUMP_LIMIT = 2048;
const MAX_WRITE_MS = 1000;
/** Offline nobody waits for an alert, and where threads share a processor each look costs (decision 44). */
const OFFLINE_PUMP_MS = 25;
/**
 * Alerts that wait for a shard are looked at so often at most: a busy shard tells of progress many times in between.
 */
const HELD_PUMP_MS = 1;
/**
 * And so often at least: how long they have waited is looked at then, and what a shard left that died before it rang.
 */
const LIVE_SLEEP_MS = PATIENCE_MS / 2;
const WATCH_MS = 1000;

export class Engine {
  /** Of the rules in use. */
  report: RuleReport | undefined;
  generation = 0;
  readonly eve: EveWriter;
  readonly thresholder: Thresholder;
  readonly shards: ShardSupervisor;
  /** State that rules keep per host, shared by the shards. */
  readonly hostBits: HostBits;
  readonly hostTags: HostTags;
  /** Datasets that rules change, shared by the shards. */
  readonly datasets: DatasetStore;
  readonly figures: Figures;
  /** `start` has succeeded, `stop` has not been called. */
  running = false;

  /** A generation is never given twice, whether its rules came into use or not. */
  private loads = 0;
  /** A load that is under way is given up then. */
  private readonly stopped = new AbortController();
  private readonly options: EngineOptions;
  private readonly warmUp: () => void;
  private readonly offline: boolean;
  private readonly tasks: readonly DispatcherTask[];
  private dispatchers: readonly DispatchThread[] = [];
  /** Undefined where no files are stored. */
  private readonly fileStore: FileStoreThread | undefined;
  private readonly sequence: SequenceWords;
  private readonly switches = new Int32Array(new SharedArrayBuffer(SWITCH_BYTES));
  private readonly stream: AlertStream;
  /** Wakes this thread for alerts, live; captures are read at a pace of their own. */
  private readonly alertBell: Doorbell;
  private ruleSet: RuleSet | undefined;
  private limitedRules: LimitedRules | undefined;
  private profiles: readonly SharedArrayBuffer[] | undefined;
  private times: readonly SharedArrayBuffer[] | undefined;
  private watchTimer: NodeJS.Timeout | undefined;
  private statsTimer: NodeJS.Timeout | undefined;
  private startedMs = 0;
  private shardsEnded = false;

  constructor(options: EngineOptions) {
    const { config, captures } = options;
    this.options = options;
    this.offline = captures !== undefined;
    const sources = captures === undefined ? socketTasks(config) : [{ kind: 'captures' as const, paths: captures }];
    this.figures = new Figures({
      dispatchers: sources.length,
      shards: config.workers,
      ...config.metrics,
    });
    const sequence = SequenceWords.allocate(sources.length);
    this.sequence = new SequenceWords(sequence);
    const hostBits = allocateHostBits();
    this.hostBits = new HostBits(hostBits, config.flow.vni, MAIN_OWNER);
    this.datasets = new DatasetStore(config.datasets.bytes, !this.offline);
    const hostTags = allocateHostTags(config.tags.hosts);
    this.hostTags = new HostTags(hostTags, config.flow.vni, MAIN_OWNER);
    const { directory, files, bytes, fileBytes } = config.fileStore;
    if (directory !== '') this.fileStore = new FileStoreThread({ directory, files, bytes }, config.workers);
    const alertBell = new SharedArrayBuffer(DOORBELL_BYTES);
    this.alertBell = new Doorbell(alertBell);
    const shard = shardOptions(config, captures, {
      hostBits,
      hostTags,
      datasets: this.datasets.memory,
      fileStore: this.fileStore === undefined ? undefined : { ...this.fileStore.place, mostBytes: fileBytes },
    });
    this.warmUp = () => this.shards.warmUp(warmUpCall(shard));
    this.shards = new ShardSupervisor(
      {
        shards: config.workers,
        dispatchers: sources.length,
        memory: shardSizes({
          workers: config.workers,
          'ring.bytes': config.ring.bytes,
          'patterns.bytes': config.patterns.bytes,
          'stream.memory': config.stream.memory,
          'flow.cap': config.flow.cap,
        }),
        candidateBytes: config.candidates.bytes,
        alertBell,
        counters: this.figures.shardMemory,
        vniLosses: this.figures.vniLossMemories,
        vniHalves: this.figures.vniHalfMemories,
        engineCounts: this.figures.engineRow.values,
        tables: [this.hostBits, this.hostTags, this.datasets.table],
        heapBytes: options.shardHeapBytes,
        stallMs: config.watchdog.stallSeconds * 1000,
        shard,
      },
      {
        onLoss: (loss) => this.options.events?.onShardLost?.(loss, this.ruleAt(loss.rule)),
        onError: (error, rule) => this.options.events?.onShardError?.(error, this.ruleAt(rule)),
      },
    );
    const dispatch = dispatchOptions(config, this.offline, sources.length);
    this.tasks = sources.map((source, dispatcher) => ({
      dispatcher,
      source,
      rings: this.shards.memories.map(({ rings }) => rings[dispatcher]),
      doorbells: this.shards.memories.map(({ doorbell }) => doorbell),
      alertBell,
      counters: this.figures.dispatcherMemory,
      counterRow: dispatcher,
      vniTable: this.figures.vniMemories[dispatcher],
      sequence,
      switches: this.switches.buffer as SharedArrayBuffer,
      ...dispatch,
    }));
    const { sink, redaction, evidence } = options;
    const lines = redaction === undefined ? sink : { write: (line: Uint8Array) => sink.write(redaction.line(line)) };
    this.eve = new EveWriter(lines, config.eve.types.includes('alert'));
    this.thresholder = new Thresholder({ cap: config.thresholds.cap, vniInKey: config.flow.vni });
    this.stream = new AlertStream({
      sources: this.shards.memories.map(({ candidates, observers, words }) => ({
        ring: candidates,
        watermark: () => (this.hasEnded(words) ? Infinity : watermarkOf(observers, this.sequence)),
      })),
      thresholder: this.thresholder,
      eve: this.eve,
      evidence,
      anomaliesPerSecond: config.eve.anomaliesPerSecond,
      ...(this.offline
        ? { hasRoom: () => !sink.isCrowded && evidence?.isCrowded !== true }
        : { clockMs: () => performance.now() }),
      onAlert: (alert) =>
        this.options.events?.onAlert?.(
          alert,
          alert.receivedMs > 0 ? (performance.timeOrigin + performance.now() - alert.receivedMs) / 1000 : undefined,
        ),
    });
  }

  /** Loads the rules. @returns what was found; the engine uses them from `start` on. At first, threads warm up. */
  async load(config: Config = this.options.config): Promise<LoadedRules> {
    if (this.loads === 0) {
      this.warmUp();
      this.startDispatchers();
    }
    return loadOnThread(loadRequest(config, ++this.loads), this.stopped.signal);
  }

  /** Starts shards, then sources. Rejects with a message for the user when a socket cannot be bound. */
  async start(rules: LoadedRules): Promise<void> {
    const ruleSet = new RuleSet(rules.handle.block);
    await this.datasets.install(ruleSet);
    const handle = this.withMemories(rules.handle, ruleSet);
    this.use({ ...rules, handle }, ruleSet);
    await this.fileStore?.start();
    if (this.options.profiles === true)
      this.profiles = this.shards.memories.map(() => allocateProfile(ruleSet.ruleCount));
    this.shards.start({ ...handle, profiles: this.profiles });
    while (!this.shards.ready) {
      if (this.shards.failure !== undefined) throw this.shards.failure;
      await pause(1);
    }
    if (this.dispatchers.length === 0) this.startDispatchers();
    for (const [index, thread] of this.dispatchers.entries()) {
      this.switch(SWITCH.opened, index + 1);
      await thread.ready;
      if (thread.bound !== undefined) this.options.events?.onBound?.(thread.bound);
    }
    this.running = true;
    this.startedMs = performance.now();
    // Offline a shard may well stand still: it waits for whoever reads the events.
    if (this.offline) return;
    this.watchTimer = setInterval(() => {
      void this.shards.watch(performance.now());
      this.nameLimitedRules();
    }, WATCH_MS);
    this.watchTimer.unref();
    const { types, statsSeconds } = this.options.config.eve;
    if (types.includes('stats')) this.statsTimer = setInterval(() => this.writeStats(), statsSeconds * 1000).unref();
  }

  /**
   * Takes new rules into use; each shard changes between two packets. Rejects when a shard cannot take them up: then
   * nothing changes.
   */
  async adopt(rules: LoadedRules): Promise<void> {
    const ruleSet = new RuleSet(rules.handle.block);
    await this.datasets.install(ruleSet);
    const handle = this.withMemories(rules.handle, ruleSet);
    const problem = await this.shards.prepare(handle);
    if (problem !== undefined) throw new Error(problem);
    this.use({ ...rules, handle }, ruleSet);
    this.shards.commit(handle);
    // Each shard takes some milliseconds; one that stalls is not waited for.
    const deadline = performance.now() + TAKE_UP_MS;
    while (!this.shards.ready && performance.now() < deadline) await pause(1);
    // The rules before these, which the shards have let go of as well.
    collectGarbage();
  }

  /** Moves alerts until all sources have ended and every frame is done. Rejects when a source fails. */
  async run(): Promise<void> {
    this.go();
    const ended = this.waitForEnd();
    const over = new AbortController();
    const finished = ended.finally(() => {
      over.abort();
      this.alertBell.ring();
    });
    finished.catch(() => undefined);
    while (!over.signal.aborted) {
      const taken = await this.pump();
      if (this.offline) await pauseUntil(over.signal, taken < PUMP_LIMIT ? OFFLINE_PUMP_MS : 0);
      else if (taken > 0) await turn();
      else await this.sleep(over.signal);
    }
    await finished;
    this.shards.emptyLeft();
    this.shardsEnded = true;
    this.nameLimitedRules();
    while ((await this.pump()) > 0) await pause(0);
    await this.fileStore?.close();
    await this.options.evidence?.close();
    clearInterval(this.statsTimer);
    if (this.options.config.eve.types.includes('stats')) this.writeStats();
  }

  /**
   * Moves some alerts, and offline waits until there is room for more. @returns how many; 0 when there are none to
   * move.
   */
  private async pump(): Promise<number> {
    const { sink, evidence } = this.options;
    const taken = this.stream.pump(PUMP_LIMIT);
    while (this.offline && sink.isCrowded) await sink.drain();
    if (this.offline && evidence?.isCrowded === true) await evidence.drain();
    return taken;
  }

  /** Moves what alerts can be moved by now: for who has to wait for them, but no longer than a second. */
  async writeAlerts(): Promise<void> {
    const deadline = performance.now() + MAX_WRITE_MS;
    while (this.stream.pump(PUMP_LIMIT) === PUMP_LIMIT && performance.now() < deadline) await turn();
  }

  /** Live: sleeps until a shard has a candidate, or what is held may be in order. */
  private async sleep(over: AbortSignal): Promise<void> {
    const { alertBell, stream } = this;
    const { holds } = stream;
    if (holds) await pause(HELD_PUMP_MS);
    const token = alertBell.prepare(holds);
    // What the last look finds may have to wait: that is another kind of sleep.
    if (over.aborted || stream.pump(PUMP_LIMIT) > 0 || stream.holds !== holds) alertBell.cancel();
    else await alertBell.sleepAsync(token, LIVE_SLEEP_MS);
  }

  /** Tells the sources to end; `run` then resolves once everything is drained. */
  stop(): void {
    this.running = false;
    this.stopped.abort();
    this.switch(SWITCH.stop, 1);
    this.shards.stop();
    // Those that stand still see that it is over.
    this.switch(SWITCH.opened, this.tasks.length);
    this.go();
  }

  /** Lets sources begin that wait for it. */
  private go(): void {
    this.switch(SWITCH.go, 1);
  }

  private switch(word: number, value: number): void {
    Atomics.store(this.switches, word, value);
    Atomics.notify(this.switches, word);
  }

  /** Their sources stay closed. */
  private startDispatchers(): void {
    this.dispatchers = this.tasks.map((task) => new DispatchThread(task));
  }

  async close(): Promise<void> {
    clearInterval(this.watchTimer);
    clearInterval(this.statsTimer);
    this.stop();
    await Promise.all(this.dispatchers.map((thread) => thread.close()));
    await this.shards.close();
    await this.fileStore?.close();
  }

  get evidenceCounts(): EvidenceCounts | undefined {
    return this.options.evidence?.counts;
  }

  /** What became of each capture. */
  get captures(): readonly CaptureReport[] {
    return this.dispatchers.flatMap((thread) => thread.captures);
  }

  get bound(): readonly BoundMessage[] {
    return this.dispatchers.flatMap((thread) => thread.bound ?? []);
  }

  totals(): CounterTotals {
    return this.figures.totals();
  }

  balance(): FrameBalance {
    return this.figures.balance();
  }

  /** Alerts and recorded packets that came behind those of later packets. */
  get lateEvents(): number {
    return this.stream.late;
  }

  get anomaliesWithheld(): number {
    return this.stream.anomaliesWithheld;
  }

  /** Of stored files (STORE_SLOTS); undefined where none are. */
  get storeCounts(): ArrayLike<number> | undefined {
    return this.fileStore?.counts;
  }

  /** Names of mirror sessions, as configured. */
  get vniNames(): readonly { readonly vni: string; readonly name: string }[] {
    return Object.entries(this.options.config.vni.names).map(([vni, name]) => ({ vni, name }));
  }

  /** Of the rules in use, unless they are more than `limit`. */
  ruleIds(limit: number): RuleInfo[] {
    const { ruleSet } = this;
    if (ruleSet === undefined || ruleSet.ruleCount > limit) return [];
    return Array.from({ length: ruleSet.ruleCount }, (_, row) => ruleSet.ruleInfo(row));
  }

  /** What inspection has cost, if that was asked for; whole once all is done. */
  get profile(): InspectionProfile | undefined {
    return this.profiles === undefined ? undefined : InspectionProfile.sum(this.profiles);
  }

  /** The rules in use that take most time, as estimated; none where that is not asked for. */
  get dearRules(): readonly (RuleInfo & { readonly seconds: number })[] {
    const { times = [], ruleSet } = this;
    if (ruleSet === undefined) return [];
    const dearest = dearestRules(times, this.options.config.metrics.dearRules);
    return dearest.map(({ row, seconds }) => ({ ...ruleSet.ruleInfo(row), seconds }));
  }

  /**
   * With memory for the time that rules take, live and where it is asked for, and for what thresholds hold back: not
   * where captures have several shards, as how far each is must not show.
   */
  private withMemories(handle: RuleSetHandle, { ruleCount }: RuleSet): RuleSetHandle {
    const { offline, shards, options } = this;
    const isTimed = !offline && options.config.metrics.dearRules > 0;
    return {
      ...handle,
      times: isTimed ? shards.memories.map(() => allocateRuleTimes(ruleCount)) : undefined,
      fullWindows: offline && shards.memories.length > 1 ? undefined : allocateFullWindows(ruleCount),
    };
  }

  /** Exceptions in rules, and stalls at them. */
  get ruleFaults(): ShardSupervisor['ruleFaults'] {
    const { stalled, threw } = this.shards.ruleFaults;
    return { stalled, threw: threw + this.totals().shard[SHARD_SLOTS.ruleErrors] };
  }

  private ruleAt(row: number | undefined): RuleInfo | undefined {
    return row === undefined ? undefined : this.ruleSet?.ruleInfo(row);
  }

  private writeStats(): void {
    const totals = this.totals();
    this.eve.writeOther({
      line: renderStats({
        timeUs: this.offline ? totals.dispatcher[DISPATCHER_SLOTS.latestFrameUs] : Date.now() * 1000,
        uptimeSeconds: this.offline ? undefined : (performance.now() - this.startedMs) / 1000,
        totals,
        alerts: this.eve.total,
        suppressed: this.thresholder.stats.suppressed,
        sensor: this.options.config.sensor,
      }),
    });
  }

  /** Whether nothing more comes from the shard with these control words. */
  private hasEnded(words: Int32Array): boolean {
    return this.shardsEnded || Atomics.load(words, CONTROL.ended) === 1;
  }

  private use({ handle, report, thresholds }: LoadedRules, ruleSet: RuleSet): void {
    this.datasets.use(ruleSet);
    this.generation = handle.generation;
    this.times = handle.times;
    this.report = report;
    this.ruleSet = ruleSet;
    this.limitedRules = new LimitedRules(handle.limited);
    const windows = fullWindowsOf(handle, this.options.config.flow.vni);
    this.thresholder.configure(ruleSet.rulesWithThresholds(), thresholds, windows);
  }

  private nameLimitedRules(): void {
    for (const row of this.limitedRules?.take() ?? [])
      this.options.events?.onRuleLimited?.(this.ruleSet!.ruleInfo(row));
  }

  /** Rejects as soon as a source fails or a shard cannot be started again. */
  private async waitForEnd(): Promise<void> {
    const sources = Promise.all(this.dispatchers.map((thread) => thread.ended)).then(() => this.shards.wake());
    await Promise.all([sources, this.shards.ended()]);
  }
}
