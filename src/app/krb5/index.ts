/** Kerberos 5, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { Krb5Connection, KRB5_LAYOUT } from './parser.js';

export { KRB5_EVENTS } from './events.js';

export const KRB5: Protocol = messageProtocol(
  'krb5',
  (arena) => new PlainTransaction(arena, KRB5_LAYOUT),
  (share) => new Krb5Connection(share),
);
