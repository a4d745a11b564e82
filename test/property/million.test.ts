/**
 * A sensor in one thread under random and damaged frames: nothing throws, every frame is accounted for, every event is
 * JSON, memory stays flat. `npm test` plays 100 000 frames; PERISCOPE_FUZZ=1000000 plays a million, PERISCOPE_FUZZ_SEED
 * others than the usual ones, PERISCOPE_FUZZ_RULES=PATH with other rules than those that ship.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../src/decode/fault.js';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { FrameBatch } from '../../src/ingest/source.js';
import { DISPATCHER_SLOTS, DROP_REASONS, FAULT_SLOTS } from '../../src/counters/names.js';
import { FRAME_TEMPLATES } from '../support/frame-templates.js';
import { readPcap, sharedCapturesPresent, sharedPath } from '../support/read-pcap.js';
import { InProcessSensor, type SensorSetup } from './in-process-sensor.js';
import { Mutator, Random } from './mutator.js';
import { structures, type Frame } from './structures.js';

const FRAMES = Number(process.env['PERISCOPE_FUZZ'] ?? 100_000);
const SEED = Number(process.env['PERISCOPE_FUZZ_SEED'] ?? 20_261_122);
const root = fileURLToPath(new URL('../../', import.meta.url));
const RULES = process.env['PERISCOPE_FUZZ_RULES'] ?? join(root, 'rules');

const BATCH = 256;
const SLOT_BYTES = 9216;
/** Frames between two looks at the sums; each round is a capture of its own, with structures of its own. */
const ROUND = 5000;
const STRUCTURES_PER_ROUND = 150;
const FLOW_CAP = 60;
const START_US = 1_800_000_000_000_000;
const STRANGE_TIMES_US = [0, 1, START_US - 3_600_000_000, START_US + 1e15, Number.MAX_SAFE_INTEGER];
/** What a run may keep for good: caches that grow to their cap, counters, compiled code. */
const HEAP_SLACK_BYTES = 8 << 20;
const RSS_SLACK_BYTES = 48 << 20;

/** Frames of captures; those that hold VXLAN also as the datagrams that a socket would receive. */
function capturedFrames(): Frame[] {
  const files = (folder: string): string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.pcap'))
      .map((name) => join(folder, name));
  const paths = [
    ...files(join(root, 'samples')),
    ...(sharedCapturesPresent() ? files(sharedPath('captures/vxlan')) : []),
  ];
  return paths.flatMap(readPcap).flatMap(({ bytes, linkType }): Frame[] => {
    const isMirror = linkType === LINK_TYPE.ethernet && bytes.length > 50 && bytes[36] === 0x12 && bytes[37] === 0xb5;
    const datagram = isMirror ? bytes.subarray(42) : Uint8Array.from([8, 0, 0, 0, 0, 0, 9, 0, ...bytes]);
    return [
      { bytes, linkType },
      ...(linkType === LINK_TYPE.ethernet ? [{ bytes: datagram, linkType: LINK_TYPE.vxlan }] : []),
    ];
  });
}

/** The collector, where this Node lets itself be asked for it. */
function collector(): (() => void) | undefined {
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as () => void;
  } catch {
    return undefined;
  }
}

interface Memory {
  readonly heap: number;
  readonly buffers: number;
  readonly rss: number;
}

function memoryNow(collect: (() => void) | undefined): Memory {
  collect?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed, buffers: external, rss };
}

/** Fills batches with frames and has a sensor take them. */
class Storm {
  readonly sensor: InProcessSensor;
  events = 0;
  private readonly captured = capturedFrames();
  private readonly random: Random;
  private readonly batch = new FrameBatch(new Uint8Array(BATCH * SLOT_BYTES), BATCH);
  private readonly mutator: Mutator;
  private fresh: readonly Frame[] = [];
  private timeUs = START_US;
  private round = 0;

