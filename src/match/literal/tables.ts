/**
 * Compiles patterns into the tables that the scanners read (table-format.ts). Stage: load.
 *
 * The result is relocatable and depends on nothing but the patterns, so that the same rules give the same bytes. Equal
 * patterns (same bytes, same case) share one entry. For each longer pattern the compiler picks the 4 bytes by which the
 * filter knows it (gram.ts). Filters grow with the number of patterns: 8 to 16 bytes for each (short lane: 16 to 32),
 * at least 1 KiB.
 */
import type { Pattern } from './matcher.js';
import { chooseGramOffset, countGrams, foldByte, foldBytes, gramAt, shortKey } from './gram.js';
import { MAX_SHORT_SLOT_BITS } from './kernel-scratch.js';
import { nibbleTables } from './nibbles.js';
import * as format from './table-format.js';

const MAX_PATTERN_LENGTH = 65_535;

/** A pattern as it is stored: folded if nocase, without those equal to it. */
interface Entry {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly nocase: boolean;
  readonly gramOffset: number;
  readonly gram: number;
}

interface Lane {
  readonly gramBytes: 2 | 4;
  readonly entries: readonly Entry[];
  readonly slotBits: number;
  readonly bucketBits: number;
}

/** Tables of a pattern set, a multiple of 64 bytes long. Throws RangeError where a pattern is empty or too long. */
export function compilePatternSet(patterns: readonly Pattern[]): Uint8Array {
  const { unique, duplicates } = foldAndDedupe(patterns);
  const singles = unique.filter((pattern) => pattern.bytes.length === 1);
  const long = makeLane(
    4,
    unique.filter((pattern) => pattern.bytes.length >= 4),
  );
  const short = makeLane(
    2,
    unique.filter((pattern) => pattern.bytes.length === 2 || pattern.bytes.length === 3),
  );

  const longAt = format.HEADER_BYTES;
  const shortAt = longAt + laneBytes(long);
  const nibbles = nibbleTables(short.entries.map(({ gram }) => gram & 0xffff));
  const nibblesAt = shortAt + laneBytes(short);
  const singlesAt = nibblesAt + (nibbles?.length ?? 0);
  const duplicatesAt = singlesAt + singles.length * format.SINGLE_BYTES;
  const total = align(duplicatesAt + (duplicates?.byteLength ?? 0));

  const tables = new Uint8Array(total);
  const view = new DataView(tables.buffer);
  writeLane(view, format.AT_LONG_LANE, longAt, long);
  writeLane(view, format.AT_SHORT_LANE, shortAt, short);
  if (nibbles !== undefined) tables.set(nibbles, nibblesAt);
  writeSingles(view, singlesAt, singles);
  duplicates?.forEach((next, id) => view.setUint32(duplicatesAt + 4 * id, next, true));

  view.setUint32(format.AT_MAGIC, format.TABLE_MAGIC, true);
  view.setUint32(format.AT_TOTAL_BYTES, total, true);
  view.setUint32(format.AT_PATTERN_COUNT, patterns.length, true);
  view.setUint32(
    format.AT_MAX_LENGTH,
    patterns.reduce((longest, { bytes }) => Math.max(longest, bytes.length), 0),
    true,
  );
  view.setUint32(format.AT_SINGLES, singlesAt, true);
  view.setUint32(format.AT_SINGLE_COUNT, singles.length, true);
  view.setUint32(format.AT_NIBBLES, nibbles === undefined ? 0 : nibblesAt, true);
  view.setUint32(format.AT_DUPLICATES, duplicates ? duplicatesAt : 0, true);
  return tables;
}

/** What a scanner must know of a set before it makes scratch for it. */
export function patternSetInfo(
  tables: Uint8Array,
  setOffset = 0,
): { patternCount: number; maxLength: number; totalBytes: number } {
  const view = new DataView(tables.buffer, tables.byteOffset + setOffset, format.HEADER_BYTES);
  if (view.getUint32(format.AT_MAGIC, true) !== format.TABLE_MAGIC)
    throw new Error(`no pattern set at offset ${setOffset}`);
  return {
    patternCount: view.getUint32(format.AT_PATTERN_COUNT, true),
    maxLength: view.getUint32(format.AT_MAX_LENGTH, true),
    totalBytes: view.getUint32(format.AT_TOTAL_BYTES, true),
  };
}

type StoredPattern = Pick<Entry, 'id' | 'bytes' | 'nocase'>;

function foldAndDedupe(patterns: readonly Pattern[]): { unique: StoredPattern[]; duplicates: Uint32Array | null } {
  const unique: StoredPattern[] = [];
  const lastWithKey = new Map<string, number>();
  let duplicates: Uint32Array | null = null;
  patterns.forEach((pattern, id) => {
    if (pattern.bytes.length < 1 || pattern.bytes.length > MAX_PATTERN_LENGTH) {
      throw new RangeError(`pattern ${id} is ${pattern.bytes.length} bytes long, not 1 to ${MAX_PATTERN_LENGTH}`);
    }
    const bytes = pattern.nocase ? foldBytes(pattern.bytes) : pattern.bytes;
    const key =
      (pattern.nocase ? 'i' : 's') + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const previous = lastWithKey.get(key);
    if (previous === undefined) {
      unique.push({ id, bytes, nocase: pattern.nocase });
    } else {
      duplicates ??= new Uint32Array(patterns.length).fill(format.NO_ID);
      duplicates[previous] = id;
    }
    lastWithKey.set(key, id);
  });
  return { unique, duplicates };
}

