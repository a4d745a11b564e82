/**
 * What the reassembler counts since the shard started. Stage: stream.
 */
export interface StreamStats {
  /** Connections picked up without their opening. */
  midstreamPickups: number;
  /** Segments whose numbers are nowhere near the connection's. */
  outOfWindow: number;
  /**
   * Holes in what was acknowledged that were never filled, adjoining ones together, and the bytes in them: lost
   * upstream.
   */
  gaps: number;
  gapBytes: number;
  /** Numbers that went on further than could have been carried meanwhile: of no bytes, so that none are lost. */
  jumps: number;
  /** Bytes that the mirror or the capture cut off segments. */
  cutBytes: number;
  /** Segments with bytes that were there already, and those of them that brought others than before. */
  overlaps: number;
  differentOverlaps: number;
  /**
   * Segments with a timestamp from before the last one, and with an acknowledgement of what the other side has not
   * sent, as far as was seen.
   */
  invalidTimestamps: number;
  invalidAcks: number;
  /** Segments that came too late: for bytes that had been passed over, or from before the start. */
  late: number;
  /** Segments, or parts of them, that were not kept: too far ahead, or for lack of memory. */
  tooFar: number;
  noMemory: number;
  /** Streams that raw inspection has left at its depth. */
  depthReached: number;
  /** Urgent bytes that were taken out of their stream, and those that could not be, and are a part of it. */
  urgentTakenOut: number;
  urgentKept: number;
}

export function newStreamStats(): StreamStats {
  return {
    midstreamPickups: 0,
    outOfWindow: 0,
    gaps: 0,
    gapBytes: 0,
    jumps: 0,
    cutBytes: 0,
    overlaps: 0,
    differentOverlaps: 0,
    invalidTimestamps: 0,
    invalidAcks: 0,
    late: 0,
    tooFar: 0,
    noMemory: 0,
    depthReached: 0,
    urgentTakenOut: 0,
    urgentKept: 0,
  };
}
