/** What the application layer knows of a protocol that is parsed. Stage: app. */
import type { Arena } from '../memory/arena.js';
import type { ApplicationName } from './applications.js';
import type { Connection } from './connection.js';

export interface Protocol {
  readonly name: ApplicationName;
  /** Progress of a side that is complete, by direction. */
  readonly complete: readonly [toServer: number, toClient: number];
  /**
   * Its messages are turns of one talk, and ranges of the stream go on across them: they are inspected when they are
   * long enough, or have waited. Otherwise the end of a message is that of a range.
   */
  readonly isOneTalk?: true;
  /**
   * What follows a message has nothing to do with it: the range behind it counts as a start, and contents of the
   * message are not looked for again.
   */
  readonly startsAnew?: true;
  /** The event of a transaction that is completed as it is, as its connection has too many. */
  readonly crowded?: number;
  /** A new connection; one that a flow has left is given to the next one, after `reset`. */
  open(arena: Arena): Connection;
}
