/**
 * Where things lie in the tables of a pattern set. Read by the compiler (tables.ts), the scalar scanner and, through
 * the AssemblyScript compiler, by the kernel: plain integer constants only, no imports. All offsets are in bytes from
 * the set's start, which is 64-byte aligned; all fields are little-endian u32 unless said otherwise.
 *
 *   header (64 B) | long lane: filter, heads, entries | short lane: filter, heads, entries | nibbles | single bytes
 *   | duplicates
 *
 *   filter   one byte per slot; slot = hash(gram), bit = low 3 bits of the byte after the gram
 *   heads    CSR: entries of bucket b lie in [heads[b], heads[b + 1]), offsets from the lane's entries
 *   entry    0 gram u32 | 4 id u32, bit 31 = nocase | 8 length u16 | 10 gram's offset in the pattern u16 | 12 bytes,
 *   padded single   0 byte u32 | 4 id u32, bit 31 = nocase
 *   duplicates  u32 per pattern: the next pattern with the same bytes and case, or NO_ID
 *
 * The long lane holds patterns of 4 bytes and more by a gram of 4 of their bytes, the short lane those of 2 and 3 bytes
 * by their first 2. Grams are of case-folded bytes; an entry's bytes are folded only if the pattern is nocase.
 */
export const TABLE_MAGIC = 0x31544d50;
export const TABLE_ALIGNMENT = 64;
export const HEADER_BYTES = 64;

export const AT_MAGIC = 0;
export const AT_TOTAL_BYTES = 4;
export const AT_PATTERN_COUNT = 8;
export const AT_MAX_LENGTH = 12;
export const AT_LONG_LANE = 16;
export const AT_SHORT_LANE = 32;
export const AT_SINGLES = 48;
export const AT_SINGLE_COUNT = 52;
/** 0 where no two patterns are equal. */
export const AT_DUPLICATES = 56;
/** Of the short lane (nibbles.ts); 0 where they would let too much pass. */
export const AT_NIBBLES = 60;

/** Fields of a lane, from AT_LONG_LANE or AT_SHORT_LANE; a lane without patterns has filter offset 0. */
export const LANE_FILTER = 0;
export const LANE_HEADS = 4;
export const LANE_ENTRIES = 8;
/** log2 of the number of filter slots in the low byte, log2 of the number of buckets in the next. */
export const LANE_BITS = 12;

export const ENTRY_ID = 4;
export const ENTRY_LENGTH = 8;
export const ENTRY_GRAM_OFFSET = 10;
export const ENTRY_BYTES = 12;

export const SINGLE_BYTES = 8;
export const NOCASE_BIT = 0x80000000;
export const ID_MASK = 0x7fffffff;
export const NO_ID = 0xffffffff;

/** Multiplicative hash (Knuth): the upper bits of gram * HASH_FACTOR. */
export const HASH_FACTOR = 0x9e3779b1;
