/**
 * What is told of messages that break the rules of SNMP. Stage: app; data only. Names as Suricata's rules have them.
 */
import { protocolEvent as event } from '../protocol-event.js';

export const SNMP_EVENTS = [
  event('malformed_data', 'A message is none of SNMP, or breaks off.'),
  event('unknown_security_model', 'Users of a message of version 3 are told in another way than by name.'),
  event('version_mismatch', 'A message is of another version than the first one of its flow.'),
  event('too_many_fields', 'Texts of over 8 KiB in one message, or more than 96 of them.'),
] as const;

export type SnmpEventName = (typeof SNMP_EVENTS)[number]['name'];

/** Number of an event. */
export const snmpEvent = (name: SnmpEventName): number => SNMP_EVENTS.findIndex((event) => event.name === name);
