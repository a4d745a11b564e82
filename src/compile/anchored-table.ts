/**
 * The table of patterns at a fixed place of their buffer (block/anchored-layout.ts). Stage: load.
 *
 * Patterns at the same place with first bytes of the same number share a hash of these; the rest of a pattern is
 * compared byte by byte.
 */
import {
  ANCHORED_ENTRY_WORDS,
  ANCHORED_NOCASE,
  anchoredHash,
  anchoredSlots,
  GRAM_BYTES,
  SHAPE,
  SHAPE_WORDS,
} from '../block/anchored-layout.js';
import { foldByte } from '../match/literal/gram.js';

export interface AnchoredPattern {
  /** Number in its group. */
  readonly id: number;
  readonly place: number;
  /** In small letters where `nocase`. */
  readonly bytes: Uint8Array;
  readonly nocase: boolean;
}

/** Words to be put at word `at` of their section; `addBytes` gives the place of a literal in the pool. */
export function packAnchored(
  patterns: readonly AnchoredPattern[],
  at: number,
  addBytes: (bytes: Uint8Array) => number,
): number[] {
  const shapes = shapesOf(patterns);
  const words = new Array<number>(1 + SHAPE_WORDS * shapes.length).fill(0);
  words[0] = shapes.length;
  shapes.forEach((shape, index) => {
    const { place, gramBytes } = shape[0]!;
    const bits = Math.ceil(Math.log2(2 * shape.length));
    const row = 1 + SHAPE_WORDS * index;
    words[row + SHAPE.place] = place;
    words[row + SHAPE.gramBytes] = gramBytes;
    words[row + SHAPE.bits] = bits;
    words[row + SHAPE.heads] = at + words.length;
    noteFirstBytes(words, row + SHAPE.firstBytes, shape);
    appendShape(words, shape, bits, at, addBytes);
  });
  return words;
}

interface Placed extends AnchoredPattern {
  readonly gramBytes: number;
}

/** By place and bytes of the gram, in the order of their ends: what a buffer is too short for comes last. */
function shapesOf(patterns: readonly AnchoredPattern[]): Placed[][] {
  const shapes = new Map<number, Placed[]>();
  for (const pattern of patterns) {
    const gramBytes = Math.min(GRAM_BYTES, pattern.bytes.length);
    const key = GRAM_BYTES * pattern.place + gramBytes - 1;
    const shape = shapes.get(key);
    const { id, place, bytes, nocase } = pattern;
    const placed = { id, place, bytes, nocase, gramBytes };
    if (shape === undefined) shapes.set(key, [placed]);
    else shape.push(placed);
  }
  const end = ([first]: readonly Placed[]): number => first!.place + first!.gramBytes;
  return [...shapes.values()].sort((a, b) => end(a) - end(b) || a[0]!.place - b[0]!.place);
}

function noteFirstBytes(words: number[], at: number, shape: readonly Placed[]): void {
  const isFirst = new Uint8Array(256);
  for (const { bytes } of shape) isFirst[foldByte(bytes[0]!)] = 1;
  for (let byte = 0; byte < 256; byte++)
    if (isFirst[foldByte(byte)] === 1) words[at + (byte >>> 5)]! |= 1 << (byte & 31);
}

/** The heads of the slots (one more than slots), then the entries, slot by slot. */
function appendShape(
  words: number[],
  shape: readonly Placed[],
  bits: number,
  at: number,
  addBytes: (bytes: Uint8Array) => number,
): void {
  const slots = Array.from({ length: anchoredSlots(bits) }, () => [] as Placed[]);
  for (const pattern of shape) slots[anchoredHash(gramOf(pattern), bits)]!.push(pattern);
  let entry = at + words.length + slots.length + 1;
  for (const slot of slots) {
    words.push(entry);
    entry += ANCHORED_ENTRY_WORDS * slot.length;
  }
  words.push(entry);
  for (const pattern of slots.flat()) {
    words.push(
      gramOf(pattern),
      pattern.id,
      pattern.bytes.length | (pattern.nocase ? ANCHORED_NOCASE : 0),
      addBytes(pattern.bytes),
    );
  }
}

/** The first bytes as one number, letters small. */
function gramOf({ bytes, gramBytes }: Placed): number {
  let gram = 0;
  for (let i = 0; i < gramBytes; i++) gram = (gram << 8) | foldByte(bytes[i]!);
  return gram;
}
