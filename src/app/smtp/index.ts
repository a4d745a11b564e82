/** SMTP, as the application layer knows it. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import type { Protocol } from '../protocol.js';
import { SMTP_STATE } from './buffers.js';
import { SmtpConnection, SmtpShare } from './parser.js';

export { SMTP_EVENTS } from './events.js';

const shares = new WeakMap<Arena, SmtpShare>();

export const SMTP: Protocol = {
  name: 'smtp',
  complete: [SMTP_STATE.complete, SMTP_STATE.complete],
  connectionBytes: 2048,
  open(arena: Arena): Connection {
    let share = shares.get(arena);
    if (share === undefined) {
      share = new SmtpShare(arena);
      shares.set(arena, share);
    }
    return new SmtpConnection(share);
  },
};
