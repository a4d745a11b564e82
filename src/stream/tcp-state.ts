/**
 * The state of a TCP connection, from whatever packets of it are seen. Stage: stream. RFC 9293; RFC 7413 (fast open).
 *
 * Established is a connection whose SYNs of both sides were seen and acknowledged, in whichever order they came: the
 * three-way handshake, the simultaneous opening and the split handshake (SYN, SYN, SYN/ACK, ACK) are one rule.
 *
 * A side that has acknowledged the other's SYN and goes on behind its own has had the acknowledgement of that, seen or
 * not.
 *
 * Of two SYNs of a side with different numbers, the one that the other side acknowledges holds, or else the one that
 * its own side goes on behind: anybody can forge one, before or behind the true one.
 *
 * With `midstream` (the default: a mirror session starts in the middle of things, loses packets, or shows one side
 * only) a connection is also established by
 *   - a segment with ACK of which no SYN was seen, at once (picked up midstream);
 *   - a segment with ACK behind the SYN of its own side: the other side's answer was lost or is not mirrored;
 *   - data that fits no SYN seen: better to inspect too much than to be led astray by a forged SYN.
 * Without it, a connection without a complete handshake never is; its packets are still inspected one by one.
 *
 * Closed is a connection after a FIN from each side or a plausible RST; a closed flow is still inspected, and one that
 * was closed before it was established may yet be, lest a RST that its receiver ignores hide the rest. A SYN that
 * cannot belong to what the flow was starts a new one: `isNewConnection`, to be asked before `updateTcp`.
 *
 * Sequence numbers are compared modulo 2^32; reassembler.ts keeps them, and asks here first. Nothing here allocates.
 */
import { LAYER_FLAG, type Packet } from '../decode/packet.js';
import { ACK, FIN, RST, SYN } from '../decode/tcp.js';
import { DIRECTION, FLOW_STATE, opposite, type Direction, type Flow } from '../flow/flow.js';
import { STREAM, STREAM_TRAIT } from '../flow/record.js';
import { word32 } from '../util/hash.js';
import type { StreamStats } from './stream-stats.js';

/** Bits of `Flow.tcpState`; shifted left by the direction. `otherSyn`: another SYN of it has `Flow.otherSeq`. */
export const TCP_SEEN = {
  syn: 0x01,
  synAcknowledged: 0x04,
  fin: 0x10,
  rst: 0x40,
  synAgain: 0x100,
  otherSyn: 0x400,
} as const;

/** What a packet is to the streams of its connection. `opening`: its number is that of a SYN. */
export const TAKEN = { nothing: 0, opening: 1, segment: 2, reset: 3 } as const;
export type Taken = (typeof TAKEN)[keyof typeof TAKEN];

/** Who keeps the numbers of connections. */
export interface StreamNumbers {
  /** The stream of a direction begins behind this number, whatever it was before. */
  begin(flow: Flow, direction: Direction, initialSeq: number): void;
}

export interface TcpOptions {
  readonly midstream: boolean;
  readonly stats: StreamStats;
  readonly numbers: StreamNumbers;
}

const INITIAL_SEQ = STREAM.initialSeq;
const NEXT_SEQ = STREAM.nextSeq;
const TRAITS = STREAM.traits;

/** The largest window there is (RFC 7323, section 2.3). */
export const MAX_WINDOW = 2 ** 30;
/** How far a RST may be off what we saw: its sender may have lost, or we may have missed, as much. */
const RESET_WINDOW = 2 ** 20;

/** Takes a packet into the state of its flow. Malformed packets change nothing: no receiver takes them. */
export function updateTcp(flow: Flow, packet: Packet, direction: Direction, options: TcpOptions): Taken {
  flow.justEstablished = false;
  if ((packet.flags & LAYER_FLAG.malformed) !== 0) return TAKEN.nothing;
  const { bytes, l4Offset } = packet;
  const flags = bytes[l4Offset + 13];
  const seq = word32(bytes, l4Offset + 4) >>> 0;
  const ack = word32(bytes, l4Offset + 8) >>> 0;
  flow.words[flow.row(direction) + STREAM.flags] |= flags;
  if ((flags & RST) !== 0) return takeReset(flow, direction, flags, seq, ack, options);
  if ((flags & SYN) !== 0) return takeSyn(flow, direction, flags, seq, ack, options);
  return (flags & ACK) === 0 ? TAKEN.nothing : takeSegment(flow, direction, flags, seq, ack, packet, options);
}

/**
 * Whether this packet opens another connection on the ports of `flow`, which the caller then restarts: a SYN of another
 * number than the one before, once the flow is closed; a SYN on a flow of which nothing but strays were seen; and,
 * where the end of a connection was missed, a SYN/ACK that answers a new SYN.
 */
