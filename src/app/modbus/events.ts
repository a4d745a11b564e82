/**
 * What is told of messages that break the rules of Modbus. Stage: app; data only. Names as Suricata's rules have them.
 */
import { protocolEvent as event } from '../protocol-event.js';

export const MODBUS_EVENTS = [
  event('malformed_data', 'A message is malformed, or breaks off.'),
  event('invalid_protocol_id', 'The header names another protocol.'),
  event('invalid_length', 'The length of a message cannot be.'),
  event('unsolicited_response', 'A response to no request.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
] as const;

export type ModbusEventName = (typeof MODBUS_EVENTS)[number]['name'];

/** Number of an event. */
export const modbusEvent = (name: ModbusEventName): number => MODBUS_EVENTS.findIndex((event) => event.name === name);
