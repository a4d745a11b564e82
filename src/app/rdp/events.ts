/** What is told of messages that break the rules of RDP. Stage: app; data only. Suricata has no names for them. */
import { protocolEvent as event } from '../protocol-event.js';

export const RDP_EVENTS = [
  event('malformed_data', 'A packet is none of RDP, or what it holds breaks off.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
] as const;

export type RdpEventName = (typeof RDP_EVENTS)[number]['name'];

/** Number of an event. */
export const rdpEvent = (name: RdpEventName): number => RDP_EVENTS.findIndex((event) => event.name === name);
