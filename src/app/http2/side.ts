/** Where the reading of one direction of HTTP/2 is. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import { InflateCredit } from '../http1/inflate-credit.js';
import { TextBlock } from '../text-block.js';
import { HpackReader } from './hpack.js';
import type { Http2Transaction } from './transaction.js';

/** Bytes of a header block that comes in parts. */
export const BLOCK_LIMIT = 65_536;

export class Http2Side {
  readonly hpack: HpackReader;
  /** The parts of a header block so far, and the stream that it is of; 0 while there is none. */
  readonly fragments: TextBlock;
  blockStream = 0;
  blockEndsStream = false;
  blockIsPromise = false;
  blockPromised = 0;
  /** The preface was read. */
  hasBegun = false;
  /** Bytes that are left of a DATA frame, and of the padding behind them. */
  dataLeft = 0;
  padding = 0;
  dataEndsStream = false;
  data: Http2Transaction | null = null;
  /** What bodies may be decompressed to. */
  readonly credit = new InflateCredit();
  /** The highest stream that was opened. */
  lastStream = 0;

  constructor(arena: Arena) {
    this.hpack = new HpackReader(arena);
    this.fragments = new TextBlock(arena, BLOCK_LIMIT);
  }

  clear(): void {
    this.hpack.clear();
    this.fragments.clear();
    this.blockStream = 0;
    this.hasBegun = false;
    this.dataLeft = 0;
    this.padding = 0;
    this.data = null;
    this.credit.reset();
    this.lastStream = 0;
  }
}
