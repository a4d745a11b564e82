/** Packets that are kept, and handed on once their flow has alerted: against a plain list of all packets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYER_FLAG, Packet } from '../../src/decode/packet.js';
import { CANDIDATE_KIND, type Candidate, type CandidateSink } from '../../src/detect/event/candidate.js';
import { decodeEvidence, evidenceName } from '../../src/detect/event/evidence-record.js';
import type { Flow } from '../../src/flow/flow.js';
import { Evidence } from '../../src/shard/evidence.js';
import { NOWHERE, PacketMemory } from '../../src/shard/packet-memory.js';

const packetOf = (text: string, timeUs: number, vni = 7): Packet => {
  const packet = new Packet();
  packet.bytes = Buffer.from(`--${text}--`);
  packet.frameOffset = 2;
  packet.frameLength = text.length;
  packet.wireLength = text.length + 1;
  packet.timeUs = timeUs;
  packet.seq = timeUs;
  packet.vni = vni;
  return packet;
};

describe('PacketMemory', () => {
  it('has the latest packets, whole, and knows what it has forgotten', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 80 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 200, max: 600 }), (lengths, size) => {
        const memory = new PacketMemory(size);
        const kept: { place: number; text: string; flow: number }[] = [];
        lengths.forEach((length, i) => {
          const text = String.fromCharCode(97 + (i % 26)).repeat(length);
          const flow = 1 + (i % 3);
          kept.push({ place: memory.keep(packetOf(text, i), flow, NOWHERE), text, flow });
          const there = kept.filter((each) => memory.has(each.place, each.flow));
          // The newest without a gap, and the last one always.
          expect(there).toEqual(kept.slice(kept.length - there.length));
          expect(there.length).toBeGreaterThan(0);
          for (const each of there) {
            const at = memory.frameAt(each.place);
            expect(Buffer.from(memory.bytes.subarray(at, at + memory.frameLength(each.place))).toString()).toBe(
              each.text,
            );
            expect(memory.has(each.place, each.flow + 1)).toBe(false);
          }
          // Two records and the gap at the end are as much as can be in the way.
          const held = there.reduce((sum, each) => sum + 56 + each.text.length, 0);
          if (there.length < kept.length) expect(held + 3 * 144).toBeGreaterThanOrEqual(memory.bytes.length);
        });
      }),
      { numRuns: 100 },
    );
  });

  it('does not keep what is larger than itself', () => {
    const memory = new PacketMemory(200);
    const place = memory.keep(packetOf('a', 1), 1, NOWHERE);
    expect(memory.keep(packetOf('x'.repeat(200), 2), 1, place)).toBe(NOWHERE);
    expect(memory.has(place, 1)).toBe(true);
  });
});

class Sink implements CandidateSink {
  room = Infinity;
  readonly records: (ReturnType<typeof decodeEvidence> & { text: string; seq: number; flowId: number })[] = [];

  emit({ kind, seq, flowId, line }: Candidate): boolean {
    expect(kind).toBe(CANDIDATE_KIND.evidence);
    if (this.room-- <= 0) return false;
    const record = decodeEvidence(line.written.slice());
    this.records.push({ ...record, text: Buffer.from(record.frame).toString(), seq, flowId });
    return true;
  }

  get texts(): readonly string[] {
    return this.records.map(({ text, isEnd }) => (isEnd ? 'END' : text));
  }
}

/** What the evidence looks at of a flow. */
class FlowOf {
  index = 0;
  id: number;
  startUs = 1e15;
  packetsToServer = 0;
  packetsToClient = 0;
  alerted = false;
  constructor(index: number, id = index + 100) {
    this.index = index;
    this.id = id;
  }
  get flow(): Flow {
    return this as unknown as Flow;
  }
}

const take = (evidence: Evidence, flow: FlowOf, text: string, timeUs: number): void => {
  flow.packetsToServer++;
  const packet = packetOf(text, timeUs);
  evidence.remember(flow.flow, packet);
  if (flow.alerted) evidence.handOn(flow.flow, packet);
};

