/** What is told of messages that break the rules of DNS. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const DNS_EVENTS = [
  event('malformed_data', 'A message breaks off, or a name or a record of its questions or answers is malformed.'),
  event('not_request', 'A response was sent to a server.'),
  event('not_response', 'A request was sent to a client.'),
  event('z_flag_set', 'The reserved bit of the header is set.'),
  event('invalid_opcode', 'A kind of query that is not defined, from 7 on.'),
  event('name_too_long', 'A name of over 1025 bytes, of which the first are inspected.'),
  event('infinite_loop', 'A compressed name that leads to itself.'),
  event('too_many_labels', 'A name of over 255 labels and pointers.'),
  event('invalid_additionals', 'An additional record is not well-formed.'),
  event('invalid_authorities', 'A record of the authorities is not well-formed.'),
  event('too_many_names', 'More than 256 names in a message, or 32 KiB of them: the rest is not inspected.'),
  event('out_of_sync', 'Bytes of a stream are missing: where the next message begins had to be searched for.'),
] as const;

export type DnsEventName = (typeof DNS_EVENTS)[number]['name'];

/** Number of an event. */
export const dnsEvent = (name: DnsEventName): number => DNS_EVENTS.findIndex((event) => event.name === name);
