/** What is told of messages that break the rules of RFB. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const RFB_EVENTS = [
  event('malformed_message', 'A side begins with another thing than a version.'),
  event('unimplemented_security_type', 'A type of login was chosen whose messages are not read.'),
  event('unknown_security_result', 'The outcome of a login is none that there is.'),
  event('confused_state', 'A side says something before it is its turn.'),
  event('too_long_string', 'The name of the desktop, or the reason of a failure, is over 4 KiB long.'),
] as const;

export type RfbEventName = (typeof RFB_EVENTS)[number]['name'];

/** Number of an event. */
export const rfbEvent = (name: RfbEventName): number => RFB_EVENTS.findIndex((event) => event.name === name);
