/** What is told of messages that break the rules of QUIC. Stage: app; data only. Names as in Suricata's rules. */
import { protocolEvent as event } from '../protocol-event.js';

export const QUIC_EVENTS = [
  event('failed_decrypt', 'An Initial packet that its keys do not open.'),
  event('error_on_data', 'A packet or a frame that is malformed, or a hello that is none.'),
  event('crypto_frag_too_long', 'The handshake is longer than 64 KiB, or in more than 32 pieces at a time.'),
  event('too_many_packets', 'A side of over 16 Initial packets without a whole hello: it is not read any more.'),
] as const;

export type QuicEventName = (typeof QUIC_EVENTS)[number]['name'];

/** Number of an event. */
export const quicEvent = (name: QuicEventName): number => QUIC_EVENTS.findIndex((event) => event.name === name);
