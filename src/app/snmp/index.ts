/** SNMP, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { SnmpConnection, SNMP_LAYOUT } from './parser.js';

export { SNMP_EVENTS } from './events.js';

export const SNMP: Protocol = messageProtocol(
  'snmp',
  (arena) => new PlainTransaction(arena, SNMP_LAYOUT),
  (share) => new SnmpConnection(share),
);
