/**
 * Events of a connection that opens: no segment seen, SYN seen, SYN/ACK seen. Stage: stream. RFC 9293; RFC 7413; the
 * four-way (split) handshake is SYN, SYN, SYN/ACK, ACK.
 */
import { ACK, FIN, RST, SYN } from '../decode/tcp.js';
import { takeFirstFin, takeReset } from './tcp-closing.js';
import { TCP_EVENT } from './tcp-event.js';
import {
  ANY_WINDOW,
  isAfter,
  isBefore,
  MAX_SCALE,
  SHARED,
  SIDE,
  TCP_STATE,
  TRACK,
  TRAIT,
  type Segment,
} from './tcp-segment.js';

const MAX_SYNS = 10;
const MAX_SYN_ACKS = 5;

/** The first segment of a connection, or a stray. */
export function open(segment: Segment, midstream: boolean): void {
  if (segment.has(RST)) segment.raise(TCP_EVENT.rst_but_no_session);
  else if (segment.has(FIN)) openByFin(segment, midstream);
  else if (segment.has(SYN | ACK)) openBySynAck(segment, midstream);
  else if (segment.has(SYN)) openBySyn(segment);
  else if (segment.has(ACK) && midstream) pickUp(segment);
}

function openBySyn(segment: Segment): void {
  segment.state = TCP_STATE.synSent;
  takeOwnSyn(segment, segment.length);
  segment.track[SHARED.firstTimestamp] = segment.timestamp;
  if (segment.fastOpen) segment.setTrait(TRAIT.fastOpen);
}

/** Numbers and offers of a SYN with `length` bytes that count. */
function takeOwnSyn(segment: Segment, length: number): void {
  const { track, own, seq } = segment;
  track[own + TRACK.initial] = seq;
  track[own + TRACK.next] = seq + 1 + length;
  track[own + TRACK.acked] = seq + 1;
  takeOffers(segment);
}

function takeOffers(segment: Segment): void {
  const { track, own, peer } = segment;
  track[peer + TRACK.window] = segment.window;
  // One more than the scale, so that 0 says that there was none.
  track[peer + TRACK.scale] = segment.scale + 1;
  if (!segment.hasTimestamp) return;
  segment.markSide(own, SIDE.timestamps);
  segment.noteTimestamp();
}

function openBySynAck(segment: Segment, midstream: boolean): void {
  if (!midstream) return;
  const { track, own, peer, ack } = segment;
  segment.state = TCP_STATE.synReceived;
  segment.setTrait(TRAIT.midstream);
  takeOwnSyn(segment, 0);
  track[peer + TRACK.initial] = ack - 1;
  track[peer + TRACK.next] = ack;
  track[peer + TRACK.acked] = ack;
  // What a SYN/ACK takes up, the SYN has offered.
  track[own + TRACK.scale] = segment.scale < 0 ? 0 : MAX_SCALE + 1;
  if (segment.hasTimestamp) {
    segment.markSide(peer, SIDE.timestamps);
    noteEcho(segment);
  }
  agree(segment);
  grantAll(segment, own);
}

function openByFin(segment: Segment, midstream: boolean): void {
  if (!midstream || segment.length === 0 || !segment.has(ACK)) {
    segment.raise(TCP_EVENT.fin_but_no_session);
    return;
  }
  pickUp(segment);
  segment.markSide(segment.own, SIDE.fin);
  segment.state = segment.toServer ? TCP_STATE.closeWait : TCP_STATE.finWait1;
}

/** Takes up a connection in the middle: windows, scales and what was acknowledged are not known. */
function pickUp(segment: Segment): void {
  const { track, own, peer, seq, ack } = segment;
  segment.state = TCP_STATE.established;
  segment.setTrait(TRAIT.midstream);
  track[own + TRACK.initial] = seq - 1;
  track[own + TRACK.next] = segment.end;
  track[own + TRACK.acked] = seq;
  track[peer + TRACK.initial] = ack - 1;
  track[peer + TRACK.next] = ack;
  track[peer + TRACK.acked] = ack;
  track[own + TRACK.scale] = MAX_SCALE;
  track[peer + TRACK.scale] = MAX_SCALE;
  grantAll(segment, own);
  grantAll(segment, peer);
  if (!segment.hasTimestamp) return;
  segment.setTrait(TRAIT.timestamps);
  segment.noteTimestamp();
  noteEcho(segment);
}

/** What is echoed is the last timestamp of the other side. */
function noteEcho(segment: Segment): void {
  const { track, peer, echo } = segment;
  track[peer + TRACK.timestamp] = echo;
  track[peer + TRACK.timestampSeconds] = segment.seconds;
  if (echo === 0) segment.markSide(peer, SIDE.zeroTimestamp);
}

