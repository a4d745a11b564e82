/** NFS, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { NFS_STATE } from './buffers.js';
import { nfsEvent } from './events.js';
import { NfsConnection, NFS_LAYOUT } from './parser.js';
import { NfsTransaction } from './transaction.js';

export { NFS_EVENTS } from './events.js';

export const NFS: Protocol = {
  ...messageProtocol(
    'nfs',
    (arena) => new NfsTransaction(arena, NFS_LAYOUT),
    (share) => new NfsConnection(share),
    nfsEvent('too_many_transactions'),
    [NFS_STATE.complete, NFS_STATE.complete],
  ),
  // With what puts records together that are in several fragments.
  connectionBytes: 1792,
};
