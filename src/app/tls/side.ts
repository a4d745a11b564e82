/** What a TLS connection remembers of one of its sides. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import { TextBlock } from '../text-block.js';

/** A message of the handshake that is spread over records: its header, and 64 KiB. */
export const MOST_MESSAGE = 65_540;

export class Side {
  /** Begins with what has come of a message whose record ended first. */
  readonly pending: TextBlock;
  /** A record was seen. */
  isSeen = false;
  /** ChangeCipherSpec has come: what follows is encrypted, but for TLS 1.3. */
  hasChanged = false;
  /** Where records begin is not known any more, or nothing can be made of what they hold. */
  isLost = false;
  /** Bytes of a heartbeat that waits for its answer; 0 for none. */
  heartbeat = 0;
  /** Bytes of the record at hand that are still to come, of which nothing is read. */
  passing = 0;

  constructor(arena: Arena) {
    this.pending = new TextBlock(arena, MOST_MESSAGE + 16_384);
  }

  clear(): void {
    this.pending.clear();
    this.isSeen = false;
    this.hasChanged = false;
    this.isLost = false;
    this.heartbeat = 0;
    this.passing = 0;
  }
}
