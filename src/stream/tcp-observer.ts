/**
 * Raises the events of TCP connections (tcp-event.ts), from the packets seen. Stage: stream; beside tcp-state.ts, which
 * decides what is inspected and forgives what mirrors do to traffic. This one is strict, as the receiver would be, so
 * that rules can tell: it knows windows, timestamps and every state of RFC 9293, and changes nothing but its own track
 * of a connection (tcp-segment.ts). It runs only where rules ask for events.
 *
 * A segment that has an event because a receiver would not take it leaves the track as it was. Strictness ends where
 * windows cannot be known: in a connection picked up midstream, and where only one side is mirrored. States and events
 * are those of Suricata as a sensor (not as an IPS); where a choice is its target's, a RST within the window is taken,
 * and a timestamp may be off by one.
 *
 * A connection's track lies in a block of the flow's arena; without room for it the connection raises no events.
 */
import { LAYER_FLAG, type Packet } from '../decode/packet.js';
import { ACK, FIN, RST, SYN } from '../decode/tcp.js';
import type { Direction, Flow } from '../flow/flow.js';
import {
  takeInCloseWait,
  takeInClosing,
  takeInFinWait1,
  takeInFinWait2,
  takeInLastAck,
  takeInTimeWait,
} from './tcp-closing.js';
import { TCP_EVENT } from './tcp-event.js';
import { open, takeAfterSyn, takeAfterSynAck } from './tcp-opening.js';
import { isAfter, isBefore, Segment, SHARED, SIDE, TCP_STATE, TRACK } from './tcp-segment.js';
import { takeInEstablished } from './tcp-transfer.js';

/** Windows above this may shrink by a little more than is acknowledged. */
const WIDE_WINDOW = 1024;
const WINDOW_SLACK = 32;

export class TcpObserver {
  private readonly midstream: boolean;
  private readonly segment = new Segment();

  /** `midstream`: whether connections are picked up without their opening. */
  constructor(midstream: boolean) {
    this.midstream = midstream;
  }

  /** Takes in a TCP packet that its flow has counted, and notes its events in it. */
  observe(flow: Flow, packet: Packet, direction: Direction): void {
    if ((packet.flags & LAYER_FLAG.malformed) !== 0 || packet.l4HeaderLength < 20) return;
    const { segment } = this;
    if (!segment.load(flow, packet, direction)) return;
    this.takeIn(segment);
    segment.store(flow);
  }

  private takeIn(segment: Segment): void {
    if (!segment.has(ACK) && segment.ack !== 0) segment.raise(TCP_EVENT.pkt_broken_ack);
    if (segment.state === TCP_STATE.none) {
      open(segment, this.midstream);
      return;
    }
    if (!isPassedOver(segment)) this.take(segment, segment.state);
    noteAfterReset(segment);
  }

  private take(segment: Segment, state: number): void {
    switch (state) {
      case TCP_STATE.synSent:
        return takeAfterSyn(segment, this.midstream);
      case TCP_STATE.synReceived:
        return takeAfterSynAck(segment);
      case TCP_STATE.established:
        return takeInEstablished(segment);
      case TCP_STATE.finWait1:
        return takeInFinWait1(segment);
      case TCP_STATE.finWait2:
        return takeInFinWait2(segment);
      case TCP_STATE.closing:
        return takeInClosing(segment);
      case TCP_STATE.closeWait:
        return takeInCloseWait(segment);
      case TCP_STATE.lastAck:
        return takeInLastAck(segment);
      case TCP_STATE.timeWait:
        return takeInTimeWait(segment);
      default:
        return this.takeAfterEnd(segment);
    }
  }

  /** The sender of a RST goes on: the connection may have survived it, if it was the RST that ended it. */
  private takeAfterEnd(segment: Segment): void {
    const { track, own, peer } = segment;
    const before = track[SHARED.stateBefore];
    if (
      before === TCP_STATE.none ||
      segment.has(RST) ||
      segment.side(own, SIDE.reset) ||
      !segment.side(peer, SIDE.reset)
    )
      return;
    track[SHARED.stateBefore] = TCP_STATE.none;
    segment.state = before;
    this.take(segment, before);
  }
}

