/** SMB, as the application layer knows it. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import type { Protocol } from '../protocol.js';
import { SMB_STATE } from './buffers.js';
import { smbEvent } from './events.js';
import { SmbConnection, SmbShare } from './parser.js';

export { SMB_EVENTS } from './events.js';

class SmbProtocol implements Protocol {
  readonly name = 'smb';
  readonly complete = [SMB_STATE.complete, SMB_STATE.complete] as const;
  readonly endsRange = 'longMessage';
  readonly connectionBytes = 2560;
  readonly crowded = smbEvent('too_many_transactions');
  private readonly shares = new WeakMap<Arena, SmbShare>();

  open(arena: Arena): Connection {
    let share = this.shares.get(arena);
    if (share === undefined) {
      share = new SmbShare(arena);
      this.shares.set(arena, share);
    }
    return new SmbConnection(share);
  }
}

export const SMB: Protocol = new SmbProtocol();
