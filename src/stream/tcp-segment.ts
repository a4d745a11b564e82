/**
 * One TCP segment beside what is known of its connection: the numbers that finding events takes, and the questions
 * asked of them. Stage: stream. RFC 9293; RFC 7323 (windows, timestamps); RFC 7413 (fast open).
 *
 * A connection's track is one array: a row for each direction (`TRACK`), then what both share (`SHARED`). A row is
 * about the bytes that its side sends; `acked` and `window` are what the other side says of them. The number that a FIN
 * takes is not counted: of a side that has closed, `next` is the number of its FIN. Sequence numbers are compared
 * modulo 2^32. Nothing here allocates after construction.
 */
import type { Packet } from '../decode/packet.js';
import { u16 } from '../decode/protocol.js';
import { ACK, RST } from '../decode/tcp.js';
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import { word32 } from '../util/hash.js';
import { raiseEvent, TCP_EVENT } from './tcp-event.js';

/** Columns of a direction's row. */
export const TRACK = {
  initial: 0,
  next: 1,
  acked: 2,
  /** What the other side grants, scaled, and the highest number that it ever granted. */
  window: 3,
  windowEnd: 4,
  scale: 5,
  timestamp: 6,
  timestampSeconds: 7,
  /** A set of `SIDE`. */
  flags: 8,
} as const;
const ROW_WORDS = 9;

/** Columns behind the rows. */
export const SHARED = {
  state: 2 * ROW_WORDS,
  /** The state that a RST ended, or `none`. */
  stateBefore: 2 * ROW_WORDS + 1,
  /** A set of `TRAIT`. */
  traits: 2 * ROW_WORDS + 2,
  /** Different SYNs, later SYN/ACKs, behind the first, and the last of these: number, window. */
  resent: 2 * ROW_WORDS + 3,
  resentSeq: 2 * ROW_WORDS + 4,
  resentWindow: 2 * ROW_WORDS + 5,
  /** Timestamp of the first SYN. */
  firstTimestamp: 2 * ROW_WORDS + 6,
} as const;
const TRACK_WORDS = 2 * ROW_WORDS + 7;
/** The smallest blocks hold a track. */
const TRACK_BLOCK = 0;

/** Bits of a side. `reset`: it was sent a RST that its peer may not have meant. */
export const SIDE = { timestamps: 1, zeroTimestamp: 2, reset: 4, keepAlive: 8, windowProbe: 16, fin: 32 } as const;
/** Bits of a connection. */
export const TRAIT = { midstream: 1, fourWay: 2, timestamps: 4, fastOpen: 8, confirmed: 16 } as const;

/** States in which data flows, or did, are from `established` on. */
export const TCP_STATE = {
  none: 0,
  synSent: 1,
  synReceived: 2,
  established: 3,
  finWait1: 4,
  finWait2: 5,
  closing: 6,
  closeWait: 7,
  lastAck: 8,
  timeWait: 9,
  closed: 10,
} as const;

/** The window of a side of which nothing is known: the largest there is. */
export const ANY_WINDOW = 2 ** 30;
/** The largest scale (RFC 7323), taken where the handshake was missed. */
export const MAX_SCALE = 14;
/** A timestamp older than this says nothing (RFC 7323, section 5.5). */
export const TIMESTAMP_SECONDS = 24 * 86_400;

const OPTION = {
  end: 0,
  nop: 1,
  windowScale: 3,
  timestamp: 8,
  md5: 19,
  authentication: 29,
  fastOpen: 34,
  experiment: 253,
  otherExperiment: 254,
} as const;
/** Fast open before its option had a kind of its own, as in older Linux (RFC 6994; RFC 7413, IANA considerations). */
function isExperimentOfFastOpen(bytes: Uint8Array, at: number, size: number): boolean {
  const kind = bytes[at];
  if ((kind !== OPTION.experiment && kind !== OPTION.otherExperiment) || size < 4) return false;
  return bytes[at + 2] === 0xf9 && bytes[at + 3] === 0x89;
}

/** Whether `a` lies behind `b`. */
export const isAfter = (a: number, b: number): boolean => ((a - b) | 0) > 0;
export const isBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0;

