/**
 * A shard that nobody sees: inspects traffic that was made for it by rules that were made for it, so that V8 has
 * compiled the way of the first real packet. Stage: shard, before it starts.
 *
 * All that a shard touches is made anew and thrown away: memory, rings, counters, tables. What the configuration says
 * of shards holds, but that no files and no packets are kept.
 */
import { readFileSync } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { RuleSet } from '../block/rule-set.js';
import { newRuleWords, type RuleSetHandle } from '../block/rule-set-handle.js';
import { allocateCounters } from '../counters/counters.js';
import { SHARD_LAYOUT } from '../counters/names.js';
import { allocateDataTable } from '../detect/state/data-table.js';
import { allocateHostBits } from '../detect/state/host-bits.js';
import { allocateHostTags, LEAST_HOST_TAGS } from '../detect/state/tag-hosts.js';
import type { FrameDispatcher } from '../dispatch/frame-dispatcher.js';
import { allocateUnseenVnis, unseenDispatcher } from '../dispatch/warm-up.js';
import { asDatagrams, later, warmUpBatches, type WarmUpBatch } from '../dispatch/warm-up-frames.js';
import { compileKernel } from '../match/literal/kernel-matcher.js';
import { RECORD_BYTES } from '../memory/budget.js';
import { shardLayout } from '../memory/layout.js';
import { allocateShardMemory } from '../memory/shard-memory.js';
import { MIN_RING_BYTES } from '../ring/frame-ring.js';
import { allocateRing, emptyRing, RingConsumer } from '../ring/record-ring.js';
import { placesOf } from '../shard/places.js';
import { CONTROL_BYTES, type ShardOptions, type ShardTask } from '../shard/task.js';
import { Shard } from '../shard/worker.js';
import { DOORBELL_BYTES } from '../util/doorbell.js';
import { programFile } from '../util/program-folder.js';

/** Written by scripts/build-warm-up.mjs. */
const RULES = programFile('warm-up/rules.bin');
const MIB = 1024 * 1024;

/** What a shard that nobody sees inspects, and by which rules. */
export interface UnseenLoad {
  readonly batches: readonly WarmUpBatch[];
  readonly rules: RuleSetHandle;
  /** Flows that there is room for. */
  readonly flows: number;
}

export class UnseenShard {
  readonly shard: Shard;
  readonly dispatcher: FrameDispatcher;
  /** What it found, to be emptied. */
  readonly candidates: RingConsumer;
  /** Of the shard. */
  readonly counters = allocateCounters(1, SHARD_LAYOUT.size);
  private readonly batches: readonly WarmUpBatch[];
  private next = 0;

  /** With what threads warm up with, unless there is a `load`. Throws where that is not there. */
  constructor(options: ShardOptions, load = warmUpLoad(options.offline)) {
    const { rules, flows } = load;
    this.batches = load.batches;
    const { tables, bytes } = new RuleSet(rules.block);
    const memory = allocateShardMemory(
      shardLayout({
        rings: 1,
        ringBytes: Math.max(MIB, MIN_RING_BYTES),
        tableBytes: tables.length + bytes.length + MIB,
        keptBytes: MIB,
        streamBytes: 16 * MIB,
        recordBytes: flows * RECORD_BYTES,
      }),
    );
    const { port1, port2 } = new MessageChannel();
    port1.unref();
    port2.unref();
    const doorbell = new SharedArrayBuffer(DOORBELL_BYTES);
    const candidates = allocateRing(MIB);
    this.candidates = new RingConsumer(candidates);
    const task: ShardTask = {
      shard: 0,
      memory,
      doorbell,
      control: new SharedArrayBuffer(CONTROL_BYTES),
      candidates,
      alertBell: new SharedArrayBuffer(DOORBELL_BYTES),
      counters: this.counters,
      counterRow: 0,
      vniLosses: allocateUnseenVnis(),
      vniHalves: allocateUnseenVnis(),
      rules: { handle: rules },
      rulePort: port1,
      errorPort: port2,
      options: {
        ...options,
        offline: false,
        flow: { ...options.flow, cap: flows },
        hostBits: allocateHostBits(),
        hostTags: allocateHostTags(LEAST_HOST_TAGS),
        datasets: allocateDataTable(MIB),
        fileStore: undefined,
        evidence: undefined,
      },
    };
    this.shard = new Shard(task);
    this.dispatcher = unseenDispatcher(placesOf(memory)[0], doorbell);
  }

  /** Inspects the next batch of frames; behind the last comes the first. @returns frames. */
  step(): number {
    const batch = this.batches[this.next];
    this.next = (this.next + 1) % this.batches.length;
    later(batch);
    this.dispatcher.deliver(batch.batch, batch.count);
    while (this.shard.turn() > 0);
    emptyRing(this.candidates);
    return batch.count;
  }
}

function warmUpLoad(offline: boolean): UnseenLoad {
  const frames = warmUpBatches();
  return { batches: offline ? frames : frames.map(asDatagrams), rules: readRules(), flows: 4096 };
}

function readRules(): RuleSetHandle {
  const file = readFileSync(RULES);
  const block = new SharedArrayBuffer(file.length);
  new Uint8Array(block).set(file);
  return { generation: 1, kernel: compileKernel(), block, ...newRuleWords(new RuleSet(block).ruleCount) };
}
