/**
 * Dispatcher, shards and merge of `read`, each of which waits for another, as coroutines of one thread: the real rings,
 * dispatcher and merge, and shards that alert at random. Whenever the dispatcher waits, some other part must be able to
 * move, whatever the sizes of the rings; if none can, nothing ever will again, and the test fails at once.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Candidate, candidateBytes } from '../../src/detect/event/candidate.js';
import { DEFAULT_DEFRAG_OPTIONS } from '../../src/dispatch/defrag.js';
import { FrameDispatcher } from '../../src/dispatch/frame-dispatcher.js';
import { FrameRingObserver, FrameRingReader, FrameRingWriter, RECORD_KIND } from '../../src/ring/frame-ring.js';
import { allLayers, outermost } from '../../src/dispatch/route.js';
import { SequenceWords } from '../../src/dispatch/task.js';
import { watermarkOf } from '../../src/dispatch/watermark.js';
import { CounterRow, allocateCounters } from '../../src/counters/counters.js';
import { DISPATCHER_LAYOUT, SHARD_LAYOUT, SHARD_SLOTS, frameBalance } from '../../src/counters/names.js';
import { VniTable } from '../../src/counters/vni-table.js';
import { AlertStream } from '../../src/output/alert-stream.js';
import { EveWriter } from '../../src/output/eve.js';
import { Thresholder } from '../../src/output/threshold.js';
import { CandidateRingWriter } from '../../src/shard/candidate-ring.js';
import { DOORBELL_BYTES, Doorbell } from '../../src/util/doorbell.js';
import { NO_RECORD, allocateRing, type RingPlace } from '../../src/ring/record-ring.js';
import { batchOf } from '../support/batch.js';
import { ethernet, fragmentIpv4, ipv4, udp } from '../support/packet-builder.js';
import { randomNumbers } from './traffic.js';

interface Setup {
  readonly shards: number;
  readonly ringBytes: number;
  readonly candidateBytes: number;
  /** Length of the longest event. */
  readonly lineBytes: number;
  /** Events of a packet at most. */
  readonly alerts: number;
  readonly batches: readonly (readonly {
    readonly kind: 'whole' | 'head' | 'tail' | 'datagram' | 'tunnelled' | 'damaged';
    readonly flow: number;
    readonly bytes: number;
  }[])[];
  readonly seed: number;
}

class ShardModel {
  readonly reader: FrameRingReader;
  readonly observer: FrameRingObserver;
  readonly candidates: RingPlace;
  ended = false;
  emitted = 0;
  private readonly writer: CandidateRingWriter;
  private readonly candidate = new Candidate();
  private left = -1;
  /** Of the flow that was the last to end at the mark at hand. */
  private flowId = 0;
  /** Layers of the record that may still have events. */
  private layers = 0;

  private readonly setup: Setup;
  private readonly counts: Float64Array;
  private readonly random: (below: number) => number;

  constructor(place: RingPlace, setup: Setup, counts: Float64Array, random: (below: number) => number) {
    this.setup = setup;
    this.counts = counts;
    this.random = random;
    this.reader = new FrameRingReader(place);
    this.observer = new FrameRingObserver(place);
    this.candidates = allocateRing(setup.candidateBytes);
    this.writer = new CandidateRingWriter(this.candidates, false);
    this.candidate.line.appendBytes(new Uint8Array(setup.lineBytes));
  }

  /** One event, or the end of one record. @returns whether there was anything that could be done. */
  step(): boolean {
    const kind = this.reader.next();
    if (kind === NO_RECORD || this.ended) return false;
    const isMark = kind !== RECORD_KIND.packet;
    if (this.left < 0) {
      this.left = this.random(this.setup.alerts + 1);
      this.layers = isMark ? 1 : this.reader.inspectedLayers & allLayers(this.reader);
      this.flowId = 0;
    }
    if (this.left > 0) {
      const lineLength = this.random(this.setup.lineBytes);
      // Flows that end at a mark, in the order of their ids.
      const flowId = isMark ? this.flowId + this.random(10) : 0;
      if (
        !this.writer.emit(
          Object.assign(this.candidate, { seq: this.reader.seq + outermost(this.layers), lineLength, flowId }),
        )
      )
        return false;
      this.flowId = flowId;
      const inner = this.layers & (this.layers - 1);
      if (inner !== 0 && this.random(2) === 0) this.layers = inner;
      this.left--;
      this.emitted++;
      return true;
    }
    this.left = -1;
    // The end stays in the ring.
    if (kind === RECORD_KIND.end) return (this.ended = true);
    this.reader.releaseCounted(this.counts, SHARD_SLOTS.inspectedPackets, this.reader.weight);
    return true;
  }
}

