/** Datasets made to collide: packing them, and looking them up, stays linear. */
import { describe, expect, it } from 'vitest';
import { BLOCK_SEED, DATASET, DATASET_ENTRY, DATASET_ENTRY_WORDS } from '../../src/block/rule-block.js';
import { packDatasets } from '../../src/compile/pack-datasets.js';
import { DataList } from '../../src/load/data-list.js';
import type { Dataset } from '../../src/rule/buffer-match.js';
import { hashBytes, hashWith, mix32 } from '../../src/util/hash.js';

const GOLDEN = 0x9e3779b1;

/** The word that mix32 makes `mixed` of. */
function unmix32(mixed: number): number {
  let h = mixed ^ (mixed >>> 16);
  h = Math.imul(h, 0x7ed1b41d);
  h ^= (h >>> 13) ^ (h >>> 26);
  h = Math.imul(h, 0xa5cb9243);
  return h ^ (h >>> 16);
}

/** Values of 8 bytes that all have one hash with the seed: the second word makes up for the first. */
function colliding(count: number, seed: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const value = new Uint8Array(8);
    const view = new DataView(value.buffer);
    view.setInt32(0, i);
    view.setInt32(4, unmix32(((hashWith(seed ^ 8, i) + GOLDEN) | 0) ^ 0x12345678));
    return value;
  });
}

describe('values that have one hash', () => {
  it('are made as the hash is', () => {
    expect(unmix32(mix32(0x12345678))).toBe(0x12345678);
    expect(new Set(colliding(100, 7).map((value) => hashBytes(value, 0, 8, 7))).size).toBe(1);
  });

  it('are collected in linear time, whatever seed they are made for', () => {
    const list = new DataList();
    for (const value of colliding(150_000, 0)) list.add(value, 1);
    expect(list.entries().count).toBe(150_000);
  });

  it('are packed with another seed', () => {
    const list = new DataList();
    for (const value of colliding(5000, hashWith(BLOCK_SEED, 0))) list.add(value, 1);
    const set: Dataset = { name: 'aimed', type: 'string', entries: list.entries(), save: undefined, memcap: undefined };
    const words = new Int32Array(packDatasets([{ set, changes: false }], () => 0).words.slice().buffer);
    const row = words.subarray(1);
    const { seed, slots, mask, entries } = DATASET;
    expect(row[seed]).not.toBe(hashWith(BLOCK_SEED, 0));
    let looks = 0;
    for (let entry = 0; entry < 5000; entry++) {
      let slot = words[row[entries]! + entry * DATASET_ENTRY_WORDS + DATASET_ENTRY.hash]! & row[mask]!;
      for (; words[row[slots]! + slot] !== entry + 1; slot = (slot + 1) & row[mask]!) looks++;
    }
    expect(looks).toBeLessThan(4 * 5000);
  });
});
