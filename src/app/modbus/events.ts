/**
 * What is told of messages that break the rules of Modbus. Stage: app; data only. Names as Suricata's rules have them.
 */
import { protocolEvent as event } from '../protocol-event.js';

export const MODBUS_EVENTS = [
  event('invalid_protocol_id', 'The header names another protocol.'),
  event('invalid_length', 'The length of a message cannot be, or is not that of its function.'),
  event('invalid_function_code', 'A request of function 0, or over 127.'),
  event('invalid_value', 'A request has a value or a number of values that its function does not allow.'),
  event('invalid_exception_code', 'A function is refused for a reason that is none.'),
  event('value_mismatch', 'An answer does not fit what was asked to read or to write.'),
  event('flooded', 'More requests wait for an answer than a connection may have: the oldest is completed.'),
  event('unsolicited_response', 'A response to no request.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
] as const;

export type ModbusEventName = (typeof MODBUS_EVENTS)[number]['name'];

/** Number of an event. */
export const modbusEvent = (name: ModbusEventName): number => MODBUS_EVENTS.findIndex((event) => event.name === name);
