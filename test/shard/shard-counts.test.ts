/** What parts of a shard count, added up. */
import { expect, it } from 'vitest';
import { SHARD_LAYOUT, SHARD_SLOTS } from '../../src/counters/names.js';
import type { Detector } from '../../src/detect/detect.js';
import { ShardCounts, type CountingParts } from '../../src/shard/shard-counts.js';

/** Any part: all that it is asked for is `total`, in it and in what it holds. */
const counting = (total: () => number, depth: number): unknown =>
  new Proxy({}, { get: () => (depth === 0 ? total() : counting(total, depth - 1)) });
const NAMES = Object.entries(SHARD_SLOTS);
const GAUGES = ['flowsActive', 'streamWindows', 'streamWindowBytes'];

function partsWith(total: () => number): CountingParts {
  const deep = counting(total, 1);
  const flat = counting(total, 0);
  return {
    flows: new Proxy({}, { get: (_, name) => (name === 'stats' ? flat : total()) }),
    streamStats: flat,
    reassembler: deep,
    applications: deep,
    fileNeeds: flat,
    frames: flat,
    fileRing: deep,
    flowLog: flat,
    anomalyLog: flat,
    evidence: deep,
    duplicates: flat,
  } as unknown as CountingParts;
}
const detectorWith = (total: () => number): Detector =>
  new Proxy(
    {},
    { get: (_, name) => (name === 'stats' || name === 'tagStats' ? counting(total, 0) : total()) },
  ) as unknown as Detector;
const named = (sums: Float64Array): Record<string, number> =>
  Object.fromEntries(NAMES.map(([name, slot]) => [name, sums[slot]]).filter(([, sum]) => sum !== 0));

it('adds what each part has counted since the last time to what is there', () => {
  const sums = new Float64Array(SHARD_LAYOUT.size);
  sums[SHARD_SLOTS.tcpGaps] = 100;
  let total = 3;
  const counts = new ShardCounts(
    sums,
    partsWith(() => total),
  );
  counts.collect(50);
  total = 5;
  counts.collect(50);
  expect(sums[SHARD_SLOTS.tcpGaps]).toBe(105);
  expect(sums[SHARD_SLOTS.busyMicroseconds]).toBe(100);
  sums[SHARD_SLOTS.tcpGaps] = sums[SHARD_SLOTS.busyMicroseconds] = 0;
  const others = named(sums);
  expect(Object.keys(others).length).toBeGreaterThan(35);
  expect(new Set(Object.values(others))).toEqual(new Set([5]));
  for (const name of GAUGES) expect(others[name], name).toBe(5);
});

it('goes on where other rules begin at zero', () => {
  const sums = new Float64Array(SHARD_LAYOUT.size);
  const counts = new ShardCounts(
    sums,
    partsWith(() => 0),
  );
  counts.use(detectorWith(() => 7));
  counts.collect(0);
  counts.use(detectorWith(() => 2));
  counts.collect(0);
  counts.collect(0);
  expect(Object.keys(named(sums)).length).toBeGreaterThan(12);
  expect(new Set(Object.values(named(sums)))).toEqual(new Set([9]));
});
