/** HTTP/1.x, as the application layer knows it. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import type { Protocol } from '../protocol.js';
import { HTTP1_STATE } from './buffers.js';
import { Http1Connection, Http1Share } from './parser.js';
import { HTTP1_DEFAULTS, type Http1Settings } from './settings.js';

export { HTTP1_EVENTS } from './events.js';

export class Http1Protocol implements Protocol {
  readonly name = 'http';
  readonly complete = [HTTP1_STATE.complete, HTTP1_STATE.complete] as const;
  private readonly settings: Http1Settings;
  private readonly shares = new WeakMap<Arena, Http1Share>();

  constructor(settings: Http1Settings = HTTP1_DEFAULTS) {
    this.settings = settings;
  }

  open(arena: Arena): Connection {
    let share = this.shares.get(arena);
    if (share === undefined) {
      share = new Http1Share(arena, this.settings);
      this.shares.set(arena, share);
    }
    return new Http1Connection(share);
  }
}

export const HTTP1: Protocol = new Http1Protocol();
