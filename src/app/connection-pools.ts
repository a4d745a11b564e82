/** The connections of each protocol that is parsed, to be used again. Stage: app. */
import type { Arena } from '../memory/arena.js';
import { applicationId, APPLICATIONS } from './applications.js';
import type { Connection } from './connection.js';
import { Pool } from './pool.js';
import { USUAL_CONNECTION_BYTES, type Protocol, type RangeEnd } from './protocol.js';

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

function poolOf(arena: Arena, protocol: Protocol | null): Pool<Connection> | null {
  if (protocol === null) return null;
  return new Pool(arena, Infinity, protocol.connectionBytes ?? USUAL_CONNECTION_BYTES, () => protocol.open(arena));
}

export class ConnectionPools {
  /** By number of the application. */
  private readonly traitsByNumber: readonly ProtocolTraits[];
  private readonly pools: readonly (Pool<Connection> | null)[];

  constructor(arena: Arena, protocols: readonly Protocol[]) {
    const byNumber = new Array<Protocol | null>(APPLICATIONS.length + 1).fill(null);
    for (const protocol of protocols) byNumber[applicationId(protocol.name)] = protocol;
    this.traitsByNumber = byNumber.map(traitsOf);
    this.pools = byNumber.map((protocol) => poolOf(arena, protocol));
  }

  has(application: number): boolean {
    return this.pools[application] !== null;
  }

  /** Of one that is not parsed, as if it never said anything. */
  traits(application: number): ProtocolTraits {
    return this.traitsByNumber[application];
  }

  /** A connection as new; null where there is no room for one, or the protocol is not parsed. */
  take(application: number): Connection | null {
    return this.pools[application]?.take() ?? null;
  }

  give(application: number, connection: Connection): void {
    connection.reset();
    this.pools[application]!.give(connection);
  }
}
