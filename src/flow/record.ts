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
 *   words 32-46  the stream to the server
 *            47  block of the TCP observer's track in the arena, 0 for none
 *   words 48-62  the stream to the client
 *            63  block of TCP's holes (tcp-holes.ts), 0 for none
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

/** Bits of the word of state and traits; from `kindShift` on the number of its timeout, from `tcpShift` on those of TCP (stream/tcp-state.ts). */
export const STATE_BIT = { state: 0x03, established: 0x04, midstream: 0x08, passed: 0x10, clientIsLower: 0x20, justEstablished: 0x40, alerted: 0x80, kindShift: 8, kind: 0x0f, tcpShift: 16 } as const;

export const STREAM_WORDS = COLUMN.toClient - COLUMN.toServer;
