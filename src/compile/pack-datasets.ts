/**
 * Packs the datasets of a rule set into its block (rule-block.ts, DATASET). Stage: load.
 *
 * Each set is a hash table with open addressing, at most half full: what a shard looks up in it costs a hash and one or two
 * comparisons. Sets that rules change are packed the same way; their entries are what the shared table starts with.
 */
import type { Dataset } from '../rule/program.js';
import { hashBytes } from '../util/hash.js';
import { assignBitIds } from './bit-ids.js';
import { BLOCK_SEED, DATASET, DATASET_ENTRY, DATASET_ENTRY_WORDS, DATASET_TYPES, DATASET_WORDS } from '../block/rule-block.js';
import { ByteList, WordList } from '../block/word-list.js';

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
  for (const { set, changes } of sets) {
    const slots = slotsFor(set.entries.count);
    for (const word of packRow(set, changes, ids.get(fullName(set))!, free, slots, addString)) words.push(word);
    free += slots + set.entries.count * DATASET_ENTRY_WORDS;
  }
  for (const { set } of sets) packEntries(set, words, bytes);
  return { words: words.bytes(), bytes: bytes.bytes() };
}

/** Sets of one name and different types are different sets. */
export const fullName = ({ name, type }: Dataset): string => `${type}:${name}`;

/** A power of two, at least twice the entries. */
function slotsFor(count: number): number {
  let slots = 2;
  while (slots < 2 * count) slots *= 2;
  return slots;
}

function packRow({ name, type, entries, save, memcap }: Dataset, changes: boolean, id: number, at: number, slots: number, addString: (text: string) => number): number[] {
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
  row[DATASET.slots] = at;
  row[DATASET.mask] = slots - 1;
  row[DATASET.entries] = at + slots;
  row[DATASET.count] = entries.count;
  row[DATASET.shortest] = Math.min(shortest, 0x7fffffff);
  row[DATASET.longest] = longest;
  return row;
}

function packEntries({ entries }: Dataset, words: WordList, bytes: ByteList): void {
  const base = bytes.length;
  bytes.append(entries.bytes.subarray(0, entries.ends[entries.count - 1] ?? 0));
  const slots = new Int32Array(slotsFor(entries.count));
  const packed = new Int32Array(entries.count * DATASET_ENTRY_WORDS);
  for (let entry = 0; entry < entries.count; entry++) {
    const start = entries.ends[entry - 1] ?? 0;
    const length = entries.ends[entry] - start;
    const hash = hashBytes(entries.bytes, start, length, BLOCK_SEED);
    const at = entry * DATASET_ENTRY_WORDS;
    packed[at + DATASET_ENTRY.hash] = hash;
    packed[at + DATASET_ENTRY.at] = base + start;
    packed[at + DATASET_ENTRY.length] = length;
    packed[at + DATASET_ENTRY.value] = entries.values[entry];
    let slot = hash & (slots.length - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = entry + 1;
  }
  for (const word of slots) words.push(word);
  for (const word of packed) words.push(word);
}
