/**
 * Finds the patterns that stand at a fixed place of a buffer (block/anchored-layout.ts): by a hash of the bytes there,
 * each place once per buffer, so that they need not be scanned for. Stage: detect (prefilter). Allocates nothing.
 */
import { ANCHORED_ENTRY, ANCHORED_ENTRY_WORDS, anchoredHash, SHAPE, SHAPE_WORDS } from '../../block/anchored-layout.js';

/** Numbers of patterns found, as in a scan. */
interface Hits {
  readonly ids: Uint32Array;
  count: number;
}

export class AnchoredLookup {
  private readonly words: Int32Array;
  /** Literals. */
  private readonly pool: Uint8Array;

  constructor(words: Int32Array, pool: Uint8Array) {
    this.words = words;
    this.pool = pool;
  }

  /**
   * Adds to `hits` the patterns of the table that are in `bytes[start, end)` and end behind `seen`. Places count from
   * `origin`: the start, or before it where the buffer has lost bytes.
   */
  find(table: number, bytes: Uint8Array, origin: number, start: number, end: number, seen: number, hits: Hits): void {
    const { words } = this;
    const shapes = table + 1 + SHAPE_WORDS * words[table];
    for (let shape = table + 1; shape < shapes; shape += SHAPE_WORDS) {
      const at = origin + words[shape + SHAPE.place];
      const gramBytes = words[shape + SHAPE.gramBytes];
      // Shapes are in the order of their ends.
      if (at + gramBytes > end) return;
      if (at < start) continue;
      const first = bytes[at];
      if (((words[shape + SHAPE.firstBytes + (first >>> 5)] >>> (first & 31)) & 1) === 0) continue;
      let gram = 0;
      for (let i = 0; i < gramBytes; i++) gram = (gram << 8) | lowerByte(bytes[at + i]);
      const head = words[shape + SHAPE.heads] + anchoredHash(gram, words[shape + SHAPE.bits]);
      for (let entry = words[head]; entry < words[head + 1]; entry += ANCHORED_ENTRY_WORDS) {
        if (words[entry + ANCHORED_ENTRY.gram] === gram) this.compare(entry, bytes, at, end, seen, hits);
      }
    }
  }

  private compare(entry: number, bytes: Uint8Array, at: number, end: number, seen: number, hits: Hits): void {
    const { words, pool } = this;
    const length = words[entry + ANCHORED_ENTRY.length] & 0x7fffffff;
    const isFolded = words[entry + ANCHORED_ENTRY.length] < 0;
    if (at + length > end || at + length <= seen) return;
    const literal = words[entry + ANCHORED_ENTRY.bytes];
    for (let i = 0; i < length; i++) {
      const byte = bytes[at + i];
      if ((isFolded ? lowerByte(byte) : byte) !== pool[literal + i]) return;
    }
    hits.ids[hits.count++] = words[entry + ANCHORED_ENTRY.id];
  }
}

const lowerByte = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);
