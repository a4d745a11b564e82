/**
 * The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B). Stage: app.
 *
 * The code is canonical: the lengths of its words give it. It is read bit by bit, through a tree that is built once.
 */
import type { TextBlock } from '../text-block.js';

/** Bits of the word of each byte, in rows of 16. */
const LENGTHS = [
  [13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  [28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  [6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  [5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  [13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  [7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  [15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  [6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  [20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  [24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  [22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  [21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  [26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  [19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  [20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  [26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
].flat();
/** The word that ends a string, which none may hold. */
const END = 256;
const END_BITS = 30;
/** A node of the tree is two entries, by bit: another node, or a leaf, which is -1 - byte. */
const TREE = treeOf([...LENGTHS, END_BITS]);

function treeOf(lengths: readonly number[]): Int16Array {
  const tree = new Int16Array(2 * lengths.length);
  let nodes = 1;
  let word = 0;
  let bits = 0;
  const order = lengths.map((_, symbol) => symbol).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  for (const symbol of order) {
    word = bits === 0 ? 0 : (word + 1) << (lengths[symbol]! - bits);
    bits = lengths[symbol]!;
    let node = 0;
    for (let bit = bits - 1; bit > 0; bit--) {
      const at = 2 * node + ((word >>> bit) & 1);
      if (tree[at] === 0) tree[at] = nodes++;
      node = tree[at]!;
    }
    tree[2 * node + (word & 1)] = -1 - symbol;
  }
  return tree;
}

/** Appends what `bytes[from, end)` encodes. @returns false where it is damaged, or there is no room. */
export function decodeHuffman(bytes: Uint8Array, from: number, end: number, out: TextBlock): boolean {
  let node = 0;
  /** Bits since the last word, and whether they are all set: so many may fill up the last byte. */
  let pending = 0;
  let isPadding = true;
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (byte >>> shift) & 1;
      node = TREE[2 * node + bit]!;
      pending++;
      if (bit === 0) isPadding = false;
      if (node >= 0) continue;
      if (node === -1 - END || !out.push(-1 - node)) return false;
      node = 0;
      pending = 0;
      isPadding = true;
    }
  }
  return pending < 8 && isPadding;
}
