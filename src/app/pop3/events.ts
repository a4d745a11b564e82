/** What is told of POP3 that breaks its rules. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const POP3_EVENTS = [
  event('request_too_long', 'A command of over 4096 bytes, of which the first are read.'),
  event('incorrect_argument_count', 'A command with more or fewer arguments than it takes.'),
  event('unknown_command', 'A command that is none of POP3.'),
  event('response_too_long', 'A line of a response of over 4096 bytes, or a list of more than 200 lines.'),
  event('too_many_transactions', 'More transactions are open than a connection may have: the oldest is completed.'),
] as const;

export type Pop3EventName = (typeof POP3_EVENTS)[number]['name'];

/** Number of an event. */
export const pop3Event = (name: Pop3EventName): number => POP3_EVENTS.findIndex((event) => event.name === name);
