/**
 * What connections, transactions and what else parsers keep in objects take of a shard's heap. Stage: app.
 *
 * Whoever opens connections decides how many objects there are, so they are counted: each kind by what one of it was
 * measured to take (`test/memory/object-sizes.test.ts`). Where there is no room for one more, those that wait in pools
 * to be used again are let go first, whatever their kind. In front of the bound the layer is crowded, and flows give
 * way.
 */
import type { Arena } from '../memory/arena.js';
import { MOST_OBJECT_BYTES } from '../memory/object-bytes.js';
import { PerArena } from './per-arena.js';

/** From there on connections give way, before any is refused. */
const CROWDED = 7 / 8;

interface Idle {
  dropIdle(): void;
}

export class ObjectBudget {
  limitBytes = MOST_OBJECT_BYTES;
  /** Of all objects, and of those of them that wait in pools. */
  private usedBytes = 0;
  private idleBytes = 0;
  private heapIsFull = false;
  private readonly pools: Idle[] = [];

  /** Takes in a pool, whose idle objects may be let go. */
  register(pool: Idle): void {
    this.pools.push(pool);
  }

  hasRoom(bytes: number): boolean {
    return this.inUseBytes + bytes <= this.limitBytes;
  }

  /** @returns whether an object of so many bytes may be made; it counts from then on. */
  take(bytes: number): boolean {
    if (!this.hasRoom(bytes)) return false;
    if (this.usedBytes + bytes > this.limitBytes) this.dropIdle();
    this.usedBytes += bytes;
    return true;
  }

  /** Objects of so many bytes wait to be used again; negative: are used again. */
  noteIdle(bytes: number): void {
    this.idleBytes += bytes;
  }

  /** Objects of so many bytes that waited are gone. */
  drop(bytes: number): void {
    this.idleBytes -= bytes;
    this.usedBytes -= bytes;
  }

  get isCrowded(): boolean {
    return this.heapIsFull || this.inUseBytes > CROWDED * this.limitBytes;
  }

  /** Whether there is too little of the heap left, whatever was counted: what gives way is let go of, too. */
  noteHeap(isFull: boolean): void {
    this.heapIsFull = isFull;
    if (isFull) this.dropIdle();
  }

  private dropIdle(): void {
    for (const pool of this.pools) pool.dropIdle();
  }

  /** Of those that do not wait. */
  get inUseBytes(): number {
    return this.usedBytes - this.idleBytes;
  }
}

const BUDGETS = new PerArena(() => new ObjectBudget());

/** Of the shard whose arena that is. */
export const objectBudget = (arena: Arena): ObjectBudget => BUDGETS.of(arena);
