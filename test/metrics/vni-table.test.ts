import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeVniCounts, OTHER_VNI, VniTable, type VniCount } from '../../src/metrics/vni-table.js';

describe('VniTable', () => {
  it('counts per session, seen by whoever opens the memory', () => {
    const memory = VniTable.allocate(10);
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

  it('is empty at first', () => {
    expect(new VniTable(VniTable.allocate(1)).read()).toEqual([]);
  });

  it('agrees with a Map, and puts all beyond its cap into one row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.tuple(fc.nat({ max: 0xffffff }).map((vni) => vni % 13 * 1_000_003 & 0xffffff), fc.nat({ max: 1500 }))), (cap, frames) => {
        const table = new VniTable(VniTable.allocate(cap));
        const expected = new Map<number, VniCount>();
        for (const [i, [vni, bytes]] of frames.entries()) {
          table.count(vni, bytes, i);
          const key = expected.has(vni) || [...expected.keys()].filter((each) => each !== OTHER_VNI).length < cap ? vni : OTHER_VNI;
          const row = expected.get(key);
          expected.set(key, { vni: key, packets: (row?.packets ?? 0) + 1, bytes: (row?.bytes ?? 0) + bytes, lastSeenUs: i });
        }
        const order = (vni: number): number => (vni === OTHER_VNI ? Infinity : vni);
        expect(table.read()).toEqual([...expected.values()].sort((a, b) => order(a.vni) - order(b.vni)));
      }),
    );
  });
});

describe('mergeVniCounts', () => {
  const row = (vni: number, packets: number, lastSeenUs = 0): VniCount => ({ vni, packets, bytes: packets * 10, lastSeenUs });

  it('adds the tables of several dispatchers up, within the cap', () => {
    expect(mergeVniCounts([[row(1, 1, 9), row(3, 1)], [row(1, 2, 5), row(2, 4), row(OTHER_VNI, 8)]], 2)).toEqual([row(1, 3, 9), row(2, 4), row(OTHER_VNI, 9)]);
  });

  it('leaves one table as it is', () => {
    expect(mergeVniCounts([[row(5, 1), row(OTHER_VNI, 2)]], 10)).toEqual([row(5, 1), row(OTHER_VNI, 2)]);
    expect(mergeVniCounts([], 10)).toEqual([]);
  });
});
