/** The table of datasets that rules change: against plain maps, at its limits, and with several threads at it. */
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateDataTable, DataTable, entryBytes, MAX_SHARED_SETS } from '../../../src/detect/state/data-table.js';
import { builtIt, builtUrl } from '../../support/built.js';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const NO_LIMIT = 0x7fffffff;

/** A table as tests write to it. */
class Sets {
  readonly table: DataTable;
  private readonly rows = new Map<number, number>();

  constructor(memory = allocateDataTable(65_536)) {
    this.table = new DataTable(memory);
  }

  add(id: number, text: string, { memcap = NO_LIMIT, value = 0 } = {}): number {
    const bytes = bytesOf(text);
    return this.table.add(id, this.row(id), memcap, bytes, 0, bytes.length, value);
  }

  remove(id: number, text: string): boolean {
    const bytes = bytesOf(text);
    return this.table.remove(id, this.row(id), bytes, 0, bytes.length);
  }

  find(id: number, text: string): number {
    const bytes = bytesOf(text);
    return this.table.find(id, bytes, 0, bytes.length);
  }

  contents(id: number): string[] {
    return [...this.table.contents(id)].map((value) => Buffer.from(value!).toString('latin1')).sort();
  }

  /** @returns how many steps it took beside the last. */
  forget(id: number): number {
    return [...this.table.forget(id)].length;
  }

  private row(id: number): number {
    const row = this.rows.get(id) ?? this.table.addSet(id);
    this.rows.set(id, row);
    return row;
  }
}

describe('values', () => {
  it('are there once they are added, with their number, until they are taken out', () => {
    const sets = new Sets();
    expect([
      sets.find(1, 'abc'),
      sets.add(1, 'abc', { value: 7 }),
      sets.add(1, 'abc', { value: 8 }),
      sets.find(1, 'abc'),
    ]).toEqual([-1, 1, 0, 7]);
    expect([sets.remove(1, 'abc'), sets.remove(1, 'abc'), sets.find(1, 'abc')]).toEqual([true, false, -1]);
  });

  it('are exact, however long, and part of no longer one', () => {
    const sets = new Sets();
    for (const length of [1, 39, 40, 41, 99, 100, 101, 160, 161, 5000]) {
      const text = 'x'.repeat(length);
      expect(sets.add(1, text)).toBe(1);
      expect([sets.find(1, text), sets.find(1, `${text.slice(1)}y`), sets.find(1, `y${text.slice(1)}`)]).toEqual([
        0, -1, -1,
      ]);
    }
    expect(
      sets
        .contents(1)
        .map((text) => text.length)
        .sort((a, b) => a - b),
    ).toEqual([1, 39, 40, 41, 99, 100, 101, 160, 161, 5000]);
  });

  it('are read from within a packet', () => {
    const { table } = new Sets();
    const row = table.addSet(1);
    expect(table.add(1, row, NO_LIMIT, bytesOf('--abc--'), 2, 3, 0)).toBe(1);
    expect(table.find(1, bytesOf('abcabc'), 3, 3)).toBe(0);
  });

  it('of one set are not in another', () => {
    const sets = new Sets();
    sets.add(1, 'abc');
    expect([sets.find(2, 'abc'), sets.add(2, 'abc'), sets.remove(1, 'abc'), sets.find(2, 'abc')]).toEqual([
      -1,
      1,
      true,
      0,
    ]);
  });

  it('are seen by every shard', () => {
    const memory = allocateDataTable(65_536, 12_345);
    new Sets(memory).add(1, 'abc');
    expect(new Sets(memory).find(1, 'abc')).toBe(0);
  });
});

