/**
 * Which 4 bytes of a pattern the filter looks for. Stage: load.
 *
 * The filter passes every position where a pattern's gram occurs, so a good gram is rare in traffic. Traffic is not
 * known at load time; two guesses stand in for it: how common each byte is in protocols and text (COMMONNESS), and how
 * many patterns of the same set contain the gram, for what many rules contain ("http", "user") is what many packets
 * contain.
 */
import { HASH_FACTOR } from './table-format.js';

/** Grams further into a pattern than this are not considered: a bound on compile time. */
const MAX_GRAM_OFFSET = 96;
const COUNT_BITS = 16;
/** Weights of the guesses: a doubling of the count is worth this much commonness. */
const COUNT_WEIGHT = 3;
const REPEAT_PENALTY = 12;
/** Without a byte after the gram, the filter can check less. */
const NO_NEXT_PENALTY = 6;

export function foldByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** The same bytes in small letters. */
export function foldBytes(bytes: Uint8Array): Uint8Array {
  const folded = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) folded[i] = foldByte(bytes[i]!);
  return folded;
}

/** The 4 case-folded bytes from `offset`, little-endian. BOUNDS: the pattern is long enough. */
export function gramAt(bytes: Uint8Array, offset: number): number {
  const low = foldByte(bytes[offset]!) | (foldByte(bytes[offset + 1]!) << 8);
  return (low | (foldByte(bytes[offset + 2]!) << 16) | (foldByte(bytes[offset + 3]!) << 24)) >>> 0;
}

/** All bytes of a pattern of 2 or 3, case-folded, little-endian. */
export function shortKey(bytes: Uint8Array): number {
  return bytes.reduce((key, byte, i) => key | (foldByte(byte) << (8 * i)), 0);
}

/** How often each gram (by hash) occurs in the patterns. */
export function countGrams(patterns: readonly { readonly bytes: Uint8Array }[]): Uint16Array {
  const counts = new Uint16Array(1 << COUNT_BITS);
  for (const { bytes } of patterns) {
    const last = Math.min(bytes.length - 4, MAX_GRAM_OFFSET);
    for (let offset = 0; offset <= last; offset++) {
      const slot = countSlot(gramAt(bytes, offset));
      if (counts[slot]! < 0xffff) counts[slot]!++;
    }
  }
  return counts;
}

/**
 * Offset of the gram that is expected to be the rarest; the first of equals. A gram of four equal bytes is chosen only
 * for a pattern of equal bytes, and then its first: the scanners rely on it to pass over runs.
 */
export function chooseGramOffset(bytes: Uint8Array, counts: Uint16Array): number {
  const first = firstMixedGram(bytes);
  let best = first;
  let bestScore = Infinity;
  const last = Math.min(bytes.length - 4, first + MAX_GRAM_OFFSET);
  for (let offset = first; offset <= last; offset++) {
    const gram = gramAt(bytes, offset);
    if (isUniform(gram)) continue;
    let score = COUNT_WEIGHT * Math.log2(1 + counts[countSlot(gram)]!);
    for (let i = 0; i < 4; i++) score += COMMONNESS[(gram >>> (8 * i)) & 0xff]!;
    if ((gram & 0xffff) === gram >>> 16) score += REPEAT_PENALTY;
    if (offset + 4 === bytes.length) score += NO_NEXT_PENALTY;
    if (score < bestScore) {
      best = offset;
      bestScore = score;
    }
  }
  return best;
}

const isUniform = (gram: number): boolean => (gram & 0xffffff) === gram >>> 8;

/** Offset of the first gram that is not of equal bytes, 0 if there is none. */
function firstMixedGram(bytes: Uint8Array): number {
  for (let offset = 0; offset + 4 <= bytes.length; offset++) if (!isUniform(gramAt(bytes, offset))) return offset;
  return 0;
}

const countSlot = (gram: number): number => Math.imul(gram, HASH_FACTOR) >>> (32 - COUNT_BITS);

/** Rough log2 of how common a (folded) byte is in traffic. */
const COMMONNESS: Uint8Array = (() => {
  const weights = new Uint8Array(256).fill(2);
  const give = (weight: number, bytes: string): void => {
    for (const byte of bytes) weights[byte.charCodeAt(0)] = weight;
  };
  give(3, '\x01\x02\x03\x04\x08\x10\x20\x40\x80\xff\t;:,"\'()=_&<>%+?*');
  give(4, '0123456789-./\r\nqzjxkvbw');
  give(5, 'gypfmcudlh');
  give(6, ' \x00rsnioate');
  return weights;
})();
