/**
 * The kernel's work space, for each shard once, after the tables in the shared memory. Read by the kernel and its caller;
 * plain integer constants only, like table-format.ts.
 *
 *   work | raw text, padding | folded text, padding | hits, u32 each | seen, 1 bit a pattern
 *
 *   work     memo of spent grams | candidates of the long lane | of the short lane | the short lane's filter, own copy
 */
/** Positions filtered before their candidates are looked up, and how many of a text's first: what is found early is retired early. */
export const BLOCK = 512;
export const FIRST_BLOCK = 64;
/** Entries of 8 bytes, indexed by the top 8 bits of a gram's hash. */
export const MEMO_ENTRIES = 256;
/** log2 of the most slots that the short lane's filter may have. */
export const MAX_SHORT_SLOT_BITS = 13;

export const AT_LONG_CANDIDATES = 2048;
export const AT_SHORT_CANDIDATES = 4160;
export const AT_OWN_FILTER = 6272;
export const WORK_BYTES = 14464;
