/** What the application layer knows of a protocol that is parsed. Stage: app. */
import type { Arena } from '../memory/arena.js';
import type { ApplicationName } from './applications.js';
import type { Connection } from './connection.js';

export interface Protocol {
  readonly name: ApplicationName;
  /** Progress of a side that is complete, by direction. */
  readonly complete: readonly [toServer: number, toClient: number];
  /** A new connection; one that a flow has left is given to the next one, after `reset`. */
  open(arena: Arena): Connection;
}
