/** What a TLS connection remembers of one of its sides. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import { DOUBLE_ZERO } from '../../util/double-zero.js';
import { TextBlock } from '../text-block.js';

/** What is read of a message of the handshake, with its header of four bytes: the largest block of the arena. */
export const MOST_MESSAGE = 262_144;

export class Side {
  /** What has come of a message whose record ended first. */
  readonly pending: TextBlock;
  /** Bytes still to come of a message that is longer than what is read of it. */
  unread = 0;
  /** A record was seen. */
  isSeen = false;
  /** ChangeCipherSpec has come: what follows is encrypted, but for TLS 1.3. */
  hasChanged = false;
  /** Where records begin is not known any more, or nothing can be made of what they hold. */
  isLost = false;
  /** Bytes of a heartbeat that waits for its answer; 0 for none. */
  heartbeat = 0;
  /** Place in its stream behind what was read of it. */
  readTo = DOUBLE_ZERO;
  /** Bytes of the record at hand that are still to come, of which nothing is read. */
  passing = 0;

  constructor(arena: Arena) {
    this.pending = new TextBlock(arena, MOST_MESSAGE);
  }

  /** What comes next begins a message, if any. */
  dropMessage(): void {
    this.pending.clear();
    this.unread = 0;
  }

  clear(): void {
    this.dropMessage();
    this.isSeen = false;
    this.hasChanged = false;
    this.isLost = false;
    this.heartbeat = 0;
    this.passing = 0;
    this.readTo = DOUBLE_ZERO;
  }
}
