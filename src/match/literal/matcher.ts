/**
 * The multi-pattern prefilter: which of many byte strings occur in a buffer. Stage: detect (prefilter).
 *
 * A `PatternSet` is compiled once, on the loader thread, into relocatable bytes ("tables") that lie anywhere in one
 * shared memory; every shard scans with scratch space of its own. Building may fail, scanning may not. The naive
 * matcher (naive.ts) is the oracle of the fast one (kernel/): same patterns, same bytes, same set of hits.
 */

/** A literal to look for. `nocase` folds ASCII letters only. Between 1 and 65 535 bytes long. */
export interface Pattern {
  readonly bytes: Uint8Array;
  readonly nocase: boolean;
}

/** What a scan writes to: pattern ids (indices into the set's list), each at most once per scan, in no given order. */
export interface HitList {
  readonly ids: Uint32Array;
  count: number;
}

export interface Matcher {
  /**
   * Finds which patterns of the set occur at least once in `bytes[start, end)`; complete and exact (every id reported
   * does occur, every pattern that occurs is reported). Replaces the content of `hits`, whose `ids` holds at least as
   * many entries as the set has patterns. Allocates nothing.
   */
  scan(bytes: Uint8Array, start: number, end: number, hits: HitList): void;
}

/** Scans with any of several pattern sets that lie in one shared memory. */
export interface SetMatcher {
  /** As Matcher.scan, with the set whose tables begin at `setOffset` (64-byte aligned) in the memory. */
  scan(setOffset: number, bytes: Uint8Array, start: number, end: number, hits: HitList): void;
}