describe('limits', () => {
  it('are those of the table: what has no room is refused and counted, and what is there stays', () => {
    const sets = new Sets();
    const texts = Array.from({ length: 1200 }, (_, i) => `value ${i}`);
    const outcomes = texts.map((text) => sets.add(1, text));
    expect(outcomes.filter((outcome) => outcome === 1)).toHaveLength(1024);
    expect([sets.table.refused, sets.table.values, sets.table.usedBytes]).toEqual([176, 1024, 65_536]);
    expect(sets.contents(1)).toEqual(texts.slice(0, 1024).sort());
    expect(sets.add(1, texts[0]!)).toBe(0);
  });

  it('give room again as values go', () => {
    const sets = new Sets();
    for (let i = 0; i < 1024; i++) sets.add(1, `value ${i}`);
    expect(sets.add(1, 'x'.repeat(200))).toBe(-1);
    for (let i = 0; i < 4; i++) sets.remove(1, `value ${i}`);
    expect(sets.add(1, 'x'.repeat(200))).toBe(1);
    expect(entryBytes(200)).toBe(256);
    expect(sets.table.usedBytes).toBe(65_536);
  });

  it('are those of a set, by its memcap', () => {
    const sets = new Sets();
    expect([
      sets.add(1, 'a', { memcap: 128 }),
      sets.add(1, 'b', { memcap: 128 }),
      sets.add(1, 'c', { memcap: 128 }),
      sets.add(2, 'c', { memcap: 128 }),
    ]).toEqual([1, 1, -1, 1]);
    sets.remove(1, 'a');
    expect(sets.add(1, 'c', { memcap: 128 })).toBe(1);
  });

  it('hold for the number of sets: one too many takes nothing', () => {
    const { table } = new Sets();
    const rows = Array.from({ length: MAX_SHARED_SETS + 1 }, (_, i) => table.addSet(i + 1));
    expect(rows.at(-1)).toBe(-1);
    expect([
      table.add(9999, -1, NO_LIMIT, bytesOf('a'), 0, 1, 0),
      table.remove(9999, -1, bytesOf('a'), 0, 1),
      table.refused,
    ]).toEqual([-1, false, 1]);
  });
});

describe('sets', () => {
  it("go with all their values, and with no other's", () => {
    const sets = new Sets();
    for (let i = 0; i < 300; i++) sets.add(1 + (i % 3), `value ${i} ${'x'.repeat(i % 90)}`);
    const kept = [sets.contents(1), sets.contents(3)];
    sets.forget(2);
    expect([sets.contents(1), sets.contents(2), sets.contents(3)]).toEqual([kept[0], [], kept[1]]);
    expect([sets.table.values, sets.table.findSet(2), sets.table.setIds()]).toEqual([200, -1, [1, 3]]);
  });

  it("take nothing from who is still at a set that was forgotten, though its row may be another's", () => {
    const { table } = new Sets();
    const row = table.addSet(1);
    expect([...table.forget(1)]).toEqual([]);
    expect([table.add(1, row, NO_LIMIT, bytesOf('late'), 0, 4, 0), table.addSet(2)]).toEqual([-1, row]);
    table.add(2, row, NO_LIMIT, bytesOf('other'), 0, 5, 0);
    expect([
      table.add(1, row, NO_LIMIT, bytesOf('late'), 0, 4, 0),
      table.remove(1, row, bytesOf('other'), 0, 5),
      table.refused,
      table.values,
    ]).toEqual([-1, false, 2, 1]);
  });

  it('are all gone in a table that is cleared, and what was refused stays counted', () => {
    const memory = allocateDataTable(65_536);
    const sets = new Sets(memory);
    for (let i = 0; i < 1100; i++) sets.add(1, `value ${i}`);
    sets.table.clear();
    expect([
      sets.contents(1),
      sets.table.values,
      sets.table.usedBytes,
      sets.table.setIds(),
      sets.table.refused,
    ]).toEqual([[], 0, 0, [], 76]);
    expect(new Sets(memory).add(1, 'again')).toBe(1);
  });
});

