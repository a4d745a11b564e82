/**
 * A message of WebSocket in its fragments, on one side; and what messages before it were, as a compressed one may refer
 * to them (permessage-deflate, RFC 7692). Stage: app.
 *
 * Bounds: PAYLOAD_LIMIT bytes of a message, before and after decompression; HISTORY bytes of what came before.
 */
import type { Arena } from '../../memory/arena.js';
import { TextBlock } from '../text-block.js';
import { PAYLOAD_LIMIT } from './transaction.js';
import { INFLATED, inflateRaw } from '../../util/inflate.js';

const HISTORY = 32_768;
/** What a message may refer to, and behind it what it says. */
const SCRATCH = new Uint8Array(HISTORY + PAYLOAD_LIMIT);

export class FragmentedMessage {
  /** As it was sent, without masks. */
  readonly text: TextBlock;
  isCompressed = false;
  private readonly history: TextBlock;

  constructor(arena: Arena) {
    this.text = new TextBlock(arena, PAYLOAD_LIMIT);
    this.history = new TextBlock(arena, HISTORY);
  }

  /** A first fragment begins a message; what there was of another one is given up. */
  begin(isCompressed: boolean): void {
    this.text.clear();
    this.isCompressed = isCompressed;
  }

  /**
   * Appends what the message says, decompressed, to `out`. Senders leave out the last four bytes of it, and so a whole
   * one looks as one that is cut. @returns false where not all of that can be had.
   */
  inflateTo(out: TextBlock): boolean {
    const { text, history } = this;
    const past = history.length;
    SCRATCH.set(history.view(0, past));
    const packed = text.view(0, text.length);
    const { length, ending } = inflateRaw(packed, 0, packed.length, SCRATCH, past, past + PAYLOAD_LIMIT, 0);
    out.appendBytes(SCRATCH, past, past + length);
    history.length = 0;
    history.appendBytes(SCRATCH, Math.max(0, past + length - HISTORY), past + length);
    return ending === INFLATED.whole || ending === INFLATED.cut;
  }

  clear(): void {
    this.text.clear();
    this.history.clear();
    this.isCompressed = false;
  }
}