export function isNewConnection(flow: Flow, packet: Packet, direction: Direction): boolean {
  if ((packet.flags & LAYER_FLAG.malformed) !== 0) return false;
  const { bytes, l4Offset } = packet;
  const flags = bytes[l4Offset + 13] & (FIN | SYN | RST | ACK);
  if (flags === (SYN | ACK)) return answersNewSyn(flow, direction, word32(bytes, l4Offset + 8) >>> 0);
  if (flags !== SYN) return false;
  if (flow.state === FLOW_STATE.new) return flow.tcpState === 0 && flow.packetsToServer + flow.packetsToClient > 1;
  return flow.state === FLOW_STATE.closed && !isSynOf(flow, direction, word32(bytes, l4Offset + 4) >>> 0);
}

function isSynOf(flow: Flow, direction: Direction, seq: number): boolean {
  return has(flow, TCP_SEEN.syn, direction) && flow.words[flow.row(direction) + INITIAL_SEQ] === seq;
}

function answersNewSyn(flow: Flow, direction: Direction, ack: number): boolean {
  const client = opposite(direction);
  return (
    flow.state === FLOW_STATE.established &&
    has(flow, TCP_SEEN.synAgain, client) &&
    flow.words[flow.row(client) + INITIAL_SEQ] !== (ack - 1) >>> 0
  );
}

function takeSyn(
  flow: Flow,
  direction: Direction,
  flags: number,
  seq: number,
  ack: number,
  options: TcpOptions,
): Taken {
  if ((flags & FIN) !== 0) return TAKEN.nothing;
  if (flow.established) {
    if ((flags & ACK) === 0 && !isSynOf(flow, direction, seq)) mark(flow, TCP_SEEN.synAgain, direction);
    return TAKEN.nothing;
  }
  if ((flags & ACK) !== 0 && !acknowledgeSyn(flow, opposite(direction), ack, options)) return TAKEN.nothing;
  if (!isSynOf(flow, direction, seq)) {
    if (has(flow, TCP_SEEN.syn, direction)) keepOther(flow, direction);
    beginWith(flow, direction, seq, options);
  }
  return TAKEN.opening;
}

function beginWith(flow: Flow, direction: Direction, seq: number, options: TcpOptions): void {
  flow.tcpState &= ~(TCP_SEEN.synAcknowledged << direction);
  options.numbers.begin(flow, direction, seq);
  mark(flow, TCP_SEEN.syn, direction);
}

/** The SYN of a side may yet be the one that holds, though another one came. */
function keepOther(flow: Flow, direction: Direction): void {
  flow.otherSeq = flow.words[flow.row(direction) + INITIAL_SEQ];
  flow.tcpState &= ~(TCP_SEEN.otherSyn << opposite(direction));
  mark(flow, TCP_SEEN.otherSyn, direction);
}

/** The other SYN of a side holds if `next` is the number behind it, and not that behind the SYN that came last. */
function chooseSyn(flow: Flow, direction: Direction, next: number, options: TcpOptions): void {
  if (!has(flow, TCP_SEEN.otherSyn, direction)) return;
  const seq = (next - 1) >>> 0;
  if (flow.otherSeq !== seq || isSynOf(flow, direction, seq)) return;
  keepOther(flow, direction);
  beginWith(flow, direction, seq, options);
}

/**
 * Takes the acknowledgement of a SYN by a SYN/ACK. Fast open puts data into the SYN, which may be acknowledged or not.
 * @returns false for one that acknowledges no SYN seen, unless `midstream` lets us conclude what the SYN was.
 */
function acknowledgeSyn(flow: Flow, opener: Direction, ack: number, options: TcpOptions): boolean {
  chooseSyn(flow, opener, ack, options);
  const seen = has(flow, TCP_SEEN.syn, opener);
  if (seen && acknowledgesSyn(flow, opener, ack, 0)) {
    mark(flow, TCP_SEEN.synAcknowledged, opener);
    return true;
  }
  if (!options.midstream) return false;
  if (!seen) pickUp(flow, options);
  options.numbers.begin(flow, opener, (ack - 1) >>> 0);
  mark(flow, TCP_SEEN.syn | TCP_SEEN.synAcknowledged, opener);
  return true;
}

function acknowledgesSyn(flow: Flow, opener: Direction, ack: number, slack: number): boolean {
  const row = flow.row(opener);
  const first = flow.words[row + INITIAL_SEQ] + 1;
  return (ack - first) >>> 0 <= ((flow.words[row + NEXT_SEQ] - first) >>> 0) + slack;
}

function takeSegment(
  flow: Flow,
  direction: Direction,
  flags: number,
  seq: number,
  ack: number,
  packet: Packet,
  options: TcpOptions,
): Taken {
  const length = packet.claimedPayloadLength;
  if (!flow.established) {
    if (!establishes(flow, direction, seq, ack, length, options)) return TAKEN.nothing;
    flow.state = FLOW_STATE.established;
    flow.established = true;
    // From here on the word is that of timestamps.
    flow.otherSeq = 0;
    flow.justEstablished = length === 0;
  }
  if (!isNear(flow, direction, seq, options)) return TAKEN.nothing;
  if ((flags & FIN) !== 0) mark(flow, TCP_SEEN.fin, direction);
  if (has(flow, TCP_SEEN.fin, DIRECTION.toServer) && has(flow, TCP_SEEN.fin, DIRECTION.toClient))
    flow.state = FLOW_STATE.closed;
  return TAKEN.segment;
}

