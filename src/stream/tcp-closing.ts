/**
 * Events of a connection that closes: RST, the first FIN, and the states behind it. Stage: stream. RFC 9293, section
 * 3.6.
 *
 * States are named from the server's end, as Suricata does: a FIN of the client first makes closeWait, one of the
 * server first makes finWait1. `next` of a side that has closed is the number of its FIN; what it sends afterwards has
 * the next.
 */
import { ACK, FIN, RST, SYN } from '../decode/tcp.js';
import { TCP_EVENT } from './tcp-event.js';
import { isAfter, isBefore, SHARED, SIDE, TCP_STATE, TRACK, type Segment } from './tcp-segment.js';

/** A RST ends the connection where its receiver may take it. */
export function takeReset(segment: Segment): void {
  if (!isValidReset(segment)) return;
  if (segment.state === TCP_STATE.synSent) {
    if (segment.toServer && !takesBackSyn(segment)) return;
    segment.markSide(segment.peer, SIDE.reset);
  }
  segment.track[SHARED.stateBefore] = segment.state;
  segment.state = TCP_STATE.closed;
}

function isValidReset(segment: Segment): boolean {
  const { track, own, seq } = segment;
  if (!segment.hasValidTimestamp()) return false;
  if (segment.length > 0) segment.raise(TCP_EVENT.rst_with_data);
  if (segment.ack !== 0 && !segment.hasValidAck()) {
    segment.raise(TCP_EVENT.rst_invalid_ack);
    return false;
  }
  // Whether its receiver takes a signed RST, nobody else can tell.
  if (segment.signed) segment.markSide(segment.peer, SIDE.reset);
  if (segment.state === TCP_STATE.synSent) return true;
  return (
    !isBefore(segment.end, track[own + TRACK.acked]) &&
    (segment.oneSided || !isAfter(seq, track[own + TRACK.next] + track[own + TRACK.window] + 1))
  );
}

/** Whether a RST of the client is one that it sends to take back its SYN. */
function takesBackSyn({ track, own, seq, ack, window }: Segment): boolean {
  const initial = track[own + TRACK.initial];
  return seq === initial && window === 0 && ack === (initial + 1) >>> 0;
}

/** The first FIN of a connection. */
export function takeFirstFin(segment: Segment): void {
  const { track, own, seq } = segment;
  if (!segment.hasValidTimestamp()) return;
  if (!segment.hasValidAck()) segment.raise(TCP_EVENT.fin_invalid_ack);
  else if (isBefore(seq, track[own + TRACK.acked]) || !segment.endsInWindow) segment.raise(TCP_EVENT.fin_out_of_window);
  else if (segment.has(SYN)) segment.raise(TCP_EVENT.fin_syn);
  else {
    segment.state = segment.toServer ? TCP_STATE.closeWait : TCP_STATE.finWait1;
    close(segment);
  }
}

/** The side of the segment has closed. */
function close(segment: Segment): void {
  segment.track[segment.own + TRACK.next] = segment.end;
  segment.markSide(segment.own, SIDE.fin);
  catchUp(segment);
  segment.accept();
}

/** What is acknowledged was sent, seen or not. */
function catchUp(segment: Segment): void {
  const { track, peer, ack } = segment;
  if (segment.has(ACK) && !segment.side(peer, SIDE.fin) && isAfter(ack, track[peer + TRACK.next]))
    track[peer + TRACK.next] = ack;
}

function accept(segment: Segment): void {
  catchUp(segment);
  segment.accept();
}

/** Whether it is the FIN that its side has sent, once more. */
function isFinAgain({ track, own, end }: Segment): boolean {
  return end === track[own + TRACK.next];
}

/** The server has closed. */
export function takeInFinWait1(segment: Segment): void {
  if (segment.has(RST)) takeReset(segment);
  else if (segment.has(FIN)) takeFinInFinWait1(segment);
  else if (segment.has(SYN)) segment.raise(TCP_EVENT.shutdown_syn_resend);
  else if (segment.has(ACK)) takeAckInFinWait1(segment);
}

function takeFinInFinWait1(segment: Segment): void {
  const { track, own } = segment;
  if (!segment.hasValidTimestamp()) return;
  const again = segment.isRetransmission() || (!segment.toServer && isFinAgain(segment));
  if (!again && segment.startsOutside(track[own + TRACK.next] - (segment.toServer ? 1 : 0)))
    segment.raise(TCP_EVENT.fin1_fin_wrong_seq);
  else if (!segment.hasValidAck()) segment.raise(TCP_EVENT.fin1_invalid_ack);
  else if (again) accept(segment);
  else {
    segment.state = segment.has(ACK) ? TCP_STATE.timeWait : TCP_STATE.closing;
    close(segment);
  }
}

function takeAckInFinWait1(segment: Segment): void {
  const { track, own, peer } = segment;
  if (!segment.hasValidTimestamp()) return;
  const again = segment.isRetransmission();
  if (!segment.hasValidAck()) {
    segment.raise(TCP_EVENT.fin1_invalid_ack);
    return;
  }
  const acknowledgesFin = segment.toServer && segment.ack === (track[peer + TRACK.next] + 1) >>> 0;
  if (!again && (acknowledgesFin || !segment.toServer) && !segment.endsInWindow) {
    segment.raise(TCP_EVENT.fin1_ack_wrong_seq);
    return;
  }
  if (acknowledgesFin && !again && segment.seq === track[own + TRACK.next]) segment.state = TCP_STATE.finWait2;
  takeData(segment);
}

/** Data, where its side may still send some. */
function takeData(segment: Segment): void {
  if (!segment.side(segment.own, SIDE.fin)) segment.takeNext();
  accept(segment);
}

