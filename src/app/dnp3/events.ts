/**
 * What is told of messages that break the rules of DNP3. Stage: app; data only. Names as Suricata's rules have them.
 */
import { protocolEvent as event } from '../protocol-event.js';

export const DNP3_EVENTS = [
  event('malformed', 'A message is malformed, or breaks off.'),
  event('unknown_object', 'An object of unknown size, or one that breaks off: those behind it are not read.'),
  event('len_too_small', 'The length of a frame is shorter than its header.'),
  event('bad_link_crc', 'The check sum of the header of a frame is wrong: the next frame is searched for.'),
  event('bad_transport_crc', 'The check sum of a block of data is wrong: the frame is not read.'),
  event('too_long_reassembly', 'A message of over 2 KiB, of which the first are read.'),
  event('too_many_points', 'More than 16 384 points in one message: those behind them are not read.'),
  event('too_many_objects', 'More than 128 objects in one message: those behind them are not read.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
] as const;

export type Dnp3EventName = (typeof DNP3_EVENTS)[number]['name'];

/** Number of an event. */
export const dnp3Event = (name: Dnp3EventName): number => DNP3_EVENTS.findIndex((event) => event.name === name);
