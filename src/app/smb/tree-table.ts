/**
 * The trees of a connection: which are those of pipes, and the shares of the others. Stage: app. At most MOST_TREES;
 * beyond, the oldest is forgotten; names of MOST_NAME bytes. Of SMB 2, sessions number their trees by themselves
 * (MS-SMB2, 3.3.1.8); of SMB 1 all trees of a connection are of session 0.
 */
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { TextBlock } from '../text-block.js';

const MOST_TREES = 64;
const MOST_NAME = 1024;

export class TreeTable {
  private readonly sessions: number[] = [];
  private readonly ids: number[] = [];
  private readonly pipes: number[] = [];
  private readonly names: TextBlock[] = [];
  private readonly arena: Arena;
  private next = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** `name`: of its share, where that is known. */
  add(session: number, id: number, isPipe: boolean, name: Span | null): void {
    let place = this.placeOf(session, id);
    if (place < 0) {
      place = this.next;
      this.next = (place + 1) % MOST_TREES;
    }
    this.sessions[place] = session;
    this.ids[place] = id;
    this.pipes[place] = Number(isPipe);
    const kept = (this.names[place] ??= new TextBlock(this.arena, MOST_NAME));
    kept.clear();
    if (name !== null) kept.append(name.start, Math.min(name.length, MOST_NAME));
  }

  has(session: number, id: number): boolean {
    return this.placeOf(session, id) >= 0;
  }

  isPipe(session: number, id: number): boolean {
    const place = this.placeOf(session, id);
    return place >= 0 && this.pipes[place] === 1;
  }

  /** The share of a tree; null where it is not known. */
  nameOf(session: number, id: number): TextBlock | null {
    const place = this.placeOf(session, id);
    return place < 0 || this.names[place].length === 0 ? null : this.names[place];
  }

  clear(): void {
    for (const name of this.names) name.clear();
    this.sessions.length = 0;
    this.ids.length = 0;
    this.next = 0;
  }

  private placeOf(session: number, id: number): number {
    for (let place = 0; place < this.ids.length; place++)
      if (this.ids[place] === id && this.sessions[place] === session) return place;
    return -1;
  }
}
