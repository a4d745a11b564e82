/** HTTP/2 in clear text, as the application layer knows it. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import { HTTP1_STATE } from '../http1/buffers.js';
import { HTTP1_DEFAULTS, type Http1Settings } from '../http1/settings.js';
import type { Protocol } from '../protocol.js';
import { Http2Connection, Http2Share } from './parser.js';

export { HTTP2_EVENTS } from './events.js';

export class Http2Protocol implements Protocol {
  readonly name = 'http2';
  readonly complete = [HTTP1_STATE.complete, HTTP1_STATE.complete] as const;
  readonly connectionBytes = 6144;
  private readonly settings: Http1Settings;
  private readonly shares = new WeakMap<Arena, Http2Share>();

  constructor(settings: Http1Settings = HTTP1_DEFAULTS) {
    this.settings = settings;
  }

  open(arena: Arena): Connection {
    let share = this.shares.get(arena);
    if (share === undefined) {
      share = new Http2Share(arena, this.settings);
      this.shares.set(arena, share);
    }
    return new Http2Connection(share);
  }
}

export const HTTP2: Protocol = new Http2Protocol();
