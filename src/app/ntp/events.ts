/** What is told of messages that break the rules of NTP. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const NTP_EVENTS = [
  event('malformed_data', 'A message is malformed, or breaks off.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
] as const;

export type NtpEventName = (typeof NTP_EVENTS)[number]['name'];

/** Number of an event. */
export const ntpEvent = (name: NtpEventName): number => NTP_EVENTS.findIndex((event) => event.name === name);