/** The server has closed, and the client has acknowledged that. */
export function takeInFinWait2(segment: Segment): void {
  if (segment.has(RST)) takeReset(segment);
  else if (segment.has(FIN)) takeFinInFinWait2(segment);
  else if (segment.has(SYN)) segment.raise(TCP_EVENT.shutdown_syn_resend);
  else if (segment.has(ACK)) takeAckInFinWait2(segment);
}

function takeFinInFinWait2(segment: Segment): void {
  const { track, own } = segment;
  if (!segment.hasValidTimestamp()) return;
  const again = segment.isRetransmission() || (!segment.toServer && isFinAgain(segment));
  if (!again && segment.startsOutside(track[own + TRACK.next])) segment.raise(TCP_EVENT.fin2_fin_wrong_seq);
  else if (!segment.hasValidAck()) segment.raise(TCP_EVENT.fin2_invalid_ack);
  else if (again) accept(segment);
  else {
    segment.state = TCP_STATE.timeWait;
    close(segment);
  }
}

function takeAckInFinWait2(segment: Segment): void {
  if (!segment.hasValidTimestamp()) return;
  const again = segment.isRetransmission();
  if (!segment.hasValidAck()) segment.raise(TCP_EVENT.fin2_invalid_ack);
  else if (!again && !segment.endsInWindow) segment.raise(TCP_EVENT.fin2_ack_wrong_seq);
  else takeData(segment);
}

/** Both sides have closed at once. */
export function takeInClosing(segment: Segment): void {
  if (segment.has(RST)) takeReset(segment);
  else if (segment.has(SYN)) segment.raise(TCP_EVENT.shutdown_syn_resend);
  else if (segment.has(ACK)) {
    if (!segment.hasValidTimestamp()) return;
    const again = segment.isRetransmission();
    if (!followsFin(segment)) segment.raise(TCP_EVENT.closing_ack_wrong_seq);
    else if (!segment.hasValidAck()) segment.raise(TCP_EVENT.closing_invalid_ack);
    else {
      if (!again) segment.state = TCP_STATE.timeWait;
      accept(segment);
    }
  }
}

/** Whether it starts with the FIN of its side, or behind it. */
function followsFin({ track, own, seq }: Segment): boolean {
  const fin = track[own + TRACK.next];
  return seq === fin || seq === (fin + 1) >>> 0;
}

/** The client has closed. */
export function takeInCloseWait(segment: Segment): void {
  if (segment.has(RST)) takeReset(segment);
  else if (segment.has(FIN)) takeFinInCloseWait(segment);
  else if (segment.has(SYN)) segment.raise(TCP_EVENT.shutdown_syn_resend);
  else if (segment.has(ACK)) takeAckInCloseWait(segment);
}

function takeFinInCloseWait(segment: Segment): void {
  const { track, own } = segment;
  if (!segment.hasValidTimestamp()) return;
  const again = segment.isRetransmission();
  if (!again && segment.startsOutside(track[own + TRACK.next])) segment.raise(TCP_EVENT.closewait_fin_out_of_window);
  else if (!segment.hasValidAck()) segment.raise(TCP_EVENT.closewait_invalid_ack);
  else if (again || segment.toServer) accept(segment);
  else {
    segment.state = TCP_STATE.lastAck;
    close(segment);
  }
}

function takeAckInCloseWait(segment: Segment): void {
  const { track, own } = segment;
  if (!segment.hasValidTimestamp()) return;
  segment.isRetransmission();
  if (segment.length > 0 && !isAfter(segment.end, track[own + TRACK.acked]))
    segment.raise(TCP_EVENT.closewait_pkt_before_last_ack);
  else if (!segment.oneSided && isAfter(segment.seq, track[own + TRACK.acked] + track[own + TRACK.window] + 1))
    segment.raise(TCP_EVENT.closewait_ack_out_of_window);
  else if (!segment.hasValidAck()) segment.raise(TCP_EVENT.closewait_invalid_ack);
  else takeData(segment);
}

/** Both sides have closed, the client first; its last acknowledgement is missing. */
export function takeInLastAck(segment: Segment): void {
  if (segment.has(RST)) takeReset(segment);
  else if (segment.has(FIN)) return;
  else if (segment.has(SYN)) segment.raise(TCP_EVENT.shutdown_syn_resend);
  else if (segment.has(ACK) && segment.toServer) takeLastAck(segment);
}

function takeLastAck(segment: Segment): void {
  const { track, own } = segment;
  if (!segment.hasValidTimestamp()) return;
  const again = segment.isRetransmission();
  const old = isBefore(segment.seq, track[own + TRACK.next]);
  if (!segment.hasValidAck()) segment.raise(TCP_EVENT.lastack_invalid_ack);
  else if (!again && !old && !followsFin(segment)) segment.raise(TCP_EVENT.lastack_ack_wrong_seq);
  else {
    if (!again && !old) segment.state = TCP_STATE.closed;
    accept(segment);
  }
}

/** Both sides have closed, the server first. */
export function takeInTimeWait(segment: Segment): void {
  if (segment.has(RST)) takeReset(segment);
  else if (segment.has(FIN)) return;
  else if (segment.has(SYN)) segment.raise(TCP_EVENT.shutdown_syn_resend);
  else if (segment.has(ACK)) takeAckInTimeWait(segment);
}

function takeAckInTimeWait(segment: Segment): void {
  if (!segment.hasValidTimestamp()) return;
  const again = segment.isRetransmission();
  if (!again && !followsFin(segment)) segment.raise(TCP_EVENT.timewait_ack_wrong_seq);
  else if (!segment.hasValidAck()) segment.raise(TCP_EVENT.timewait_invalid_ack);
  else {
    if (!again) segment.state = TCP_STATE.closed;
    accept(segment);
  }
}
