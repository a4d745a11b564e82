import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Merger, type MergeInput } from '../../src/output/merge.js';

/** A shard's ring as a list: what has been written so far, and how far the shard is. */
class Stream implements MergeInput {
  readonly written: number[] = [];
  mark = 0;
  overdue = false;
  /** Of what was written: times of packets and ids of flows, where they matter. */
  readonly ends: [timeUs: number, flowId: number][] = [];

  get frontTimeUs(): number {
    return this.ends[0]?.[0] ?? 0;
  }
  get frontFlowId(): number {
    return this.ends[0]?.[1] ?? 0;
  }
  isOverdue(): boolean {
    return this.overdue;
  }
  watermark(): number {
    return this.mark;
  }
  front(): number {
    return this.written[0] ?? -1;
  }
}

const streams = (count: number): Stream[] => Array.from({ length: count }, () => new Stream());

function drain(merger: Merger, inputs: readonly Stream[]): [seq: number, input: number][] {
  const taken: [number, number][] = [];
  for (let input = merger.next(); input >= 0; input = merger.next()) {
    taken.push([inputs[input].written.shift()!, input]);
    merger.taken(input);
  }
  return taken;
}

describe('Merger', () => {
  it('gives out nothing that a shard which is behind may still undercut', () => {
    const [a, b] = streams(2);
    const merger = new Merger([a, b]);
    a.written.push(5, 9);
    a.mark = 10;
    b.mark = 5;
    expect(merger.next()).toBe(-1);
    b.mark = 6;
    expect(drain(merger, [a, b])).toEqual([[5, 0]]);
    b.written.push(8);
    b.mark = 9;
    expect(drain(merger, [a, b])).toEqual([[8, 1]]);
    b.mark = Infinity;
    expect(drain(merger, [a, b])).toEqual([[9, 0]]);
    expect(merger.next()).toBe(-1);
  });

  it('needs no watermark of a stream that shows its front', () => {
    const [a, b] = streams(2);
    a.written.push(1, 4);
    b.written.push(2);
    // Both marks are still 0, as in shards that wait for room in their rings.
    expect(drain(new Merger([a, b]), [a, b])).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });

  it('puts what comes of flows that end at one tick in the order of their last packets, then of their ids', () => {
    const [a, b, c] = streams(3);
    a.written.push(7, 7);
    a.ends.push([100, 5], [300, 1]);
    b.written.push(7);
    b.ends.push([100, 4]);
    c.mark = 7;
    const merger = new Merger([a, b, c]);
    expect(merger.next()).toBe(-1);
    c.written.push(7);
    c.ends.push([200, 9]);
    const order: number[] = [];
    for (let input = merger.next(); input >= 0; input = merger.next()) {
      order.push(input);
      [a, b, c][input].written.shift();
      [a, b, c][input].ends.shift();
      merger.taken(input);
      for (const each of [a, b, c]) each.mark = 8;
    }
    expect(order).toEqual([1, 0, 2, 0]);
  });

  it('keeps the order of candidates of one packet', () => {
    const [a, b] = streams(2);
    a.written.push(3, 3, 3);
    b.mark = 4;
    expect(drain(new Merger([a, b]), [a, b])).toEqual([
      [3, 0],
      [3, 0],
      [3, 0],
    ]);
  });

  it('sees what appears between the watermark and the front', () => {
    // The shard writes 7 and moves on to 8 right after its watermark (7) was read.
    const late: MergeInput & { asked: boolean } = {
      asked: false,
      watermark() {
        this.asked = true;
        return 7;
      },
      front() {
        return this.asked ? 7 : -1;
      },
      isOverdue: () => false,
      frontTimeUs: 0,
      frontFlowId: 0,
    };
    const ahead = new Stream();
    ahead.written.push(8);
    expect(new Merger([ahead, late]).next()).toBe(1);
  });

  it('goes on without a shard that is behind once a candidate is overdue, with the lowest that there is', () => {
    const [behind, a, b] = streams(3);
    const merger = new Merger([behind, a, b]);
    behind.mark = 1;
    a.written.push(6, 9);
    b.written.push(5, 7);
    expect(merger.next()).toBe(-1);
    a.overdue = true;
    expect([merger.next(), merger.isLate(2)]).toEqual([2, false]);
    b.written.shift();
    merger.taken(2);
    expect(merger.next()).toBe(1);
    a.written.shift();
    a.overdue = false;
    merger.taken(1);
    expect(merger.next()).toBe(-1);
    // The shard comes to life: what it brings is late up to what was given out, and then in order again.
    behind.written.push(2, 8);
    expect([merger.next(), merger.isLate(0)]).toEqual([0, true]);
    behind.written.shift();
    merger.taken(0);
    expect(merger.next()).toBe(2);
    expect([merger.isLate(0), merger.isLate(1), merger.isLate(2)]).toEqual([false, false, false]);
  });

  it('has nothing to say without inputs', () => {
    expect(new Merger([]).next()).toBe(-1);
  });

  it('is a sort, however the shards and the main thread take turns', () => {
    const turn = fc.record({ shard: fc.nat({ max: 7 }), packets: fc.nat({ max: 4 }), drains: fc.boolean() });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.record({ shard: fc.nat({ max: 7 }), alerts: fc.constantFrom(0, 0, 1, 2) }), { maxLength: 60 }),
        fc.array(turn, { maxLength: 60 }),
        (shards, packets, turns) => {
          const inputs = streams(shards);
          const merger = new Merger(inputs);
          // The packets of each shard in order; a shard inspects them one by one and publishes how far it is.
          const work = inputs.map((_, shard) =>
            packets.flatMap((packet, seq) => (packet.shard % shards === shard ? [{ seq, alerts: packet.alerts }] : [])),
          );
          const inspect = (shard: number, count: number): void => {
            for (const { seq, alerts } of work[shard].splice(0, count)) {
              for (let i = 0; i < alerts; i++) inputs[shard].written.push(seq);
              inputs[shard].mark = seq + 1;
            }
            if (work[shard].length === 0) inputs[shard].mark = Infinity;
          };
          const output: number[] = [];
          for (const { shard, packets: count, drains } of turns) {
            inspect(shard % shards, count);
            if (drains) output.push(...drain(merger, inputs).map(([seq]) => seq));
          }
          for (let shard = 0; shard < shards; shard++) inspect(shard, Infinity);
          output.push(...drain(merger, inputs).map(([seq]) => seq));
          expect(output).toEqual(packets.flatMap(({ alerts }, seq) => Array<number>(alerts).fill(seq)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
