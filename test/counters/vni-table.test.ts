import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeVniCounts, OTHER_VNI, VniTable, type VniCount } from '../../src/counters/vni-table.js';

const HOUR = 3600;
const at = (seconds: number): number => 1e15 + seconds * 1e6;
const vnisOf = (table: VniTable): number[] => table.read().map(({ vni }) => vni);

describe('VniTable', () => {
  it('counts per session, seen by whoever opens the memory', () => {
    const memory = VniTable.allocate(10, HOUR);
    const table = new VniTable(memory);
    table.count(7, 100, 5e6);
    table.count(0, 60, 6e6);
    table.count(7, 50, 4e6);
    table.count(0xffffff, 1, 9e6);
    expect(new VniTable(memory).read()).toEqual([
      { vni: 0, packets: 1, bytes: 60, lastSeenUs: 6e6 },
      { vni: 7, packets: 2, bytes: 150, lastSeenUs: 5e6 },
      { vni: 0xffffff, packets: 1, bytes: 1, lastSeenUs: 9e6 },
    ]);
  });

  it('goes on where a writer has died', () => {
    const memory = VniTable.allocate(2, HOUR);
    new VniTable(memory).count(7, 100, 5e6);
    const next = new VniTable(memory);
    next.count(8, 1, 6e6);
    next.count(7, 1, 6e6);
    expect(next.read().map(({ vni, bytes }) => [vni, bytes])).toEqual([
      [7, 101],
      [8, 1],
    ]);
  });

  it('is empty at first', () => {
    expect(new VniTable(VniTable.allocate(1, HOUR)).read()).toEqual([]);
  });

  it('agrees with a Map, and puts all beyond its cap into one row', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(
          fc.tuple(
            fc.nat({ max: 0xffffff }).map((vni) => ((vni % 13) * 1_000_003) & 0xffffff),
            fc.nat({ max: 1500 }),
          ),
        ),
        (cap, frames) => {
          const table = new VniTable(VniTable.allocate(cap, HOUR));
          const expected = new Map<number, VniCount>();
          for (const [i, [vni, bytes]] of frames.entries()) {
            table.count(vni, bytes, i);
            const key =
              expected.has(vni) || [...expected.keys()].filter((each) => each !== OTHER_VNI).length < cap
                ? vni
                : OTHER_VNI;
            const row = expected.get(key);
            expected.set(key, {
              vni: key,
              packets: (row?.packets ?? 0) + 1,
              bytes: (row?.bytes ?? 0) + bytes,
              lastSeenUs: i,
            });
          }
          const order = (vni: number): number => (vni === OTHER_VNI ? Infinity : vni);
          expect(table.read()).toEqual([...expected.values()].sort((a, b) => order(a.vni) - order(b.vni)));
        },
      ),
    );
  });
});

describe('a full VniTable', () => {
  function full(packets: number): VniTable {
    const table = new VniTable(VniTable.allocate(40, HOUR));
    for (let vni = 0; vni < 40; vni++) for (let i = 0; i < packets; i++) table.count(vni, 100, at(0));
    return table;
  }

  it('gives the rows of strays away after a minute, and not before', () => {
    const table = full(3);
    for (let vni = 100; vni < 140; vni++) table.count(vni, 1, at(60));
    expect(vnisOf(table)).toEqual([...Array.from({ length: 40 }, (_, vni) => vni), OTHER_VNI]);
    for (let vni = 100; vni < 140; vni++) table.count(vni, 1, at(61));
    expect(vnisOf(table)).toEqual([...Array.from({ length: 40 }, (_, i) => 100 + i), OTHER_VNI]);
    expect(table.read()[0]).toEqual({ vni: 100, packets: 1, bytes: 1, lastSeenUs: at(61) });
    expect(table.replaced).toBe(40);
  });

  it('keeps a session that has fallen silent until it is forgotten', () => {
    const table = full(1000);
    for (let vni = 100; vni < 200; vni++) table.count(vni, 1, at(HOUR));
    expect(table.replaced).toBe(0);
    table.count(100, 1, at(HOUR + 1));
    expect(table.replaced).toBe(1);
    expect(vnisOf(table)).toContain(100);
  });

  it("takes a stray's row and not that of a session", () => {
    const used = new VniTable(VniTable.allocate(16, HOUR));
    for (let vni = 0; vni < 16; vni++) for (let i = 0; i < (vni === 9 ? 1 : 2000); i++) used.count(vni, 1, at(0));
    used.count(50, 1, at(120));
    expect(vnisOf(used)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 50]);
  });

  it('does not count a VNI that has lost its row in the row that it had', () => {
    const table = new VniTable(VniTable.allocate(1, HOUR));
    table.count(1, 10, at(0));
    table.count(2, 20, at(100));
    table.count(1, 10, at(101));
    expect(table.read()).toEqual([
      { vni: 2, packets: 1, bytes: 20, lastSeenUs: at(100) },
      { vni: OTHER_VNI, packets: 1, bytes: 10, lastSeenUs: at(101) },
    ]);
  });
});

describe('mergeVniCounts', () => {
  const row = (vni: number, packets: number, lastSeenUs = 10): VniCount => ({
    vni,
    packets,
    bytes: packets * 10,
    lastSeenUs,
  });

  it('adds the tables of several dispatchers up', () => {
    expect(
      mergeVniCounts(
        [
          [row(1, 1, 19), row(3, 1)],
          [row(1, 2, 5), row(2, 4), row(OTHER_VNI, 8)],
        ],
        10,
      ),
    ).toEqual([row(1, 3, 19), row(2, 4), row(3, 1), row(OTHER_VNI, 8)]);
  });

  it('leaves out what was not seen since, but for the others', () => {
    expect(mergeVniCounts([[row(5, 1, 10), row(6, 1, 9), row(OTHER_VNI, 2, 0)]], 10)).toEqual([
      row(5, 1),
      row(OTHER_VNI, 2, 0),
    ]);
    expect(mergeVniCounts([], 10)).toEqual([]);
  });
});
