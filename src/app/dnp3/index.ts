/** DNP3, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { Dnp3Connection, DNP3_LAYOUT } from './parser.js';

export { DNP3_EVENTS } from './events.js';

export const DNP3: Protocol = messageProtocol(
  'dnp3',
  (arena) => new PlainTransaction(arena, DNP3_LAYOUT),
  (share) => new Dnp3Connection(share),
);
