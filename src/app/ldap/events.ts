/**
 * What is told of messages that break the rules of LDAP. Stage: app; data only. Names as Suricata's rules have them.
 */
import { protocolEvent as event } from '../protocol-event.js';

export const LDAP_EVENTS = [
  event('invalid_data', 'A message is malformed, or breaks off.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
  event('request_not_found', 'A response to no request.'),
  event('too_many_transactions', 'More transactions are open than a connection may have: the oldest is completed.'),
] as const;

export type LdapEventName = (typeof LDAP_EVENTS)[number]['name'];

/** Number of an event. */
export const ldapEvent = (name: LdapEventName): number => LDAP_EVENTS.findIndex((event) => event.name === name);
