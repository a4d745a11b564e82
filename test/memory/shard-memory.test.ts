/** Where things lie in a shard's memory, and what is said where it would be too small or too large. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  KERNEL_BYTES,
  MAX_CHUNK_BYTES,
  MOST_SHARD_BYTES,
  OUTPUT_BYTES,
  ringBytesFor,
  shardLayout,
  type ShardSizes,
} from '../../src/memory/layout.js';
import { WORK_BYTES } from '../../src/match/literal/kernel-scratch.js';
import { newShardMemory } from '../support/shard-memory.js';

const MIB = 1024 * 1024;
const SIZES: ShardSizes = {
  rings: 2,
  ringBytes: 8 * MIB,
  tableBytes: 16 * MIB,
  keptBytes: 32 * MIB,
  streamBytes: 128 * MIB,
  recordBytes: 131_072 * 256,
};

describe("the layout of a shard's memory", () => {
  it('has no two things overlap, whatever their sizes', () => {
    const sizes = fc.record({
      rings: fc.nat(9),
      ringBytes: fc.integer({ min: 1, max: 32 * MIB }),
      tableBytes: fc.integer({ min: 1, max: 32 * MIB }),
      keptBytes: fc.nat(64 * MIB),
      streamBytes: fc.nat(256 * MIB),
      recordBytes: fc.nat(256 * MIB),
    });
    fc.assert(
      fc.property(sizes, (each) => {
        const { rings, tables, scratch, arena, flows, totalBytes } = shardLayout(each);
        const ranges = [
          ...rings.map((at) => [at, ringBytesFor(each.ringBytes)] as const),
          ...tables.map((at) => [at, each.tableBytes] as const),
          [scratch.kernel, KERNEL_BYTES] as const,
          // Scanners write the byte before a text and some after it.
          [scratch.folded - 1, MAX_CHUNK_BYTES + 33] as const,
          [scratch.foreign, MAX_CHUNK_BYTES + 32] as const,
          ...scratch.outputs.map((at) => [at, OUTPUT_BYTES + 16] as const),
          [scratch.decoded, 65_536] as const,
          [scratch.seen, Math.ceil(scratch.patterns / 8)] as const,
          [scratch.hits, 4 * scratch.patterns] as const,
          [arena, each.keptBytes + each.streamBytes] as const,
          [flows, each.recordBytes] as const,
        ];
        let end = 64;
        for (const [at, bytes] of ranges) {
          expect(at).toBeGreaterThanOrEqual(end);
          end = at + bytes;
        }
        expect(totalBytes).toBeGreaterThanOrEqual(end + 64);
        expect(totalBytes % 65_536).toBe(0);
        for (const at of [...rings, ...tables, arena, flows]) expect(at % 64).toBe(0);
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  it('has room for the kernel, and for every pattern that tables can hold', () => {
    expect(KERNEL_BYTES).toBeGreaterThanOrEqual(WORK_BYTES);
    expect(4 * shardLayout(SIZES).scratch.patterns).toBeGreaterThanOrEqual(SIZES.tableBytes);
  });

  it.each([
    [{ recordBytes: 4096 * MIB }, 'lower flow.cap'],
    [{ streamBytes: 4090 * MIB }, 'lower stream.memory'],
    [{ rings: 600 }, 'lower ring.bytes'],
    [{ tableBytes: 1500 * MIB }, 'lower patterns.bytes'],
  ])('with %j does not end below 4 GiB, and says what to lower', (more, remedy) => {
    expect(() => shardLayout({ ...SIZES, ...more })).toThrow(remedy);
  });

  it('may end at 4 GiB', () => {
    const spare = MOST_SHARD_BYTES - shardLayout({ ...SIZES, recordBytes: 0 }).totalBytes;
    expect(shardLayout({ ...SIZES, recordBytes: spare }).totalBytes).toBe(MOST_SHARD_BYTES);
  });
});

describe('tables of two generations', () => {
  it('are copied beside each other, literals behind the patterns', () => {
    const memory = newShardMemory();
    const [a, b] = [1, 2].map((fill) => new Uint8Array(1000).fill(fill));
    const first = memory.installTables(0, a!, Uint8Array.of(10, 11));
    const second = memory.installTables(1, b!, Uint8Array.of(20));
    for (const [{ patterns, literals }, tables, pool] of [
      [first, a, [10, 11]],
      [second, b, [20]],
    ] as const) {
      expect(memory.bytes.slice(patterns, patterns + 1000)).toEqual(tables);
      expect([...memory.bytes.slice(literals, literals + pool.length)]).toEqual(pool);
      expect([patterns % 64, literals % 64]).toEqual([0, 0]);
    }
  });

  it('that are too large are refused before anything is copied, with the setting to raise', () => {
    const memory = newShardMemory({ tableBytes: 2 * MIB });
    const tooMany = new Uint8Array(2 * MIB).fill(9);
    expect(() => memory.installTables(0, tooMany, Uint8Array.of(1))).toThrow(
      'take 2 MiB, and patterns.bytes allows 2 MiB: raise it',
    );
    expect(memory.bytes[memory.layout.tables[0]]).toBe(0);
    memory.installTables(0, new Uint8Array(MIB), new Uint8Array(MIB));
  });
});
