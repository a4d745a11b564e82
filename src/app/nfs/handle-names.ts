/**
 * What a connection has called the files whose handles it uses: what servers have answered to calls that name one.
 * Stage: app; for events alone. Bound: MOST_HANDLES, of which the oldest gives way; what is longer than TEXT_BYTES with
 * its name is not remembered.
 *
 * A text is the handle, and behind it the name. The lists grow to what connections have, and are used again.
 */
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { hashBytes, sameBytes } from '../../util/hash.js';
import { TextBlock } from '../text-block.js';

export const MOST_HANDLES = 128;
const TEXT_BYTES = 512;

export class HandleNames {
  private readonly arena: Arena;
  private readonly texts: TextBlock[] = [];
  /** By place: how many bytes of the text are the handle, and a hash of them. */
  private readonly lengths: number[] = [];
  private readonly hashes: number[] = [];
  private count = 0;
  private next = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** Both lie in the shard's memory. */
  learn(handle: Span, name: Span): void {
    if (handle.length + name.length > TEXT_BYTES) return;
    const place = this.placeFor(handle);
    const text = (this.texts[place] ??= new TextBlock(this.arena, TEXT_BYTES));
    text.clear();
    this.hashes[place] = this.hashOf(handle);
    const isKept = text.append(handle.start, handle.length) >= 0 && text.append(name.start, name.length) >= 0;
    this.lengths[place] = isKept ? handle.length : 0;
  }

  /** Points at the name of a handle. @returns false where there is none. */
  find(handle: Span, name: Span): boolean {
    const place = this.placeOf(handle);
    if (place < 0) return false;
    const { start, length } = this.texts[place];
    return name.set(start + handle.length, length - handle.length);
  }

  clear(): void {
    for (let place = 0; place < this.count; place++) this.texts[place].clear();
    this.count = 0;
    this.next = 0;
  }

  private placeFor(handle: Span): number {
    const known = this.placeOf(handle);
    if (known >= 0) return known;
    if (this.count < MOST_HANDLES) return this.count++;
    const oldest = this.next;
    this.next = (oldest + 1) % MOST_HANDLES;
    return oldest;
  }

  private placeOf(handle: Span): number {
    if (handle.length === 0) return -1;
    const hash = this.hashOf(handle);
    const { bytes } = this.arena;
    for (let place = 0; place < this.count; place++) {
      if (this.hashes[place] !== hash || this.lengths[place] !== handle.length) continue;
      if (sameBytes(bytes, this.texts[place].start, bytes, handle.start, handle.length)) return place;
    }
    return -1;
  }

  private hashOf({ start, length }: Span): number {
    return hashBytes(this.arena.bytes, start, length, 0);
  }
}
