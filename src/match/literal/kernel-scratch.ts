/**
 * The kernel's work space: what its scans and searches need besides the text. Read by the kernel and its caller; plain
 * integer constants only, like table-format.ts.
 *
 *   memo of spent grams | candidates of the long lane | of the short lane | what was changed in the filter | compared
 */
/**
 * Positions filtered before their candidates are looked up, and how many of a text's first: what is found early is
 * retired early.
 */
export const BLOCK = 512;
export const FIRST_BLOCK = 64;
/** Entries of 8 bytes, indexed by the top 8 bits of a gram's hash. */
export const MEMO_ENTRIES = 256;
/** log2 of the most slots that the short lane's filter may have. */
export const MAX_SHORT_SLOT_BITS = 13;

export const AT_LONG_CANDIDATES = 2048;
export const AT_SHORT_CANDIDATES = 4160;
export const AT_RETIRED = 6272;
/** Slots of 8 bytes that a scan may change in the short lane's filter; then it leaves the rest as they are. */
export const MAX_RETIRED = 256;
/** What the last search for a literal has compared in vain, u32. */
export const AT_COMPARED = 8320;
export const WORK_BYTES = 8384;
