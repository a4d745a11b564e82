/** DHCP, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { DhcpConnection, DHCP_LAYOUT } from './parser.js';

export { DHCP_EVENTS } from './events.js';

export const DHCP: Protocol = messageProtocol(
  'dhcp',
  (arena) => new PlainTransaction(arena, DHCP_LAYOUT),
  (share) => new DhcpConnection(share),
);