/** Segments that say nothing new, or are not to be believed. */
function isPassedOver(segment: Segment): boolean {
  const { peer, own } = segment;
  if (isKeepAlive(segment)) {
    segment.markSide(own, SIDE.keepAlive);
    return true;
  }
  segment.clearSide(own, SIDE.keepAlive);
  if (isKeepAliveAnswer(segment)) {
    segment.clearSide(peer, SIDE.keepAlive);
    return true;
  }
  if (segment.state < TCP_STATE.established) return false;
  if (isProbeAnswer(segment)) {
    segment.clearSide(peer, SIDE.windowProbe);
    return true;
  }
  if (!isWindowUpdate(segment) && (isBadWindowUpdate(segment) || isOldAck(segment))) return true;
  noteSpurious(segment);
  return false;
}

const isPlain = (segment: Segment): boolean => (segment.flags & (SYN | FIN | RST)) === 0;
const acknowledgesNothingNew = ({ track, peer, ack }: Segment): boolean => ack === track[peer + TRACK.acked];
const isNext = (segment: Segment): boolean => segment.seq === segment.nextOf(segment.own);

/** RFC 9293, section 3.8.4: nothing, or one byte, from before what comes next. */
function isKeepAlive(segment: Segment): boolean {
  return (
    isPlain(segment) &&
    segment.length <= 1 &&
    acknowledgesNothingNew(segment) &&
    segment.seq === (segment.nextOf(segment.own) - 1) >>> 0
  );
}

function isKeepAliveAnswer(segment: Segment): boolean {
  const { track, peer } = segment;
  if (!segment.side(peer, SIDE.keepAlive) || !isPlain(segment) || segment.length > 0 || segment.window === 0)
    return false;
  return segment.granted === track[peer + TRACK.window] && acknowledgesNothingNew(segment) && isNext(segment);
}

/** The answer to a zero window probe that does not take its byte. */
function isProbeAnswer(segment: Segment): boolean {
  const { track, peer } = segment;
  if (!segment.side(peer, SIDE.windowProbe) || !isPlain(segment) || segment.length > 0) return false;
  return segment.window === 0 && track[peer + TRACK.window] === 0 && acknowledgesNothingNew(segment) && isNext(segment);
}

function isWindowUpdate(segment: Segment): boolean {
  const { track, peer } = segment;
  if (!isPlain(segment) || segment.length > 0 || segment.window === 0) return false;
  return segment.granted !== track[peer + TRACK.window] && acknowledgesNothingNew(segment) && isNext(segment);
}

/**
 * A segment ahead of both sides that shrinks the window by more than it acknowledges: whoever believes it takes the
 * segments that follow for out of window.
 */
function isBadWindowUpdate(segment: Segment): boolean {
  const { track, own, peer, seq, ack, granted } = segment;
  if (segment.state === TCP_STATE.closed || !isPlain(segment)) return false;
  const shrinks = track[peer + TRACK.window] - granted;
  if (shrinks <= segment.length || !isAfter(ack, segment.nextOf(peer)) || !isAfter(seq, segment.nextOf(own)))
    return false;
  const acknowledged = (ack - track[peer + TRACK.acked]) >>> 0;
  if (shrinks <= acknowledged + (granted > WIDE_WINDOW ? WINDOW_SLACK : 0)) return false;
  segment.raise(TCP_EVENT.pkt_bad_window_update);
  return true;
}

/** An acknowledgement that a newer one has overtaken. */
function isOldAck(segment: Segment): boolean {
  return (
    isPlain(segment) &&
    segment.has(ACK) &&
    segment.length === 0 &&
    isNext(segment) &&
    isBefore(segment.ack, segment.track[segment.peer + TRACK.acked])
  );
}

function noteSpurious(segment: Segment): void {
  const { track, own } = segment;
  if (segment.length > 0 && !segment.has(SYN) && !segment.oneSided && !isAfter(segment.end, track[own + TRACK.acked]))
    segment.raise(TCP_EVENT.pkt_spurious_retransmission);
}

function noteAfterReset(segment: Segment): void {
  const { peer } = segment;
  if (segment.has(RST) || !segment.side(peer, SIDE.reset)) return;
  segment.clearSide(peer, SIDE.reset);
  segment.raise(TCP_EVENT.suspected_rst_inject);
}