/** A side of whose window nothing is known may send whatever it likes. */
function grantAll({ track }: Segment, row: number): void {
  track[row + TRACK.window] = ANY_WINDOW;
  track[row + TRACK.windowEnd] = track[row + TRACK.acked] + ANY_WINDOW;
}

// ---------------------------------------------------------------- SYN seen

/** A segment of a connection whose SYN was seen. */
export function takeAfterSyn(segment: Segment, midstream: boolean): void {
  if (segment.has(SYN | ACK)) {
    if (segment.toServer) takeClientSynAck(segment);
    else takeSynAck(segment);
    return;
  }
  if (!echoesSyn(segment)) return;
  if (segment.has(RST)) takeReset(segment);
  else if (segment.has(FIN)) return;
  else if (segment.has(SYN)) takeSyn(segment);
  else if (segment.has(ACK) && midstream) takeEarly(segment);
}

function takeSynAck(segment: Segment): void {
  const { track, peer, ack } = segment;
  const synEnd = (track[peer + TRACK.initial] + 1) >>> 0;
  const fastOpen = segment.fastOpen || segment.trait(TRAIT.fastOpen);
  if (ack !== synEnd && !(fastOpen && ack === track[peer + TRACK.next])) {
    segment.raise(TCP_EVENT['3whs_synack_with_wrong_ack']);
    return;
  }
  if (fastOpen) segment.setTrait(TRAIT.fastOpen);
  if (fastOpen && ack !== track[peer + TRACK.next]) segment.raise(TCP_EVENT['3whs_synack_tfo_data_ignored']);
  if (!echoesSyn(segment)) return;
  track[peer + TRACK.next] = ack;
  track[peer + TRACK.acked] = ack;
  track[SHARED.resent] = 0;
  track[SHARED.traits] &= ~TRAIT.fourWay;
  takeOwnSyn(segment, 0);
  agree(segment);
  segment.state = TCP_STATE.synReceived;
}

/** The third step of a four-way handshake. */
function takeClientSynAck(segment: Segment): void {
  const { track, own, peer, ack } = segment;
  if (!segment.trait(TRAIT.fourWay)) segment.raise(TCP_EVENT['3whs_synack_in_wrong_direction']);
  else if (ack !== (track[peer + TRACK.initial] + 1) >>> 0) segment.raise(TCP_EVENT['4whs_synack_with_wrong_ack']);
  else if (segment.seq !== track[own + TRACK.initial]) segment.raise(TCP_EVENT['4whs_synack_with_wrong_syn']);
  else {
    takeOffers(segment);
    agree(segment);
    segment.state = TCP_STATE.synReceived;
  }
}

/** A SYN before any SYN/ACK: sent again, or from the other side, which makes it a four-way handshake. */
function takeSyn(segment: Segment): void {
  const { track, own } = segment;
  if (!segment.toServer) {
    segment.setTrait(TRAIT.fourWay);
    takeOwnSyn(segment, 0);
    return;
  }
  const isOther =
    segment.hasTimestamp !== segment.side(own, SIDE.timestamps) ||
    (segment.hasTimestamp && segment.timestamp !== track[own + TRACK.timestamp]);
  if (isOther && ++track[SHARED.resent] > MAX_SYNS) segment.raise(TCP_EVENT['3whs_syn_flood']);
  takeOffers(segment);
}

/** A segment with ACK before any SYN/ACK: the other side is not seen, or was missed. */
function takeEarly(segment: Segment): void {
  const { track, own } = segment;
  if (segment.toServer && segment.oneSided) {
    if (segment.seq !== track[own + TRACK.next]) segment.raise(TCP_EVENT['3whs_async_wrong_seq']);
    pickUp(segment);
  } else if (segment.length > 0) pickUp(segment);
}

/**
 * Whether the timestamp that a segment of the server echoes is one of the client's SYNs; raises the event when not.
 * They are sent in the order of their timestamps, so the first and the last tell.
 */
function echoesSyn(segment: Segment): boolean {
  const { track, peer, echo } = segment;
  if (segment.toServer || !segment.hasTimestamp || echo === 0) return true;
  const last = track[peer + TRACK.timestamp];
  const known = segment.side(peer, SIDE.timestamps);
  if (known && (last === 0 || (!isBefore(echo, track[SHARED.firstTimestamp]) && !isAfter(echo, last)))) return true;
  segment.raise(TCP_EVENT.pkt_invalid_timestamp);
  return false;
}

/** What both sides offered holds from here on. The windows of the SYNs are not scaled. */
function agree(segment: Segment): void {
  const { track, own, peer } = segment;
  const scaled = track[own + TRACK.scale] > 0 && track[peer + TRACK.scale] > 0;
  track[own + TRACK.scale] = scaled ? track[own + TRACK.scale] - 1 : 0;
  track[peer + TRACK.scale] = scaled ? track[peer + TRACK.scale] - 1 : 0;
  track[own + TRACK.windowEnd] = track[own + TRACK.acked] + track[own + TRACK.window];
  track[peer + TRACK.windowEnd] = track[peer + TRACK.acked] + track[peer + TRACK.window];
  if (segment.side(own, SIDE.timestamps) && segment.side(peer, SIDE.timestamps)) segment.setTrait(TRAIT.timestamps);
}

