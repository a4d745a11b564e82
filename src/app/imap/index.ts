/** IMAP, as the application layer knows it. Stage: app. */
import { PerArena } from '../per-arena.js';
import type { Protocol } from '../protocol.js';
import { IMAP_STATE } from './buffers.js';
import { imapEvent } from './events.js';
import { ImapConnection, ImapShare } from './parser.js';

export { IMAP_EVENTS } from './events.js';

const shares = new PerArena((arena) => new ImapShare(arena));

export const IMAP: Protocol = {
  name: 'imap',
  complete: [IMAP_STATE.complete, IMAP_STATE.complete],
  endsRange: 'nothing',
  crowded: imapEvent('too_many_transactions'),
  open: (arena) => new ImapConnection(shares.of(arena)),
};
