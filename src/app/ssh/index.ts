/** SSH, as the application layer knows it. Stage: app. */
import { PerArena } from '../per-arena.js';
import type { Protocol } from '../protocol.js';
import { SSH_STATE } from './buffers.js';
import { SshConnection, SshShare } from './parser.js';

export { SSH_EVENTS } from './events.js';

const shares = new PerArena((arena) => new SshShare(arena));

export const SSH: Protocol = {
  name: 'ssh',
  complete: [SSH_STATE.complete, SSH_STATE.complete],
  endsRange: 'nothing',
  open: (arena) => new SshConnection(shares.of(arena)),
};
