/** DNS, mDNS and LLMNR, as the application layer knows them. Stage: app. One format, and three protocols by port. */
import type { Arena } from '../../memory/arena.js';
import type { Connection } from '../connection.js';
import type { Protocol } from '../protocol.js';
import { DNS_STATE } from './buffers.js';
import { DnsConnection, DnsShare } from './parser.js';
import type { DnsApplication } from './transaction.js';

export { DNS_EVENTS } from './events.js';

class DnsProtocol implements Protocol {
  readonly name: DnsApplication;
  readonly complete = [DNS_STATE.message, DNS_STATE.message] as const;
  private readonly shares = new WeakMap<Arena, DnsShare>();

  constructor(name: DnsApplication) {
    this.name = name;
  }

  open(arena: Arena): Connection {
    let share = this.shares.get(arena);
    if (share === undefined) {
      share = new DnsShare(arena);
      this.shares.set(arena, share);
    }
    return new DnsConnection(this.name, share);
  }
}

export const DNS: Protocol = new DnsProtocol('dns');
export const MDNS: Protocol = new DnsProtocol('mdns');
export const LLMNR: Protocol = new DnsProtocol('llmnr');