export class Segment {
  packet!: Packet;
  /** The connection's track while the segment is looked at: a copy, put back by `store`. */
  readonly track = new Uint32Array(TRACK_WORDS);
  /** Rows of its sender and of its receiver. */
  own = 0;
  peer = 0;
  toServer = true;
  /** Only its side of the connection was seen so far. */
  oneSided = false;
  flags = 0;
  seq = 0;
  /** Behind its last byte; a FIN is not counted. */
  end = 0;
  length = 0;
  ack = 0;
  /** As in the header. */
  window = 0;
  /** Of the options; the scale is -1 where there is none. */
  scale = -1;
  hasTimestamp = false;
  timestamp = 0;
  echo = 0;
  fastOpen = false;
  signed = false;
  seconds = 0;

  /** Takes in a segment whose header is present. @returns false where there is no memory for the connection's track. */
  load(flow: Flow, packet: Packet, direction: Direction): boolean {
    const { bytes, l4Offset } = packet;
    if (!this.loadTrack(flow)) return false;
    this.packet = packet;
    this.toServer = direction === DIRECTION.toServer;
    this.own = this.toServer ? 0 : ROW_WORDS;
    this.peer = ROW_WORDS - this.own;
    this.oneSided = (this.toServer ? flow.packetsToClient : flow.packetsToServer) === 0;
    this.seq = word32(bytes, l4Offset + 4) >>> 0;
    this.ack = word32(bytes, l4Offset + 8) >>> 0;
    this.flags = bytes[l4Offset + 13];
    this.window = u16(bytes, l4Offset + 14);
    this.length = packet.claimedPayloadLength;
    this.end = (this.seq + this.length) >>> 0;
    this.seconds = Math.floor(packet.timeUs / 1e6);
    this.loadOptions(bytes, l4Offset + 20, l4Offset + packet.l4HeaderLength);
    return true;
  }

  /** Puts the track back. */
  store(flow: Flow): void {
    const first = flow.track >>> 2;
    for (let word = 0; word < TRACK_WORDS; word++) flow.words[first + word] = this.track[word];
  }

  private loadTrack(flow: Flow): boolean {
    const { track } = this;
    if (flow.track === 0) {
      track.fill(0);
      flow.track = flow.arena.allocateSpare(TRACK_BLOCK);
      return flow.track !== 0;
    }
    const first = flow.track >>> 2;
    for (let word = 0; word < TRACK_WORDS; word++) track[word] = flow.words[first + word];
    return true;
  }

  private loadOptions(bytes: Uint8Array, start: number, end: number): void {
    this.scale = -1;
    this.hasTimestamp = false;
    this.fastOpen = false;
    this.signed = false;
    let at = start;
    while (at < end && bytes[at] !== OPTION.end) {
      if (bytes[at] === OPTION.nop) {
        at++;
        continue;
      }
      const size = at + 1 < end ? bytes[at + 1] : 0;
      if (size < 2 || at + size > end) return;
      this.loadOption(bytes, at, size);
      at += size;
    }
  }

  private loadOption(bytes: Uint8Array, at: number, size: number): void {
    const kind = bytes[at];
    if (kind === OPTION.timestamp && size === 10) {
      this.hasTimestamp = true;
      this.timestamp = word32(bytes, at + 2) >>> 0;
      this.echo = word32(bytes, at + 6) >>> 0;
    } else if (kind === OPTION.windowScale && size === 3) this.scale = Math.min(bytes[at + 2], MAX_SCALE);
    else if (kind === OPTION.fastOpen || isExperimentOfFastOpen(bytes, at, size)) this.fastOpen = true;
    else if (kind === OPTION.md5 || kind === OPTION.authentication) this.signed = true;
  }

  raise(event: number): void {
    raiseEvent(this.packet, event);
  }

  get state(): number {
    return this.track[SHARED.state];
  }

  set state(state: number) {
    this.track[SHARED.state] = state;
  }

  has(flags: number): boolean {
    return (this.flags & flags) === flags;
  }

  trait(bit: number): boolean {
    return (this.track[SHARED.traits] & bit) !== 0;
  }

  setTrait(bit: number): void {
    this.track[SHARED.traits] |= bit;
  }

  side(row: number, bit: number): boolean {
    return (this.track[row + TRACK.flags] & bit) !== 0;
  }

  markSide(row: number, bit: number): void {
    this.track[row + TRACK.flags] |= bit;
  }

  clearSide(row: number, bit: number): void {
    this.track[row + TRACK.flags] &= ~bit;
  }

  /** What a side sends next, behind its FIN where it has sent that. */
  nextOf(row: number): number {
    return (this.track[row + TRACK.next] + (this.side(row, SIDE.fin) ? 1 : 0)) >>> 0;
  }

