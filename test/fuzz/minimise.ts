/** Makes an input that does harm small: pieces are left out, then halves, quarters … of their bytes, while it does. */
import type { FuzzInput } from './fuzz-input.js';

const MOST_TRIES = 2000;

export function minimise(input: FuzzInput, doesHarm: (input: FuzzInput) => boolean): FuzzInput {
  let tries = 0;
  const harms = (candidate: FuzzInput): boolean => tries++ < MOST_TRIES && doesHarm(candidate);
  let small = withoutPieces(input, harms);
  for (let index = 0; index < small.length; index++) {
    const [tag, bytes] = small[index]!;
    if (typeof bytes === 'number') continue;
    const less = withoutBytes(bytes, (rest) => harms(small.with(index, [tag, rest])));
    small = small.with(index, [tag, less]);
  }
  return withoutPieces(small, harms);
}

function withoutPieces(input: FuzzInput, harms: (input: FuzzInput) => boolean): FuzzInput {
  let left = input;
  for (let index = left.length - 1; index >= 0 && left.length > 1; index--) {
    const fewer = left.toSpliced(index, 1);
    if (harms(fewer)) left = fewer;
  }
  return left;
}

function withoutBytes(bytes: Uint8Array, harms: (rest: Uint8Array) => boolean): Uint8Array {
  let left = bytes;
  for (let step = bytes.length >> 1; step > 0; step >>= 1) {
    for (let at = left.length - step; at >= 0; at -= step) {
      const rest = Uint8Array.from([...left.subarray(0, at), ...left.subarray(at + step)]);
      if (harms(rest)) left = rest;
    }
  }
  return left;
}
