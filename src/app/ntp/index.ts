/** NTP, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { NtpConnection, NTP_LAYOUT } from './parser.js';

export { NTP_EVENTS } from './events.js';

export const NTP: Protocol = messageProtocol(
  'ntp',
  (arena) => new PlainTransaction(arena, NTP_LAYOUT),
  (share) => new NtpConnection(share),
);
