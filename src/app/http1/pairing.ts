/** What the readers of requests and responses ask of their connection. Stage: app. */
import type { Direction } from '../../flow/flow.js';
import type { ApplicationName } from '../applications.js';
import type { Side } from './side.js';
import type { Http1Transaction } from './transaction.js';

export interface Pairing {
  /** A new transaction for a request; null where there are too many on the shard. */
  openRequest(): Http1Transaction | null;
  /** The transaction of the next response becomes that of `side`. @returns false where there is none to be had. */
  beginResponse(side: Side): boolean;
  /** CONNECT was accepted: what follows is to be identified anew. */
  tunnel(side: Side): boolean;
  /** What follows is of another protocol; '' for one that is not known. */
  upgrade(side: Side, protocol: ApplicationName | ''): boolean;
  /** CONNECT was refused: what the client sends are requests. */
  resumeRequests(): void;
  /** There is no memory for the message, whose line was taken: it ends here, and what is left of it is passed over. */
  passOver(side: Side, direction: Direction): void;
}
