/**
 * A message and its answer, as rules look at them. Stage: app. Each protocol has its own class; the objects are pooled.
 *
 * Life: made by the parser, inspected after each `parse` in the directions that are dirty, freed when both directions
 * are complete and inspected, when its flow ends, or as the oldest where the connection has too many.
 */
import type { Direction } from '../flow/flow.js';
import type { Span } from '../memory/span.js';
import type { FileList } from './file/file-list.js';

/** Of a protocol. */
const MOST_EVENTS = 64;

export abstract class Transaction {
  /** Number within its connection, from 0. */
  id = 0;
  /** Which way its events go: that of a message by itself, else the client's. */
  direction: Direction = 0;
  /** Progress of the sides (`Protocol.states`), by direction: what clients and what servers have said. */
  progressToServer = 0;
  progressToClient = 0;
  /** A set of directions (1 << direction) in which there is something new to inspect. */
  dirty = 0;
  /** Events of the protocol that this transaction has raised (app/<protocol>/events.ts), by number: 0-31 and 32-63. */
  events = 0;
  moreEvents = 0;
  /** The order of bytes that the message says it has; false where it says nothing. */
  littleEndian = false;
  /** A set of directions that were inspected to their end: what comes of them afterwards is not looked at. */
  inspected = 0;
  /** Block of the arena with what detection keeps of it between inspections, 0 for none; given back with it. */
  inspection = 0;
  /** A rule wants no event of it. */
  isSilenced = false;

  progress(direction: Direction): number {
    return direction === 0 ? this.progressToServer : this.progressToClient;
  }

  /** Moves a side on; it never goes back. */
  advance(direction: Direction, progress: number): void {
    if (direction === 0) this.progressToServer = Math.max(this.progressToServer, progress);
    else this.progressToClient = Math.max(this.progressToClient, progress);
    this.dirty |= 1 << direction;
  }

  raise(event: number, direction: Direction): void {
    if (event < 32) this.events |= 1 << event;
    else this.moreEvents |= 1 << (event - 32);
    this.dirty |= 1 << direction;
  }

  hasEvent(event: number): boolean {
    return ((event < 32 ? this.events >>> event : this.moreEvents >>> (event - 32)) & 1) === 1;
  }

  get hasEvents(): boolean {
    return (this.events | this.moreEvents) !== 0;
  }

  /** The number of an event that it has raised, by their order from 0; NaN where there is no further one. */
  eventAt(instance: number): number {
    let left = instance;
    for (let event = 0; event < MOST_EVENTS; event++) if (this.hasEvent(event) && left-- === 0) return event;
    return NaN;
  }

  /**
   * Points `span` at a buffer (its number in app/buffers.ts) as it is now, in the shard's memory. `instance` counts
   * those of a multi buffer from 0; it is 0 for all others.
   * @returns false where there is none, or no further one. An empty buffer is there, with length 0.
   */
  abstract locate(buffer: number, instance: number, direction: Direction, span: Span): boolean;

  /**
   * Whether such a message can have the buffer on that side. `absent` holds where it could be and is not: a response of
   * DNS never has `dns.query`, and nothing is to be said of that.
   */
  mayHave(_buffer: number, _direction: Direction): boolean {
    return true;
  }

  /** The value of a buffer of kind `number`; NaN where there is none, or no further one. */
  number(_buffer: number, _instance: number, _direction: Direction): number {
    return NaN;
  }

  /** The files that a side carries; null where the protocol has none. */
  files(_direction: Direction): FileList | null {
    return null;
  }

  /** Whether a growing buffer, other than those of files, is complete: nothing will be added. */
  isComplete(_buffer: number, _direction: Direction): boolean {
    return true;
  }

  /**
   * The protocol's object in events, `"http":{…}`: in an alert, or in an event of its own. '' where there is nothing to
   * tell, then no event is written. Events may allocate.
   */
  eve(_isAlert: boolean): string {
    return '';
  }

  /** What its event is called, where that of its protocol does not say it. */
  get eventType(): string {
    return '';
  }

  /** What the header of that name says of whom a proxy speaks for; '' where nothing does. */
  forwardedFor(_header: string): string {
    return '';
  }

  /** Makes it as new, and gives back what it holds in the arena. */
  reset(): void {
    this.id = 0;
    this.direction = 0;
    this.progressToServer = 0;
    this.progressToClient = 0;
    this.dirty = 0;
    this.littleEndian = false;
    this.inspected = 0;
    this.isSilenced = false;
    this.events = 0;
    this.moreEvents = 0;
  }
}