  constructor(seed: number, setup: Omit<SensorSetup, 'onEvent' | 'rules' | 'flowCap'>) {
    this.random = new Random(seed);
    this.mutator = new Mutator(this.random, this.batch.bytes);
    this.sensor = new InProcessSensor({
      ...setup,
      rules: [RULES],
      flowCap: FLOW_CAP,
      onEvent: (line) => this.takeEvent(line),
    });
  }

  /** Plays one round and looks at the sums. */
  playRound(seed: number): void {
    this.fresh = fc.sample(structures, { seed, numRuns: STRUCTURES_PER_ROUND }).flat();
    this.batch.capture = this.round++;
    this.timeUs = START_US;
    // Rings are full when shards come late and frames are long.
    const isLate = this.round % 6 === 1;
    for (let left = ROUND; left > 0; left -= BATCH) {
      this.playBatch(Math.min(left, BATCH), isLate ? 1000 : 0);
      if (!isLate) this.sensor.drain();
      this.expectBalance();
    }
    this.sensor.drain();
    this.expectBalance();
    const { pending } = this.sensor.balance();
    expect(pending, 'what is pending when the rings are empty').toBe(
      this.sensor.totals().dispatcher[DISPATCHER_SLOTS.pendingFragments],
    );
    for (const { stats } of this.sensor.flows) expect(stats.active).toBeLessThanOrEqual(FLOW_CAP);
  }

  expectBalance(): void {
    const { received, inspected, dropped, pending } = this.sensor.balance();
    expect(received).toBe(inspected + dropped + pending);
    expect(pending).toBeGreaterThanOrEqual(0);
  }

  /** Frames of one structure follow one another unharmed at times, so that flows and fragments get somewhere. */
  private playBatch(count: number, padding: number): void {
    const { batch, random } = this;
    let next = random.below(this.fresh.length);
    for (let i = 0; i < count; i++) {
      const frame = random.oneIn(2)
        ? this.fresh[next++ % this.fresh.length]
        : random.pick(random.oneIn(3) ? FRAME_TEMPLATES : this.captured);
      const other = random.oneIn(2) ? random.pick(this.fresh) : random.pick(this.captured);
      const offset = i * SLOT_BYTES + random.below(4);
      batch.offset[i] = offset;
      batch.length[i] = random.oneIn(50)
        ? this.noise(offset)
        : this.mutator.write(frame.bytes, other.bytes, offset, SLOT_BYTES - 8);
      if (padding > 0) batch.length[i] = Math.min(batch.length[i] + padding, SLOT_BYTES - 8);
      batch.wireLength[i] = batch.length[i] + (random.oneIn(20) ? random.below(2000) : 0);
      batch.linkType[i] = random.oneIn(100) ? other.linkType : frame.linkType;
      batch.timeUs[i] = this.tick();
      batch.srcIpVersion[i] = frame.linkType >= LINK_TYPE.vxlan ? 4 : 0;
      batch.srcPort[i] = 65_408 + random.below(128);
    }
    this.sensor.nowMs = this.timeUs / 1000;
    this.sensor.deliver(batch, count);
  }

  private noise(at: number): number {
    const length = this.random.below(300);
    for (let i = 0; i < length; i++) this.batch.bytes[at + i] = this.random.below(256);
    return length;
  }

  /** Once in a while a time that cannot be, late in a round: it stays the dispatcher's time until the next capture. */
  private tick(): number {
    const { random } = this;
    this.timeUs += random.below(5000);
    if (this.timeUs - START_US > 9_000_000 && random.oneIn(200)) return random.pick(STRANGE_TIMES_US);
    return random.oneIn(30) ? this.timeUs - random.below(2_000_000) : this.timeUs;
  }

  private takeEvent(line: Uint8Array): void {
    const event = JSON.parse(Buffer.from(line).toString('utf8')) as { event_type: string };
    if (event.event_type !== 'alert') throw new Error(`not an alert: ${Buffer.from(line).toString('utf8')}`);
    this.events++;
  }
}

