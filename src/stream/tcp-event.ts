/**
 * Events of TCP connections: what a strict receiver would find wrong with a segment. Stage: stream. Names are
 * Suricata's.
 *
 * An event's number is its place in `TCP_EVENTS`; names are stable, numbers are not. The events of a segment are two
 * words of bits in its `Packet` (`events`, `moreEvents`), which loading a packet clears. tcp-observer.ts raises them.
 */
import type { Packet } from '../decode/packet.js';

export interface TcpEvent {
  readonly name: string;
  readonly doc: string;
}

const event = <const Name extends string>(name: Name, doc: string) => ({ name, doc });

export const TCP_EVENTS = [
  // SYN seen.
  event('3whs_synack_with_wrong_ack', 'A SYN/ACK that does not acknowledge the SYN.'),
  event('3whs_synack_in_wrong_direction', 'A SYN/ACK from the client, which saw no SYN of the server.'),
  event('3whs_synack_tfo_data_ignored', 'A SYN/ACK that acknowledges a fast open SYN, but not the data in it.'),
  event('3whs_syn_flood', 'More than ten SYNs of one connection with different timestamps.'),
  event(
    '3whs_async_wrong_seq',
    'The first segment behind a SYN, of a connection of which the other side is not seen, has another number than the SYN foretells; only with stream.midstream.',
  ),
  event(
    '4whs_synack_with_wrong_ack',
    'In a four-way handshake, a SYN/ACK of the client that does not acknowledge the SYN of the server.',
  ),
  event(
    '4whs_synack_with_wrong_syn',
    'In a four-way handshake, a SYN/ACK of the client that does not repeat the number of its SYN.',
  ),
  // SYN/ACK seen.
  event('3whs_synack_toserver_on_syn_recv', 'A SYN/ACK to the server behind its own.'),
  event('3whs_synack_resend_with_diff_ack', 'A SYN/ACK once more, with another acknowledgement.'),
  event('3whs_synack_resend_with_diff_seq', 'A SYN/ACK once more, with another number.'),
  event('3whs_synack_flood', 'More than five different SYN/ACKs of one connection.'),
  event('3whs_syn_toclient_on_syn_recv', 'A SYN to the client behind a SYN/ACK.'),
  event('3whs_syn_resend_diff_seq_on_syn_recv', 'A SYN of another number behind the SYN/ACK.'),
  event(
    '3whs_right_seq_wrong_ack_evasion',
    'The last step of the handshake has the right number, but does not acknowledge the SYN/ACK.',
  ),
  event('3whs_wrong_seq_wrong_ack', 'A segment that cannot be the last step of the handshake, nor follow it.'),
  event('4whs_wrong_seq', 'The last step of a four-way handshake has a wrong number.'),
  event('4whs_invalid_ack', 'The last step of a four-way handshake has an acknowledgement out of the window.'),
  // Established.
  event('est_packet_out_of_window', 'A segment that ends behind the window.'),
  event('est_pkt_before_last_ack', 'A segment of bytes that were acknowledged before.'),
  event('est_ack_zwp_data', "The acknowledgement of a zero window probe's byte."),
  event('est_invalid_ack', 'An acknowledgement out of the window.'),
  event('est_synack_resend', 'The SYN/ACK once more, after the server had sent other segments.'),
  event('est_synack_resend_with_diff_ack', 'A SYN/ACK that acknowledges something else than the server did last.'),
  event('est_synack_resend_with_diff_seq', 'A SYN/ACK of another number.'),
  event('est_synack_toserver', 'A SYN/ACK to the server.'),
  event('est_syn_resend', 'The SYN once more.'),
  event('est_syn_resend_diff_seq', 'A SYN of another number.'),
  event('est_syn_toclient', 'A SYN to the client.'),
  // Closing.
  event('fin_invalid_ack', 'The first FIN has an acknowledgement out of the window.'),
  event('fin_out_of_window', 'The first FIN is out of the window.'),
  event('fin_syn', 'A segment with FIN and SYN.'),
  event('fin_but_no_session', 'A FIN of no connection; with stream.midstream, one without data or without ACK.'),
  event('fin1_ack_wrong_seq', 'Behind the FIN of the server, an acknowledgement of it that ends behind the window.'),
  event('fin1_fin_wrong_seq', 'Behind the FIN of the server, a FIN out of the window.'),
  event('fin1_invalid_ack', 'Behind the FIN of the server, an acknowledgement out of the window.'),
  event('fin2_ack_wrong_seq', 'Behind the acknowledged FIN of the server, a segment that ends behind the window.'),
  event('fin2_fin_wrong_seq', 'Behind the acknowledged FIN of the server, a FIN out of the window.'),
  event('fin2_invalid_ack', 'Behind the acknowledged FIN of the server, an acknowledgement out of the window.'),
  event('closewait_ack_out_of_window', 'Behind the FIN of the client, a segment behind the window.'),
  event('closewait_fin_out_of_window', 'Behind the FIN of the client, a FIN out of the window.'),
  event(
    'closewait_pkt_before_last_ack',
    'Behind the FIN of the client, a segment of bytes that were acknowledged before.',
  ),
  event('closewait_invalid_ack', 'Behind the FIN of the client, an acknowledgement out of the window.'),
  event(
    'closing_ack_wrong_seq',
    'After both sides closed at once, a segment that does not follow the FIN of its sender.',
  ),
  event('closing_invalid_ack', 'After both sides closed at once, an acknowledgement out of the window.'),
  event(
    'lastack_ack_wrong_seq',
    "In place of the acknowledgement of the last FIN, a segment that does not follow the client's.",
  ),
  event('lastack_invalid_ack', 'In place of the acknowledgement of the last FIN, one out of the window.'),
  event('timewait_ack_wrong_seq', 'After both FINs, a segment that does not follow the FIN of its sender.'),
  event('timewait_invalid_ack', 'After both FINs, an acknowledgement out of the window.'),
  event('shutdown_syn_resend', 'A SYN behind a FIN.'),
  // Resets.
  event('rst_but_no_session', 'A RST of no connection.'),
  event('rst_invalid_ack', 'A RST whose acknowledgement is out of the window.'),
  event('rst_with_data', 'A RST with data.'),
  event(
    'suspected_rst_inject',
    'A segment from the sender of a RST: one that refused a SYN, or one that was signed (RFC 2385, RFC 5925).',
  ),
  // Any time.
  event('pkt_broken_ack', 'An acknowledgement number without the flag ACK.'),
  event('pkt_invalid_ack', "An acknowledgement out of the window; comes with the event of the connection's state."),
  event(
    'pkt_invalid_timestamp',
    'A timestamp from before the last one, or one that echoes none of the SYNs (RFC 7323).',
  ),
  event('pkt_retransmission', 'Bytes that were sent before, behind a FIN.'),
  event('pkt_spurious_retransmission', 'Bytes that were acknowledged before.'),
  event(
    'pkt_bad_window_update',
    'A segment from ahead of both sides, which closes the window by more than it acknowledges.',
  ),
  // Streams that are put together (reassembler.ts).
  event('reassembly_depth_reached', 'The segment by which a side has sent more than stream.depth.'),
  event('reassembly_no_segment', 'A segment that is not kept: too far ahead of what is missing, or no memory.'),
  event('reassembly_overlap_different_data', 'Bytes that were sent before, and are others now.'),
  event('reassembly_segment_before_base_seq', 'Bytes from before all that is kept, not acknowledged.'),
  event('reassembly_seq_gap', 'The packet by which bytes that are missing are given up.'),
] as const satisfies readonly TcpEvent[];

export type TcpEventName = (typeof TCP_EVENTS)[number]['name'];

/** Number by name. */
export const TCP_EVENT = Object.fromEntries(TCP_EVENTS.map(({ name }, number) => [name, number])) as Readonly<
  Record<TcpEventName, number>
>;

const WORD_BITS = 32;

/** Notes an event of the segment. */
export function raiseEvent(packet: Packet, number: number): void {
  if (number < WORD_BITS) packet.events |= 1 << number;
  else packet.moreEvents |= 1 << (number - WORD_BITS);
}

/** Names of the events of a packet, in the table's order. Allocates. */
export function eventNames(packet: Pick<Packet, 'events' | 'moreEvents'>): TcpEventName[] {
  return TCP_EVENTS.filter(
    (_, number) =>
      ((number < WORD_BITS ? packet.events >>> number : packet.moreEvents >>> (number - WORD_BITS)) & 1) === 1,
  ).map(({ name }) => name);
}
