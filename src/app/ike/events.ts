/** What is told of messages that break the rules of IKE. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const IKE_EVENTS = [
  event('malformed_data', 'A message is malformed, or breaks off.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
] as const;

export type IkeEventName = (typeof IKE_EVENTS)[number]['name'];

/** Number of an event. */
export const ikeEvent = (name: IkeEventName): number => IKE_EVENTS.findIndex((event) => event.name === name);
