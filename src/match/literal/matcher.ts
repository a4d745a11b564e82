/**
 * The multi-pattern prefilter: which of many byte strings occur in a buffer. Stage: detect (prefilter).
 *
 * A `PatternSet` is compiled once, on the loader thread, into relocatable bytes ("tables"); every shard scans with a
 * copy of them in its own memory. Building may fail, scanning may not. The naive matcher (naive.ts) is the oracle of
 * the fast ones (kernel-matcher.ts, scalar-matcher.ts): same patterns, same bytes, same set of hits.
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
   * Finds which patterns of the set occur at least once in `bytes[start, end)` and end behind `fresh`, by default at
   * the start: anywhere. Complete and exact: every id reported does occur, every pattern that occurs is reported.
   * Replaces the content of `hits`, whose `ids` holds at least as many entries as the set has patterns. Allocates
   * nothing.
   */
  scan(bytes: Uint8Array, start: number, end: number, hits: HitList, fresh?: number): void;
}

/** Scans with any of several pattern sets that lie in one memory. */
export interface SetMatcher {
  /** As Matcher.scan, with the set whose tables begin at `setOffset` (64-byte aligned) in the memory. */
  scan(setOffset: number, bytes: Uint8Array, start: number, end: number, hits: HitList, fresh?: number): void;
}

/** What can be done with bytes of one memory, by their offsets in it. */
export interface MemoryOperations {
  /** The memory; a text that is given as these very bytes is scanned where it lies. */
  readonly bytes: Uint8Array;
  /** What the last search has compared in vain. */
  readonly compared: number;
  /**
   * The first place in [from, to) where the literal occurs, or 0; also once more than `mayCompare` bytes have been
   * compared in vain. `anchor` is the place of the literal's rarest byte; with `nocase` the literal is in lower case.
   */
  find(
    from: number,
    to: number,
    literal: number,
    length: number,
    anchor: number,
    nocase: boolean,
    mayCompare: number,
  ): number;
  /** Overlapping ranges are copied as if by way of a third. */
  copy(to: number, from: number, length: number): void;
  /** Copies with A-Z in lower case. Up to 15 bytes behind `to` + `length` are written, too. */
  fold(to: number, from: number, length: number): void;
}

/** The scanner of a shard. */
export type MemoryMatcher = SetMatcher & MemoryOperations;
