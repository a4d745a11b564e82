/**
 * From rings to events: alerts are held back and counted, recorded packets are neither, and all come in packet order.
 */
import { describe, expect, it } from 'vitest';
import { Candidate, CANDIDATE_KIND } from '../../src/detect/event/candidate.js';
import { AlertStream, PATIENCE_MS } from '../../src/output/alert-stream.js';
import { EveWriter } from '../../src/output/eve.js';
import { Thresholder } from '../../src/output/threshold.js';
import { CandidateRingWriter } from '../../src/shard/candidate-ring.js';
import { allocateRing } from '../../src/ring/record-ring.js';

function candidateOf(kind: keyof typeof CANDIDATE_KIND, seq: number): Candidate {
  const candidate = new Candidate();
  const line = Buffer.from(JSON.stringify({ kind, seq }));
  candidate.line.appendBytes(line);
  return Object.assign(candidate, {
    kind: CANDIDATE_KIND[kind],
    seq,
    gid: 1,
    sid: 1,
    severity: 1,
    ipVersion: 4,
  });
}

function run(shards: readonly (readonly Candidate[])[]) {
  const rings = shards.map(() => allocateRing(4096));
  shards.forEach((candidates, i) => {
    const writer = new CandidateRingWriter(rings[i], false);
    for (const candidate of candidates) expect(writer.emit(candidate)).toBe(true);
  });
  const events: unknown[] = [];
  const alerts: number[] = [];
  const eve = new EveWriter({ write: (line) => events.push(JSON.parse(Buffer.from(line).toString())) > 0 });
  const thresholder = new Thresholder({ cap: 10, vniInKey: true });
  thresholder.configure(
    [{ row: 0, gid: 1, sid: 1, thresholds: [{ kind: 'limit', track: 'by_rule', count: 1, seconds: 60 }] }],
    { suppressions: [{ gid: 9, sid: 0 }], thresholds: [] },
  );
  const sources = rings.map((ring) => ({ ring, watermark: () => Infinity }));
  new AlertStream({ sources, thresholder, eve, onAlert: ({ seq }) => alerts.push(seq) }).pump(100);
  return { events, alerts, total: eve.total, stats: thresholder.stats };
}

describe('alerts and recorded packets', () => {
  it('are merged in packet order; only alerts are subject to thresholds, counted and told of', () => {
    const { events, alerts, total, stats } = run([
      [candidateOf('alert', 1), candidateOf('packet', 3), candidateOf('alert', 5), candidateOf('packet', 5)],
      [candidateOf('packet', 2), candidateOf('packet', 6)],
    ]);
    expect(events).toEqual([
      { kind: 'alert', seq: 1 },
      { kind: 'packet', seq: 2 },
      { kind: 'packet', seq: 3 },
      { kind: 'packet', seq: 5 },
      { kind: 'packet', seq: 6 },
    ]);
    expect([alerts, total, stats.filtered]).toEqual([[1], 1, 1]);
  });

  it('stay where they are while their writer has no room', () => {
    const ring = allocateRing(4096);
    const writer = new CandidateRingWriter(ring, false);
    for (let seq = 1; seq <= 4; seq++) writer.emit(candidateOf('packet', seq));
    let room = 1;
    const events: string[] = [];
    const stream = new AlertStream({
      sources: [{ ring, watermark: () => Infinity }],
      thresholder: new Thresholder({ cap: 10, vniInKey: true }),
      eve: new EveWriter({ write: (line) => events.push(Buffer.from(line).toString()) > 0 }),
      onAlert: () => undefined,
      hasRoom: () => room-- > 0,
    });
    expect([stream.pump(100), events.length]).toEqual([1, 1]);
    room = 2;
    expect([stream.pump(100), events.length]).toEqual([2, 3]);
  });

  it('wait for a shard that is behind, but not for long; what comes late then is counted, at the time of what it follows', () => {
    const rings = [allocateRing(4096), allocateRing(4096)];
    const writers = rings.map((ring) => new CandidateRingWriter(ring, false));
    let nowMs = 1000;
    const alerts: number[] = [];
    const thresholder = new Thresholder({ cap: 10, vniInKey: true });
    thresholder.configure([
      { row: 0, gid: 1, sid: 1, thresholds: [{ kind: 'limit', track: 'by_rule', count: 2, seconds: 60 }] },
    ]);
    const stream = new AlertStream({
      // The second shard is at a packet that does not end.
      sources: [
        { ring: rings[0]!, watermark: () => Infinity },
        { ring: rings[1]!, watermark: () => 2 },
      ],
      thresholder,
      eve: new EveWriter({ write: () => true }),
      onAlert: ({ seq }) => alerts.push(seq),
      clockMs: () => nowMs,
    });
    const emit = (shard: number, seq: number, seconds: number): boolean =>
      writers[shard]!.emit(Object.assign(candidateOf('alert', seq), { timeUs: seconds * 1e6 }));
    stream.pump(100);
    emit(0, 5, 100);
    const startMs = nowMs;
    for (; alerts.length === 0; nowMs += 10) stream.pump(100);
    expect(nowMs - startMs).toBeGreaterThan(PATIENCE_MS / 2);
    expect(nowMs - startMs).toBeLessThanOrEqual(PATIENCE_MS + 10);
    expect([alerts, stream.late]).toEqual([[5], 0]);
    // At its own time, before the window, it would begin another one.
    emit(1, 3, 20);
    emit(1, 4, 21);
    stream.pump(100);
    expect([alerts, stream.late, thresholder.stats.filtered]).toEqual([[5, 3], 2, 1]);
    emit(0, 7, 110);
    emit(1, 6, 109);
    stream.pump(100);
    expect([stream.late, thresholder.stats.filtered]).toEqual([2, 2]);
  });

  it('wait as long as it takes without a clock', () => {
    const rings = [allocateRing(4096), allocateRing(4096)];
    new CandidateRingWriter(rings[0]!, false).emit(candidateOf('packet', 5));
    let mark = 2;
    const stream = new AlertStream({
      sources: [
        { ring: rings[0]!, watermark: () => Infinity },
        { ring: rings[1]!, watermark: () => mark },
      ],
      thresholder: new Thresholder({ cap: 10, vniInKey: true }),
      eve: new EveWriter({ write: () => true }),
      onAlert: () => undefined,
    });
    for (let i = 0; i < 1000; i++) expect(stream.pump(100)).toBe(0);
    mark = 6;
    expect(stream.pump(100)).toBe(1);
  });

  it('do not let one another pass: packets say nothing to thresholds', () => {
    const { events, stats } = run([[candidateOf('packet', 1), candidateOf('packet', 2), candidateOf('alert', 3)]]);
    expect(events).toHaveLength(3);
    expect(stats).toEqual({ suppressed: 0, filtered: 0, evicted: 0 });
  });
});
