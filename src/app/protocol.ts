/** What the application layer knows of a protocol that is parsed. Stage: app. */
import type { Arena } from '../memory/arena.js';
import type { ApplicationName } from './applications.js';
import type { Connection } from './connection.js';

/**
 * What ends a range of a stream (flow-units.ts). What follows has nothing to do with it: it counts as a start, and what
 * came before is not looked at again.
 * - `transaction`: a side of a transaction is complete.
 * - `message`: the parser has taken a message, as it does once that is whole.
 * - `longMessage`: the same, once the range is long enough; several short messages are one range.
 * - `nothing`: its messages are turns of one talk, and ranges go on across them.
 */
export type RangeEnd = 'transaction' | 'message' | 'longMessage' | 'nothing';

/** What a connection takes of the heap where its protocol says nothing. */
export const USUAL_CONNECTION_BYTES = 1536;

export interface Protocol {
  readonly name: ApplicationName;
  /** Progress of a side that is complete, by direction. */
  readonly complete: readonly [toServer: number, toClient: number];
  /** What ends a range of its streams, besides its length; a side of a transaction, where nothing is said. */
  readonly endsRange?: RangeEnd;
  /** The event of a transaction that is completed as it is, as its connection has too many. */
  readonly crowded?: number;
  /** What a connection takes of the heap at most, where that is more than USUAL_CONNECTION_BYTES. */
  readonly connectionBytes?: number;
  /** A new connection; one that a flow has left is given to the next one, after `reset`. */
  open(arena: Arena): Connection;
}
