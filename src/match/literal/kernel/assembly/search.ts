/**
 * The kernel's other part: the search for one literal, and copies. Stage: detect (verify). Bytes, literals and work
 * space lie in the one memory of the calling thread.
 */
import { AT_COMPARED } from '../../kernel-scratch';

/** memory.copy: in either direction, whatever overlaps. */
export function copy(to: usize, from: usize, length: usize): void {
  memory.copy(to, from, length);
}

/**
 * The first place in [from, to) where the literal occurs, 0 where it does not. Its byte at `anchor`, the rarest, is
 * looked for 16 bytes at a time; with `nocase` the literal is in lower case. What is compared in vain counts: the count
 * is left at work + AT_COMPARED, and beyond `mayCompare` the search is given up. BOUNDS: reads nothing outside of
 * [from, to).
 */
export function find(
  from: usize,
  to: usize,
  literal: usize,
  length: u32,
  anchor: u32,
  nocase: bool,
  mayCompare: u32,
  work: usize,
): usize {
  const lower = load<u8>(literal + anchor);
  const upper = nocase && <u32>lower - 0x61 < 26 ? lower & 0xdf : lower;
  const low = i8x16.splat(lower),
    high = i8x16.splat(upper);
  store<u32>(work, 0, AT_COMPARED);
  if (to < from + length) return 0;
  // Of the anchor: the first place, and that behind the last.
  let at = from + anchor;
  const stop = to - length + anchor + 1;
  let compared: u32 = 0;
  while (at < stop) {
    let bits: u32;
    let width: u32 = 16;
    if (at + 16 <= stop) {
      const text = v128.load(at);
      bits = <u32>i8x16.bitmask(v128.or(i8x16.eq(text, low), i8x16.eq(text, high)));
    } else {
      const byte = load<u8>(at);
      bits = u32(byte == lower || byte == upper);
      width = 1;
    }
    for (; bits != 0; bits &= bits - 1) {
      const start = at + ctz(bits) - anchor;
      const same = nocase ? sameFolded(start, literal, length) : sameExact(start, literal, length);
      if (same == length) {
        store<u32>(work, compared, AT_COMPARED);
        return start;
      }
      compared += same;
      if (compared > mayCompare) {
        store<u32>(work, compared, AT_COMPARED);
        return 0;
      }
    }
    at += width;
  }
  store<u32>(work, compared, AT_COMPARED);
  return 0;
}

/** Bytes of the literal that are equal, up to the first that is not. */
function sameExact(text: usize, literal: usize, length: u32): u32 {
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) {
    const difference = load<u64>(text + i) ^ load<u64>(literal + i);
    if (difference != 0) return i + ((<u32>ctz(difference)) >>> 3);
  }
  while (i < length && load<u8>(text + i) == load<u8>(literal + i)) i++;
  return i;
}

function sameFolded(text: usize, literal: usize, length: u32): u32 {
  let i: u32 = 0;
  while (i < length) {
    const byte = <u32>load<u8>(text + i);
    const folded = byte - 0x41 < 26 ? byte | 0x20 : byte;
    if (folded != <u32>load<u8>(literal + i)) break;
    i++;
  }
  return i;
}
