/** WebSocket, as the application layer knows it. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import type { Protocol } from '../protocol.js';
import { WEBSOCKET_STATE } from './buffers.js';
import { WebSocketConnection, WebSocketShare } from './parser.js';

export { WEBSOCKET_EVENTS } from './events.js';

class WebSocketProtocol implements Protocol {
  readonly name = 'websocket';
  readonly complete = [WEBSOCKET_STATE.frame, WEBSOCKET_STATE.frame] as const;
  private readonly shares = new WeakMap<Arena, WebSocketShare>();

  open(arena: Arena): Connection {
    let share = this.shares.get(arena);
    if (share === undefined) {
      share = new WebSocketShare(arena);
      this.shares.set(arena, share);
    }
    return new WebSocketConnection(share);
  }
}

export const WEBSOCKET: Protocol = new WebSocketProtocol();
