/**
 * What is told of messages that break the rules of DHCP. Stage: app; data only. Names as Suricata's rules have them.
 */
import { protocolEvent as event } from '../protocol-event.js';

export const DHCP_EVENTS = [
  event('malformed_options', 'Options break off, or are missing.'),
  event('truncated_options', 'An option is longer than its message.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
] as const;

export type DhcpEventName = (typeof DHCP_EVENTS)[number]['name'];

/** Number of an event. */
export const dhcpEvent = (name: DhcpEventName): number => DHCP_EVENTS.findIndex((event) => event.name === name);
