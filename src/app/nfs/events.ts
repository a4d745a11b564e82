/** What is told of messages that break the rules of NFS. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const NFS_EVENTS = [
  event('malformed_data', 'A message is malformed, or breaks off.'),
  event('non_existing_version', 'A call of a version that there is none of: neither 2, 3 nor 4.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
  event(
    'too_many_files',
    'More files are read and written than are kept apart: the one that was not used longest ends.',
  ),
  event(
    'too_many_calls',
    'More reads and writes wait for answers than are remembered: the oldest answer says nothing.',
  ),
  event('too_many_transactions', 'More transactions are open than a connection may have: the oldest is completed.'),
] as const;

export type NfsEventName = (typeof NFS_EVENTS)[number]['name'];

/** Number of an event. */
export const nfsEvent = (name: NfsEventName): number => NFS_EVENTS.findIndex((event) => event.name === name);
