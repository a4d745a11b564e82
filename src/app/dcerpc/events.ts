/** What is told of messages that break the rules of DCE/RPC. Stage: app; data only. Suricata has no such events. */
import { protocolEvent as event } from '../protocol-event.js';

export const DCERPC_EVENTS = [
  event('malformed_data', 'A message breaks off, or its lengths contradict each other.'),
  event('stub_data_too_long', 'Arguments of over 256 KiB: the rest is not inspected.'),
  event('too_many_contexts', 'More than 64 interfaces of a connection: the rest is not known.'),
  event('too_many_fields', 'A message names more than is kept of it.'),
  event('fragment_lost', 'A call without its first fragment, or a fragment out of turn.'),
  event(
    'too_many_transactions',
    'More calls wait for their answer than a connection may have: the oldest is completed.',
  ),
] as const;

export type DcerpcEventName = (typeof DCERPC_EVENTS)[number]['name'];

/** Number of an event. */
export const dcerpcEvent = (name: DcerpcEventName): number => DCERPC_EVENTS.findIndex((event) => event.name === name);