describe('any sequence of changes', () => {
  const step = fc.record({
    operation: fc.constantFrom('add' as const, 'remove' as const, 'find' as const, 'forget' as const),
    id: fc.integer({ min: 1, max: 3 }),
    text: fc
      .tuple(fc.constantFrom('', 'a', 'b'), fc.constantFrom(0, 1, 38, 39, 40, 99, 130))
      .map(([start, length]) => `${start}${'x'.repeat(length)}`)
      .filter((text) => text !== ''),
  });

  it('comes out as maps have it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            { weight: 30, arbitrary: step.filter(({ operation }) => operation !== 'forget') },
            { weight: 1, arbitrary: step },
          ),
          { maxLength: 120 },
        ),
        (steps) => {
          const memory = allocateDataTable(65_536);
          const sets = new Sets(memory);
          const { table } = sets;
          const model = new Map<number, Set<string>>();
          for (const { operation, id, text } of steps) {
            const set = model.get(id) ?? new Set<string>();
            model.set(id, set);
            const bytes = bytesOf(text);
            if (operation === 'find') expect(table.find(id, bytes, 0, bytes.length) >= 0).toBe(set.has(text));
            else if (operation === 'add')
              expect(table.add(id, table.addSet(id), NO_LIMIT, bytes, 0, bytes.length, 0)).toBe(set.has(text) ? 0 : 1);
            else if (operation === 'remove')
              expect(table.remove(id, table.addSet(id), bytes, 0, bytes.length)).toBe(set.has(text));
            else sets.forget(id);
            if (operation === 'add') set.add(text);
            else if (operation === 'remove') set.delete(text);
            else if (operation === 'forget') set.clear();
          }
          for (const [id, set] of model)
            expect([...table.contents(id)].map((value) => Buffer.from(value!).toString('latin1')).sort()).toEqual(
              [...set].sort(),
            );
          const all = [...model.values()].flatMap((set) => [...set]);
          expect([table.values, table.usedBytes]).toEqual([
            all.length,
            all.reduce((sum, text) => sum + entryBytes(text.length), 0),
          ]);
        },
      ),
      { numRuns: 150, seed: 31 },
    );
  });
});

describe('several threads', () => {
  const SOURCE = `
    const { parentPort, workerData: { url, memory, thread, threads, rounds } } = require('node:worker_threads');
    import(url).then(({ DataTable }) => {
      const table = new DataTable(memory, thread + 1);
      const row = table.findSet(1);
      let won = 0;
      for (let i = 0; i < rounds; i++) {
        // Everybody adds the same values, long and short, and each takes its own out again.
        const same = Buffer.from('same ' + i + 'x'.repeat(i % 150));
        if (table.add(1, row, 0x7fffffff, same, 0, same.length, 0) === 1) won++;
        const own = Buffer.from('own ' + thread + ' ' + (i % 7) + 'y'.repeat(i % 90));
        if (table.add(1, row, 0x7fffffff, own, 0, own.length, 0) !== 1) throw new Error('own value was there');
        if (table.find(1, own, 0, own.length) !== 0) throw new Error('own value is not there');
        if (!table.remove(1, row, own, 0, own.length)) throw new Error('own value is gone');
      }
      parentPort.postMessage(won);
    });`;

  builtIt('add each value once, lose none and mix none up', async () => {
    const [threads, rounds] = [4, 3000];
    const memory = allocateDataTable(4 * 1024 * 1024, 99);
    new DataTable(memory).addSet(1);
    const won = await Promise.all(
      Array.from(
        { length: threads },
        (_, thread) =>
          new Promise<number>((resolve, reject) => {
            const worker = new Worker(SOURCE, {
              eval: true,
              workerData: { url: builtUrl('detect/state/data-table.js'), memory, thread, threads, rounds },
            });
            worker.once('message', resolve);
            worker.once('error', reject);
          }),
      ),
    );
    expect(won.reduce((sum, count) => sum + count, 0)).toBe(rounds);
    const sets = new Sets(memory);
    const expected = Array.from({ length: rounds }, (_, i) => `same ${i}${'x'.repeat(i % 150)}`);
    expect(sets.contents(1)).toEqual(expected.sort());
    expect([sets.table.values, sets.table.refused]).toEqual([rounds, 0]);
    expect(sets.table.usedBytes).toBe(expected.reduce((sum, text) => sum + entryBytes(text.length), 0));
  });
});
