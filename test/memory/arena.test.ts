/** The arena against bookkeeping that remembers every block. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, arenaBytesFor, keptBytesFor, BLOCK_BYTES, PAGE_BYTES } from '../../src/memory/arena.js';
import { appendEntry, firstDouble, firstWord, listCount } from '../../src/memory/arena-list.js';

const START = 64;
const arenaOf = (pages: number): Arena =>
  new Arena(new ArrayBuffer(START + pages * PAGE_BYTES), START, pages * PAGE_BYTES);

describe('Arena', () => {
  it('gives blocks that overlap with no other in use, aligned and within its range, and counts them', () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ size: fc.nat({ max: BLOCK_BYTES.length - 1 }), times: fc.integer({ min: 1, max: 40 }) }),
      },
      { weight: 2, arbitrary: fc.record({ drop: fc.nat(), times: fc.integer({ min: 1, max: 60 }) }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (pages, steps) => {
        const arena = arenaOf(pages);
        const inUse: { block: number; size: number }[] = [];
        let refused = 0;
        for (const each of steps) {
          for (let i = 0; i < each.times; i++) {
            if ('size' in each) {
              const block = arena.allocate(each.size);
              if (block === 0) refused++;
              else inUse.push({ block, size: each.size });
            } else if (inUse.length > 0) {
              const [gone] = inUse.splice((each.drop + i) % inUse.length, 1);
              arena.free(gone!.block);
            }
          }
          inUse.sort((a, b) => a.block - b.block);
          let end = START;
          for (const { block, size } of inUse) {
            expect(block).toBeGreaterThanOrEqual(end);
            expect(block % 8).toBe(0);
            expect(arena.sizeOf(block)).toBe(size);
            end = block + BLOCK_BYTES[size]!;
          }
          expect(end).toBeLessThanOrEqual(START + pages * PAGE_BYTES);
          expect(arena.usedBytes).toBe(inUse.reduce((sum, { size }) => sum + BLOCK_BYTES[size]!, 0));
        }
        expect(arena.refused).toBe(refused);
      }),
      { numRuns: 300, seed: 20_261_125 },
    );
  });

  it.each(BLOCK_BYTES.map((bytes, size) => [bytes, size]))(
    'holds a page full of blocks of %i bytes, and refuses one more',
    (bytes, size) => {
      const arena = arenaOf(2);
      const blocks = Array.from({ length: (2 * PAGE_BYTES) / bytes }, () => arena.allocate(size));
      expect(blocks).not.toContain(0);
      expect([arena.allocate(size), arena.refused, arena.usedBytes]).toEqual([0, 1, 2 * PAGE_BYTES]);
    },
  );

  it('gives a page to another size once its last block is back', () => {
    const arena = arenaOf(1);
    const small = Array.from({ length: 3 }, () => arena.allocate(0));
    expect(arena.allocate(5)).toBe(0);
    for (const block of small) arena.free(block);
    expect(arena.allocate(5)).toBe(START);
  });

  it('is empty after `clear`', () => {
    const arena = arenaOf(1);
    while (arena.allocate(1) !== 0);
    arena.clear();
    expect([arena.usedBytes, arena.allocate(5)]).toEqual([0, START]);
  });

  it('keeps half of its pages from what can be done without, whatever the order', () => {
    const step = fc.record({
      spare: fc.boolean(),
      size: fc.nat({ max: BLOCK_BYTES.length - 1 }),
      times: fc.integer({ min: 1, max: 1200 }),
      drop: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 30 }), (pages, steps) => {
        const arena = arenaOf(pages);
        const spares: number[] = [];
        const needed: number[] = [];
        for (const { spare, size, times, drop } of steps) {
          const blocks = spare ? spares : needed;
          for (let i = 0; i < times; i++) {
            if (drop && blocks.length > 0) arena.free(blocks.splice((i * 7919) % blocks.length, 1)[0]!);
            const block = spare ? arena.allocateSpare(size) : arena.allocate(size);
            if (block !== 0) blocks.push(block);
          }
          const taken = new Set(spares.map((block) => Math.floor((block - START) / PAGE_BYTES)));
          expect(2 * taken.size).toBeLessThanOrEqual(pages);
        }
      }),
      { numRuns: 100, seed: 20_261_126 },
    );
  });

  it('keeps as much as it is told to', () => {
    const arena = new Arena(new ArrayBuffer(START + 8 * PAGE_BYTES), START, 8 * PAGE_BYTES, {
      keptBytes: PAGE_BYTES + 1,
    });
    while (arena.allocateSpare(3) !== 0);
    expect(arena.usedBytes).toBe(6 * PAGE_BYTES);
    while (arena.allocate(3) !== 0);
    expect(arena.usedBytes).toBe(8 * PAGE_BYTES);
  });

  it('leaves an eighth of what can be spared to what does not make room for itself', () => {
    const arena = new Arena(new ArrayBuffer(START + 20 * PAGE_BYTES), START, 20 * PAGE_BYTES, {
      keptBytes: 4 * PAGE_BYTES,
    });
    const blocks: number[] = [];
    for (let block = arena.allocateLoose(1); block !== 0; block = arena.allocateLoose(1)) blocks.push(block);
    expect([arena.usedBytes, arena.refused, arena.isScarce]).toEqual([14 * PAGE_BYTES, 0, false]);
    // What it gives back may be had again.
    arena.free(blocks[0]!);
    expect(arena.allocateLoose(1)).toBe(blocks[0]);
    while (arena.allocateSpare(1) !== 0);
    expect(arena.usedBytes).toBe(16 * PAGE_BYTES);
  });

  it('is scarce from its last spare pages on, until flows that gave way have freed as much', () => {
    const arena = new Arena(new ArrayBuffer(START + 32 * PAGE_BYTES), START, 32 * PAGE_BYTES, { keptBytes: 0 });
    const page = BLOCK_BYTES.indexOf(PAGE_BYTES);
    for (let i = 0; i < 30; i++) arena.allocateSpare(page);
    expect(arena.isScarce).toBe(false);
    arena.allocateSpare(page);
    expect(arena.isScarce).toBe(true);
    arena.noteRelief(PAGE_BYTES - 1);
    expect(arena.isScarce).toBe(true);
    arena.noteRelief(1);
    expect(arena.isScarce).toBe(false);
    arena.allocateSpare(page);
    arena.noteRelief(PAGE_BYTES);
    expect([arena.allocateSpare(page), arena.isScarce]).toEqual([0, true]);
    arena.noteRelief(2 * PAGE_BYTES);
    expect(arena.isScarce).toBe(false);
    arena.allocateSpare(page);
    arena.clear();
    expect(arena.isScarce).toBe(false);
  });

  it('keeps a smallest block for each flow, within bounds', () => {
    expect([1, 65_536, 65_537, 131_072, 16_777_216].map((cap) => keptBytesFor(cap) / PAGE_BYTES)).toEqual([
      64, 64, 65, 128, 4096,
    ]);
  });

  it('counts what it refuses of either sort, and gives all of itself for what is needed', () => {
    const arena = arenaOf(4);
    while (arena.allocateSpare(1) !== 0);
    expect([arena.usedBytes, arena.refused]).toEqual([2 * PAGE_BYTES, 1]);
    while (arena.allocate(0) !== 0);
    expect([arena.usedBytes, arena.refused]).toEqual([4 * PAGE_BYTES, 2]);
  });

  it('has two smallest blocks for each flow, within bounds', () => {
    expect([1, 32_768, 32_769, 131_072, 16_777_216].map((cap) => arenaBytesFor(cap) / PAGE_BYTES)).toEqual([
      64, 64, 65, 256, 4096,
    ]);
  });

  it('cannot end where its offsets do not reach', () => {
    const memory = new ArrayBuffer(2 ** 32 + PAGE_BYTES);
    const last = 2 ** 32 - PAGE_BYTES;
    expect(new Arena(memory, last, PAGE_BYTES).allocate(5)).toBe(last);
    expect(() => new Arena(memory, last + 8, PAGE_BYTES)).toThrow(
      'an arena cannot end at byte 4294967304, beyond 4 GiB',
    );
  });

  it('cannot begin at offset 0, which is none', () => {
    expect(() => new Arena(new ArrayBuffer(PAGE_BYTES), 0, PAGE_BYTES)).toThrow('byte 0');
  });
});

describe('lists in an arena', () => {
  it('keep what is appended while they move to larger blocks', () => {
    const arena = arenaOf(6);
    let list = 0;
    for (let i = 0; i < 1000; i++) {
      list = appendEntry(arena, list, 4);
      arena.words[firstWord(list) + i] = i * 7;
    }
    expect(listCount(arena, list)).toBe(1000);
    expect(Array.from({ length: 1000 }, (_, i) => arena.words[firstWord(list) + i])).toEqual(
      Array.from({ length: 1000 }, (_, i) => i * 7),
    );
    expect(arena.usedBytes).toBe(BLOCK_BYTES[2]);
  });

  it('hold numbers of 8 bytes', () => {
    const arena = arenaOf(1);
    const list = appendEntry(arena, 0, 16);
    arena.doubles.set([1.5, -(2 ** 52)], firstDouble(list));
    expect([...arena.doubles.subarray(firstDouble(list), firstDouble(list) + 2)]).toEqual([1.5, -(2 ** 52)]);
  });

  it('stay as they were when there is no room', () => {
    const arena = arenaOf(1);
    let list = 0;
    for (let i = 0; i < 62; i++) list = appendEntry(arena, list, 4);
    while (arena.allocate(0) !== 0);
    expect(appendEntry(arena, list, 4)).toBe(0);
    expect(listCount(arena, list)).toBe(62);
  });
});
