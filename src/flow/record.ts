/**
 * Layout of a flow's record: 256 bytes, four cache lines, drawn here and nowhere else. Stage: flow.
 *
 *   words  0-10  key (tuple.ts)      what a lookup reads
 *            11  hash of the key
 *            12  next slot of the chain plus 1, or 0
 *            13  second of the latest packet
 *         14-15  id (double)
 *   words 16-17  time of the latest packet, µs (double)      what a packet changes
 *         18-21  IP bytes to server, to client (doubles)
 *         22-23  packets to server, to client
 *            24  state and traits
 *            25  applications of each direction, of the flow, and before a change (flow-application.ts)
 *            26  number of its connection, 0 for none; above it what it was to change to
 *            27  bits     28  integers     29  tags      lists in the arena (memory/arena-list.ts), 0 for none
 *         30-31  time of the first packet, µs (double)
 *   words 32-47  the stream to the server (STREAM)
 *   words 48-63  the stream to the client
 */
export const FLOW_WORDS = 64;
export const FLOW_BYTES = 4 * FLOW_WORDS;

/** Columns, in words from the record's start. */
export const COLUMN = {
  key: 0,
  hash: 11,
  next: 12,
  second: 13,
  id: 14,
  lastUs: 16,
  bytesToServer: 18,
  bytesToClient: 20,
  packetsToServer: 22,
  packetsToClient: 23,
  state: 24,
  application: 25,
  connection: 26,
  bits: 27,
  integers: 28,
  tags: 29,
  startUs: 30,
  toServer: 32,
  toClient: 48,
} as const;

/**
 * Bits of the word of state and traits; from `kindShift` on the number of its timeout, from `tcpShift` on those of TCP
 * (stream/tcp-state.ts).
 */
export const STATE_BIT = {
  state: 0x03,
  established: 0x04,
  midstream: 0x08,
  passed: 0x10,
  clientIsLower: 0x20,
  justEstablished: 0x40,
  alerted: 0x80,
  storesToServer: 0x1000,
  storesToClient: 0x2000,
  /** Passed over for its size. */
  elephant: 0x4000,
  /** Its ports alone tell which side is the client: no payload has come yet. */
  clientIsGuessed: 0x8000,
  kindShift: 8,
  kind: 0x0f,
  tcpShift: 16,
} as const;

export const STREAM_WORDS = COLUMN.toClient - COLUMN.toServer;

/**
 * Columns of a direction's row, in words from `Flow.row`: one cache line. Those of a stream that are places in it are
 * sequence numbers, compared modulo 2^32; `consumed` and `offset` are doubles that count bytes from the stream's start.
 */
export const STREAM = {
  /**
   * TCP flags seen so far; above them, in the row to the server, the number of the block of the TCP observer's track
   * in the arena (`Flow.track`), 0 for none.
   */
  flags: 0,
  initialSeq: 1,
  /** Behind the highest byte seen or acknowledged; a FIN is not counted. */
  nextSeq: 2,
  /** Highest acknowledgement of the other side. */
  acked: 3,
  /** First byte of the window (stream/window.ts): what comes before is gone. */
  base: 4,
  /** Behind the last byte in front of which nothing is waited for. */
  ready: 5,
  /** Behind the last byte that somebody was given. */
  given: 6,
  /** The window's block in the arena, 0 for none. */
  window: 7,
  /** What the parser has taken or does not want, which may be more than has come. */
  consumed: 8,
  /** Place of `base` in the stream. */
  offset: 10,
  /** Behind what raw inspection has seen. */
  inspected: 12,
  /** Second since which bytes wait to be given. */
  since: 13,
  /**
   * A set of `STREAM_TRAIT`; above them the size of the window, and the bytes in front of `inspected` that go with it.
   */
  traits: 14,
  /**
   * The timestamp that the receiver compares those of segments with (TS.Recent of RFC 7323), 0 where it is not known,
   * or there is none. In the row to the client of a connection that is not established, the number of another SYN of
   * the side that `TCP_SEEN.otherSyn` says (stream/tcp-state.ts).
   */
  timestamp: 15,
} as const;

/** Bits of a stream. */
export const STREAM_TRAIT = {
  /** The numbers of the row are known. */
  known: 0x01,
  /** They were concluded from an acknowledgement. */
  assumed: 0x02,
  /** Its bytes came with a SYN that was not acknowledged yet. */
  synData: 0x04,
  /** A FIN was seen at `nextSeq`. */
  fin: 0x08,
  /** The other side's window is closed; the last byte probes whether it still is. */
  zeroWindow: 0x10,
  probe: 0x20,
  /** Which bytes of the window are there is noted in it: some are missing. */
  mapped: 0x40,
  /** An acknowledgement of missing bytes is being waited on. */
  lateAcked: 0x80,
  /** What is ready is usable without acknowledgement, until the next segment of the direction. */
  hurried: 0x100,
  /** The flow is over. */
  ended: 0x200,
  /** Raw inspection wants no more. */
  rawDone: 0x400,
  /** The parser was given all there is in front of a gap; was told that nothing more comes. */
  cutTold: 0x800,
  lastTold: 0x1000,
  /** Nobody wants any more of it, not of its segments either. */
  bypassed: 0x2000,
  /** What its segments hold is encrypted. */
  concealed: 0x4000,
  /** It began with a SYN that offers fast open and has bytes: they count, too, where nobody answers it. */
  early: 0x8000,
  /** Of BLOCK_BYTES (memory/arena.ts), 3 bits. */
  sizeShift: 16,
  sizeMask: 0x07,
  /** 12 bits. */
  lookbackShift: 20,
} as const;