describe('Evidence', () => {
  const evidenceOf = (bytes = 10_000, fileBytes = 10_000): { sink: Sink; evidence: Evidence } => {
    const sink = new Sink();
    return { sink, evidence: new Evidence({ bytes, fileBytes, flows: 4 }, sink) };
  };

  it('hands on a flow from its first packet, once it alerts, and what follows; of others nothing', () => {
    const { sink, evidence } = evidenceOf();
    const [quiet, loud] = [new FlowOf(0), new FlowOf(1)];
    take(evidence, loud, 'one', 1);
    take(evidence, quiet, 'other', 2);
    take(evidence, loud, 'two', 3);
    expect(sink.records).toEqual([]);
    loud.alerted = true;
    take(evidence, loud, 'three', 4);
    take(evidence, loud, 'four', 5);
    evidence.end(quiet.flow, packetOf('', 6));
    evidence.end(loud.flow, packetOf('', 7));
    expect(sink.texts).toEqual(['one', 'two', 'three', 'four', 'END']);
    expect(sink.records.map(({ seq }) => seq)).toEqual([4, 4, 4, 5, 7]);
    expect(sink.records.map(({ isLatest }) => isLatest)).toEqual([false, false, true, true, false]);
    expect(sink.records[0]).toMatchObject({ timeUs: 1, vni: 7, wireLength: 4, linkType: 1, flowId: 101 });
    expect(sink.records.every(({ name }) => name === '20010909T014640.000000Z-101.pcapng')).toBe(true);
  });

  it('has what came before an error about a flow of one packet', () => {
    const { sink, evidence } = evidenceOf();
    const flow = new FlowOf(0);
    take(evidence, flow, 'one', 1);
    const error = packetOf('unreachable', 2);
    error.flags |= LAYER_FLAG.icmpError;
    evidence.remember(flow.flow, error);
    evidence.handOn(flow.flow, error);
    expect(sink.texts).toEqual(['one', 'unreachable']);
  });

  it('begins in the middle where the start is forgotten, and says so', () => {
    const { sink, evidence } = evidenceOf(400);
    const flow = new FlowOf(0);
    for (let i = 0; i < 20; i++) take(evidence, flow, `packet ${i}`.padEnd(40), i);
    flow.alerted = true;
    take(evidence, flow, 'the end', 20);
    expect(sink.texts.at(-1)).toBe('the end');
    expect(sink.texts.length).toBeLessThan(5);
    expect(evidence.stats.startsForgotten).toBe(1);
  });

  it('ends with the size of a file, and a place of the table that is used again begins anew', () => {
    const { sink, evidence } = evidenceOf(10_000, 100);
    const first = new FlowOf(0);
    first.alerted = true;
    for (let i = 0; i < 10; i++) take(evidence, first, 'x'.repeat(40), i);
    expect(sink.texts).toHaveLength(2);
    expect(evidence.stats).toMatchObject({ packets: 2, beyondFile: 8 });
    const second = new FlowOf(0, 999);
    take(evidence, second, 'new', 20);
    second.alerted = true;
    take(evidence, second, 'flow', 21);
    expect(sink.texts.slice(2)).toEqual(['new', 'flow']);
  });

  it('counts what finds no room', () => {
    const { sink, evidence } = evidenceOf();
    const flow = new FlowOf(0);
    take(evidence, flow, 'one', 1);
    sink.room = 1;
    flow.alerted = true;
    take(evidence, flow, 'two', 2);
    expect(sink.texts).toEqual(['one']);
    expect(evidence.stats).toMatchObject({ packets: 1, dropped: 1 });
  });

  it('hands on a packet without a flow by itself', () => {
    const { sink, evidence } = evidenceOf();
    evidence.handOnAlone(packetOf('alone', 1e15 + 5));
    expect(sink.records[0]).toMatchObject({ text: 'alone', flowId: 0, isLatest: true });
    expect(sink.records[0]!.name).toBe('20010909T014640.000005Z-p1000000000000005.pcapng');
  });
});

describe('the name of a file', () => {
  it.each([
    [1e15 + 0.5, '20010909T014640.000000Z'],
    [-1, '19700101T000000.000000Z'],
    [2 ** 64 * 1e6, '99991231T235959.000000Z'],
  ])('has the time that events have, whatever a capture says: %s', (timeUs, time) => {
    const packet = packetOf('a', timeUs);
    packet.seq = 7;
    expect(evidenceName(null, packet)).toBe(`${time}-p7.pcapng`);
  });
});