function makeLane(gramBytes: 2 | 4, patterns: readonly StoredPattern[]): Lane {
  const counts = gramBytes === 4 ? countGrams(patterns) : null;
  const entries = patterns.map(({ id, bytes, nocase }): Entry => {
    const gramOffset = counts ? chooseGramOffset(bytes, counts) : 0;
    return { id, bytes, nocase, gramOffset, gram: gramBytes === 4 ? gramAt(bytes, gramOffset) : shortKey(bytes) };
  });
  const slotBits =
    gramBytes === 4
      ? Math.min(20, Math.max(10, 3 + log2Ceil(entries.length)))
      : Math.min(MAX_SHORT_SLOT_BITS, Math.max(10, 4 + log2Ceil(entries.length)));
  return { gramBytes, entries, slotBits, bucketBits: Math.min(slotBits, Math.max(4, 1 + log2Ceil(entries.length))) };
}

function laneBytes(lane: Lane): number {
  if (lane.entries.length === 0) return 0;
  const entryBytes = lane.entries.reduce((sum, entry) => sum + entrySize(entry), 0);
  return align((1 << lane.slotBits) + 4 * ((1 << lane.bucketBits) + 1) + entryBytes);
}

function writeLane(view: DataView, headerAt: number, at: number, lane: Lane): void {
  if (lane.entries.length === 0) return;
  const headsAt = at + (1 << lane.slotBits);
  const entriesAt = headsAt + 4 * ((1 << lane.bucketBits) + 1);
  view.setUint32(headerAt + format.LANE_FILTER, at, true);
  view.setUint32(headerAt + format.LANE_HEADS, headsAt, true);
  view.setUint32(headerAt + format.LANE_ENTRIES, entriesAt, true);
  view.setUint32(headerAt + format.LANE_BITS, lane.slotBits | (lane.bucketBits << 8), true);
  for (const entry of lane.entries) addToFilter(view, at, lane, entry);

  // Counting sort by bucket; heads first hold each bucket's size, then its start, then its end, which is the next one's
  // start.
  const bucketOf = (entry: Entry): number => hashOf(lane, entry, lane.bucketBits);
  const starts = new Uint32Array((1 << lane.bucketBits) + 1);
  for (const entry of lane.entries) starts[bucketOf(entry) + 1]! += entrySize(entry);
  for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket]! += starts[bucket - 1]!;
  starts.forEach((start, bucket) => view.setUint32(headsAt + 4 * bucket, start, true));
  for (const entry of lane.entries) {
    const bucket = bucketOf(entry);
    writeEntry(view, entriesAt + starts[bucket]!, entry);
    starts[bucket]! += entrySize(entry);
  }
}

function writeSingles(view: DataView, at: number, singles: readonly StoredPattern[]): void {
  singles.forEach(({ bytes, id, nocase }, index) => {
    view.setUint32(at + index * format.SINGLE_BYTES, bytes[0]!, true);
    view.setUint32(at + index * format.SINGLE_BYTES + format.ENTRY_ID, taggedId(id, nocase), true);
  });
}

/** Sets the bit of the byte after the gram, or all where the pattern has none. */
function addToFilter(view: DataView, filterAt: number, lane: Lane, entry: Entry): void {
  const after = entry.bytes[entry.gramOffset + lane.gramBytes];
  const slot = filterAt + hashOf(lane, entry, lane.slotBits);
  const bits = after === undefined ? 0xff : 1 << (foldByte(after) & 7);
  view.setUint8(slot, view.getUint8(slot) | bits);
}

function writeEntry(view: DataView, at: number, entry: Entry): void {
  view.setUint32(at, entry.gram, true);
  view.setUint32(at + format.ENTRY_ID, taggedId(entry.id, entry.nocase), true);
  view.setUint16(at + format.ENTRY_LENGTH, entry.bytes.length, true);
  view.setUint16(at + format.ENTRY_GRAM_OFFSET, entry.gramOffset, true);
  for (let i = 0; i < entry.bytes.length; i++) view.setUint8(at + format.ENTRY_BYTES + i, entry.bytes[i]!);
}

const hashOf = (lane: Lane, entry: Entry, bits: number): number =>
  hashGram(lane.gramBytes === 4 ? entry.gram : entry.gram & 0xffff, bits);
const hashGram = (gram: number, bits: number): number => Math.imul(gram, format.HASH_FACTOR) >>> (32 - bits);
const entrySize = (entry: Entry): number => format.ENTRY_BYTES + ((entry.bytes.length + 3) & ~3);
const taggedId = (id: number, nocase: boolean): number => (nocase ? id | format.NOCASE_BIT : id) >>> 0;
const align = (bytes: number): number => Math.ceil(bytes / format.TABLE_ALIGNMENT) * format.TABLE_ALIGNMENT;
const log2Ceil = (count: number): number => (count <= 1 ? 0 : 32 - Math.clz32(count - 1));
