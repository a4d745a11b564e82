/** What is told of malformed messages of the DHT. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const DHT_EVENTS = [
  event('malformed_packet', 'A message is malformed, breaks off, or lacks what its kind must have.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
] as const;

export type DhtEventName = (typeof DHT_EVENTS)[number]['name'];

/** Number of an event. */
export const dhtEvent = (name: DhtEventName): number => DHT_EVENTS.findIndex((event) => event.name === name);
