/**
 * Bytes of objects of DNP3 by group and variation, parts of a byte for packed bits. Stage: app; data only. IEEE 1815,
 * A.
 */
const BIT = 1 / 8;
const TWO_BITS = 2 / 8;
/** By group: of the variations from 1 on. */
const BYTES: Readonly<Record<number, readonly number[]>> = {
  1: [BIT, 1],
  2: [1, 7, 3],
  3: [TWO_BITS, 1],
  4: [1, 7, 3],
  10: [BIT, 1],
  11: [1, 7],
  12: [11, 11, BIT],
  13: [1, 7],
  20: [5, 3, 5, 3, 4, 2, 4, 2],
  21: [5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2],
  22: [5, 3, 5, 3, 11, 9, 11, 9],
  23: [5, 3, 5, 3, 11, 9, 11, 9],
  30: [5, 3, 4, 2, 5, 9],
  31: [5, 3, 11, 9, 4, 2, 5, 9],
  32: [5, 3, 11, 9, 5, 9, 11, 15],
  33: [5, 3, 11, 9, 5, 9, 11, 15],
  34: [2, 4, 4],
  40: [5, 3, 5, 9],
  41: [5, 3, 5, 9],
  42: [5, 3, 11, 9, 5, 9, 11, 15],
  43: [5, 3, 11, 9, 5, 9, 11, 15],
  50: [6, 10, 6],
  51: [6, 6],
  52: [2, 2],
  60: [0, 0, 0, 0],
  80: [BIT],
};

/** -1 where it is not known. */
export const objectBytes = (group: number, variation: number): number => BYTES[group]?.[variation - 1] ?? -1;
