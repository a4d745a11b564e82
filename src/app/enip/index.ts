/** EtherNet/IP, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { ENIP_STATE } from './buffers.js';
import { enipEvent } from './events.js';
import { EnipConnection, ENIP_LAYOUT } from './parser.js';

export { ENIP_EVENTS } from './events.js';

export const ENIP: Protocol = messageProtocol(
  'enip',
  (arena) => new PlainTransaction(arena, ENIP_LAYOUT),
  (share) => new EnipConnection(share),
  enipEvent('too_many_transactions'),
  [ENIP_STATE.answered, ENIP_STATE.message],
);
