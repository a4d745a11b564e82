/** RFB, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { RFB_STATE } from './buffers.js';
import { RfbConnection, RFB_LAYOUT } from './parser.js';

export { RFB_EVENTS } from './events.js';

export const RFB: Protocol = {
  ...messageProtocol(
    'rfb',
    (arena) => new PlainTransaction(arena, RFB_LAYOUT),
    (share) => new RfbConnection(share),
  ),
  complete: [RFB_STATE.login, RFB_STATE.screen],
};