/** Runs the setup to its end. @returns the sequence numbers and flows of the events, and how many there should be. */
function run(setup: Setup): { readonly order: [seq: number, flowId: number][]; readonly emitted: number } {
  const random = randomNumbers(setup.seed);
  const counters = new CounterRow(allocateCounters(1, DISPATCHER_LAYOUT.size), 0, DISPATCHER_LAYOUT.size);
  const counts = new Float64Array(SHARD_LAYOUT.size);
  const sequence = new SequenceWords(SequenceWords.allocate(1));
  const memories = Array.from({ length: setup.shards }, () => allocateRing(setup.ringBytes));
  const shards = memories.map((memory) => new ShardModel(memory, setup, counts, random));
  const order: [seq: number, flowId: number][] = [];
  const stream = new AlertStream({
    sources: shards.map((shard) => ({
      ring: shard.candidates,
      watermark: () => (shard.ended ? Infinity : watermarkOf([shard.observer], sequence)),
    })),
    thresholder: new Thresholder({ cap: 1, vniInKey: false }),
    eve: new EveWriter({ write: () => true }),
    onAlert: ({ seq, flowId }) => order.push([seq, flowId]),
  });
  const parts = [...shards.map((shard) => () => shard.step()), () => stream.pump(1 + random(20)) > 0];
  const expectBalance = (): void => {
    const { received, inspected, dropped, pending } = frameBalance({
      shard: counts.slice(),
      dispatcher: counters.snapshot(),
      engine: new Float64Array(8),
    });
    expect(inspected + dropped + pending).toBe(received);
  };
  const nap = (): void => {
    expectBalance();
    let moved = false;
    for (let turns = random(50); turns > 0; turns--) moved = parts[random(parts.length)]!() || moved;
    if (!moved && !parts.map((part) => part()).includes(true)) throw new Error('nothing can move any more');
  };
  const dispatcher = new FrameDispatcher({
    dispatcher: 0,
    rings: memories.map((memory) => new FrameRingWriter(memory)),
    doorbells: memories.map(() => new Doorbell(new SharedArrayBuffer(DOORBELL_BYTES))),
    counters,
    vnis: new VniTable(VniTable.allocate(1, 60)),
    sequence,
    defrag: DEFAULT_DEFRAG_OPTIONS,
    verifyChecksums: false,
    offline: true,
    clockMs: () => 0,
    nap,
  });
  for (const [capture, batch] of setup.batches.entries()) {
    const frames = batch.flatMap(({ kind, flow, bytes }) => {
      const packet = ipv4({ src: `10.0.0.${flow}`, id: flow }, udp({ srcPort: flow, dstPort: 9 }, 'x'.repeat(bytes)));
      // In one of two tunnels, of which one is fragmented.
      const carried = ipv4({ src: '192.0.2.1', dst: '192.0.2.2' }, ipv4({ src: `10.1.0.${flow}`, id: flow }, packet));
      if (kind === 'tunnelled') return [ethernet({}, carried)];
      const fragments = fragmentIpv4(flow === 1 ? carried : packet, 1000);
      if (kind === 'damaged') return [ethernet({}, packet.subarray(0, 10))];
      if (kind === 'whole') return [ethernet({}, packet)];
      const chosen = kind === 'head' ? fragments.slice(0, -1) : kind === 'tail' ? fragments.slice(-1) : fragments;
      return chosen.map((fragment) => ethernet({}, fragment));
    });
    dispatcher.deliver(
      batchOf(
        frames.map((bytes) => ({ bytes })),
        capture >> 3,
      ),
      frames.length,
    );
    expectBalance();
  }
  dispatcher.end();
  while (parts.map((part) => part()).includes(true));
  expect(shards.every(({ ended }) => ended)).toBe(true);
  expectBalance();
  return { order, emitted: shards.reduce((sum, { emitted }) => sum + emitted, 0) };
}

/** A record takes half of its ring at most. */
const frame = (limit: number) =>
  fc.record({
    kind: fc.constantFrom(
      'whole' as const,
      'head' as const,
      'tail' as const,
      'datagram' as const,
      'tunnelled' as const,
      'damaged' as const,
    ),
    flow: fc.integer({ min: 1, max: 6 }),
    bytes: fc.integer({ min: 1000, max: limit }),
  });
const setups: fc.Arbitrary<Setup> = fc.integer({ min: 13, max: 16 }).chain((bits) =>
  fc.record({
    shards: fc.integer({ min: 1, max: 8 }),
    ringBytes: fc.constant(2 ** bits),
    candidateBytes: fc.constantFrom(4096, 8192, 65_536),
    lineBytes: fc.integer({ min: 1, max: 2048 - candidateBytes(0) }),
    alerts: fc.integer({ min: 0, max: 12 }),
    batches: fc.array(fc.array(frame(2 ** (bits - 1) - 1000), { maxLength: 30 }), { maxLength: 20 }),
    seed: fc.integer(),
  }),
);

describe('read', () => {
  it('never comes to a standstill, keeps the order and loses nothing, for rings of any size', () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { order, emitted } = run(setup);
        expect(order).toHaveLength(emitted);
        expect(order).toEqual(order.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
      { numRuns: 100 },
    );
  });

  it('goes on while the last fragments of many datagrams come in one batch', () => {
    const flows = Array.from({ length: 100 }, (_, i) => ({ flow: 1 + i, bytes: 15_000 }));
    const setup = { shards: 8, ringBytes: 32_768, candidateBytes: 4096, lineBytes: 1000, alerts: 3, seed: 1 };
    const batches = [
      flows.map((each) => ({ ...each, kind: 'head' as const })),
      flows.map((each) => ({ ...each, kind: 'tail' as const })),
    ];
    const { order, emitted } = run({ ...setup, batches });
    expect([order.length, emitted > 100]).toEqual([emitted, true]);
  });
});
