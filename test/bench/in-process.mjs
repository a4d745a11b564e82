/** A dispatcher and a shard in this process, fed from memory: what a packet costs without threads, files, sockets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuleSet } from '../../build/block/rule-set.js';
import { newRuleWords } from '../../build/block/rule-set-handle.js';
import { loadConfig } from '../../build/config/load-config.js';
import { SHARD_LAYOUT, SHARD_SLOTS } from '../../build/counters/names.js';
import { CounterRow } from '../../build/counters/counters.js';
import { LINK_TYPE } from '../../build/decode/packet.js';
import { allocateHostBits } from '../../build/detect/state/host-bits.js';
import { later } from '../../build/dispatch/warm-up-frames.js';
import { shardOptions } from '../../build/engine/tasks.js';
import { FrameBatch } from '../../build/ingest/source.js';
import { compileFromFiles } from '../../build/load/build-rule-set.js';
import { compileKernel } from '../../build/match/literal/kernel-matcher.js';
import { emptyRing } from '../../build/ring/record-ring.js';
import { UnseenShard } from '../../build/warm-up/unseen-shard.js';
import { expect, median, spend } from './harness.mjs';

const BATCH_SIZE = 32;
const START_US = 1.7e15;
/** Between two batches whose flows are to go on. */
const BATCH_US = 1000;
const WARM_UP_SECONDS = 1.5;
/** Of each of three. */
const SECONDS = 0.6;

/** @param {readonly string[]} lines rules */
export function ruleHandle(lines) {
  const folder = mkdtempSync(join(tmpdir(), 'periscope-bench-'));
  try {
    const file = join(folder, 'bench.rules');
    writeFileSync(file, lines.join('\n'));
    let block;
    const { report, ruleCount } = compileFromFiles(
      { rules: [file], lint: false },
      (bytes) => new Uint8Array((block = new SharedArrayBuffer(bytes))),
    );
    expect(report.loaded, lines.length, 'rules');
    return { generation: 1, kernel: compileKernel(), block, ...newRuleWords(ruleCount) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Ethernet frames in batches, as a source hands them over. */
export function batchesOf(frames) {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  const batches = [];
  let at = 0;
  for (let first = 0; first < frames.length; first += BATCH_SIZE) {
    const some = frames.slice(first, first + BATCH_SIZE);
    const batch = new FrameBatch(bytes, some.length);
    for (const [i, frame] of some.entries()) {
      bytes.set(frame, at);
      batch.offset[i] = at;
      batch.length[i] = batch.wireLength[i] = frame.length;
      batch.timeUs[i] = START_US + first + i;
      batch.linkType[i] = LINK_TYPE.ethernet;
      at += frame.length;
    }
    batches.push({ batch, count: some.length });
  }
  return batches;
}

/** A dispatcher and a shard that are played the same frames again and again. */
export class InProcess {
  /** Frames played so far. */
  sent = 0;
  #next = 0;
  #nowUs = START_US;
  #batches;
  #counts;
  #restarts;
  #parts;

  /**
   * @param {{ frames: readonly Uint8Array[], rules: readonly string[], flows?: number, restarts?: boolean }} load
   * `restarts`: each round begins when no flow of the one before is left; else flows go on.
   */
  constructor({ frames, rules, flows = 4096, restarts = false }) {
    const shared = () => allocateHostBits();
    const options = shardOptions(loadConfig({}).config, undefined, {
      hostBits: shared(),
      hostTags: shared(),
      datasets: shared(),
      fileStore: undefined,
    });
    const batches = batchesOf(frames);
    const handle = ruleHandle(rules);
    expect(new RuleSet(handle.block).ruleCount, rules.length, 'rules in the block');
    this.#parts = new UnseenShard(options, { batches, rules: handle, flows });
    this.#batches = batches;
    this.#restarts = restarts;
    this.#counts = new CounterRow(this.#parts.counters, 0, SHARD_LAYOUT.size);
  }

  /** Plays all frames once. @returns how many. */
  round() {
    for (let i = 0; i < this.#batches.length; i++) this.#step();
    return this.#batches.reduce((sum, { count }) => sum + count, 0);
  }

  /** A counter of the shard. */
  count(name) {
    return this.#counts.snapshot()[SHARD_SLOTS[name]];
  }

  #step() {
    const { shard, dispatcher, candidates } = this.#parts;
    const { batch, count } = this.#batches[this.#next];
    this.#next = (this.#next + 1) % this.#batches.length;
    if (this.#restarts) later({ batch, count });
    else batch.timeUs.fill((this.#nowUs += BATCH_US));
    dispatcher.deliver(batch, count);
    while (shard.turn() > 0);
    emptyRing(candidates);
    this.sent += count;
  }
}

/** @param load that of InProcess. @returns nanoseconds of CPU time a packet, and alerts a packet. */
export function packetCost(load) {
  const engine = new InProcess(load);
  const round = () => engine.round();
  spend(round, WARM_UP_SECONDS);
  const [candidates, inspected, sent] = [engine.count('candidates'), engine.count('inspectedPackets'), engine.sent];
  const perSecond = median(Array.from({ length: 3 }, () => spend(round, SECONDS)));
  const packets = engine.sent - sent;
  return {
    ns: 1e9 / perSecond,
    alerts: (engine.count('candidates') - candidates) / packets,
    inspected: (engine.count('inspectedPackets') - inspected) / packets,
  };
}
