/**
 * Where frames come from. Stage: ingest, the first; used by the dispatcher's thread only.
 *
 * A source fills a `FrameBatch` that it owns and re-uses, and hands it to `deliver` before it fills it again: the
 * dispatcher has copied what it keeps when `deliver` returns. A batch holds frames of one capture only.
 */

/** Frames received together. Byte ranges lie in `bytes`; every column has `capacity` entries. Allocated once. */
export class FrameBatch {
  readonly bytes: Uint8Array;
  readonly capacity: number;
  readonly offset: Int32Array;
  /** Bytes present. */
  readonly length: Int32Array;
  /** Bytes on the wire; for a socket more than `length` only where a datagram was too long for its slot. */
  readonly wireLength: Int32Array;
  /** Capture or receive time, microseconds since 1970. */
  readonly timeUs: Float64Array;
  /** A `LINK_TYPE` (decode/packet.ts); for datagrams from a socket `vxlan` or `geneve`. */
  readonly linkType: Int32Array;
  /**
   * Outer source of datagrams from a socket: IP version 4 or 6 (0 when the frame came from a file), 16 bytes each (IPv4
   * in the first 4), port.
   */
  readonly srcIpVersion: Uint8Array;
  readonly srcIp: Uint8Array;
  readonly srcPort: Uint16Array;
  /**
   * Outer destination of datagrams from a socket that tells it, of the same IP version; else all go to `Source.local`.
   */
  tellsDestination = false;
  readonly dstIp: Uint8Array;
  /** Index of the capture that these frames are from; 0 for a socket. */
  capture = 0;
  /** Number of the first of them in that capture, which counts from 1; 0 for a socket. */
  firstNumber = 0;

  constructor(bytes: Uint8Array, capacity: number) {
    this.bytes = bytes;
    this.capacity = capacity;
    this.offset = new Int32Array(capacity);
    this.length = new Int32Array(capacity);
    this.wireLength = new Int32Array(capacity);
    this.timeUs = new Float64Array(capacity);
    this.linkType = new Int32Array(capacity);
    this.srcIpVersion = new Uint8Array(capacity);
    this.srcIp = new Uint8Array(capacity * 16);
    this.srcPort = new Uint16Array(capacity);
    this.dstIp = new Uint8Array(capacity * 16);
  }
}

/** The dispatcher's side: takes `count` frames of `batch`; 0 means that nothing came within the source's timeout. */
export type Deliver = (batch: FrameBatch, count: number) => void;

export interface Source {
  /** Local address and port that datagrams are addressed to, for the event's `tunnel`; undefined for files. */
  readonly local?: { address: string; family: 4 | 6; port: number } | undefined;
  /**
   * Delivers until the source ends (captures) or `stop` is called (sockets). Synchronous sources block their thread
   * inside and look at `stopRequested` at least every 100 ms.
   */
  run(deliver: Deliver, stopRequested: () => boolean): Promise<void>;
  /** Datagrams that the kernel dropped for this socket since it was opened; 0 for files. */
  kernelDrops(): number;
  close(): void;
}
