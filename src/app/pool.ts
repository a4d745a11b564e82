/**
 * Objects that are used again: connections and transactions of a protocol. Stage: app. Bounded; made when first needed.
 */ import { IdleList } from '../util/idle-list.js';

export class Pool<T> {
  private readonly idle = new IdleList<T>();
  private readonly make: () => T;
  private readonly limit: number;
  private made = 0;

  /** Hands out `limit` objects at most at a time. */
  constructor(limit: number, make: () => T) {
    this.limit = limit;
    this.make = make;
  }

  /** Undefined where all of them are in use. */
  take(): T | undefined {
    const object = this.idle.pop();
    if (object !== undefined) return object;
    if (this.made === this.limit) return undefined;
    this.made++;
    return this.make();
  }

  /** The object must not be used by whoever had it. */
  give(object: T): void {
    this.idle.push(object);
  }

  /** Whether `take` will yield one. */
  get hasRoom(): boolean {
    return this.idle.length > 0 || this.made < this.limit;
  }

  get inUse(): number {
    return this.made - this.idle.length;
  }
}
