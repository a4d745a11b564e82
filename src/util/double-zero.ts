/**
 * A zero that V8 keeps as a double, for fields that come to hold what is no small integer: counts of bytes, times, ids
 * of 32 bits. A field that begins with a plain 0 changes the shape of its object when it first holds a double, and V8
 * throws away each compiled function that knows the shape before (test/memory/small-integers.test.ts). In all else it
 * is 0.
 */
export const DOUBLE_ZERO = new Float64Array(1)[0];
