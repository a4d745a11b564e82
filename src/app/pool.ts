/**
 * Objects that are used again: connections and transactions of a protocol. Stage: app. Bounded by number and by what
 * all objects of the shard may take; made when first needed.
 */
import type { Arena } from '../memory/arena.js';
import { IdleList } from '../util/idle-list.js';
import { objectBudget, type ObjectBudget } from './object-budget.js';

export class Pool<T> {
  private readonly idle = new IdleList<T>();
  private readonly make: () => T;
  private readonly limit: number;
  private readonly budget: ObjectBudget;
  private readonly bytes: number;
  private made = 0;

  /** Hands out `limit` objects at most at a time, each of which takes up to `bytes` bytes of the heap. */
  constructor(arena: Arena, limit: number, bytes: number, make: () => T) {
    this.limit = limit;
    this.bytes = bytes;
    this.make = make;
    this.budget = objectBudget(arena);
    this.budget.register(this);
  }

  /** Undefined where there is no room for one more. */
  take(): T | undefined {
    const { budget, bytes } = this;
    const object = this.idle.pop();
    if (object !== undefined) {
      budget.noteIdle(-bytes);
      return object;
    }
    if (this.made === this.limit || !budget.take(bytes)) return undefined;
    this.made++;
    return this.make();
  }

  /** The object must not be used by whoever had it. */
  give(object: T): void {
    this.idle.push(object);
    this.budget.noteIdle(this.bytes);
  }

  /** Lets go of those that wait. */
  dropIdle(): void {
    const { length } = this.idle;
    this.idle.clear();
    this.made -= length;
    this.budget.drop(length * this.bytes);
  }

  /** Whether `take` will yield one. */
  get hasRoom(): boolean {
    return this.idle.length > 0 || (this.made < this.limit && this.budget.hasRoom(this.bytes));
  }

  get inUse(): number {
    return this.made - this.idle.length;
  }
}
