/**
 * Which flows a dispatcher lets through while shards cannot keep up. Stage: dispatch, before the rings; live alone.
 *
 * From a fill of a shard's ring on, `from`, packets are dropped by flow, so that the flows that are left stay whole:
 * new flows first, more of them the fuller the ring is; where that does not do, those that began lately, and in the
 * end those that have lasted for a while. Which flows go is told by a rank, a hash of the flow and a secret: the same
 * ones at every look. A flow that was refused stays so until the overload is over, for the rest would not be whole.
 *
 *   fill   0 ......... from ......... one third ......... two thirds ......... full
 *            all        | new ones thinned | recent ones thinned | old ones thinned
 *
 * Flows that live for long weigh on a ring only later, so the share of new flows is bounded by a limit, too: it shrinks
 * while new ones alone do not do and the ring fills, and grows slowly while the ring has room again and does not.
 *
 * Known flows are in a table of 4 bytes for each (decision 33), in buckets of four; where one is full, strays of a
 * single packet give way first, so a flood of them does not push out what is known. A flow that finds no place is
 * judged as a new one, by its rank: it loses nothing while it is among those that are let through. Both directions of a
 * flow have one hash. Nothing is allocated after construction.
 *
 *   entry   0-15 tag | 16-23 epoch last seen | 24 refused as a new flow | 25 given up later | 26 seen again
 *           27 seen in more than one epoch | 28 in use
 */
import { mix32 } from '../util/hash.js';
import type { RingProducer } from '../ring/record-ring.js';

export interface AdmissionOptions {
  /** Of a ring, 0 to 1: from here on flows are refused. */
  readonly from: number;
  /** Flows that are kept in mind, 4 bytes each, rounded up to a power of two. */
  readonly flows: number;
  /** Nobody outside can know which flows go first. */
  readonly seed: number;
}

export const VERDICT = { admitted: 0, newFlow: 1, knownFlow: 2 } as const;

const WAYS = 4;

const TAG = 0xffff;
const EPOCH_SHIFT = 16;
const EPOCH = 0xff << EPOCH_SHIFT;
const REFUSED = 1 << 24;
const SHED = 1 << 25;
const SEEN_AGAIN = 1 << 26;
const OLD = 1 << 27;
const IN_USE = 1 << 28;

const EPOCH_MS = 4000;
/** Epochs without a packet after which an entry says nothing any more. */
const STALE = 75;

/** Odd: ranks are spread whatever bucket and tag are. */
const RANK_FACTOR = 0x9e3779b1;

/** All flows, in the measure of ranks and shares. */
const ALL = 256;
/** An overload is over after so long below half of `from`, with all new flows let through. */
const QUIET_MS = 10_000;
/** Steps of the limit on new flows: how often, and how much is given back, more where the ring is all but empty. */
const STEP_MS = 100;
const STEP_UP = 2;
const FAST_STEP_UP = 8;
const STEP_DOWN = 0.9;

/** The state of one ring. */
class Pressure {
  active = false;
  /** Ranks below are let through: of new flows, of recent ones, of old ones. */
  newShare = ALL;
  recentShare = ALL;
  oldShare = ALL;
  private limit = ALL;
  private steppedMs = 0;
  private steppedFill = 0;
  private busyMs = 0;

  /** @returns whether an overload has begun. */
  look(fill: number, from: number, nowMs: number): boolean {
    if (!this.active) {
      if (fill < from) return false;
      this.active = true;
      this.limit = ALL;
      this.steppedMs = nowMs;
      this.busyMs = nowMs;
      this.thin(fill, from);
      return true;
    }
    if (nowMs - this.steppedMs >= STEP_MS) {
      this.steppedMs = nowMs;
      this.stepLimit(fill, from);
    }
    if (fill >= from / 2 || this.limit < ALL) this.busyMs = nowMs;
    else if (nowMs - this.busyMs >= QUIET_MS) this.active = false;
    this.thin(fill, from);
    return false;
  }

  private stepLimit(fill: number, from: number): void {
    const rises = fill > this.steppedFill;
    this.steppedFill = fill;
    if (rises && fill >= from + (1 - from) / 3) this.limit = Math.max(1, this.limit * STEP_DOWN);
    else if (!rises && fill < from) this.limit = Math.min(ALL, this.limit + (fill < from / 4 ? FAST_STEP_UP : STEP_UP));
  }

  private thin(fill: number, from: number): void {
    const third = (1 - from) / 3;
    const newShare = ALL * share(fill, from, from + third);
    this.newShare = newShare < this.limit ? newShare : this.limit;
    this.recentShare = ALL * share(fill, from + third, from + 2 * third);
    this.oldShare = ALL * share(fill, from + 2 * third, 1);
  }

  /** The smaller, the fewer flows are let through. */
  get room(): number {
    return this.active ? this.newShare + this.recentShare + this.oldShare : Infinity;
  }
}

/** 1 up to `from`, 0 from `to` on. */
function share(fill: number, from: number, to: number): number {
  if (fill <= from) return 1;
  return fill >= to ? 0 : (to - fill) / (to - from);
}

export class FlowAdmission {
  /** Rings that are overloaded, and how often one became so. */
  activeRings = 0;
  begun = 0;
  /** Flows refused at their first packet, and those given up later. */
  refusedFlows = 0;
  shedFlows = 0;
  private readonly rings: readonly RingProducer[];
  private readonly from: number;
  private readonly seed: number;
  private readonly entries: Int32Array;
  private readonly bucketShift: number;
  private readonly pressures: readonly Pressure[];
  private epoch = 0;

