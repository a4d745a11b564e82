/**
 * A shard's thread: `run` is its one piscina task and lasts as long as the shard. Stage: shard.
 *
 * The loop returns to the event loop only to have it clean up after zlib (util/zlib-calls.ts). New rule sets are taken
 * from the port when the shared control word says so, made ready, and taken into use between two packets once the main
 * thread knows that all shards can. With nothing to do the thread naps, and in the end sleeps until a dispatcher rings:
 * naps let packets gather, so that a steady trickle costs no system call per packet.
 */
import { receiveMessageOnPort, resourceLimits, threadId } from 'node:worker_threads';
import { ApplicationLayer, DEFAULT_LAYER_OPTIONS } from '../app/layer.js';
import { fileNeeds, type FileNeeds } from '../app/file/needs.js';
import { frameLog, type FrameLog } from '../app/frame/frame-log.js';
import { ApplicationStats } from '../app/application-stats.js';
import { protocolsWith } from '../app/protocols.js';
import { DataTable } from '../detect/state/data-table.js';
import { DIGEST } from '../app/file/digests.js';
import { askedBuffers, framesOf } from '../detect/asked-buffers.js';
import { digestsOf } from '../detect/file-digests.js';
import { storingOf } from '../detect/file-storer.js';
import type { Detector } from '../detect/detect.js';
import { openDetector } from '../detect/profiled-detector.js';
import type { CandidateSink } from '../detect/event/candidate.js';
import { HostBits } from '../detect/state/host-bits.js';
import { InspectionProfile } from '../block/inspection-profile.js';
import { RuleSet } from '../block/rule-set.js';
import type { RuleSetHandle } from '../block/rule-set-handle.js';
import type { EventOptions } from '../detect/event/event-writer.js';
import { fullWindowsOf } from '../detect/event/full-windows.js';
import { HostTags } from '../detect/state/tag-hosts.js';
import { FrameRingReader } from '../ring/frame-ring.js';
import { FlowOrigins } from '../flow/flow-origins.js';
import { FlowTable } from '../flow/table.js';
import { VniGroups } from '../flow/vni-groups.js';
import { objectBytesOf } from '../memory/object-bytes.js';
import { openMatcher } from '../match/literal/kernel-matcher.js';
import type { MemoryMatcher } from '../match/literal/matcher.js';
import { Arena } from '../memory/arena.js';
import { moveBy } from '../memory/copy.js';
import { ShardMemory, type InstalledTables } from '../memory/shard-memory.js';
import { placesOf } from './places.js';
import { CounterRow } from '../counters/counters.js';
import { APPLICATION_SLOT, SHARD_LAYOUT, SHARD_SLOTS } from '../counters/names.js';
import { VniTable } from '../counters/vni-table.js';
import { Reassembler } from '../stream/reassembler.js';
import type { ReassemblyOptions } from '../stream/reassembly-options.js';
import { newStreamStats } from '../stream/stream-stats.js';
import { collectGarbage } from '../util/collect-garbage.js';
import { Doorbell, nap } from '../util/doorbell.js';
import { zlibCalls } from '../util/zlib-calls.js';
import { takeSpareWork } from './spare-work.js';
import { reasonOf } from '../util/reason.js';
import { ownerOfShard } from '../util/word-lock.js';
import { CandidateRingWriter } from './candidate-ring.js';
import { AnomalyLog } from './anomaly-log.js';
import { Duplicates } from './duplicates.js';
import { FileRingWriter } from './file-ring.js';
import { Evidence } from './evidence.js';
import { ErrorReports } from './error-reports.js';
import { FlowLog } from './flow-log.js';
import { ForwardedFor } from './forwarded-for.js';
import { Pipeline } from './pipeline.js';
import { ProfiledReassembler } from './profiled-units.js';
import { HalfConnections } from './half-connections.js';
import { HeapWatch } from './heap-watch.js';
import { ShardCounts } from './shard-counts.js';
import { StreamLosses } from './stream-losses.js';
import { TransactionLog } from './transaction-log.js';
import { CONTROL, type NextRules, type ShardTask } from './task.js';

// PERF: Node's cipher and digest calls make a buffer by changing the prototype of a plain array of bytes. The first one
// has V8 throw away all code that counts on the shape of such arrays: a hundred functions, with the first packet of
// QUIC. Done before there is such code, it costs nothing (test/bench/pair.mjs, mixed capture: 0.97).
Object.setPrototypeOf(new Uint8Array(0), Buffer.prototype);

/** Records taken from one ring before the next one gets its turn. */
const RECORDS_PER_TURN = 256;
const MIB = 1024 * 1024;
const NAP_MS = 1;
/** Naps without work before the thread goes to sleep. */
const NAPS_BEFORE_SLEEP = 50;
const SLEEP_MS = 1000;

