/**
 * Copying bytes between ranges of memory without an object a call. Stage: memory. Within a shard's memory, which is the
 * case that counts, that is one move; from it to other memories Node copies, and before Node 22 makes a view for that.
 */

/** Below this a loop is faster than the call. */
const SHORT = 32;
// Node's own, which takes any array of bytes: `set` would need a view of the source.
const copyLong = Buffer.prototype.copy as (
  this: Uint8Array,
  target: Uint8Array,
  targetStart: number,
  sourceStart: number,
  sourceEnd: number,
) => number;

/** Copies `length` bytes; the ranges are there, and do not overlap. */
export function copyBytes(
  target: Uint8Array,
  targetStart: number,
  source: Uint8Array,
  sourceStart: number,
  length: number,
): void {
  if (length < SHORT) for (let i = 0; i < length; i++) target[targetStart + i] = source[sourceStart + i];
  else if (target === source) target.copyWithin(targetStart, sourceStart, sourceStart + length);
  else copyLong.call(source, target, targetStart, sourceStart, sourceStart + length);
}