// ------------------------------------------------------------ SYN/ACK seen

/** A segment of a connection whose SYN/ACK was seen. */
export function takeAfterSynAck(segment: Segment): void {
  if (segment.has(RST)) takeReset(segment);
  else if (segment.has(FIN)) takeFirstFin(segment);
  else if (segment.has(SYN | ACK)) takeSynAckAgain(segment);
  else if (segment.has(SYN)) takeSynAgain(segment);
  else if (segment.has(ACK)) takeLastStep(segment);
}

function takeSynAckAgain(segment: Segment): void {
  const { track, own, peer, seq } = segment;
  if (segment.toServer) segment.raise(TCP_EVENT['3whs_synack_toserver_on_syn_recv']);
  else if (segment.ack !== track[peer + TRACK.acked]) segment.raise(TCP_EVENT['3whs_synack_resend_with_diff_ack']);
  else if (seq !== track[own + TRACK.initial]) {
    segment.raise(TCP_EVENT['3whs_synack_resend_with_diff_seq']);
    const isKnown = track[SHARED.resent] > 0 && seq === track[SHARED.resentSeq];
    if (!isKnown && ++track[SHARED.resent] > MAX_SYN_ACKS) segment.raise(TCP_EVENT['3whs_synack_flood']);
    track[SHARED.resentSeq] = seq;
    track[SHARED.resentWindow] = segment.window;
  }
}

function takeSynAgain(segment: Segment): void {
  if (!segment.toServer) segment.raise(TCP_EVENT['3whs_syn_toclient_on_syn_recv']);
  else if (segment.seq !== segment.track[segment.own + TRACK.initial])
    segment.raise(TCP_EVENT['3whs_syn_resend_diff_seq_on_syn_recv']);
}

/** The acknowledgement of the SYN/ACK, or what follows it where that was missed. */
function takeLastStep(segment: Segment): void {
  if (segment.toServer) chooseSynAck(segment);
  if (!segment.hasValidTimestamp()) return;
  const event = segment.toServer ? lastStepFault(segment) : answerFault(segment);
  if (event >= 0) {
    segment.raise(event);
    return;
  }
  segment.state = TCP_STATE.established;
  segment.track[segment.own + TRACK.next] = segment.end;
  segment.accept();
}

/** Of two different SYN/ACKs, the one that the client acknowledges holds. */
function chooseSynAck(segment: Segment): void {
  const { track, own, peer } = segment;
  const seq = track[SHARED.resentSeq];
  if (track[SHARED.resent] === 0 || segment.ack !== (seq + 1) >>> 0) return;
  track[peer + TRACK.initial] = seq;
  track[peer + TRACK.next] = seq + 1;
  track[peer + TRACK.acked] = seq + 1;
  track[peer + TRACK.windowEnd] = seq + 1 + track[peer + TRACK.window];
  track[own + TRACK.window] = track[SHARED.resentWindow];
  track[own + TRACK.windowEnd] = track[own + TRACK.acked] + track[own + TRACK.window];
}

/** What is wrong with a segment of the client as the last step, or -1. One that is ahead follows what was missed. */
function lastStepFault(segment: Segment): number {
  const { track, own, peer, seq } = segment;
  const next = track[own + TRACK.next];
  const acknowledges = segment.ack === track[peer + TRACK.next];
  if (acknowledges && (seq === next || (isAfter(seq, next) && !isAfter(seq, track[own + TRACK.windowEnd])))) return -1;
  return seq === next ? TCP_EVENT['3whs_right_seq_wrong_ack_evasion'] : TCP_EVENT['3whs_wrong_seq_wrong_ack'];
}

/**
 * What is wrong with a segment of the server behind its SYN/ACK, or -1. It ends a four-way handshake; else the last
 * step was missed.
 */
function answerFault(segment: Segment): number {
  const { track, own, peer, seq, ack } = segment;
  const next = track[own + TRACK.next];
  if (segment.trait(TRAIT.fourWay)) {
    if (seq !== next) return TCP_EVENT['4whs_wrong_seq'];
    return segment.hasValidAck() ? -1 : TCP_EVENT['4whs_invalid_ack'];
  }
  const follows = !isBefore(seq, next) && (segment.oneSided || !isAfter(seq, track[own + TRACK.windowEnd]));
  return follows && !isBefore(ack, track[peer + TRACK.acked]) ? -1 : TCP_EVENT['3whs_wrong_seq_wrong_ack'];
}
