/** IKE, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { IkeConnection, IKE_LAYOUT } from './parser.js';

export { IKE_EVENTS } from './events.js';

export const IKE: Protocol = messageProtocol(
  'ike',
  (arena) => new PlainTransaction(arena, IKE_LAYOUT),
  (share) => new IkeConnection(share),
);
