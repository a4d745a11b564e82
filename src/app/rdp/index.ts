/** RDP, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { RdpConnection, RDP_LAYOUT } from './parser.js';

export { RDP_EVENTS } from './events.js';

export const RDP: Protocol = messageProtocol(
  'rdp',
  (arena) => new PlainTransaction(arena, RDP_LAYOUT),
  (share) => new RdpConnection(share),
);
