/**
 * Inflates the start of a deflated text: as much as the output takes, and little more is looked at. RFC 1951, with the
 * headers of RFC 1950 (zlib) and RFC 1952 (gzip); checksums are passed over.
 *
 * fflate does the work. It is fed in slices, so that a bomb cannot unpack more than a slice can hold beyond the limit.
 * A text that ends early yields what came before (of a stored block only whole ones), a damaged one nothing. Allocates
 * per call.
 */
import { Gunzip, Unzlib } from 'fflate';

/** A slice inflates to 264 KB at most: deflate packs no tighter than 1:1032. */
const SLICE_BYTES = 256;
/** What a slice costs beside what it inflates to, in bytes. */
const SLICE_WORK = 8192;

/** `length` bytes came of it; `work` is what that took, in bytes inflated. The next call sets the same object. */
export interface Inflated {
  readonly length: number;
  readonly work: number;
}
const outcome = { length: 0, work: 0 };

/** Inflates a gzip file of `length` bytes into at most `limit` bytes; none come of what is no such file, or damaged. */
export function gunzip(input: Uint8Array, length: number, output: Uint8Array, limit: number): Inflated {
  return inflate(Gunzip, input, length, output, limit);
}

/** As `gunzip`, for zlib's format. */
export function unzlib(input: Uint8Array, length: number, output: Uint8Array, limit: number): Inflated {
  return inflate(Unzlib, input, length, output, limit);
}

function inflate(
  Format: typeof Gunzip | typeof Unzlib,
  input: Uint8Array,
  length: number,
  output: Uint8Array,
  limit: number,
): Inflated {
  let written = 0;
  let work = 0;
  const stream = new Format((chunk) => {
    work += chunk.length;
    const fitting = Math.min(chunk.length, limit - written);
    output.set(fitting === chunk.length ? chunk : chunk.subarray(0, fitting), written);
    written += fitting;
  });
  try {
    for (let at = 0; at < length && written < limit; at += SLICE_BYTES) {
      work += SLICE_WORK;
      stream.push(input.subarray(at, Math.min(at + SLICE_BYTES, length)), false);
    }
  } catch {
    written = 0;
  }
  outcome.length = written;
  outcome.work = work;
  return outcome;
}