  constructor(rings: readonly RingProducer[], { from, flows, seed }: AdmissionOptions) {
    this.rings = rings;
    this.from = from;
    this.seed = seed | 0;
    this.pressures = rings.map(() => new Pressure());
    const bits = Math.max(3, 32 - Math.clz32(flows - 1));
    this.entries = new Int32Array(1 << bits);
    this.bucketShift = 32 - bits + 2;
  }

  /** Looks how full the rings are: for each batch, and within. */
  look(nowMs: number): void {
    this.epoch = (Math.floor(nowMs / EPOCH_MS) << EPOCH_SHIFT) & EPOCH;
    let active = 0;
    for (let ring = 0; ring < this.rings.length; ring++) {
      const pressure = this.pressures[ring];
      this.begun += Number(pressure.look(this.rings[ring].fill, this.from, nowMs));
      active += Number(pressure.active);
    }
    this.activeRings = active;
  }

  /** Whether a frame of the flow with this hash may go to the ring of `shard`: a `VERDICT`. */
  judge(shard: number, flowHash: number): number {
    const { entries } = this;
    const hash = mix32(flowHash ^ this.seed);
    const pressure = this.pressures[shard];
    if (!pressure.active && this.isSettled(hash)) return VERDICT.admitted;
    const at = this.find(hash);
    if (at < 0) return this.judgeNew(hash, pressure);
    const before = entries[at];
    // What was refused may come again once the overload is over.
    const closed = pressure.active ? before & (REFUSED | SHED) : 0;
    const old = (before & EPOCH) === this.epoch ? before & OLD : OLD;
    entries[at] = (hash & TAG) | this.epoch | closed | SEEN_AGAIN | old | IN_USE;
    if (closed !== 0) return closed === REFUSED ? VERDICT.newFlow : VERDICT.knownFlow;
    if (!pressure.active || rankOf(hash) < (old === 0 ? pressure.recentShare : pressure.oldShare))
      return VERDICT.admitted;
    this.shedFlows++;
    entries[at] |= SHED;
    return VERDICT.knownFlow;
  }

  /** The ring of `shard` was full: what it has lost of the flow cannot be made good, so the rest goes as well. */
  giveUp(shard: number, flowHash: number): void {
    const at = this.find(mix32(flowHash ^ this.seed));
    if (at < 0 || !this.pressures[shard].active || (this.entries[at] & (REFUSED | SHED)) !== 0) return;
    this.shedFlows++;
    this.entries[at] |= SHED;
  }

  /** Which of two shards has the more pressing overload. */
  morePressed(shard: number, other: number): number {
    return this.pressures[other].room < this.pressures[shard].room ? other : shard;
  }

  private judgeNew(hash: number, pressure: Pressure): number {
    const refused = pressure.active && rankOf(hash) >= pressure.newShare;
    this.entries[this.place(hash)] = (hash & TAG) | this.epoch | (refused ? REFUSED : 0) | IN_USE;
    if (!refused) return VERDICT.admitted;
    this.refusedFlows++;
    return VERDICT.newFlow;
  }

  /** Whether the flow's entry would stay as it is. PERF: nearly every packet, outside of an overload (bench: ring). */
  private isSettled(hash: number): boolean {
    const { entries } = this;
    const settled = (hash & TAG) | this.epoch | SEEN_AGAIN | IN_USE;
    const first = (hash >>> this.bucketShift) * WAYS;
    return (
      (entries[first] & ~OLD) === settled ||
      (entries[first + 1] & ~OLD) === settled ||
      (entries[first + 2] & ~OLD) === settled ||
      (entries[first + 3] & ~OLD) === settled
    );
  }

  /** Index of the flow's entry, or -1. */
  private find(hash: number): number {
    const { entries } = this;
    const first = (hash >>> this.bucketShift) * WAYS;
    for (let at = first; at < first + WAYS; at++) {
      const entry = entries[at];
      if ((entry & TAG) === (hash & TAG) && entry !== 0 && this.ageOf(entry) < STALE) return at;
    }
    return -1;
  }

  /** The entry of the flow's bucket that is worth least: none, a stale one, a stray, one refused, the oldest. */
  private place(hash: number): number {
    const first = (hash >>> this.bucketShift) * WAYS;
    let least = first;
    let leastWorth = Infinity;
    for (let at = first; at < first + WAYS; at++) {
      const worth = this.worthOf(this.entries[at]);
      if (worth >= leastWorth) continue;
      least = at;
      leastWorth = worth;
    }
    return least;
  }

  private worthOf(entry: number): number {
    const age = this.ageOf(entry);
    if (entry === 0 || age >= STALE) return 0;
    const known = (entry & SEEN_AGAIN) === 0 ? 0 : 2 * ALL;
    const open = (entry & (REFUSED | SHED)) === 0 ? ALL : 0;
    return ALL + known + open - age;
  }

  /** In epochs, modulo 256. */
  private ageOf(entry: number): number {
    return ((this.epoch - (entry & EPOCH)) & EPOCH) >>> EPOCH_SHIFT;
  }
}

/** 0 to 255. */
const rankOf = (hash: number): number => Math.imul(hash, RANK_FACTOR) >>> 24;
