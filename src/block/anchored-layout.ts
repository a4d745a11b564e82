/**
 * Layout of the tables of patterns at a fixed place, for what writes them (compile/anchored-table.ts) and what reads
 * them (detect/candidates/anchored.ts).
 *
 *   number of shapes | shapes: place, bytes of the gram, log2 of slots, heads, first bytes | per shape: heads, entries
 *
 * A shape is of patterns at one place with a gram (their first bytes, letters small, the first one highest) of the same
 * length; shapes are in the order of the grams' ends. Its first bytes are a bit for each byte that a gram begins with,
 * in either case: most shapes have few patterns, and are passed over by it. Entries of slot s lie in [heads[s],
 * heads[s + 1]). All positions are words of the section. An entry is the gram, the pattern's number in its group, its
 * length (the top bit where case does not count), and where its bytes lie in the pool.
 */
export const SHAPE_WORDS = 12;
export const SHAPE = { place: 0, gramBytes: 1, bits: 2, heads: 3, firstBytes: 4 } as const;
export const ANCHORED_ENTRY_WORDS = 4;
export const ANCHORED_ENTRY = { gram: 0, id: 1, length: 2, bytes: 3 } as const;
export const GRAM_BYTES = 4;
export const ANCHORED_NOCASE = 0x80000000 | 0;

export const anchoredSlots = (bits: number): number => 1 << bits;

/** Multiplicative (Knuth): the upper bits. */
export const anchoredHash = (gram: number, bits: number): number =>
  bits === 0 ? 0 : Math.imul(gram, 0x9e3779b1) >>> (32 - bits);
