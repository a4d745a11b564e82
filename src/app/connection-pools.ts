/** The connections of each protocol that is parsed, to be used again. Stage: app. As many as there were at a time. */
import type { Arena } from '../memory/arena.js';
import { IdleList } from '../util/idle-list.js';
import { applicationId, APPLICATIONS } from './applications.js';
import type { Connection } from './connection.js';
import type { Protocol, RangeEnd } from './protocol.js';

/**
 * What is asked of a protocol with each packet, in objects of one shape: protocols have many, which V8 looks up one by
 * one.
 */
export interface ProtocolTraits {
  readonly complete: Protocol['complete'];
  readonly endsRange: RangeEnd;
  readonly crowded: number | undefined;
}

const traitsOf = (protocol: Protocol | null): ProtocolTraits => ({
  complete: protocol?.complete ?? [0, 0],
  endsRange: protocol?.endsRange ?? 'transaction',
  crowded: protocol?.crowded,
});

export class ConnectionPools {
  private readonly arena: Arena;
  /** By number of the application. */
  private readonly protocols: (Protocol | null)[];
  private readonly traitsByNumber: readonly ProtocolTraits[];
  private readonly idle: readonly IdleList<Connection>[];

  constructor(arena: Arena, protocols: readonly Protocol[]) {
    this.arena = arena;
    this.protocols = new Array<Protocol | null>(APPLICATIONS.length + 1).fill(null);
    this.idle = this.protocols.map(() => new IdleList());
    for (const protocol of protocols) this.protocols[applicationId(protocol.name)] = protocol;
    this.traitsByNumber = this.protocols.map(traitsOf);
  }

  has(application: number): boolean {
    return this.protocols[application] !== null;
  }

  /** Of one that is not parsed, as if it never said anything. */
  traits(application: number): ProtocolTraits {
    return this.traitsByNumber[application];
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
