/**
 * What is told of messages that break the rules of DNP3. Stage: app; data only. Names as Suricata's rules have them.
 */
import { protocolEvent as event } from '../protocol-event.js';

export const DNP3_EVENTS = [
  event('malformed', 'A message is malformed, or breaks off.'),
  event('unknown_object', 'An object of unknown size: those behind it are not read.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
  event('flooded', 'More messages are open than a connection may have: the oldest is completed.'),
] as const;

export type Dnp3EventName = (typeof DNP3_EVENTS)[number]['name'];

/** Number of an event. */
export const dnp3Event = (name: Dnp3EventName): number => DNP3_EVENTS.findIndex((event) => event.name === name);
