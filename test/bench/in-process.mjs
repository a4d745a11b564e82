/** A dispatcher and a shard in this process, fed from memory: what a packet costs without threads, files, sockets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuleSet } from '../../dist/block/rule-set.js';
import { newRuleWords } from '../../dist/block/rule-set-handle.js';
import { loadConfig } from '../../dist/config/load-config.js';
import { SHARD_LAYOUT, SHARD_SLOTS } from '../../dist/counters/names.js';
import { CounterRow } from '../../dist/counters/counters.js';
import { LINK_TYPE } from '../../dist/decode/packet.js';
import { allocateHostBits } from '../../dist/detect/state/host-bits.js';
import { later } from '../../dist/dispatch/warm-up-frames.js';
import { shardOptions } from '../../dist/engine/tasks.js';
import { FrameBatch } from '../../dist/ingest/source.js';
import { compileFromFiles } from '../../dist/load/build-rule-set.js';
import { compileKernel } from '../../dist/match/literal/kernel-matcher.js';
import { emptyRing } from '../../dist/ring/record-ring.js';
import { UnseenShard } from '../../dist/warm-up/unseen-shard.js';
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

/**
 * @param {{ frames: readonly Uint8Array[], rules: readonly string[], flows?: number, restarts?: boolean }} load
 * `restarts`: each round begins when no flow of the one before is left; else flows go on.
 * @returns nanoseconds of CPU time a packet, and alerts a packet.
 */
export function packetCost({ frames, rules, flows = 4096, restarts = false }) {
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
  const { shard, dispatcher, candidates, counters } = new UnseenShard(options, { batches, rules: handle, flows });
  const counts = new CounterRow(counters, 0, SHARD_LAYOUT.size);
  let next = 0;
  let sent = 0;
  let nowUs = START_US;
  const step = () => {
    const { batch, count } = batches[next];
    next = (next + 1) % batches.length;
    if (restarts) later({ batch, count });
    else batch.timeUs.fill((nowUs += BATCH_US));
    dispatcher.deliver(batch, count);
    while (shard.turn() > 0);
    emptyRing(candidates);
    sent += count;
    return count;
  };
  const round = () => {
    let packets = 0;
    for (let i = 0; i < batches.length; i++) packets += step();
    return packets;
  };
  spend(round, WARM_UP_SECONDS);
  const before = counts.snapshot();
  sent = 0;
  const perSecond = median(Array.from({ length: 3 }, () => spend(round, SECONDS)));
  const of = (name) => counts.snapshot()[SHARD_SLOTS[name]] - before[SHARD_SLOTS[name]];
  return { ns: 1e9 / perSecond, alerts: of('candidates') / sent, inspected: of('inspectedPackets') / sent };
}
