/** What is told of SIP that breaks its rules. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const SIP_EVENTS = [
  event('invalid_data', 'A message whose first line or headers are malformed; what stands before is inspected.'),
  event('incomplete_data', 'A message that breaks off.'),
  event('too_long', 'Headers of over 32 KiB, or more than 256 of what is kept: the rest is not inspected.'),
] as const;

export type SipEventName = (typeof SIP_EVENTS)[number]['name'];

/** Number of an event. */
export const sipEvent = (name: SipEventName): number => SIP_EVENTS.findIndex((event) => event.name === name);