/** Whether a segment lies within any window; the first one of its side says where that is. */
function isNear(flow: Flow, direction: Direction, seq: number, options: TcpOptions): boolean {
  if (!isKnown(flow, direction)) options.numbers.begin(flow, direction, (seq - 1) >>> 0);
  const ahead = (seq - flow.words[flow.row(direction) + NEXT_SEQ]) | 0;
  if (ahead <= MAX_WINDOW && ahead >= -MAX_WINDOW) return true;
  options.stats.outOfWindow++;
  return false;
}

/** Whether a segment with ACK completes the opening, by the rules in this file's head. */
function establishes(
  flow: Flow,
  direction: Direction,
  seq: number,
  ack: number,
  length: number,
  options: TcpOptions,
): boolean {
  const opener = opposite(direction);
  const ownSyn = has(flow, TCP_SEEN.syn, direction);
  const otherSyn = has(flow, TCP_SEEN.syn, opener);
  chooseSyn(flow, opener, ack, options);
  if (!has(flow, TCP_SEEN.synAcknowledged, direction)) chooseSyn(flow, direction, seq, options);
  if (otherSyn && acknowledgesSyn(flow, opener, ack, options.midstream ? MAX_WINDOW : 0))
    mark(flow, TCP_SEEN.synAcknowledged, opener);
  if (
    ownSyn &&
    otherSyn &&
    has(flow, TCP_SEEN.synAcknowledged, direction) &&
    has(flow, TCP_SEEN.synAcknowledged, opener)
  )
    return true;
  const row = flow.row(direction);
  if (ownSyn && otherSyn && has(flow, TCP_SEEN.synAcknowledged, opener) && isBehindSyn(flow, row, seq)) return true;
  if (!options.midstream) return false;
  if (ownSyn && isBehindSyn(flow, row, seq)) return true;
  if ((ownSyn || otherSyn) && length === 0) return false;
  pickUp(flow, options);
  if (ownSyn) flow.words[row + TRAITS] &= ~STREAM_TRAIT.known;
  return true;
}

function isBehindSyn(flow: Flow, row: number, seq: number): boolean {
  return (seq - flow.words[row + INITIAL_SEQ] - 1) >>> 0 <= MAX_WINDOW;
}

function pickUp(flow: Flow, options: TcpOptions): void {
  if (!flow.midstream) options.stats.midstreamPickups++;
  flow.midstream = true;
}

/**
 * A RST counts when its number is near what its sender sent, or when it refuses the SYN it answers. It ends the ranges
 * of streams only with the number that its receiver expects, which ignores any other (RFC 5961, section 3.2): one in
 * the middle of an attack would part what a rule wants to see together.
 */
function takeReset(
  flow: Flow,
  direction: Direction,
  flags: number,
  seq: number,
  ack: number,
  options: TcpOptions,
): Taken {
  const opener = opposite(direction);
  const refuses =
    !flow.established &&
    (flags & ACK) !== 0 &&
    has(flow, TCP_SEEN.syn, opener) &&
    acknowledgesSyn(flow, opener, ack, 0);
  const known = isKnown(flow, direction);
  const off = (seq - flow.words[flow.row(direction) + NEXT_SEQ]) | 0;
  const near = !known || (off >= -RESET_WINDOW && off <= RESET_WINDOW);
  const answersNothing = !flow.established && !known && has(flow, TCP_SEEN.syn, opener);
  if (!refuses && (!near || answersNothing)) {
    options.stats.outOfWindow++;
    return TAKEN.nothing;
  }
  mark(flow, TCP_SEEN.rst, direction);
  flow.state = FLOW_STATE.closed;
  return known && !isExpected(flow.words[flow.row(direction) + TRAITS], off) ? TAKEN.nothing : TAKEN.reset;
}

/** Whether a number so far behind the last byte of a stream is what comes next: none is where bytes are missing. */
function isExpected(traits: number, off: number): boolean {
  return (traits & STREAM_TRAIT.mapped) === 0 && off === ((traits & STREAM_TRAIT.fin) === 0 ? 0 : 1);
}

function isKnown(flow: Flow, direction: Direction): boolean {
  return (flow.words[flow.row(direction) + TRAITS] & STREAM_TRAIT.known) !== 0;
}

function has(flow: Flow, bit: number, direction: Direction): boolean {
  return (flow.tcpState & (bit << direction)) !== 0;
}

function mark(flow: Flow, bits: number, direction: Direction): void {
  flow.tcpState |= bits << direction;
}
