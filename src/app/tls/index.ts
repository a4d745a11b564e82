/** TLS, as the application layer knows it. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import type { Protocol } from '../protocol.js';
import { TLS_CLIENT, TLS_SERVER } from './buffers.js';
import type { EncryptionHandling } from './encryption-handling.js';
import { TlsConnection, TlsShare } from './parser.js';

export { TLS_EVENTS } from './events.js';

class TlsProtocol implements Protocol {
  readonly name = 'tls';
  readonly complete = [TLS_CLIENT.finished, TLS_SERVER.finished] as const;
  readonly endsRange = 'message';
  private readonly shares = new WeakMap<Arena, TlsShare>();
  private readonly handling: EncryptionHandling;

  constructor(handling: EncryptionHandling) {
    this.handling = handling;
  }

  open(arena: Arena): Connection {
    let share = this.shares.get(arena);
    if (share === undefined) {
      share = new TlsShare(arena, this.handling);
      this.shares.set(arena, share);
    }
    return new TlsConnection(share);
  }
}

/** TLS, with what becomes of it where it is encrypted. */
export const tlsWith = (handling: EncryptionHandling): Protocol => new TlsProtocol(handling);
export const TLS: Protocol = tlsWith('track-only');
