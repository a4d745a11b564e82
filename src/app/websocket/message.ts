/**
 * A message of WebSocket in its fragments, on one side; and what messages before it were, as a compressed one may refer
 * to them (permessage-deflate, RFC 7692). Stage: app.
 *
 * Bounds: PAYLOAD_LIMIT bytes of a message, before and after decompression; HISTORY bytes of what came before.
 */
import { constants, inflateRawSync } from 'node:zlib';
import type { Arena } from '../../memory/arena.js';
import { TextBlock } from '../text-block.js';
import { PAYLOAD_LIMIT } from './transaction.js';
import { zlibCalls } from '../../util/zlib-calls.js';

const HISTORY = 32_768;
/** What senders leave out at a message's end. */
const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

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

  /** Appends what the message says, decompressed, to `out`. @returns false where that cannot be. */
  inflateTo(out: TextBlock): boolean {
    const { text, history } = this;
    const input = Buffer.concat([text.view(0, text.length), TAIL]);
    const options = {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: PAYLOAD_LIMIT,
      ...(history.length > 0 ? { dictionary: history.view(0, history.length) } : {}),
    };
    zlibCalls.note();
    try {
      const inflated = inflateRawSync(input, options);
      out.appendBytes(inflated, 0, inflated.length);
      this.remember(inflated);
      return true;
    } catch {
      return false;
    }
  }

  clear(): void {
    this.text.clear();
    this.history.clear();
    this.isCompressed = false;
  }

  private remember(said: Uint8Array): void {
    const { history } = this;
    const kept = Math.min(history.length, HISTORY - Math.min(said.length, HISTORY));
    if (history.length > 0) history.view(0, history.length).copyWithin(0, history.length - kept);
    history.length = kept;
    history.appendBytes(said, Math.max(0, said.length - HISTORY), said.length);
  }
}
