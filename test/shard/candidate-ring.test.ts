/** What the ring of candidates keeps room for. */
import { describe, expect, it } from 'vitest';
import { Candidate, CANDIDATE_KIND } from '../../src/detect/event/candidate.js';
import { allocateRing } from '../../src/ring/record-ring.js';
import { CandidateRingWriter } from '../../src/shard/candidate-ring.js';

const RING_BYTES = 65_536;
const ringOf = (waits: boolean): CandidateRingWriter => new CandidateRingWriter(allocateRing(RING_BYTES), waits);

const candidateOf = (kind: number): Candidate => {
  const candidate = new Candidate();
  candidate.kind = kind;
  candidate.line.append('x'.repeat(872));
  return candidate;
};

function countUntilFull(ring: CandidateRingWriter, kind: number): number {
  let count = 0;
  while (ring.emit(candidateOf(kind))) count++;
  return count;
}

describe('CandidateRingWriter', () => {
  it('leaves half of the ring to alerts, however many packets are handed on as evidence', () => {
    const ring = ringOf(false);
    const evidence = countUntilFull(ring, CANDIDATE_KIND.evidence);
    const alerts = countUntilFull(ring, CANDIDATE_KIND.alert);
    expect(evidence).toBeGreaterThan(20);
    expect(alerts).toBeGreaterThanOrEqual(evidence);
  });

  it('has room for evidence alone where a capture is read: it waits for more', () => {
    const ring = ringOf(true);
    for (let i = 0; i < 48; i++) expect(ring.emit(candidateOf(CANDIDATE_KIND.evidence))).toBe(true);
  });
});
