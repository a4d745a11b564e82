/** What all connections of a shard share, made when it is first asked for. Stage: app. A shard is told by its arena. */
import type { Arena } from '../memory/arena.js';

export class PerArena<T> {
  private readonly made = new WeakMap<Arena, T>();
  private readonly make: (arena: Arena) => T;

  constructor(make: (arena: Arena) => T) {
    this.make = make;
  }

  of(arena: Arena): T {
    let shared = this.made.get(arena);
    if (shared === undefined) {
      shared = this.make(arena);
      this.made.set(arena, shared);
    }
    return shared;
  }
}
