/** The memory that settings may come to use: what fits, and what to lower where it does not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySettings } from '../../src/cli/memory-plan.js';
import { loadConfig } from '../../src/config/load-config.js';
import { FLOW_BYTES } from '../../src/flow/record.js';
import { keptBytesFor } from '../../src/memory/arena.js';
import { planMemory, shardSizes, type MemorySettings } from '../../src/memory/budget.js';
import { shardLayout } from '../../src/memory/layout.js';

const MIB = 1024 * 1024;
const settingsOf = (flags: Readonly<Record<string, unknown>> = {}): MemorySettings =>
  memorySettings(loadConfig({ flags: { workers: 1, ...flags } }).config);

/** What a message asks to lower, done. */
function follow(settings: MemorySettings, problem: string): MemorySettings {
  const steps = [.../(?:lower )(.*)$/.exec(problem)![1]!.matchAll(/([\w.]+) to (\d+)(MiB)?/g)];
  return {
    ...settings,
    ...Object.fromEntries(steps.map(([, key, value, unit]) => [key, Number(value) * (unit === undefined ? 1 : MIB)])),
  };
}

describe('the memory budget', () => {
  it('of the defaults fits a container of 576 MiB with one worker', () => {
    const plan = planMemory(settingsOf(), 576 * MIB);
    expect(plan.problem).toBeUndefined();
    expect(plan.totalBytes).toBe(Object.values(plan.items).reduce((sum, bytes) => sum + bytes, 0));
  });

  it('counts rings for each socket and worker, and flows for each worker', () => {
    const one = planMemory(settingsOf(), 2 ** 40).items;
    const many = planMemory(
      settingsOf({ workers: 3, sockets: 2, listen: ['127.0.0.1:1', '127.0.0.1:2'] }),
      2 ** 40,
    ).items;
    expect(many['rings']).toBe(12 * one['rings']!);
    expect([many['flows'], many['candidates'], many['events']]).toEqual([
      3 * one['flows']!,
      3 * one['candidates']!,
      one['events'],
    ]);
    expect(one['flows']).toBeGreaterThanOrEqual(131_072 * 256);
  });

  it.each([
    [
      { 'flow.cap': 4_000_000 },
      1024,
      /^the settings may come to use \d+ MiB of memory, and the container has 1024 MiB: lower flow\.cap to \d+$/,
    ],
    [{ 'ring.bytes': 1024 * MIB }, 1024, /: lower ring\.bytes to 256MiB$/],
    [{ 'thresholds.cap': 16_000_000 }, 1024, /: lower thresholds\.cap to \d+$/],
    [{ workers: 64 }, 1024, /: lower workers to \d+$/],
    [{ 'stream.memory': 900 * MIB }, 1024, /: lower stream\.memory to \d+MiB$/],
    [
      { 'flow.cap': 16_000_000 },
      16_384,
      /^a shard may come to use 5\d\d\d MiB of memory, and can have 4096 MiB: lower flow\.cap to \d+$/,
    ],
    [{}, 364, /: lower stream\.memory to 8MiB, /],
    [{}, 64, /: give it at least \d+ MiB, and lower /],
  ])('that does not fit with %j in %i MiB says what to lower, and to what', (flags, mib, message) => {
    expect(planMemory(settingsOf(flags), mib * MIB).problem).toMatch(message);
  });

  it('says to lower the workers first where there are more of them than processors', () => {
    const problem = (mib: number): string => planMemory(settingsOf({ workers: 200 }), mib * MIB, 'machine', 2).problem!;
    expect(problem(16_000)).toMatch(/: lower workers to 2 \(processors: 2\)$/);
    expect(problem(300)).toMatch(/: lower workers to 2 \(processors: 2\); then (?:lower|give) /);
  });

  it('counts what the memory of a shard has room for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 1 << 20 }),
        fc.integer({ min: MIB, max: 512 * MIB }),
        (workers, sockets, cap, streams) => {
          const settings = { ...settingsOf(), workers, sockets, 'flow.cap': cap, 'stream.memory': streams };
          const { parts, arena, totalBytes, sizes } = shardLayout({ ...shardSizes(settings), rings: sockets });
          const { items } = planMemory(settings, 2 ** 40);
          expect([items['rings'], items['streams']]).toEqual([workers * parts.rings, workers * parts.arena]);
          expect(items['flows']).toBeGreaterThanOrEqual(workers * parts.flows);
          expect(parts.flows).toBeGreaterThanOrEqual(cap * FLOW_BYTES);
          expect(workers * sizes.streamBytes).toBeGreaterThanOrEqual(streams);
          expect(sizes.keptBytes).toBe(keptBytesFor(cap));
          expect(arena + parts.arena + sizes.recordBytes).toBeLessThan(totalBytes);
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });

  it('fits once its advice is followed', () => {
    const changes = fc.record({
      workers: fc.integer({ min: 1, max: 64 }),
      sockets: fc.integer({ min: 1, max: 4 }),
      'flow.cap': fc.integer({ min: 1, max: 1 << 24 }),
      'ring.bytes': fc.integer({ min: MIB, max: 1024 * MIB }),
      'thresholds.cap': fc.integer({ min: 1, max: 1 << 24 }),
      'defrag.bytes': fc.integer({ min: 65_536, max: 1024 * MIB }),
    });
    fc.assert(
      fc.property(changes, fc.integer({ min: 64, max: 16_384 }), (change, mib) => {
        const settings = { ...settingsOf(), ...change };
        const { problem } = planMemory(settings, mib * MIB);
        if (problem === undefined) return;
        const more = /at least (\d+) MiB/.exec(problem);
        const limit = more === null ? mib : Number(more[1]);
        const followed = problem.includes('lower ') ? follow(settings, problem) : settings;
        expect(planMemory(followed, limit * MIB).problem).toBeUndefined();
      }),
    );
  });

  it('leaves the heaps of shards what is to spare, within bounds', () => {
    const heap = (mib: number, workers: number): number =>
      planMemory(settingsOf({ workers }), mib * MIB).shardHeapBytes / MIB;
    expect(heap(512, 1)).toBe(128);
    expect(heap(2048, 4)).toBeLessThan(heap(2048, 1));
    expect(heap(1 << 20, 1)).toBe(1024);
  });
});
