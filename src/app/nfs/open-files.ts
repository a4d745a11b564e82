/**
 * The files that a connection reads and writes, by handle and way, and the calls about them that are not answered.
 * Stage: app.
 *
 * Bounds: MOST_FILES, of which that gives way which was not used for the longest time, and MOST_CALLS, of which the
 * oldest does: its answer is one to nothing. The lists grow to what connections have, and are used again.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { hashBytes, sameBytes } from '../../util/hash.js';
import { NFS_FIELD as FIELD } from './fields.js';
import type { NfsTransaction } from './transaction.js';

export const MOST_FILES = 64;
export const MOST_CALLS = 256;
const NO_KEY = -1;

/** What a call has asked of a file. */
export interface FileCall {
  /** Null where the transaction is done with. */
  tx: NfsTransaction | null;
  version: number;
  offset: number;
  key: number;
  isRead: boolean;
}

export class OpenFiles {
  private readonly arena: Arena;
  private readonly files: NfsTransaction[] = [];
  private readonly hashes: number[] = [];
  private count = 0;
  private uses = 0;
  private readonly calls: FileCall[] = [];
  /** Calls so far; the next one has its place by that. */
  private called = 0;
  /** The first that may be open still. */
  private oldest = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  find(handle: Span, way: Direction): NfsTransaction | null {
    const { bytes } = this.arena;
    const hash = this.hashOf(handle);
    for (let index = 0; index < this.count; index++) {
      const tx = this.files[index];
      if (this.hashes[index] !== hash || tx.way !== way || !tx.isOpen) continue;
      const known = tx.placeOf(FIELD.handle);
      if (known === null || known.length !== handle.length) continue;
      if (!sameBytes(bytes, known.start, bytes, handle.start, handle.length)) continue;
      tx.used = ++this.uses;
      return tx;
    }
    return null;
  }

  /** @returns the one that has to give way; null where there is room. */
  add(tx: NfsTransaction, handle: Span): NfsTransaction | null {
    const loser = this.count < MOST_FILES ? null : this.leastUsed();
    if (loser !== null) this.remove(loser);
    tx.used = ++this.uses;
    this.hashes[this.count] = this.hashOf(handle);
    this.files[this.count++] = tx;
    return loser;
  }

  /** Nothing more comes of it. */
  remove(tx: NfsTransaction): void {
    for (let index = 0; index < this.count; index++) {
      if (this.files[index] !== tx) continue;
      this.count--;
      this.files[index] = this.files[this.count];
      this.hashes[index] = this.hashes[this.count];
      return;
    }
  }

  /** Any file that goes this way; null where there is none. */
  one(way: Direction): NfsTransaction | null {
    for (let index = 0; index < this.count; index++) if (this.files[index].way === way) return this.files[index];
    return null;
  }

  /** A call about a file is to be answered. @returns the transaction of one that is given up for it; null: none. */
  ask(key: number, tx: NfsTransaction, version: number, offset: number, isRead: boolean): NfsTransaction | null {
    const call = (this.calls[this.called % MOST_CALLS] ??= { tx: null, version, offset, key: NO_KEY, isRead });
    const lost = call.key === NO_KEY ? null : call.tx;
    if (lost !== null) lost.unanswered--;
    call.tx = tx;
    call.version = version;
    call.offset = offset;
    call.key = key;
    call.isRead = isRead;
    this.called++;
    this.oldest = Math.max(this.oldest, this.called - MOST_CALLS);
    tx.unanswered++;
    return lost;
  }

  /** The oldest call of that number that is not answered, which is so from now on; null where there is none. */
  answered(key: number): FileCall | null {
    const place = this.placeOf(key);
    if (place < 0) return null;
    const call = this.calls[place % MOST_CALLS];
    call.key = NO_KEY;
    if (call.tx !== null) call.tx.unanswered--;
    return call;
  }

  /** The version of the oldest call of that number that is not answered; 0 where there is none. */
  askedVersion(key: number): number {
    const place = this.placeOf(key);
    return place < 0 ? 0 : this.calls[place % MOST_CALLS].version;
  }

  /** What that call is about; null where there is none, or that is done with. */
  askedOf(key: number): NfsTransaction | null {
    const place = this.placeOf(key);
    return place < 0 ? null : this.calls[place % MOST_CALLS].tx;
  }

  /** The transaction is done with. */
  forget(tx: NfsTransaction): void {
    this.remove(tx);
    for (const call of this.calls) if (call.tx === tx) call.tx = null;
  }

  clear(): void {
    this.count = 0;
    this.uses = 0;
    this.called = 0;
    this.oldest = 0;
    for (const call of this.calls) {
      call.tx = null;
      call.key = NO_KEY;
    }
  }

  private placeOf(key: number): number {
    while (this.oldest < this.called && this.calls[this.oldest % MOST_CALLS].key === NO_KEY) this.oldest++;
    for (let at = this.oldest; at < this.called; at++) if (this.calls[at % MOST_CALLS].key === key) return at;
    return -1;
  }

  private leastUsed(): NfsTransaction {
    let least = this.files[0];
    for (let index = 1; index < this.count; index++) if (this.files[index].used < least.used) least = this.files[index];
    return least;
  }

  private hashOf({ start, length }: Span): number {
    return hashBytes(this.arena.bytes, start, length, 0);
  }
}
