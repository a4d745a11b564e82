/**
 * Everything between a source and the event file in one thread: dispatcher, rings, shards' pipelines with compiled
 * rules, merge and thresholds. Made of the sensor's own parts; only the threads are missing, so a run can be repeated
 * exactly.
 */
import type { Detector } from '../../src/detect/detect.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { DEFAULT_DEFRAG_OPTIONS } from '../../src/dispatch/defrag.js';
import { FrameDispatcher } from '../../src/dispatch/frame-dispatcher.js';
import { FrameRingObserver, FrameRingReader, FrameRingWriter, MIN_RING_BYTES } from '../../src/ring/frame-ring.js';
import { SequenceWords } from '../../src/dispatch/task.js';
import { watermarkOf } from '../../src/dispatch/watermark.js';
import type { Flow, FlowEnd } from '../../src/flow/flow.js';
import { FlowOrigins } from '../../src/flow/flow-origins.js';
import { FlowTable } from '../../src/flow/table.js';
import type { FrameBatch } from '../../src/ingest/source.js';
import { buildRuleSet } from '../../src/load/build-rule-set.js';
import { openMatcher } from '../../src/match/literal/kernel-matcher.js';
import { ApplicationLayer, DEFAULT_LAYER_OPTIONS, type LayerOptions } from '../../src/app/layer.js';
import { ApplicationStats } from '../../src/app/application-stats.js';
import { PROTOCOLS } from '../../src/app/protocols.js';
import { Arena } from '../../src/memory/arena.js';
import { shardLayout } from '../../src/memory/layout.js';
import { ShardMemory, allocateShardMemory } from '../../src/memory/shard-memory.js';
import { FLOW_BYTES } from '../../src/flow/record.js';
import { placesOf } from '../../src/shard/places.js';
import { openDetector } from '../support/shard-memory.js';
import { CounterRow, allocateCounters } from '../../src/counters/counters.js';
import {
  DISPATCHER_LAYOUT,
  ENGINE_LAYOUT,
  SHARD_LAYOUT,
  frameBalance,
  sumRows,
  type CounterTotals,
  type FrameBalance,
} from '../../src/counters/names.js';
import { VniTable } from '../../src/counters/vni-table.js';
import { AlertStream } from '../../src/output/alert-stream.js';
import { EveWriter } from '../../src/output/eve.js';
import { Thresholder } from '../../src/output/threshold.js';
import { CandidateRingWriter } from '../../src/shard/candidate-ring.js';
import { Pipeline } from '../../src/shard/pipeline.js';
import { CONTROL_BYTES } from '../../src/shard/task.js';
import { DOORBELL_BYTES, Doorbell } from '../../src/util/doorbell.js';
import { allocateRing, type RingPlace } from '../../src/ring/record-ring.js';
import type { ReassemblyOptions } from '../../src/stream/reassembly-options.js';
import { reassemblerOf } from '../support/streams.js';

export interface SensorSetup {
  readonly rules: readonly string[];
  readonly shards: number;
  readonly flowCap: number;
  readonly midstream: boolean;
  readonly verifyChecksums: boolean;
  /** Room for events on their way from a shard. */
  readonly candidateBytes?: number;
  /** What is kept of applications; the defaults where it is left out. */
  readonly layer?: Partial<LayerOptions>;
  /** What is done with streams; the defaults where it is left out. */
  readonly streams?: Partial<ReassemblyOptions>;
  /** Called for every event, in order. */
  readonly onEvent: (line: Uint8Array) => void;
}

interface Shard {
  readonly reader: FrameRingReader;
  readonly pipeline: Pipeline;
  readonly flows: FlowTable;
  readonly counts: CounterRow;
}

const CANDIDATE_RING_BYTES = 16 << 20;
const RECORDS_PER_TURN = 256;
const PUMP_LIMIT = 512;

export class InProcessSensor {
  readonly flows: readonly FlowTable[];
  readonly ruleCount: number;
  /** Of the clock that live frames are received by. */
  nowMs = 1_800_000_000_000;
  private readonly dispatcher: FrameDispatcher;
  private readonly dispatcherCounts: CounterRow;
  private readonly shards: readonly Shard[];
  private readonly alerts: AlertStream;

