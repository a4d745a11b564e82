/** What parsers stand on: inputs, texts in the arena, pools. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Input } from '../../src/app/input.js';
import { Pool } from '../../src/app/pool.js';
import { Field, HeaderTable } from '../../src/app/http1/header-table.js';
import { TextBlock } from '../../src/app/text-block.js';
import { Arena, PAGE_BYTES } from '../../src/memory/arena.js';

const START = 4096;
const newArena = (pages: number): Arena =>
  new Arena(new ArrayBuffer(START + pages * PAGE_BYTES), START, pages * PAGE_BYTES, { keptBytes: 0 });

describe('an input', () => {
  it('gives what is taken once, and counts where it is in the stream', () => {
    const input = new Input(new Uint8Array(64));
    input.begin(8, 10, 100, false, false);
    input.take(4);
    expect([input.position, input.available, input.offset]).toEqual([12, 6, 104]);
  });

  it('passes over what is there and asks for the rest to be left out', () => {
    const input = new Input(new Uint8Array(64));
    input.begin(8, 10, 0, false, false);
    input.skip(25);
    expect([input.position, input.available, input.skipped, input.offset]).toEqual([18, 0, 15, 25]);
  });
});

describe('a text in the arena', () => {
  it('holds what was put into it, however it grew', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 20 }), (parts) => {
        const arena = newArena(4);
        const text = new TextBlock(arena, 16_384);
        const offsets = parts.map((part) => {
          arena.bytes.set(part, 64);
          return text.append(64, part.length);
        });
        const whole = Buffer.concat(parts);
        expect(Buffer.from(arena.bytes.slice(text.start, text.start + text.length))).toEqual(whole);
        offsets.forEach((at, index) => {
          expect(Buffer.from(arena.bytes.slice(text.start + at, text.start + at + parts[index]!.length))).toEqual(
            Buffer.from(parts[index]!),
          );
        });
      }),
    );
  });

  it('refuses what is beyond its limit, and what the arena has no room for, and stays as it was', () => {
    const small = new TextBlock(newArena(2), 10);
    expect([small.append(64, 8), small.append(64, 3), small.length]).toEqual([0, -1, 8]);
    const arena = newArena(1);
    const first = new TextBlock(arena, 400_000);
    const second = new TextBlock(arena, 400_000);
    expect(first.reserve(262_144)).toBe(true);
    expect(second.push(1)).toBe(false);
    first.clear();
    expect(second.push(1)).toBe(true);
  });
});

describe('what is kept of what went by', () => {
  it('leaves the pages that rules need', () => {
    const arena = new Arena(new ArrayBuffer(START + 2 * PAGE_BYTES), START, 2 * PAGE_BYTES, { keptBytes: PAGE_BYTES });
    expect(new TextBlock(arena, PAGE_BYTES).reserve(PAGE_BYTES)).toBe(true);
    expect(new TextBlock(arena, PAGE_BYTES).push(1)).toBe(false);
    expect(new HeaderTable(arena).add(new Field(), 0)).toBe(-1);
    expect(arena.allocate(0)).toBeGreaterThan(0);
  });
});

describe('a pool', () => {
  it('hands out as many as it may, and those given back again', () => {
    let made = 0;
    const pool = new Pool(newArena(1), 2, 1, () => ({ number: ++made }));
    const [first] = [pool.take(), pool.take()];
    expect(pool.take()).toBeUndefined();
    pool.give(first!);
    expect(pool.take()).toBe(first);
    expect([made, pool.inUse]).toEqual([2, 2]);
  });
});
