/** QUIC, as the application layer knows it. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import type { Protocol } from '../protocol.js';
import { QUIC_STATE } from './buffers.js';
import { QuicConnection, QuicShare } from './parser.js';

export { QUIC_EVENTS } from './events.js';

class QuicProtocol implements Protocol {
  readonly name = 'quic';
  readonly complete = [QUIC_STATE.hello, QUIC_STATE.hello] as const;
  private readonly shares = new WeakMap<Arena, QuicShare>();

  open(arena: Arena): Connection {
    let share = this.shares.get(arena);
    if (share === undefined) {
      share = new QuicShare(arena);
      this.shares.set(arena, share);
    }
    return new QuicConnection(share);
  }
}

export const QUIC: Protocol = new QuicProtocol();
