/**
 * What the objects of applications (app/object-budget.ts) may take of a shard's heap. Stage: memory. Pure.
 */
const MIB = 1024 * 1024;
/** 65 536 requests of HTTP that are open, and their connections. */
export const MOST_OBJECT_BYTES = 448 * 1_048_576;
export const LEAST_OBJECT_BYTES = 64 * 1_048_576;
/** What rules and everything else take of the heap. */
const OTHERS_BYTES = 44 * MIB;
/** Of the rest; collecting garbage needs some. */
const SHARE = 3 / 4;

/** Of a heap that may grow to so many bytes. */
export function objectBytesOf(heapBytes: number): number {
  return Math.min(MOST_OBJECT_BYTES, Math.max(LEAST_OBJECT_BYTES, Math.floor(SHARE * (heapBytes - OTHERS_BYTES))));
}
