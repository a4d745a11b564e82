/** The connections of each protocol that is parsed, to be used again. Stage: app. As many as there were at a time. */
import type { Arena } from '../memory/arena.js';
import { IdleList } from '../util/idle-list.js';
import { applicationId, APPLICATIONS } from './applications.js';
import type { Connection } from './connection.js';
import type { Protocol, RangeEnd } from './protocol.js';

const NOTHING: Protocol['complete'] = [0, 0];

export class ConnectionPools {
  private readonly arena: Arena;
  /** By number of the application. */
  private readonly protocols: (Protocol | null)[];
  private readonly idle: readonly IdleList<Connection>[];

  constructor(arena: Arena, protocols: readonly Protocol[]) {
    this.arena = arena;
    this.protocols = new Array<Protocol | null>(APPLICATIONS.length + 1).fill(null);
    this.idle = this.protocols.map(() => new IdleList());
    for (const protocol of protocols) this.protocols[applicationId(protocol.name)] = protocol;
  }

  has(application: number): boolean {
    return this.protocols[application] !== null;
  }

  /** What ends a range of its streams. */
  rangeEnd(application: number): RangeEnd {
    return this.protocols[application]?.endsRange ?? 'transaction';
  }

  /** Progress of sides that are complete. */
  complete(application: number): Protocol['complete'] {
    return this.protocols[application]?.complete ?? NOTHING;
  }

  /** Of one that has connections. */
  protocol(application: number): Protocol {
    return this.protocols[application]!;
  }

  /** A connection as new; null where the protocol is not parsed. */
  take(application: number): Connection | null {
    return this.idle[application].pop() ?? this.protocols[application]?.open(this.arena) ?? null;
  }

  give(application: number, connection: Connection): void {
    connection.reset();
    this.idle[application].push(connection);
  }
}
