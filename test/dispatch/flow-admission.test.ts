import { describe, expect, it } from 'vitest';
import { FlowAdmission, VERDICT } from '../../src/dispatch/flow-admission.js';
import { NO_RECORD, RingConsumer, RingProducer, allocateRing } from '../../src/ring/record-ring.js';
import { mix32 } from '../../src/util/hash.js';

const START_MS = 1_700_000_000_000;
const RECORD_BYTES = 1000;
/** What the shard of the simulation takes in a millisecond. */
const PACKETS_PER_MS = 20;
const PACKET = 1;
/** Second word behind the head of a record. */
const TALK_WORD = 2;

interface Talk {
  readonly id: number;
  readonly packets: number;
  readonly everyMs: number;
  sent: number;
  inspected: number;
}

interface Load {
  readonly packets: number;
  readonly lastsMs: number;
  readonly ms: number;
  /** By how much more comes than the shard can take. */
  readonly factor: number;
}

/**
 * A ring of 1 MiB, a shard that takes so many packets of each millisecond and no more, and talks that begin evenly and
 * say so many packets each, in the time that they last.
 */
class SlowShard {
  readonly talks: Talk[] = [];
  /** Packets refused, by verdict, and those that found the ring full. */
  readonly refused = [0, 0, 0];
  lost = 0;
  inspected = 0;
  offered = 0;
  readonly admission: FlowAdmission;
  private readonly ring: RingProducer;
  private readonly reader: RingConsumer;
  private readonly due = new Map<number, Talk[]>();
  private nowMs = 0;
  private readonly byFlow: boolean;

  constructor(by: 'flow' | 'packet') {
    const place = allocateRing(1024 * 1024);
    this.ring = new RingProducer(place);
    this.reader = new RingConsumer(place);
    this.admission = new FlowAdmission([this.ring], { from: 0.5, flows: 131_072, seed: 7 });
    this.byFlow = by === 'flow';
  }

  run({ packets, lastsMs, ms, factor }: Load): void {
    const begunBefore = this.talks.length;
    for (const end = this.nowMs + ms; this.nowMs < end; this.nowMs++) {
      this.admission.look(START_MS + this.nowMs);
      const begun = ((this.nowMs + 1 - (end - ms)) * factor * PACKETS_PER_MS) / packets;
      while (this.talks.length - begunBefore < begun) this.say(this.begin(packets, lastsMs));
      for (const talk of this.due.get(this.nowMs) ?? []) this.say(talk);
      this.due.delete(this.nowMs);
      this.ring.publish();
      this.take(PACKETS_PER_MS);
      this.offered += PACKETS_PER_MS;
    }
  }

  take(most: number): void {
    for (let taken = 0; taken < most && this.reader.next() !== NO_RECORD; taken++) {
      this.talks[this.reader.words[this.reader.offset / 4 + TALK_WORD]].inspected++;
      this.inspected++;
      this.reader.release();
    }
  }

  /** Of what was inspected, the share that belongs to talks inspected in full. */
  get wholeShare(): number {
    const whole = this.talks.filter(({ sent, inspected }) => inspected === sent);
    return whole.reduce((sum, { inspected }) => sum + inspected, 0) / this.inspected;
  }

  get sent(): number {
    return this.talks.reduce((sum, { sent }) => sum + sent, 0);
  }

  private begin(packets: number, lastsMs: number): Talk {
    const id = this.talks.length;
    const everyMs = Math.max(1, Math.round((lastsMs / packets) * (0.5 + (id % 16) / 16)));
    const talk = { id, packets, everyMs, sent: 0, inspected: 0 };
    this.talks.push(talk);
    return talk;
  }

  private say(talk: Talk): void {
    talk.sent++;
    if (talk.sent < talk.packets) {
      const at = this.nowMs + talk.everyMs;
      const talks = this.due.get(at) ?? [];
      talks.push(talk);
      this.due.set(at, talks);
    }
    const verdict = this.byFlow ? this.admission.judge(0, mix32(talk.id)) : VERDICT.admitted;
    this.refused[verdict]++;
    if (verdict !== VERDICT.admitted) return;
    const at = this.ring.reserve(RECORD_BYTES, PACKET);
    if (at >= 0) {
      this.ring.words[at / 4 + TALK_WORD] = talk.id;
      return;
    }
    this.lost++;
    if (this.byFlow) this.admission.giveUp(0, mix32(talk.id));
  }
}

describe('three times what a shard can take', () => {
  it.each([
    ['short flows', { packets: 8, lastsMs: 80, ms: 3000, factor: 3 }],
    ['flows of a second', { packets: 20, lastsMs: 1000, ms: 8000, factor: 3 }],
    ['flows of five seconds', { packets: 50, lastsMs: 5000, ms: 12_000, factor: 3 }],
  ])('is cut by flow: of %s at least four fifths of what fits is inspected as whole flows', (_, load) => {
    const shard = new SlowShard('flow');
    shard.run(load);
    const used = shard.inspected / shard.offered;
    shard.take(Infinity);
    expect(used * shard.wholeShare).toBeGreaterThan(0.8);
    expect(shard.inspected + shard.refused[VERDICT.newFlow] + shard.refused[VERDICT.knownFlow] + shard.lost).toBe(
      shard.sent,
    );
    expect(shard.admission).toMatchObject({ begun: 1, activeRings: 1 });
  });

  it('leaves fewer whole flows where packets are dropped instead', () => {
    const shard = new SlowShard('packet');
    shard.run({ packets: 20, lastsMs: 1000, ms: 8000, factor: 3 });
    expect(shard.lost).toBeGreaterThan(0);
    expect(shard.wholeShare).toBeLessThan(0.5);
  });
});

