/**
 * The ring that takes alert candidates and recorded packets from one shard to the main thread. Stage: shard → output.
 *
 * Live, a full ring drops the candidate and counts it: a flood of alerts never holds up inspection. Offline the shard
 * waits, as nothing may be lost there. A candidate is published before the frame it comes from is given back.
 *
 * Evidence, which is thousands of packets where a long flow alerts, has half of the ring, live: it takes no alert's
 * room.
 */
import {
  CANDIDATE_KIND,
  candidateBytes,
  encodeCandidate,
  type Candidate,
  type CandidateSink,
} from '../detect/event/candidate.js';
import { nap, type Doorbell } from '../util/doorbell.js';
import { RingProducer, type RingPlace } from '../ring/record-ring.js';

export class CandidateRingWriter extends RingProducer implements CandidateSink {
  private readonly waits: boolean;
  private readonly bell: Doorbell | undefined;

  /** `bell` wakes whoever takes the candidates. */
  constructor(place: RingPlace, waits: boolean, bell?: Doorbell) {
    super(place);
    this.waits = waits;
    this.bell = bell;
  }

  emit(candidate: Candidate): boolean {
    const size = candidateBytes(candidate.line.length);
    if (!this.canHold(size)) return false;
    if (candidate.kind === CANDIDATE_KIND.evidence && !this.waits && !this.leavesHalf(size)) return false;
    let at = this.reserve(size, candidate.kind);
    while (at < 0 && this.waits) {
      nap(1);
      at = this.reserve(size, candidate.kind);
    }
    if (at < 0) return false;
    encodeCandidate(candidate, this, at);
    this.publish();
    this.bell?.ring();
    return true;
  }
}
