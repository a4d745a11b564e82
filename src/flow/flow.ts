/**
 * The state of one flow: both directions of a 5-tuple under one mirror session. Stage: flow.
 *
 * Flows are pooled: the table hands them out, `reset` makes one as new. Owned by one shard; nothing here is shared.
 * The client is the side that opened the flow: the sender of a SYN, the receiver of a SYN/ACK, else the sender of the
 * first packet seen (and the higher port where a capture starts in the middle and says nothing else).
 */

import type { TcpHoles } from './tcp-holes.js';

export const FLOW_STATE = {
  /** Seen from one side, or opening. */
  new: 0,
  /** TCP: three-way handshake done, or picked up midstream; others: packets seen in both directions. */
  established: 1,
  /** TCP: FIN seen from both sides, or RST. Still matched until it times out. */
  closed: 2,
} as const;

export const DIRECTION = { toServer: 0, toClient: 1 } as const;
export type Direction = (typeof DIRECTION)[keyof typeof DIRECTION];

/** Columns of a direction's row in `Flow.tcp`. */
export const TCP_WORD = {
  /** Flags seen so far. */
  flags: 0,
  /** Whether the numbers below are. */
  known: 1,
  initialSeq: 2,
  /** One past the highest sequence number seen or acknowledged. */
  nextSeq: 3,
} as const;
export const TCP_ROW_WORDS = 4;

export class Flow {
  /** Position in the table's slots, stable while the flow lives. */
  index = -1;
  /** Hash of key and first sight, the same for any number of shards; below 2^53. */
  id = 0;
  protocol = 0;
  ipVersion = 0;
  vni = -1;
  /** True when the client is the lower endpoint of the normalised key. */
  clientIsLower = true;
  state: number = FLOW_STATE.new;
  /** It was established once, also after it closed. */
  established = false;
  /** TCP: the packet last counted in has established it and carries no data; `flow:established` holds from the next one on. */
  justEstablished = false;
  /** True when the first packet seen was not the start of the connection. */
  midstream = false;
  startUs = 0;
  /** Time of the latest packet; the table derives from it when the flow is over. */
  lastUs = 0;
  packetsToServer = 0;
  packetsToClient = 0;
  /** Captured bytes of whole IP packets. */
  bytesToServer = 0;
  bytesToClient = 0;
  /** Set by a pass rule that covers the whole flow. */
  passed = false;
  /** Ids of flowbits that are set; few at a time, so a list. */
  readonly bits: number[] = [];
  /** Numbers that rules keep (flowint): id, value, id, value …; few at a time. */
  readonly integers: number[] = [];
  /** How many rules have asked for the packets to come, and what they asked (detect/tag-list.ts); made when it is needed. */
  tagCount = 0;
  tags: number[] | undefined;

  /** TCP: a set of `TCP_SEEN` (stream/tcp-state.ts). */
  tcpState = 0;
  /** TCP: a row of `TCP_WORD` for each direction. One small array costs a fifth of what five cost, in memory and misses. */
  readonly tcp = new Uint32Array(2 * TCP_ROW_WORDS);
  /** TCP: bytes not seen so far; null while there are none. */
  tcpHoles: TcpHoles | null = null;
  /** TCP: what finding events takes (stream/tcp-observer.ts); made for the first flow in this place that needs it. */
  tcpTrack: Uint32Array | null = null;

  /** Sequence numbers from the first one on that a side has used, as far as is known: bytes, and one each for SYN and FIN. */
  sentBytes(direction: Direction): number {
    const row = direction * TCP_ROW_WORDS;
    return this.tcp[row + TCP_WORD.known] === 0 ? 0 : (this.tcp[row + TCP_WORD.nextSeq] - this.tcp[row + TCP_WORD.initialSeq]) >>> 0;
  }

  /** TCP: whether there is a connection: its opening was seen, or it was picked up without. Strays make none. */
  get hasSession(): boolean {
    return this.tcp[TCP_WORD.known] !== 0 || this.tcp[TCP_ROW_WORDS + TCP_WORD.known] !== 0;
  }

  hasBit(id: number): boolean {
    return this.bits.includes(id);
  }

  setBit(id: number): void {
    if (!this.bits.includes(id)) this.bits.push(id);
  }

  unsetBit(id: number): void {
    const at = this.bits.indexOf(id);
    if (at < 0) return;
    this.bits[at] = this.bits[this.bits.length - 1];
    this.bits.pop();
  }

  reset(): void {
    this.index = -1;
    this.id = 0;
    this.protocol = 0;
    this.ipVersion = 0;
    this.vni = -1;
    this.clientIsLower = true;
    this.state = FLOW_STATE.new;
    this.established = false;
    this.justEstablished = false;
    this.midstream = false;
    this.startUs = 0;
    this.lastUs = 0;
    this.packetsToServer = 0;
    this.packetsToClient = 0;
    this.bytesToServer = 0;
    this.bytesToClient = 0;
    this.passed = false;
    this.bits.length = 0;
    this.integers.length = 0;
    this.tagCount = 0;
    this.tcpState = 0;
    this.tcp.fill(0);
    this.tcpHoles?.release();
    this.tcpHoles = null;
    if (this.tcpTrack !== null) this.tcpTrack.fill(0);
  }
}
