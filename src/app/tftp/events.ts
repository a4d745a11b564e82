/** What is told of messages that break the rules of TFTP. Stage: app; data only. */
import { protocolEvent as event } from '../protocol-event.js';

export const TFTP_EVENTS = [
  event('malformed_data', 'A request has no name, or no mode that there is.'),
  event('too_many_fields', 'A request holds more than is kept of it.'),
] as const;

export type TftpEventName = (typeof TFTP_EVENTS)[number]['name'];

/** Number of an event. */
export const tftpEvent = (name: TftpEventName): number => TFTP_EVENTS.findIndex((event) => event.name === name);
