/**
 * Sets of ports: sorted ranges searched by halves, or a bitmap where there are many. Stage: detect. Tests allocate
 * nothing.
 */
import type { Ranges } from './terms.js';
import { PORT_BITMAP_WORDS, PORT_SET } from './rule-block.js';

/** Sets of more ranges than this become a bitmap of 8 KiB. */
const MAX_RANGES = 64;

export function packPortSet(ranges: Ranges): { kind: number; words: number[] } {
  if (ranges.length <= MAX_RANGES)
    return { kind: PORT_SET.ranges, words: ranges.map(([low, high]) => low | (high << 16) | 0) };
  const bitmap = new Int32Array(PORT_BITMAP_WORDS);
  for (const [low, high] of ranges) {
    for (let port = low; port <= high; port++) bitmap[port >>> 5] |= 1 << (port & 31);
  }
  return { kind: PORT_SET.bitmap, words: [...bitmap] };
}

/** Whether `port` is in the set of `kind` whose `count` words start at `start`. */
export function hasPort(words: Int32Array, kind: number, start: number, count: number, port: number): boolean {
  if (kind === PORT_SET.bitmap) return ((words[start + (port >>> 5)] >>> (port & 31)) & 1) === 1;
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const range = words[start + middle];
    if (port < (range & 0xffff)) high = middle - 1;
    else if (port > range >>> 16) low = middle + 1;
    else return true;
  }
  return false;
}
