/**
 * Who wins where a segment brings bytes that were there already: the older ones or its own. Stage: stream.
 *
 * Systems differ, and whoever knows which one an attacked host is can show the sensor another stream than the host
 * sees. What a system does depends on how the new segment lies over what is left of an older one (a *piece*): whether
 * it begins before, with or behind it, and whether it ends before, with or behind it.
 *
 *                        new begins before            with                    behind
 *   first, vista         older                        older                   older
 *   last                 new                          new                     new
 *   bsd, windows, macos  new                          older                   older
 *   linux                new                          new if it ends behind   older
 *   old-linux            new                          new if not before       older
 *   solaris              new if it does not end before  likewise              new if it ends behind
 *
 * Vern Paxson and Umesh Shankar, "Active Mapping" (2003); Judy Novak and Steve Sturges, "Target-Based TCP Stream
 * Reassembly" (2007). `bsd-right` is of fragments; of TCP it is as `bsd`.
 */
import type { HostPolicy } from '../util/host-policy.js';
import { ALWAYS, IF_BEHIND, NEVER, newWins, UNLESS_BEFORE, type Winners } from '../util/winners.js';

const WINNERS: Readonly<Record<HostPolicy, Winners>> = {
  first: [NEVER, NEVER, NEVER],
  vista: [NEVER, NEVER, NEVER],
  last: [ALWAYS, ALWAYS, ALWAYS],
  bsd: [ALWAYS, NEVER, NEVER],
  'bsd-right': [ALWAYS, NEVER, NEVER],
  windows: [ALWAYS, NEVER, NEVER],
  macos: [ALWAYS, NEVER, NEVER],
  linux: [ALWAYS, IF_BEHIND, NEVER],
  'old-linux': [ALWAYS, UNLESS_BEFORE, NEVER],
  solaris: [UNLESS_BEFORE, UNLESS_BEFORE, IF_BEHIND],
};

/** Systems that drop a timestamp that is older by one; Linux does not, and of a mere way nothing is known. */
const STRICT: ReadonlySet<HostPolicy> = new Set(['bsd', 'windows', 'macos', 'solaris', 'vista']);

export class Overlap {
  /** Older bytes always stay: nothing needs to be known of pieces. */
  readonly keepsFirst: boolean;
  /** Whether a timestamp may be older than the last one by one tick (receiver.ts). */
  readonly allowsOldTick: boolean;
  /** New bytes always win, also over what came in order, unless somebody has looked at it. */
  readonly takesLast: boolean;
  private readonly winners: Winners;

  constructor(policy: HostPolicy) {
    this.winners = WINNERS[policy];
    this.keepsFirst = this.winners.every((wins) => wins === NEVER);
    this.allowsOldTick = !STRICT.has(policy);
    this.takesLast = this.winners.every((wins) => wins === ALWAYS);
  }

  /** Whether what depends on pieces is asked. */
  get needsPieces(): boolean {
    return !this.keepsFirst && !this.takesLast;
  }

  /** Whether the segment [start, end) wins over the piece [pieceStart, pieceEnd) that it overlaps. */
  newWins(start: number, end: number, pieceStart: number, pieceEnd: number): boolean {
    return newWins(this.winners, start, end, pieceStart, pieceEnd);
  }
}
