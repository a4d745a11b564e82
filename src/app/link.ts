/**
 * What the application layer keeps of flows, by number: a flow's record holds the number. Stage: app. Objects are used
 * again; MOST_LINKS at most, made when first needed.
 */
import { IdleList } from '../util/idle-list.js';
import { NOT_KNOWN } from './applications.js';
import type { Connection } from './connection.js';
import type { ConnectionStatus } from './connection-status.js';
import type { ProxiedClient } from './probe/proxy.js';

export const MOST_LINKS = 65_536;

export class Link {
  /** The application that `connection` is of; NOT_KNOWN without one. */
  application = NOT_KNOWN;
  connection: Connection | null = null;
  /** What `connection` shows; null without one. */
  status: ConnectionStatus | null = null;
  /** Whom a load balancer named as the client. */
  client: ProxiedClient | null = null;
  /** Bytes that each side had sent when it was passed over from there on; -1 where it was not. */
  readonly bypassedFrom: [toServer: number, toClient: number] = [-1, -1];
  /** A set of directions that the connection was told the end of. */
  closed = 0;
  /** Whether the connection was told anything since the last time that its transactions were settled. */
  isFresh = false;

  begin(application: number, connection: Connection): void {
    this.application = application;
    this.connection = connection;
    this.status = connection.status;
  }

  /** The connection is another flow's from now on. */
  leave(): void {
    this.application = NOT_KNOWN;
    this.connection = null;
    this.status = null;
    this.closed = 0;
    this.isFresh = false;
  }

  reset(): void {
    this.leave();
    this.client = null;
    this.bypassedFrom[0] = -1;
    this.bypassedFrom[1] = -1;
  }
}

/** A link of a flow that is parsed. */
export type ParsingLink = Link & { readonly connection: Connection; readonly status: ConnectionStatus };

export function isParsing(link: Link | null): link is ParsingLink {
  return link !== null && link.connection !== null;
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
