/**
 * What is told of messages that break the rules of Kerberos. Stage: app; data only. Names as Suricata's rules have
 * them.
 */
import { protocolEvent as event } from '../protocol-event.js';

export const KRB5_EVENTS = [
  event('malformed_data', 'A message is none of Kerberos, or breaks off.'),
  event('weak_encryption', 'A ticket or an answer is encrypted with what can be broken.'),
  event('too_many_fields', 'Names of over 4 KiB in one message, or more than 64.'),
] as const;

export type Krb5EventName = (typeof KRB5_EVENTS)[number]['name'];

/** Number of an event. */
export const krb5Event = (name: Krb5EventName): number => KRB5_EVENTS.findIndex((event) => event.name === name);
