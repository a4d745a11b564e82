/**
 * A dispatcher and a shard under what a stranger may send to blind them: memory stays bounded, connections beside his
 * are inspected as ever, and counters say what was given up.
 *
 * PERISCOPE_HOSTILE=50 plays fifty times as much: 200 000 flows with holes, 1 GB in one stream, one of more than 4 GiB.
 * Costs a packet are printed for the first and the second half.
 */
import { describe, expect, it } from 'vitest';
import type { RuleSetHandle } from '../../src/block/rule-set-handle.js';
import { loadConfig } from '../../src/config/load-config.js';
import { CounterRow } from '../../src/counters/counters.js';
import { SHARD_LAYOUT, SHARD_SLOTS, type ShardCounter } from '../../src/counters/names.js';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { allocateHostBits } from '../../src/detect/state/host-bits.js';
import { shardOptions } from '../../src/engine/tasks.js';
import { FrameBatch } from '../../src/ingest/source.js';
import { buildRuleSet } from '../../src/load/build-rule-set.js';
import { emptyRing } from '../../src/ring/record-ring.js';
import { UnseenShard } from '../../src/warm-up/unseen-shard.js';
import {
  begun,
  body,
  halfOpen,
  healthy,
  HEALTHY_RULES,
  holes,
  long,
  openRequests,
  sieve,
  writeFrame,
  type Segment,
} from '../support/hostile-streams.js';
import { Folder } from '../support/sensor.js';

const TIMES = Number(process.env['PERISCOPE_HOSTILE'] ?? 1);
const MOST_FLOWS = 16_384;
const BATCH = 32;
const PACKET_US = 20;
const FIRST_HEALTHY = 1 << 30;
/** Healthy connections at a time, and packets of the stranger between two of theirs. */
const AT_A_TIME = 8;
const BETWEEN = 7;

function handleOf(lines: readonly string[]): RuleSetHandle {
  const folder = new Folder();
  try {
    const { handle } = buildRuleSet({
      rules: [folder.write('healthy.rules', lines.join('\n'))],
      variables: {},
      classificationFile: '',
      referenceFile: '',
      thresholdFile: '',
      includeDisabled: false,
      generation: 1,
    });
    return handle;
  } finally {
    folder.remove();
  }
}

/** A dispatcher and a shard in this thread. */
class Target {
  private readonly unseen: UnseenShard;
  private readonly bytes = new Uint8Array(BATCH * 2048);
  private readonly batch = new FrameBatch(this.bytes, BATCH);
  private count = 0;
  private timeUs = 1.7e15;

  constructor() {
    const shared = (): SharedArrayBuffer => allocateHostBits();
    const options = shardOptions(loadConfig({}).config, undefined, {
      hostBits: shared(),
      hostTags: shared(),
      datasets: shared(),
      fileStore: undefined,
    });
    this.unseen = new UnseenShard(options, { batches: [], rules: handleOf(HEALTHY_RULES), flows: MOST_FLOWS });
    this.batch.linkType.fill(LINK_TYPE.ethernet);
  }

  send(segment: Segment): void {
    const { batch, bytes } = this;
    const at = this.count * 2048;
    batch.offset[this.count] = at;
    batch.length[this.count] = batch.wireLength[this.count] = writeFrame(segment, bytes.subarray(at, at + 2048));
    batch.timeUs[this.count] = this.timeUs += PACKET_US;
    if (++this.count === BATCH) this.flush();
  }

  flush(): void {
    const { dispatcher, shard, candidates } = this.unseen;
    dispatcher.deliver(this.batch, this.count);
    while (shard.turn() > 0);
    emptyRing(candidates);
    this.count = 0;
  }

  counts(): Readonly<Record<ShardCounter, number>> {
    const row = new CounterRow(this.unseen.counters, 0, SHARD_LAYOUT.size).snapshot();
    return Object.fromEntries(Object.entries(SHARD_SLOTS).map(([name, slot]) => [name, row[slot]])) as Record<
      ShardCounter,
      number
    >;
  }
}

/** Several healthy connections at a time, one behind the other without end, until they are told to finish. */
class Healthy {
  started = 0;
  private readonly open: Generator<Segment>[] = [];

  *packets(): Generator<Segment> {
    for (let turn = 0; ; turn++) {
      const place = turn % AT_A_TIME;
      const step = this.open[place]?.next();
      if (step?.done === false) yield step.value;
      else this.open[place] = healthy(FIRST_HEALTHY + this.started++);
    }
  }

  *rest(): Generator<Segment> {
    for (const one of this.open) yield* one;
  }
}

interface Outcome {
  readonly counts: Readonly<Record<ShardCounter, number>>;
  /** Alerts that the healthy connections are due. */
  readonly due: number;
  readonly most: { windowBytes: number; flows: number };
}