describe('an overload', () => {
  it('leaves flows that were there before alone, and is over once there is room again for a while', () => {
    const shard = new SlowShard('flow');
    shard.run({ packets: 40, lastsMs: 20_000, ms: 1000, factor: 0.3 });
    const known = shard.talks.length;
    shard.run({ packets: 40, lastsMs: 20_000, ms: 4500, factor: 0 });
    expect(shard.admission).toMatchObject({ begun: 0, activeRings: 0 });
    shard.run({ packets: 10, lastsMs: 100, ms: 5000, factor: 3 });
    expect(shard.admission).toMatchObject({ begun: 1, activeRings: 1 });
    shard.run({ packets: 10, lastsMs: 100, ms: 20_000, factor: 0.1 });
    shard.take(Infinity);
    expect(shard.admission).toMatchObject({ begun: 1, activeRings: 0 });
    expect(shard.talks.slice(0, known).filter(({ sent, inspected }) => inspected < sent)).toEqual([]);
    // One that has lost its place in the table is counted again.
    const refused = shard.talks.filter(({ sent, inspected }) => sent > 0 && inspected === 0);
    expect(shard.admission.refusedFlows).toBeGreaterThanOrEqual(refused.length);
  });

  it('takes up again what it has refused once it is over', () => {
    const { admission, fill, empty } = fullRing();
    expect(admission.judge(0, 1)).toBe(VERDICT.admitted);
    fill();
    admission.look(START_MS);
    expect([admission.judge(0, 1), admission.judge(0, 2)]).toEqual([VERDICT.knownFlow, VERDICT.newFlow]);
    empty();
    for (let ms = 100; ms <= 5000; ms += 100) admission.look(START_MS + ms);
    expect([admission.judge(0, 1), admission.judge(0, 2)]).toEqual([VERDICT.knownFlow, VERDICT.newFlow]);
    expect(admission.judge(0, 3)).toBe(VERDICT.admitted);
    for (let ms = 5000; ms <= 20_000; ms += 100) admission.look(START_MS + ms);
    expect([admission.judge(0, 1), admission.judge(0, 2)]).toEqual([VERDICT.admitted, VERDICT.admitted]);
    expect(admission).toMatchObject({ refusedFlows: 1, shedFlows: 1, activeRings: 0 });
  });

  it('of one shard leaves the flows of others alone', () => {
    const rings = [allocateRing(65_536), allocateRing(65_536)].map((place) => new RingProducer(place));
    const admission = new FlowAdmission(rings, { from: 0.5, flows: 1024, seed: 1 });
    while (rings[1].reserve(RECORD_BYTES, PACKET) >= 0);
    admission.look(START_MS);
    expect([admission.judge(0, 1), admission.judge(1, 2)]).toEqual([VERDICT.admitted, VERDICT.newFlow]);
    expect([admission.morePressed(0, 1), admission.morePressed(1, 0)]).toEqual([1, 1]);
  });

  it('refuses the rest of a flow of which a packet was lost', () => {
    const rings = [new RingProducer(allocateRing(1024 * 1024))];
    const admission = new FlowAdmission(rings, { from: 0.5, flows: 1024, seed: 1 });
    admission.judge(0, 1);
    while (rings[0].fill < 0.6) rings[0].reserve(RECORD_BYTES, PACKET);
    admission.look(START_MS);
    expect(admission.judge(0, 1)).toBe(VERDICT.admitted);
    admission.giveUp(0, 1);
    expect(admission.judge(0, 1)).toBe(VERDICT.knownFlow);
  });
});

describe('the table of known flows', () => {
  it('keeps them through a flood of flows of one packet', () => {
    const { admission, fill } = fullRing(1024);
    for (let flow = 0; flow < 400; flow++) for (let packet = 0; packet < 2; packet++) admission.judge(0, mix32(flow));
    for (let stray = 0; stray < 100_000; stray++) admission.judge(0, mix32(1_000_000 + stray));
    fill(0.74);
    admission.look(START_MS);
    let known = 0;
    for (let flow = 0; flow < 400; flow++) known += Number(admission.judge(0, mix32(flow)) === VERDICT.admitted);
    // Some buckets have had more of them than they have places.
    expect(known).toBeGreaterThan(370);
  });

  it('forgets what has not been seen for five minutes', () => {
    const { admission, fill } = fullRing();
    admission.look(START_MS);
    admission.judge(0, 1);
    fill(0.74);
    admission.look(START_MS + 299_000);
    expect(admission.judge(0, 1)).toBe(VERDICT.admitted);
    admission.look(START_MS + 299_000 + 305_000);
    fill();
    admission.look(START_MS + 299_000 + 305_000);
    expect(admission.judge(0, 1)).toBe(VERDICT.newFlow);
  });
});

function fullRing(flows = 1024): {
  admission: FlowAdmission;
  fill: (to?: number) => void;
  empty: () => void;
} {
  const place = allocateRing(1024 * 1024);
  const ring = new RingProducer(place);
  const admission = new FlowAdmission([ring], { from: 0.5, flows, seed: 3 });
  const fill = (to = 1): void => {
    while (ring.fill < to && ring.reserve(RECORD_BYTES, PACKET) >= 0);
    ring.publish();
  };
  const empty = (): void => {
    for (const reader = new RingConsumer(place); reader.next() !== NO_RECORD;) reader.release();
  };
  return { admission, fill, empty };
}
