/** DCE/RPC over connections and datagrams, as the application layer knows it. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import { COMPLETE } from '../fields/field-transaction.js';
import type { Protocol } from '../protocol.js';
import { dcerpcEvent } from './events.js';
import { DcerpcConnection, DcerpcShare } from './parser.js';

export { DCERPC_EVENTS } from './events.js';

class DcerpcProtocol implements Protocol {
  readonly name = 'dcerpc';
  readonly complete = COMPLETE;
  readonly crowded = dcerpcEvent('too_many_transactions');
  private readonly shares = new WeakMap<Arena, DcerpcShare>();

  open(arena: Arena): Connection {
    let share = this.shares.get(arena);
    if (share === undefined) {
      share = new DcerpcShare(arena);
      this.shares.set(arena, share);
    }
    return new DcerpcConnection(share);
  }
}

export const DCERPC: Protocol = new DcerpcProtocol();
