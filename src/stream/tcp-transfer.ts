/**
 * Events of an established connection: data, acknowledgements, and what belongs to its opening. Stage: stream. RFC
 * 9293.
 */
import { ACK, FIN, RST, SYN } from '../decode/tcp.js';
import { takeFirstFin, takeReset } from './tcp-closing.js';
import { TCP_EVENT } from './tcp-event.js';
import { isAfter, isBefore, SIDE, TRACK, TRAIT, type Segment } from './tcp-segment.js';

/** A segment of an established connection. */
export function takeInEstablished(segment: Segment): void {
  if (segment.has(RST)) takeReset(segment);
  else if (segment.has(FIN)) takeFirstFin(segment);
  else if (segment.has(SYN | ACK)) takeSynAckAgain(segment);
  else if (segment.has(SYN)) takeSynAgain(segment);
  else if (segment.has(ACK)) takeSegment(segment);
}

/** A server that did not get the last step of the handshake sends its SYN/ACK again; that is no event. */
function takeSynAckAgain(segment: Segment): void {
  const { track, own, peer } = segment;
  if (segment.toServer) segment.raise(TCP_EVENT.est_synack_toserver);
  else if (segment.ack !== track[peer + TRACK.acked]) segment.raise(TCP_EVENT.est_synack_resend_with_diff_ack);
  else if (segment.seq !== track[own + TRACK.initial]) segment.raise(TCP_EVENT.est_synack_resend_with_diff_seq);
  else if (segment.trait(TRAIT.confirmed)) segment.raise(TCP_EVENT.est_synack_resend);
}

function takeSynAgain(segment: Segment): void {
  if (!segment.toServer) segment.raise(TCP_EVENT.est_syn_toclient);
  else if (segment.seq !== segment.track[segment.own + TRACK.initial]) segment.raise(TCP_EVENT.est_syn_resend_diff_seq);
  else segment.raise(TCP_EVENT.est_syn_resend);
}

function takeSegment(segment: Segment): void {
  const { track, own, peer } = segment;
  if (!segment.hasValidTimestamp()) return;
  if (!segment.toServer) segment.setTrait(TRAIT.confirmed);
  const acknowledgesProbe =
    segment.side(peer, SIDE.windowProbe) && segment.ack === (track[peer + TRACK.next] + 1) >>> 0;
  segment.clearSide(peer, SIDE.windowProbe);
  if (acknowledgesProbe) segment.raise(TCP_EVENT.est_ack_zwp_data);
  else if (!segment.hasValidAck()) {
    segment.raise(TCP_EVENT.est_invalid_ack);
    return;
  }
  if (isBeforeLastAck(segment)) {
    segment.raise(TCP_EVENT.est_pkt_before_last_ack);
    return;
  }
  if (segment.length === 1 && segment.seq === track[own + TRACK.next] && track[own + TRACK.window] === 0)
    segment.markSide(own, SIDE.windowProbe);
  else if (!segment.endsInWindow) segment.raise(TCP_EVENT.est_packet_out_of_window);
  else {
    if (isAfter(segment.end, track[own + TRACK.next])) track[own + TRACK.next] = segment.end;
    segment.accept();
  }
}

/**
 * Whether all of it was acknowledged before; a keep-alive and bytes that were acknowledged but not seen are no event.
 */
function isBeforeLastAck(segment: Segment): boolean {
  const { track, own, seq, end } = segment;
  const next = track[own + TRACK.next];
  const acked = track[own + TRACK.acked];
  if (segment.length <= 1 && seq === (next - 1) >>> 0) return false;
  if (!isBefore(end, acked) || segment.oneSided) return false;
  return !(isAfter(acked, next) && isAfter(end, next));
}