/** Rules that could be taken into use at once. */
interface BuiltRules {
  readonly generation: number;
  readonly half: InstalledTables['half'];
  readonly detector: Detector;
  /** Buffers of transactions that they look at. */
  readonly asked: ReadonlySet<number>;
  readonly storing: ReturnType<typeof storingOf>;
}

export class Shard {
  private readonly task: ShardTask;
  private readonly control: Int32Array;
  /** By SHARD_SLOTS. */
  private readonly sums: Float64Array;
  private readonly counts: ShardCounts;
  private readonly memory: ShardMemory;
  private readonly matcher: MemoryMatcher;
  private readonly flows: FlowTable;
  private readonly hostBits: HostBits;
  private readonly hostTags: HostTags;
  private readonly dataTable: DataTable;
  private readonly duplicates: Duplicates | undefined;
  private readonly arena: Arena;
  private readonly applications: ApplicationLayer;
  private readonly heap: HeapWatch;
  private readonly applicationStats: ApplicationStats;
  private readonly fileNeeds: FileNeeds;
  private readonly frames: FrameLog;
  private readonly alertBell: Doorbell;
  private readonly errors: ErrorReports;
  private readonly rings: readonly FrameRingReader[];
  private readonly ended: boolean[];
  private readonly pipeline: Pipeline;
  private readonly anomalyLog: AnomalyLog | undefined;
  /** Rules that are ready and wait to be taken into use. */
  private next: BuiltRules | undefined;
  /** Half of TABLES that the rules in use are in. */
  private half: InstalledTables['half'] = 1;
  /** Messages of the port that were looked for; whoever takes over from a dead shard looks once. */
  private postedSeen = -1;

  constructor(task: ShardTask) {
    this.task = task;
    this.control = new Int32Array(task.control);
    this.sums = new CounterRow(task.counters, task.counterRow, SHARD_LAYOUT.size).values;
    this.memory = new ShardMemory(task.memory);
    moveBy(this.memory.memory, this.memory.bytes);
    const ruleSet = task.rules.handle!;
    task.rules.handle = undefined;
    this.matcher = openMatcher(ruleSet.kernel, this.memory);
    const { memory, layout, bytes } = this.memory;
    const { keptBytes, streamBytes } = layout.sizes;
    const arena = new Arena(memory.buffer, layout.arena, keptBytes + streamBytes, { keptBytes, bytes });
    this.arena = arena;
    const fileRing = fileRingOf(task, bytes);
    this.fileNeeds = fileNeeds(arena);
    this.frames = frameLog(arena);
    this.fileNeeds.store = fileRing ?? null;
    this.applicationStats = new ApplicationStats(this.sums.subarray(APPLICATION_SLOT));
    this.alertBell = new Doorbell(task.alertBell);
    this.errors = new ErrorReports(task.errorPort, task.shard);
    const sink = new CandidateRingWriter(task.candidates, task.options.offline, this.alertBell);
    const { anomaliesPerSecond } = task.options;
    this.anomalyLog =
      anomaliesPerSecond === undefined ? undefined : new AnomalyLog(sink, anomaliesPerSecond, this.eventOptions());
    const transactionLog = this.newTransactionLog(sink);
    const { protocols: settings, encryptionHandling, http } = task.options;
    const protocols = protocolsWith(settings, encryptionHandling, http);
    const heapBytes = (resourceLimits.maxOldGenerationSizeMb ?? Infinity) * MIB;
    this.heap = new HeapWatch(heapBytes);
    this.applications = new ApplicationLayer(arena, protocols, this.applicationStats, {
      ...DEFAULT_LAYER_OPTIONS,
      settings,
      watcher: transactionLog,
      objectBytes: objectBytesOf(heapBytes),
      onError: (application, error) => this.errors.ofParser(application, error),
    });
    this.flows = new FlowTable({
      ...task.options.flow,
      memory: { arena, offset: layout.flows },
      directionOf: ({ bytes, payloadOffset, payloadLength, srcPort, dstPort }) =>
        this.applications.directionOf(bytes, payloadOffset, payloadLength, srcPort, dstPort),
      onEnd: (flow, reason) => this.pipeline.flowEnded(flow, reason),
    });
    const profile = profileOf(ruleSet, task.shard);
    const streamStats = newStreamStats();
    const reassemblerParts = [arena, reassemblyOf(task, streamBytes), streamStats] as const;
    const reassembler =
      profile === undefined
        ? new Reassembler(...reassemblerParts)
        : new ProfiledReassembler(profile, ...reassemblerParts);
    const { vniGroups = [], cap, seed = 0 } = task.options.flow;
    const groups = new VniGroups(vniGroups);
    this.duplicates = groups.isEmpty ? undefined : new Duplicates(groups, cap, seed);
    const origins = new FlowOrigins(task.options.flow.cap, !task.options.offline);
    const owner = ownerOfShard(task.shard);
    this.hostBits = new HostBits(task.options.hostBits, task.options.flow.vniInKey, owner);
    this.hostTags = new HostTags(task.options.hostTags, task.options.flow.vniInKey, owner);
    this.dataTable = new DataTable(task.options.datasets, owner);
    this.rings = placesOf(task.memory).map((place) => new FrameRingReader(place, this.memory));
    this.ended = this.rings.map(() => false);
    const flowLog = task.options.flowEvents ? new FlowLog(sink, origins, this.eventOptions()) : undefined;
    const evidence =
      task.options.evidence && new Evidence({ ...task.options.evidence, flows: task.options.flow.cap }, sink);
    const { flows, applications, anomalyLog, duplicates, frames } = this;
    const parts = { flows, applications, reassembler, streamStats, duplicates, flowLog, anomalyLog, evidence };
    this.counts = new ShardCounts(this.sums, { ...parts, fileNeeds: this.fileNeeds, frames, fileRing });
    this.pipeline = new Pipeline({
      ...parts,
      sink,
      transactionLog,
      origins,
      midstream: task.options.midstream,
      offline: task.options.offline,
      hostBits: this.hostBits,
      hostTags: this.hostTags,
      counts: this.sums,
      losses: new StreamLosses(streamStats, new VniTable(task.vniLosses)),
      halves: new HalfConnections(new VniTable(task.vniHalves)),
      bypassBytes: task.options.bypassBytes,
      control: this.control,
      profile,
    });
    this.change(this.build(ruleSet));
  }