  /** The window that it grants its receiver, scaled. */
  get granted(): number {
    return this.window << this.track[this.peer + TRACK.scale];
  }

  /** Whether it ends within the window, or the window is not known. */
  get endsInWindow(): boolean {
    return this.trait(TRAIT.midstream) || this.oneSided || !isAfter(this.end, this.track[this.own + TRACK.windowEnd]);
  }

  /** Whether it starts before what its side has sent, or behind what it may send. */
  startsOutside(first: number): boolean {
    const { track, own } = this;
    return (
      isBefore(this.seq, first) ||
      (!this.oneSided && isAfter(this.seq, track[own + TRACK.acked] + track[own + TRACK.window]))
    );
  }

  /** Whether the acknowledgement is one that its receiver may have waited for; raises the event when it is not. */
  hasValidAck(): boolean {
    if (!this.has(ACK) || this.ackFits()) return true;
    if (this.state === TCP_STATE.synSent && !this.toServer && this.has(RST) && this.acknowledgesSyn()) return true;
    this.raise(TCP_EVENT.pkt_invalid_ack);
    return false;
  }

  private ackFits(): boolean {
    const { track, peer, ack } = this;
    const acked = track[peer + TRACK.acked];
    const window = track[peer + TRACK.window];
    if (ack === acked) return true;
    if (isBefore(ack, acked)) return window === 0 || !isBefore(ack, acked - window);
    const fin = this.side(peer, SIDE.fin) ? 1 : 0;
    return this.oneSided || !isAfter(ack, track[peer + TRACK.windowEnd] + fin);
  }

  /** Whether it acknowledges the SYN of its receiver, and its data or not. */
  private acknowledgesSyn(): boolean {
    const { track, peer, ack } = this;
    return !isBefore(ack, track[peer + TRACK.initial] + 1) && !isAfter(ack, track[peer + TRACK.next]);
  }

  /** Whether its bytes were sent before; raises the event then. */
  isRetransmission(): boolean {
    const { track, own, seq, end } = this;
    const acked = track[own + TRACK.acked];
    if (this.length === 0) return false;
    if (!isBefore(seq, acked) && isAfter(end, acked) && isAfter(end, track[own + TRACK.next])) return false;
    this.raise(TCP_EVENT.pkt_retransmission);
    return true;
  }

  /** Whether its receiver would take its timestamp (PAWS); raises the event when not. */
  hasValidTimestamp(): boolean {
    const { track, own } = this;
    // What the last one was is the receiver's to say, by what it acknowledges.
    if (!this.hasTimestamp || this.oneSided || !this.trait(TRAIT.timestamps) || this.side(own, SIDE.zeroTimestamp))
      return true;
    // Off by one is taken for a clock that is read twice, as Linux does.
    if (!isBefore(this.timestamp + 1, track[own + TRACK.timestamp])) return true;
    if (this.seconds - track[own + TRACK.timestampSeconds] > TIMESTAMP_SECONDS) return true;
    this.raise(TCP_EVENT.pkt_invalid_timestamp);
    return false;
  }

  /** The timestamp is the last of its side. */
  noteTimestamp(): void {
    const { track, own } = this;
    track[own + TRACK.timestamp] = this.timestamp;
    track[own + TRACK.timestampSeconds] = this.seconds;
    if (this.timestamp === 0) this.markSide(own, SIDE.zeroTimestamp);
    else this.clearSide(own, SIDE.zeroTimestamp);
  }

  /** Moves on what its receiver has sent and may send, and the last timestamp of its side. */
  accept(): void {
    const { track, own, peer, ack, granted } = this;
    track[peer + TRACK.window] = granted;
    if (this.has(ACK) && isAfter(ack, track[peer + TRACK.acked])) track[peer + TRACK.acked] = ack;
    const end = track[peer + TRACK.acked] + granted;
    if (isAfter(end, track[peer + TRACK.windowEnd])) track[peer + TRACK.windowEnd] = end;
    if (this.hasTimestamp && !this.oneSided && !isAfter(this.seq, track[own + TRACK.acked])) this.noteTimestamp();
  }

  /** Moves on what its side has sent, where it follows that. */
  takeNext(): void {
    if (this.seq === this.track[this.own + TRACK.next]) this.track[this.own + TRACK.next] = this.end;
  }
}
