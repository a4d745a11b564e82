/** POP3, as the application layer knows it. Stage: app. */
import { PerArena } from '../per-arena.js';
import type { Protocol } from '../protocol.js';
import { POP3_STATE } from './buffers.js';
import { pop3Event } from './events.js';
import { Pop3Connection, Pop3Share } from './parser.js';

export { POP3_EVENTS } from './events.js';

const shares = new PerArena((arena) => new Pop3Share(arena));

export const POP3: Protocol = {
  name: 'pop3',
  complete: [POP3_STATE.complete, POP3_STATE.complete],
  endsRange: 'nothing',
  crowded: pop3Event('too_many_transactions'),
  open: (arena) => new Pop3Connection(shares.of(arena)),
};