  /** Takes everything from the rings until all of them have ended. */
  async run(): Promise<void> {
    const doorbell = new Doorbell(this.task.doorbell);
    Atomics.store(this.control, CONTROL.threadId, threadId);
    let naps = 0;
    let spare = takeSpareWork();
    while (this.ended.includes(false)) {
      if (this.hasNews()) this.takeNews();
      if (zlibCalls.areMany) await zlibCalls.cleanUp();
      if (this.turn() > 0) {
        naps = 0;
      } else if (spare !== undefined) {
        if (this.sums[SHARD_SLOTS.inspectedPackets] > 0 || !spare.goOn()) spare = undefined;
      } else if (naps++ < NAPS_BEFORE_SLEEP) {
        nap(NAP_MS);
      } else {
        const token = doorbell.prepare();
        if (this.hasNews() || this.turn() > 0) doorbell.cancel();
        else doorbell.sleep(token, SLEEP_MS);
      }
    }
    this.endFlows();
    Atomics.store(this.control, CONTROL.ended, 1);
  }

  /** What is left of flows is inspected, which is work as any other. */
  private endFlows(): void {
    const start = performance.now();
    this.flows.clear();
    this.counts.collect((performance.now() - start) * 1000);
  }

  /** Gives every ring its turn. @returns the records taken. */
  turn(): number {
    let taken = 0;
    const start = performance.now();
    for (let i = 0; i < this.rings.length; i++) {
      const records = this.pipeline.drain(this.rings[i], i, RECORDS_PER_TURN);
      if (records < 0) this.ended[i] = true;
      taken += Math.abs(records);
    }
    if (taken > 0) {
      this.alertBell.ringForProgress();
      this.counts.collect((performance.now() - start) * 1000);
      if (this.heap.isDue(taken)) this.applications.noteHeap(this.heap.isNearlyFull);
    }
    return taken;
  }

  /** Whether the main thread has rules for us to make ready, or to take into use. */
  private hasNews(): boolean {
    const { control, next } = this;
    return (
      Atomics.load(control, CONTROL.posted) !== this.postedSeen ||
      (next !== undefined && Atomics.load(control, CONTROL.commit) === next.generation)
    );
  }

  private takeNews(): void {
    this.postedSeen = Atomics.load(this.control, CONTROL.posted);
    for (
      let message = receiveMessageOnPort(this.task.rulePort);
      message !== undefined;
      message = receiveMessageOnPort(this.task.rulePort)
    ) {
      this.prepare(message.message as NextRules);
    }
    if (this.next === undefined || Atomics.load(this.control, CONTROL.commit) !== this.next.generation) return;
    this.change(this.next);
    // The rules before these. At the start of a shard there are none.
    collectGarbage();
  }

