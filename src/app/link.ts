/**
 * What the application layer keeps of flows, by number: a flow's record holds the number. Stage: app. Objects are used
 * again; MOST_LINKS at most, made when first needed.
 */
import { IdleList } from '../util/idle-list.js';
import type { Connection } from './connection.js';
import type { ProxiedClient } from './probe/proxy.js';

export const MOST_LINKS = 65_536;

export class Link {
  /** The application that `connection` is of; NOT_KNOWN without one. */
  application = 0;
  connection: Connection | null = null;
  /** Whom a load balancer named as the client. */
  client: ProxiedClient | null = null;
  /** Bytes that each side had sent when it was passed over from there on; -1 where it was not. */
  readonly bypassedFrom: [toServer: number, toClient: number] = [-1, -1];
  /** A set of directions that the connection was told the end of. */
  closed = 0;
  /** Whether the connection was told anything since the last time that its transactions were settled. */
  isFresh = false;

  reset(): void {
    this.application = 0;
    this.connection = null;
    this.client = null;
    this.closed = 0;
    this.isFresh = false;
    this.bypassedFrom[0] = -1;
    this.bypassedFrom[1] = -1;
  }
}

export class LinkTable {
  /** By number; 0 is none. */
  private readonly links: Link[] = [new Link()];
  private readonly free = new IdleList<number>();
  private readonly limit: number;

  constructor(limit = MOST_LINKS) {
    this.limit = limit;
  }

  /** The number of a link that is as new; 0 where all are in use. */
  take(): number {
    const number = this.free.pop();
    if (number !== undefined) return number;
    if (this.links.length > this.limit) return 0;
    return this.links.push(new Link()) - 1;
  }

  at(number: number): Link {
    return this.links[number];
  }

  give(number: number): void {
    this.links[number].reset();
    this.free.push(number);
  }

  get isFull(): boolean {
    return this.free.length === 0 && this.links.length > this.limit;
  }

  get inUse(): number {
    return this.links.length - 1 - this.free.length;
  }
}
