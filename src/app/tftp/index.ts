/** TFTP, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { TftpConnection, TFTP_LAYOUT } from './parser.js';

export { TFTP_EVENTS } from './events.js';

export const TFTP: Protocol = messageProtocol(
  'tftp',
  (arena) => new PlainTransaction(arena, TFTP_LAYOUT),
  (share) => new TftpConnection(share),
);