function play(name: string, seed: number, setup: ConstructorParameters<typeof Storm>[1]): Storm {
  const collect = collector();
  const storm = new Storm(seed, setup);
  const rounds = Math.max(2, Math.ceil(FRAMES / 2 / ROUND));
  const warm = Math.max(1, Math.floor(rounds / 3));
  let before = memoryNow(collect);
  const started = performance.now();
  for (let round = 0; round < rounds; round++) {
    try {
      storm.playRound(seed + round);
    } catch (error) {
      throw new Error(`${name}, round ${round} of seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
    if (round === warm - 1) before = memoryNow(collect);
  }
  const after = memoryNow(collect);
  storm.sensor.end();
  report(name, storm, before, after, (performance.now() - started) / 1000);
  expect(after.heap - before.heap, 'growth of the heap').toBeLessThan(
    collect === undefined ? 8 * HEAP_SLACK_BYTES : HEAP_SLACK_BYTES,
  );
  expect(after.buffers - before.buffers, 'growth of buffers').toBeLessThan(HEAP_SLACK_BYTES);
  // Other tests share the process, unless this one runs alone for long.
  if (FRAMES >= 1_000_000) expect(after.rss - before.rss, 'growth of resident memory').toBeLessThan(RSS_SLACK_BYTES);
  return storm;
}

function report(name: string, { sensor, events }: Storm, before: Memory, after: Memory, seconds: number): void {
  if (FRAMES < 1_000_000) return;
  const { received, inspected, dropped } = sensor.balance();
  const mib = (from: number, to: number): string => `${(from / 2 ** 20).toFixed(1)} → ${(to / 2 ** 20).toFixed(1)} MiB`;
  console.log(
    `${name}: ${received} frames in ${seconds.toFixed(1)} s, ${inspected} inspected, ${dropped} dropped, ${events} events, ${sensor.ruleCount} rules; heap ${mib(before.heap, after.heap)}, buffers ${mib(before.buffers, after.buffers)}, resident ${mib(before.rss, after.rss)}`,
  );
}

/** Names of all faults, and of drops, that were met. */
function met({ sensor }: Storm): { faults: string[]; drops: string[] } {
  const totals = sensor.totals();
  return {
    faults: FAULTS.slice(1)
      .filter((_, i) => totals.dispatcher[FAULT_SLOTS[i + 1]] > 0)
      .map(({ name }) => name),
    drops: DROP_REASONS.filter(({ row, slot }) => totals[row][slot] > 0).map(
      ({ stage, reason }) => `${stage}.${reason}`,
    ),
  };
}

describe(`${FRAMES} random and damaged frames`, () => {
  it.each([
    ['two shards, as a sensor runs', SEED, { shards: 2, midstream: true, verifyChecksums: false }],
    [
      'three shards, checksums verified, whole connections only',
      SEED ^ 0x5a5a,
      { shards: 3, midstream: false, verifyChecksums: true },
    ],
  ] as const)(
    'hurt nothing: %s',
    (name, seed, setup) => {
      const storm = play(name, seed, setup);
      const { pending } = storm.sensor.balance();
      expect(pending, 'pending in the end').toBe(0);
      storm.expectBalance();

      // The storm must reach what it is to test.
      const { faults, drops } = met(storm);
      const totals = storm.sensor.totals();
      expect(faults.length).toBeGreaterThan(0.7 * (FAULTS.length - 1));
      expect(drops).toContain('ring.full');
      expect(totals.dispatcher[DISPATCHER_SLOTS.reassembledDatagrams]).toBeGreaterThan(10);
      expect(storm.sensor.flows.reduce((sum, { stats }) => sum + stats.evicted, 0)).toBeGreaterThan(100);
      expect(storm.events).toBeGreaterThan(100);
    },
    30 * 60_000,
  );
});