  constructor(setup: SensorSetup) {
    const memories = Array.from({ length: setup.shards }, () => allocateShardMemory(layoutOf(setup)));
    const rings = memories.map((memory) => placesOf(memory)[0]);
    const candidates = rings.map(() => allocateRing(setup.candidateBytes ?? CANDIDATE_RING_BYTES));
    const sequence = new SequenceWords(SequenceWords.allocate(1));
    this.dispatcherCounts = new CounterRow(allocateCounters(1, DISPATCHER_LAYOUT.size), 0, DISPATCHER_LAYOUT.size);
    this.dispatcher = new FrameDispatcher({
      dispatcher: 0,
      rings: rings.map((place) => new FrameRingWriter(place)),
      doorbells: rings.map(() => new Doorbell(new SharedArrayBuffer(DOORBELL_BYTES))),
      counters: this.dispatcherCounts,
      vnis: new VniTable(VniTable.allocate(100, 3600)),
      sequence,
      defrag: { ...DEFAULT_DEFRAG_OPTIONS, maxDatagrams: 256, maxBytes: 1 << 20 },
      verifyChecksums: setup.verifyChecksums,
      offline: false,
      local: { bytes: Uint8Array.of(192, 0, 2, 9), port: 4789 },
      clockMs: () => this.nowMs,
    });
    const rules = load(setup);
    this.ruleCount = rules.set.ruleCount;
    this.shards = memories.map((handle, i) => {
      const memory = new ShardMemory(handle);
      return makeShard(setup, rules.detector, memory, candidates[i]);
    });
    this.flows = this.shards.map(({ flows }) => flows);
    const thresholder = new Thresholder({ cap: 1000, vniInKey: true });
    thresholder.configure(rules.withThresholds);
    this.alerts = new AlertStream({
      sources: rings.map((place, i) => {
        const observer = new FrameRingObserver(place);
        return { ring: candidates[i], watermark: () => (this.hasEnded ? Infinity : watermarkOf([observer], sequence)) };
      }),
      thresholder,
      eve: new EveWriter({ write: (line) => (setup.onEvent(line), true) }),
      onAlert: () => undefined,
    });
  }

  /** No shard has anything to say any more. */
  private hasEnded = false;

  /** What a dispatch thread does with a batch. */
  deliver(batch: FrameBatch, count: number): void {
    this.dispatcher.deliver(batch, count);
  }

  /** What shards and main thread do until there is nothing left; shard number `late` has no turn. */
  drain(late = -1): void {
    for (const [shard, { reader, pipeline }] of this.shards.entries()) {
      if (shard === late) continue;
      while (pipeline.drain(reader, 0, RECORDS_PER_TURN) === RECORDS_PER_TURN) this.pump();
      this.pump();
    }
    this.pump();
  }

  end(): void {
    this.dispatcher.end();
    this.drain();
    for (const { flows } of this.shards) flows.clear();
    this.hasEnded = true;
    this.pump();
  }

  totals(): CounterTotals {
    return {
      shard: sumRows(
        SHARD_LAYOUT.size,
        this.shards.map(({ counts }) => counts.snapshot()),
      ),
      engine: new Float64Array(ENGINE_LAYOUT.size),
      dispatcher: this.dispatcherCounts.snapshot(),
    };
  }

  balance(): FrameBalance {
    return frameBalance(this.totals());
  }

  private pump(): void {
    while (this.alerts.pump(PUMP_LIMIT) === PUMP_LIMIT);
  }
}

const layoutOf = ({ flowCap }: SensorSetup) =>
  shardLayout({
    rings: 1,
    ringBytes: MIN_RING_BYTES,
    tableBytes: 4 << 20,
    keptBytes: 0,
    streamBytes: 16 << 20,
    recordBytes: flowCap * FLOW_BYTES,
  });

function load({ rules }: SensorSetup) {
  const { handle, report } = buildRuleSet({
    rules,
    variables: {},
    classificationFile: '',
    referenceFile: '',
    thresholdFile: '',
    includeDisabled: false,
    generation: 1,
  });
  if (report.files === 0) throw new Error(`no rules at ${rules.join(', ')}`);
  const set = new RuleSet(handle.block);
  const options = { generation: 1, alerts: { communityIdSeed: 0, payloadBytes: 4096, packetBytes: 4096 } };
  return {
    set,
    withThresholds: [...set.rulesWithThresholds()],
    detector: (memory: ShardMemory, arena: Arena) =>
      openDetector(handle.block, openMatcher(handle.kernel, memory), memory, { ...options, arena }),
  };
}

type OpenDetector = (memory: ShardMemory, arena: Arena) => Detector;

function makeShard(setup: SensorSetup, open: OpenDetector, memory: ShardMemory, candidates: RingPlace): Shard {
  const { layout, bytes } = memory;
  const arena = new Arena(memory.memory.buffer, layout.arena, layout.sizes.streamBytes, { bytes });
  const { flowCap: cap, midstream } = setup;
  const onEnd = (flow: Flow, reason: FlowEnd): void => pipeline.flowEnded(flow, reason);
  const flows = new FlowTable({
    cap,
    vniInKey: true,
    midstream,
    seed: 1,
    memory: { arena, offset: layout.flows },
    onEnd,
  });
  const reassembler = reassemblerOf(flows, { midstream, ...setup.streams });
  const counts = new CounterRow(allocateCounters(1, SHARD_LAYOUT.size), 0, SHARD_LAYOUT.size);
  const pipeline = new Pipeline({
    flows,
    sink: new CandidateRingWriter(candidates, false),
    reassembler,
    origins: new FlowOrigins(cap, true),
    midstream,
    offline: true,
    applications: new ApplicationLayer(arena, PROTOCOLS, new ApplicationStats(), {
      ...DEFAULT_LAYER_OPTIONS,
      ...setup.layer,
    }),
    counts: counts.values,
    control: new Int32Array(new SharedArrayBuffer(CONTROL_BYTES)),
  });
  pipeline.detector = open(memory, arena);
  return { reader: new FrameRingReader(placesOf(memory)[0], memory), pipeline, flows, counts };
}
