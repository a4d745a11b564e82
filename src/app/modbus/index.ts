/** Modbus, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { modbusEvent } from './events.js';
import { ModbusConnection, MODBUS_LAYOUT } from './parser.js';

export { MODBUS_EVENTS } from './events.js';

export const MODBUS: Protocol = messageProtocol(
  'modbus',
  (arena) => new PlainTransaction(arena, MODBUS_LAYOUT),
  (share) => new ModbusConnection(share),
  modbusEvent('flooded'),
);
