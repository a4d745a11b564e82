/**
 * Warms a dispatch thread up: decodes and routes frames that were made for it into a ring of its own, so that V8 has
 * compiled the way of the first real frame. Stage: dispatch, before the first frame. Leaves nothing behind: counters,
 * ring and tables are made anew and thrown away.
 */
import { allocateCounters, CounterRow } from '../counters/counters.js';
import { DISPATCHER_LAYOUT } from '../counters/names.js';
import { VniTable } from '../counters/vni-table.js';
import { FrameRingWriter } from '../ring/frame-ring.js';
import { allocateRing, emptyRing, RingConsumer, type RingPlace } from '../ring/record-ring.js';
import { Doorbell, DOORBELL_BYTES } from '../util/doorbell.js';
import { DEFAULT_DEFRAG_OPTIONS } from './defrag.js';
import { FrameDispatcher } from './frame-dispatcher.js';
import { SequenceWords } from './task.js';
import { asDatagrams, later, warmUpBatches } from './warm-up-frames.js';

const MIB = 1024 * 1024;

/** Counts of mirror sessions that nobody sees either. */
export const allocateUnseenVnis = (): SharedArrayBuffer => VniTable.allocate(64, 60);

/** A dispatcher that nobody else sees, which writes into one ring. */
export function unseenDispatcher(ring: RingPlace, doorbell: SharedArrayBuffer): FrameDispatcher {
  return new FrameDispatcher({
    dispatcher: 0,
    rings: [new FrameRingWriter(ring)],
    doorbells: [new Doorbell(doorbell)],
    counters: new CounterRow(allocateCounters(1, DISPATCHER_LAYOUT.size), 0, DISPATCHER_LAYOUT.size),
    vnis: new VniTable(allocateUnseenVnis()),
    sequence: new SequenceWords(SequenceWords.allocate(1)),
    defrag: { ...DEFAULT_DEFRAG_OPTIONS, maxDatagrams: 64, maxBytes: MIB },
    verifyChecksums: true,
    // There is always room.
    admission: { from: 1, flows: 1024, seed: 0 },
    local: { bytes: Uint8Array.of(127, 0, 0, 1), port: 4789 },
    offline: false,
    clockMs: () => performance.timeOrigin + performance.now(),
  });
}

/** Goes on for `milliseconds`, and a batch of frames. Throws where there are no frames. */
export function warmDispatcherUp(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  const batches = warmUpBatches().map(asDatagrams);
  const ring = allocateRing(MIB);
  const reader = new RingConsumer(ring);
  const dispatcher = unseenDispatcher(ring, new SharedArrayBuffer(DOORBELL_BYTES));
  for (;;) {
    for (const each of batches) {
      later(each);
      dispatcher.deliver(each.batch, each.count);
      emptyRing(reader);
      if (performance.now() >= until) return;
    }
  }
}
