/** What is told of messages that break the rules of PostgreSQL. Stage: app; data only. */
import { protocolEvent as event } from '../protocol-event.js';

export const PGSQL_EVENTS = [
  event('invalid_length', 'A message says that it is shorter than its length: nothing behind it is read.'),
  event('malformed_request', 'A query that no zero ends.'),
  event('malformed_response', 'A description of rows, or a row, that is shorter than it says.'),
  event('query_too_long', 'A query of over 32768 bytes: the rest is not kept.'),
  event('too_many_transactions', 'More queries wait for their answers than may be open: the oldest are given up.'),
] as const;

export type PgsqlEventName = (typeof PGSQL_EVENTS)[number]['name'];

/** Number of an event. */
export const pgsqlEvent = (name: PgsqlEventName): number => PGSQL_EVENTS.findIndex((event) => event.name === name);
