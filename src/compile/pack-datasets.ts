/**
 * Packs the datasets of a rule set into its block (rule-block.ts, DATASET). Stage: load.
 *
 * Each set is a hash table with open addressing, at most half full: what a shard looks up in it costs a hash and one or
 * two comparisons. Sets that rules change are packed the same way; their entries are what the shared table starts with.
 * A list may be made so that its values fall into one place: then another seed is tried, always the same ones in the
 * same order.
 */
import type { DataEntries, Dataset } from '../rule/buffer-match.js';
import { hashBytes, hashWith } from '../util/hash.js';
import { assignBitIds } from './bit-ids.js';
import {
  BLOCK_SEED,
  DATASET,
  DATASET_ENTRY,
  DATASET_ENTRY_WORDS,
  DATASET_TYPES,
  DATASET_WORDS,
} from '../block/rule-block.js';
import { ByteList, WordList } from '../block/word-list.js';

/** Seeds tried at most, and looks at slots in use that are common: half an entry's at this fill. */
const SEEDS = 8;
const PROBES_EACH = 4;
const PROBES_FREE = 64;

export interface PackableDataset {
  readonly set: Dataset;
  /** Rules change it, or it is to be saved. */
  readonly changes: boolean;
}

export interface PackedDatasets {
  readonly words: Uint8Array;
  readonly bytes: Uint8Array;
}

export function packDatasets(sets: readonly PackableDataset[], addString: (text: string) => number): PackedDatasets {
  const words = new WordList();
  const bytes = new ByteList();
  const ids = assignBitIds(sets.map(({ set }) => fullName(set)));
  let free = 1 + sets.length * DATASET_WORDS;
  words.push(sets.length);
  const tables = sets.map(({ set }) => tableOf(set.entries));
  for (const [i, { set, changes }] of sets.entries()) {
    const slots = tables[i].slots.length;
    const row = packRow(set, changes, ids.get(fullName(set))!, free, slots, addString);
    row[DATASET.seed] = tables[i].seed;
    for (const word of row) words.push(word);
    free += slots + set.entries.count * DATASET_ENTRY_WORDS;
  }
  for (const [i, { set }] of sets.entries()) packEntries(set, tables[i], words, bytes, addString);
  return { words: words.bytes(), bytes: bytes.bytes() };
}

/** Sets of one name and different types are different sets. */
export const fullName = ({ name, type }: Dataset): string => `${type}:${name}`;

/** Hashes of all entries with a seed, and the slots that they fall into. */
interface HashTable {
  readonly seed: number;
  readonly hashes: Int32Array;
  readonly slots: Int32Array;
}

function tableOf(entries: DataEntries): HashTable {
  for (let attempt = 0; ; attempt++) {
    const seed = hashWith(BLOCK_SEED, attempt);
    const table = { seed, hashes: hashesOf(entries, seed), slots: new Int32Array(slotsFor(entries.count)) };
    if (fill(table, attempt < SEEDS - 1 ? PROBES_EACH * entries.count + PROBES_FREE : Infinity)) return table;
  }
}

function hashesOf({ bytes, ends, count }: DataEntries, seed: number): Int32Array {
  const hashes = new Int32Array(count);
  for (let entry = 0; entry < count; entry++) {
    const start = ends[entry - 1] ?? 0;
    hashes[entry] = hashBytes(bytes, start, ends[entry] - start, seed);
  }
  return hashes;
}

/** @returns false where that takes more than so many looks at slots in use. */
function fill({ hashes, slots }: HashTable, mostProbes: number): boolean {
  const mask = slots.length - 1;
  let probes = 0;
  for (let entry = 0; entry < hashes.length; entry++) {
    let slot = hashes[entry] & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) if (++probes > mostProbes) return false;
    slots[slot] = entry + 1;
  }
  return true;
}

/** A power of two, at least twice the entries. */
function slotsFor(count: number): number {
  let slots = 2;
  while (slots < 2 * count) slots *= 2;
  return slots;
}

function packRow(
  { name, type, entries, save, memcap, contextKey }: Dataset,
  changes: boolean,
  id: number,
  at: number,
  slots: number,
  addString: (text: string) => number,
): number[] {
  let shortest = Infinity;
  let longest = 0;
  for (let entry = 0; entry < entries.count; entry++) {
    const length = entries.ends[entry] - (entries.ends[entry - 1] ?? 0);
    shortest = Math.min(shortest, length);
    longest = Math.max(longest, length);
  }
  const row = new Array<number>(DATASET_WORDS).fill(0);
  row[DATASET.type] = DATASET_TYPES.indexOf(type);
  row[DATASET.id] = id;
  row[DATASET.changes] = Number(changes);
  row[DATASET.memcap] = Math.min(memcap ?? 0x7fffffff, 0x7fffffff);
  row[DATASET.name] = addString(name);
  row[DATASET.save] = save === undefined ? -1 : addString(save);
  row[DATASET.context] = contextKey === undefined ? -1 : addString(contextKey);
  row[DATASET.slots] = at;
  row[DATASET.mask] = slots - 1;
  row[DATASET.entries] = at + slots;
  row[DATASET.count] = entries.count;
  row[DATASET.shortest] = Math.min(shortest, 0x7fffffff);
  row[DATASET.longest] = longest;
  return row;
}

function packEntries(
  { entries, contextKey }: Dataset,
  { hashes, slots }: HashTable,
  words: WordList,
  bytes: ByteList,
  addString: (text: string) => number,
): void {
  const objects = contextKey === undefined ? undefined : entries.objects;
  const base = bytes.length;
  bytes.append(entries.bytes.subarray(0, entries.ends[entries.count - 1] ?? 0));
  const packed = new Int32Array(entries.count * DATASET_ENTRY_WORDS);
  for (let entry = 0; entry < entries.count; entry++) {
    const start = entries.ends[entry - 1] ?? 0;
    const length = entries.ends[entry] - start;
    const at = entry * DATASET_ENTRY_WORDS;
    packed[at + DATASET_ENTRY.hash] = hashes[entry];
    packed[at + DATASET_ENTRY.at] = base + start;
    packed[at + DATASET_ENTRY.length] = length;
    packed[at + DATASET_ENTRY.value] = objects === undefined ? entries.values[entry] : addString(objects[entry]!);
  }
  for (const word of slots) words.push(word);
  for (const word of packed) words.push(word);
}
