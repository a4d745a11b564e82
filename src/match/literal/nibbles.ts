/**
 * A quick look for the patterns of 2 and 3 bytes at 16 positions at a time, by the nibbles of the first two bytes.
 * Stage: load. After Teddy, of Hyperscan (Wang et al., Hyperscan: A Fast Multi-pattern Regex Matcher for Modern CPUs,
 * NSDI 2019).
 *
 *   low nibble of the 1st byte → patterns | high nibble | low nibble of the 2nd byte | high nibble    16 bytes each
 *
 * Patterns are in 8 sorts, a bit each. A position may be the beginning of one where some sort's bit is set for all four
 * nibbles; the lane's filter looks closer. Patterns that look alike are of one sort: the fewer bytes it lets pass.
 */
const NIBBLES_BYTES = 64;
const TABLES = 4;
const SORTS = 8;
/** Where more pass than this, it is a waste of time. */
const MOST_PASSING = 1 / 8;

/** Sets of nibbles that the patterns of a sort have, by table, as bits. */
type Sort = readonly number[];

/**
 * The tables for the first two bytes of patterns, low byte first; undefined where there are none, or where they would
 * let too much pass.
 */
export function nibbleTables(pairs: readonly number[]): Uint8Array | undefined {
  if (pairs.length === 0) return undefined;
  const sorts: Sort[] = [];
  for (const pair of [...new Set(pairs)].sort((a, b) => keyOf(a) - keyOf(b))) addTo(sorts, setsOf(pair));
  const tables = new Uint8Array(NIBBLES_BYTES);
  sorts.forEach((sort, bit) =>
    sort.forEach((set, table) => {
      for (let nibble = 0; nibble < 16; nibble++) tables[16 * table + nibble]! |= ((set >>> nibble) & 1) << bit;
    }),
  );
  return Math.max(shareOf(tables, ALL), shareOf(tables, TEXT)) > MOST_PASSING ? undefined : tables;
}

const nibbleOf = (pair: number, table: number): number => (pair >>> (4 * table)) & 0xf;
const setsOf = (pair: number): Sort => Array.from({ length: TABLES }, (_, table) => 1 << nibbleOf(pair, table));

/** High nibbles first: those say the most of what sort of byte it is. */
const keyOf = (pair: number): number =>
  (nibbleOf(pair, 1) << 12) | (nibbleOf(pair, 3) << 8) | (nibbleOf(pair, 0) << 4) | nibbleOf(pair, 2);

/** Where it makes the least more pass: a sort of its own as long as there are any. */
function addTo(sorts: Sort[], sets: Sort): void {
  if (sorts.length < SORTS) {
    sorts.push(sets);
    return;
  }
  const growth = sorts.map((sort) => pairsOf(join(sort, sets)) - pairsOf(sort));
  const place = growth.indexOf(Math.min(...growth));
  sorts[place] = join(sorts[place]!, sets);
}

const join = (a: Sort, b: Sort): Sort => a.map((set, table) => set | b[table]!);
/** How many pairs of bytes pass. */
const pairsOf = (sort: Sort): number => sort.reduce((product, set) => product * bitsIn(set), 1);
const bitsIn = (set: number): number => [...set.toString(2)].filter((bit) => bit === '1').length;

const ALL = Array.from({ length: 256 }, (_, byte) => byte);
const TEXT = [...Buffer.from('etaoinshrdlucmfwypvbgkjqxz0123456789 ./:-=&?"<>,;\r\n')];

/** Of the pairs of these bytes, the share that passes. */
function shareOf(tables: Uint8Array, bytes: readonly number[]): number {
  const first = bytes.map((byte) => tables[byte & 0xf]! & tables[16 + (byte >>> 4)]!);
  const second = bytes.map((byte) => tables[32 + (byte & 0xf)]! & tables[48 + (byte >>> 4)]!);
  const passing = first.reduce((sum, a) => sum + second.filter((b) => (a & b) !== 0).length, 0);
  return passing / bytes.length ** 2;
}
