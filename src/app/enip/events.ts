/** What is told of messages that break the rules of EtherNet/IP. Stage: app; data only. */
import { protocolEvent as event } from '../protocol-event.js';

export const ENIP_EVENTS = [
  event('invalid_pdu', 'A message is malformed, or breaks off.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
  event('too_many_transactions', 'More transactions are open than a connection may have: the oldest is completed.'),
] as const;

export type EnipEventName = (typeof ENIP_EVENTS)[number]['name'];

/** Number of an event. */
export const enipEvent = (name: EnipEventName): number => ENIP_EVENTS.findIndex((event) => event.name === name);
