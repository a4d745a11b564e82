/** What is told of SSH that breaks its rules. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const SSH_EVENTS = [
  event('invalid_banner', 'A banner without software, or a line that is none.'),
  event('long_banner', 'A banner of over 255 bytes, of which the first are inspected.'),
  event('invalid_record', 'A packet of an impossible length: the rest is not read.'),
  event('long_kex_record', 'A key exchange of over 32 KiB, which is not read.'),
] as const;

export type SshEventName = (typeof SSH_EVENTS)[number]['name'];

/** Number of an event. */
export const sshEvent = (name: SshEventName): number => SSH_EVENTS.findIndex((event) => event.name === name);