  /** Makes rules ready. Those that cannot be, for lack of memory or whatever else, leave those in use as they are. */
  private prepare(handle: NextRules): void {
    const { control } = this;
    this.next = undefined;
    if (handle === undefined) return;
    const { generation } = handle;
    Atomics.store(control, CONTROL.building, generation);
    try {
      this.next = this.build(handle);
      Atomics.store(control, CONTROL.built, generation);
    } catch (error) {
      this.task.rulePort.postMessage(reasonOf(error));
      Atomics.store(control, CONTROL.refused, generation);
    }
  }

  /** Copies tables into the half that is not in use, and opens the rules. */
  private build(handle: RuleSetHandle): BuiltRules {
    const { options } = this.task;
    const { outputs, decoded } = this.memory.layout.scratch;
    const block = new RuleSet(handle.block);
    const storing = storingOf(block);
    const tables = this.memory.installTables(this.half === 0 ? 1 : 0, block.tables, block.bytes);
    const detector = openDetector(new RuleSet(handle.block, 0, tables), this.matcher, {
      generation: handle.generation,
      arena: this.arena,
      workspace: { bytes: this.memory.bytes, outputs, decoded, operations: this.matcher },
      hostBits: this.hostBits,
      hostTags: this.hostTags,
      dataTable: this.dataTable,
      taggedPackets: options.taggedPackets,
      storesFiles: options.fileStore !== undefined && storing.stores,
      quarantine: new Int32Array(handle.quarantine),
      strikes: new Int32Array(handle.strikes),
      onError: (error, row, isOut) => this.errors.ofDetection(error, row, handle.generation, isOut),
      limited: new Int32Array(handle.limited),
      progress: this.control.subarray(CONTROL.rule, CONTROL.rule + 1),
      alerts: { ...options.alerts, ...this.eventOptions() },
      profile: profileOf(handle, this.task.shard),
      fullWindows: fullWindowsOf(handle, options.flow.vniInKey),
      ruleTimes: handle.times === undefined ? undefined : new Float64Array(handle.times[this.task.shard]),
    });
    const { generation } = handle;
    return { generation, half: tables.half, detector, asked: askedBuffers(block), storing };
  }

  private change({ generation, half, detector, asked, storing }: BuiltRules): void {
    this.pipeline.detector = detector;
    const needs = this.fileNeeds;
    // Events name what is stored by this digest.
    const isStoring = needs.store !== null && storing.stores;
    needs.digests = digestsOf(asked) | this.task.options.fileDigests | (isStoring ? DIGEST.sha256 : 0);
    needs.copiesAll = isStoring && storing.late;
    this.frames.ask(framesOf(asked));
    this.half = half;
    this.next = undefined;
    this.counts.use(detector);
    Atomics.store(this.control, CONTROL.adopted, generation);
  }

  /** What all events of the shard have in common. */
  private eventOptions(): EventOptions {
    const { captures, communityIdSeed, packetBytes, sensor, vniNames, ethernet, xff } = this.task.options.alerts;
    return {
      communityIdSeed,
      packetBytes,
      sensor,
      vniNames,
      ethernet,
      forwarded: xff === undefined ? undefined : new ForwardedFor(xff),
      captureName: captures === undefined ? undefined : (capture) => captures[capture],
      proxyOf: (flow) => this.applications.client(flow),
      vnisOf: (flow) => this.duplicates?.vnisOf(flow),
      appendMarks: (line, flow) => this.pipeline.detector.appendMarks(line, flow),
    };
  }

  /** Undefined where no events of transactions are asked for. */
  private newTransactionLog(sink: CandidateSink): TransactionLog | undefined {
    const { transactionEvents } = this.task.options;
    if (transactionEvents.length === 0 && this.anomalyLog === undefined) return undefined;
    const onError = (application: string, error: unknown): void => this.errors.ofParser(application, error);
    const parts = [sink, this.applicationStats, transactionEvents, this.eventOptions(), onError] as const;
    return new TransactionLog(...parts, this.anomalyLog);
  }
}

function reassemblyOf(task: ShardTask, memoryBytes: number): ReassemblyOptions {
  const { midstream, stream } = task.options;
  return { ...stream, midstream, parsed: true, memoryBytes };
}

function profileOf({ profiles }: RuleSetHandle, shard: number): InspectionProfile | undefined {
  return profiles === undefined ? undefined : new InspectionProfile(profiles[shard]);
}

function fileRingOf({ options, shard }: ShardTask, memory: Uint8Array): FileRingWriter | undefined {
  const { fileStore, offline } = options;
  if (fileStore === undefined) return undefined;
  const { rings, doorbell, words, mostBytes } = fileStore;
  const bell = new Doorbell(doorbell);
  return new FileRingWriter(rings[shard], { mostBytes, waits: offline, bell, words: new Int32Array(words), memory });
}

/** Piscina's task. Returns when all rings have ended. */
export function run(task: ShardTask): Promise<void> {
  return new Shard(task).run();
}
