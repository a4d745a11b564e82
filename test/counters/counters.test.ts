import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { FAULT, FAULTS } from '../../src/decode/fault.js';
import { allocateCounters, CounterLayout, CounterRow } from '../../src/counters/counters.js';
import { DROPPING_FAULTS } from '../../src/counters/dropping-faults.js';
import {
  DISPATCHER_LAYOUT,
  DISPATCHER_SLOTS,
  DROP_REASONS,
  DROP_SLOT_BY_FAULT,
  ENGINE_LAYOUT,
  ENGINE_SLOTS,
  FAULT_SLOTS,
  frameBalance,
  SHARD_LAYOUT,
  SHARD_SLOTS,
  sumRows,
} from '../../src/counters/names.js';
import { builtIt, builtUrl } from '../support/built.js';

describe('CounterLayout', () => {
  it('gives every name a slot of its own', () => {
    expect(new CounterLayout(['a', 'b']).slots).toEqual({ a: 0, b: 1 });
    expect(() => new CounterLayout(['a', 'a'])).toThrow(/repeat/);
  });
});

describe('CounterRow', () => {
  it('keeps rows of one memory apart', () => {
    const memory = allocateCounters(3, 5);
    const rows = [0, 1, 2].map((row) => new CounterRow(memory, row, 5));
    rows.forEach((row, i) => row.values.fill(i + 1));
    expect(rows.map((row) => [...row.snapshot()])).toEqual([Array(5).fill(1), Array(5).fill(2), Array(5).fill(3)]);
    expect(new CounterRow(memory, 1, 5).values[4]).toBe(2);
  });

  it('shows what is pending only when it is published, all of it', () => {
    const memory = allocateCounters(1, 2);
    const writer = new CounterRow(memory, 0, 2);
    const reader = new CounterRow(memory, 0, 2);
    writer.pending[0] = 7;
    writer.pending[1] = 8;
    expect([...reader.snapshot()]).toEqual([0, 0]);
    writer.publish();
    expect([...reader.snapshot()]).toEqual([7, 8]);
  });

  it('can be read when its writer died while it published', () => {
    const memory = allocateCounters(1, 2);
    const row = new CounterRow(memory, 0, 2);
    row.values[0] = 7;
    Atomics.add(new Int32Array(memory, 0, 1), 0, 1);
    expect([...row.snapshot()]).toEqual([7, 0]);
  });

  builtIt('never shows half of what another thread publishes', async () => {
    const [size, rounds] = [512, 20_000];
    const memory = allocateCounters(1, size);
    const worker = new Worker(
      `const { parentPort, workerData: { url, memory, size, rounds } } = require('node:worker_threads');
       import(url).then(({ CounterRow }) => {
         const row = new CounterRow(memory, 0, size);
         for (let i = 1; i <= rounds; i++) { row.pending.fill(i); row.publish(); }
         parentPort.postMessage('done');
       });`,
      { eval: true, workerData: { url: builtUrl('counters/counters.js'), memory, size, rounds } },
    );
    let done = false;
    const ended = new Promise<void>((resolve, reject) =>
      worker.once('message', () => resolve(void (done = true))).once('error', reject),
    );
    const reader = new CounterRow(memory, 0, size);
    while (!done) {
      const copy = reader.snapshot();
      expect(new Set(copy).size).toBe(1);
      await nextTurn();
    }
    await ended;
    expect(reader.snapshot()[size - 1]).toBe(rounds);
  });
});

describe('names', () => {
  it('have a counter for every fault, and a drop counter for those that drop frames', () => {
    const dropping: readonly string[] = DROPPING_FAULTS;
    for (const [code, { stage, name }] of FAULTS.entries()) {
      if (code === 0) continue;
      expect(DISPATCHER_LAYOUT.names[FAULT_SLOTS[code]]).toBe(`fault.${name}`);
      const drops = dropping.includes(name);
      expect(DISPATCHER_LAYOUT.names[DROP_SLOT_BY_FAULT[code]]).toBe(
        drops ? `dropped.${stage}.${name}` : 'droppedDecodeUnknown',
      );
      expect(DROP_REASONS.some(({ reason }) => reason === name)).toBe(drops);
    }
    expect(DROP_SLOT_BY_FAULT[FAULT.none]).toBe(DISPATCHER_SLOTS.droppedDecodeUnknown);
  });

  it('list every counter of a drop exactly once among the reasons', () => {
    const layouts = { dispatcher: DISPATCHER_LAYOUT, shard: SHARD_LAYOUT, engine: ENGINE_LAYOUT };
    for (const [row, layout] of Object.entries(layouts)) {
      const counted = layout.names.filter((name) => name.startsWith('dropped'));
      const listed = DROP_REASONS.filter((reason) => reason.row === row).map(({ slot }) => layout.names[slot]);
      expect([...listed].sort()).toEqual([...counted].sort());
    }
    const stages = ['socket', 'decapsulate', 'decode', 'filter', 'defragment', 'overload', 'ring', 'shard'];
    expect([...new Set(DROP_REASONS.map(({ stage }) => stage))].sort()).toEqual(stages.sort());
  });

  it('balance what is received', () => {
    const dispatchers = [0, 1].map(() => new Float64Array(DISPATCHER_LAYOUT.size));
    const shard = new Float64Array(SHARD_LAYOUT.size);
    const engine = new Float64Array(ENGINE_LAYOUT.size);
    dispatchers[0][DISPATCHER_SLOTS.receivedPackets] = 60;
    dispatchers[1][DISPATCHER_SLOTS.receivedPackets] = 40;
    dispatchers[1][DISPATCHER_SLOTS.droppedSocketKernel] = 1000;
    dispatchers[0][DROP_SLOT_BY_FAULT[FAULT.vxlan_no_i_flag]] = 3;
    dispatchers[0][DISPATCHER_SLOTS.droppedRingFull] = 4;
    dispatchers[1][DISPATCHER_SLOTS.pendingFragments] = 5;
    // 100 - 3 - 4 - 5 went into rings; the shards are done with all but 6.
    dispatchers[0][DISPATCHER_SLOTS.routedPackets] = 88;
    shard[SHARD_SLOTS.inspectedPackets] = 80;
    engine[ENGINE_SLOTS.droppedShardDied] = 2;
    const balance = frameBalance({ dispatcher: sumRows(DISPATCHER_LAYOUT.size, dispatchers), shard, engine });
    expect(balance).toEqual({ received: 100, inspected: 80, dropped: 9, kernelDropped: 1000, pending: 11 });
    expect(balance.received).toBe(balance.inspected + balance.dropped + balance.pending);
  });
});