function attack(name: string, packets: Iterable<Segment>, expectedPackets: number): Outcome {
  const target = new Target();
  const others = new Healthy();
  const beside = others.packets();
  const most = { windowBytes: 0, flows: 0 };
  const halves: number[] = [];
  const startHeap = process.memoryUsage().heapUsed;
  let cpu = process.cpuUsage();
  let sent = 0;
  for (const packet of packets) {
    target.send(packet);
    if (sent++ % BETWEEN === 0) target.send(beside.next().value as Segment);
    if (sent % 1024 === 0) {
      const { streamWindowBytes, flowsActive } = target.counts();
      most.windowBytes = Math.max(most.windowBytes, streamWindowBytes);
      most.flows = Math.max(most.flows, flowsActive);
    }
    if (sent % Math.ceil(expectedPackets / 2) === 0) {
      const { user, system } = process.cpuUsage(cpu);
      cpu = process.cpuUsage();
      halves.push(((user + system) * 1000) / (expectedPackets / 2));
    }
  }
  for (const packet of others.rest()) target.send(packet);
  target.flush();
  const counts = target.counts();
  if (TIMES > 1) {
    const told = Object.entries(counts).filter(([, value]) => value > 0);
    const heap = Math.round((process.memoryUsage().heapUsed - startHeap) / 1e6);
    console.log(
      `${name}: ${sent} packets, ns of CPU a packet by halves ${halves.map(Math.round).join(', ')}; heap +${heap} MB; ` +
        `windows at most ${most.windowBytes}; ${told.map(([key, value]) => `${key} ${value}`).join(', ')}`,
    );
  }
  return { counts, due: 2 * others.started, most };
}

const FLOWS = 2000 * TIMES;
const BYTES = 20_000_000 * TIMES;
/** Of each segment of the long ones; every second is acknowledged. */
const LINE_BYTES = 1350;
const STREAM_BYTES = 16 * 1024 * 1024;

describe('healthy connections are inspected as ever, in bounded memory', () => {
  /** `share` of the alerts that are due, at least. */
  const expectHealthy = ({ counts, due, most }: Outcome, share = 1): void => {
    expect(due).toBeGreaterThan(40);
    expect(counts.candidates).toBeLessThanOrEqual(due);
    expect(counts.candidates).toBeGreaterThanOrEqual(share * due);
    expect(most.windowBytes).toBeLessThanOrEqual(STREAM_BYTES);
    expect(most.flows).toBeLessThanOrEqual(MOST_FLOWS);
    expect([counts.ruleErrors, counts.inspectionErrors]).toEqual([0, 0]);
  };
  const LONG = 3_600_000;

  it(
    'beside flows with a hole each',
    () => {
      const outcome = attack('holes', holes(FLOWS * 2), FLOWS * 16);
      expectHealthy(outcome);
      expect(outcome.counts.streamEvicted + outcome.counts.tcpGaps).toBeGreaterThan(1000);
    },
    LONG,
  );

  it(
    'beside one flow with 10 000 holes',
    () => {
      const outcome = attack('sieve', sieve(10_000), 20_000);
      expectHealthy(outcome);
      expect(outcome.counts.tcpGaps).toBe(0);
    },
    LONG,
  );

  it(
    'beside a stream without end',
    () => {
      const outcome = attack('long', long(BYTES), (BYTES / LINE_BYTES) * 1.5);
      expectHealthy(outcome);
      expect([outcome.counts.tcpGaps, outcome.counts.streamNoMemory]).toEqual([0, 0]);
    },
    LONG,
  );

  it(
    'beside one whose numbers wrap',
    () => {
      const bytes = TIMES > 1 ? 2 ** 32 + 1_000_000 : 2_000_000;
      const outcome = attack('wrap', long(bytes, 2 ** 32 - 1_000_000), (bytes / LINE_BYTES) * 1.5);
      expectHealthy(outcome);
      expect([outcome.counts.tcpGaps, outcome.counts.tcpOutOfWindow]).toEqual([0, 0]);
    },
    LONG,
  );

  it(
    'beside a body without end',
    () => {
      const outcome = attack('body', body(BYTES), (BYTES / LINE_BYTES) * 1.5);
      expectHealthy(outcome);
      expect(outcome.counts.tcpGaps).toBe(0);
    },
    LONG,
  );

  it(
    'beside a flood of half-open flows with data',
    () => {
      const outcome = attack('half-open', halfOpen(FLOWS * 12), FLOWS * 12);
      expectHealthy(outcome);
      expect(outcome.counts.flowsEvicted).toBeGreaterThan(1000);
    },
    LONG,
  );

  it(
    'beside requests that never end, with a handshake and without',
    () => {
      // Of those that give way, the longest unseen of 16, one may be healthy.
      for (const [name, packets, count, share] of [
        ['open requests', openRequests(FLOWS * 6), FLOWS * 30, 1],
        ['begun', begun(FLOWS * 9), FLOWS * 9, 0.99],
      ] as const) {
        const outcome = attack(name, packets, count);
        expectHealthy(outcome, share);
        expect(outcome.counts.flowsEvicted + outcome.counts.flowsCrowdedOut).toBeGreaterThan(1000);
      }
    },
    LONG,
  );
});
