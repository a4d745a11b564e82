/** What is told of IMAP that breaks its rules. Stage: app; data only. The names are ours: Suricata 8.0 parses none. */
import { protocolEvent as event } from '../protocol-event.js';

export const IMAP_EVENTS = [
  event('request_too_long', 'A line of the client of over 8192 bytes, or a command with more lines than are kept.'),
  event('response_too_long', 'A line of the server of over 8192 bytes, or a response with more lines than are kept.'),
  event('unknown_tag', 'A response with a tag that no open command has.'),
  event(
    'too_many_transactions',
    'More commands wait for their response than a connection may have: the oldest is completed.',
  ),
] as const;

export type ImapEventName = (typeof IMAP_EVENTS)[number]['name'];

/** Number of an event. */
export const imapEvent = (name: ImapEventName): number => IMAP_EVENTS.findIndex((event) => event.name === name);
