/** Locks in shared memory: one thread inside at a time, whatever becomes of the others. */
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { allocateDataTable, BUSY, DataTable } from '../../src/detect/state/data-table.js';
import { allocateHostBits, HostBits } from '../../src/detect/state/host-bits.js';
import { allocateHostTags, HostTags } from '../../src/detect/state/tag-hosts.js';
import { MAIN_OWNER, ownerOfShard, WordLocks, type LockedTable } from '../../src/util/word-lock.js';
import { builtIt, builtUrl } from '../support/built.js';

const words = (count: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * count));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a lock', () => {
  it("is its owner's number, and only its owner gives it back", () => {
    const memory = words(2);
    const [first, second] = [1, 2].map((owner) => new WordLocks(memory, owner));
    first!.lock(1);
    expect([...memory]).toEqual([0, 1]);
    second!.unlock(1);
    expect([memory[1], second!.tryLock(1)]).toEqual([1, false]);
    first!.unlock(1);
    expect([second!.tryLock(1), memory[1]]).toEqual([true, 2]);
  });

  it('is never taken over by who waits, however long that is: only freed from outside', () => {
    const memory = words(1);
    new WordLocks(memory, 1).lock(0);
    const supervisor = new WordLocks(memory, MAIN_OWNER);
    let waits = 0;
    vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      expect(memory[0]).toBe(1);
      if (++waits === 5000) expect(supervisor.freeLocksOf(1, 0, 1, 1)).toBe(1);
      return 'timed-out';
    });
    new WordLocks(memory, 2).lock(0);
    expect([waits, memory[0]]).toEqual([5000, 2]);
  });

  it('of a dead thread is freed wherever it is, and those of others stay', () => {
    const memory = words(12);
    const [dead, alive] = [1, 2].map((owner) => new WordLocks(memory, owner));
    for (const at of [2, 8]) dead!.lock(at);
    alive!.lock(5);
    memory[3] = 1;
    expect(new WordLocks(memory, MAIN_OWNER).freeLocksOf(1, 2, 3, 3)).toBe(2);
    expect([...memory]).toEqual([0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0]);
  });
});

const PACKET = {
  bytes: Uint8Array.of(10, 0, 0, 1, 10, 0, 0, 2),
  ipVersion: 4,
  srcIpOffset: 0,
  dstIpOffset: 4,
  vni: 0,
  timeUs: 1e6,
};
const SOURCE = { gid: 1, sid: 7, code: new Int32Array(16), at: 0 };

/**
 * What a thread of its own does to a table: with `dies`, it stops for good in the middle of it, at something that the
 * table reads or calls while it holds its locks, and says so; else it says that it is done.
 */
const THREAD = `
  const { parentPort, workerData: { url, table, memory, owner, dies, packet, source } } = require('node:worker_threads');
  const stop = () => {
    parentPort.postMessage('inside');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  import(url).then((module) => {
    if (table === 'HostBits') new module.HostBits(memory, true, owner).set(packet, 0, 3, dies ? { valueOf: stop } : 60);
    if (table === 'HostTags') new module.HostTags(memory, true, owner).set(packet, 0, dies ? { ...source, get gid() { return stop(); } } : source);
    if (table === 'DataTable') {
      let reads = 0;
      // Read once for the hash, then to be stored.
      const bytes = dies ? { get 0() { return reads++ === 0 ? 65 : stop(); } } : [65];
      new module.DataTable(memory, owner).add(1, 0, 1 << 20, bytes, 0, 1, 0);
    }
    parentPort.postMessage('done');
  });`;

interface Case {
  readonly table: string;
  readonly url: string;
  readonly memory: SharedArrayBuffer;
  readonly supervisor: LockedTable;
  /** Locks that the dead one leaves behind. */
  readonly left: number;
}

function cases(): Case[] {
  const [bits, tags, data] = [allocateHostBits(), allocateHostTags(16), allocateDataTable(65_536)];
  new DataTable(data).addSet(1);
  return [
    {
      table: 'HostBits',
      url: 'detect/state/host-bits.js',
      memory: bits,
      supervisor: new HostBits(bits, true, MAIN_OWNER),
      left: 1,
    },
    {
      table: 'HostTags',
      url: 'detect/state/tag-hosts.js',
      memory: tags,
      supervisor: new HostTags(tags, true, MAIN_OWNER),
      left: 1,
    },
    {
      table: 'DataTable',
      url: 'detect/state/data-table.js',
      memory: data,
      supervisor: new DataTable(data, MAIN_OWNER),
      left: 1,
    },
  ];
}

interface Thread {
  readonly worker: Worker;
  /** The first thing it says. */
  readonly said: Promise<unknown>;
}

function startThread({ table, url, memory }: Case, owner: number, dies: boolean): Thread {
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { url: builtUrl(url), table, memory, owner, dies, packet: PACKET, source: SOURCE },
  });
  return { worker, said: new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)) };
}

describe('a thread that dies inside', () => {
  builtIt.each(cases())(
    'of $table leaves its lock to the supervisor, and the others go on once that has freed it',
    async (each) => {
      const dead = startThread(each, ownerOfShard(0), true);
      expect(await dead.said).toBe('inside');
      const others = [1, 2].map((shard) => startThread(each, ownerOfShard(shard), false));
      await dead.worker.terminate();
      // Nobody but the dead one holds anything, and nobody has taken it away.
      expect([1, 2].map((shard) => each.supervisor.freeLocksOf(ownerOfShard(shard)))).toEqual([0, 0]);
      expect(each.supervisor.freeLocksOf(ownerOfShard(0))).toBe(each.left);
      expect(await Promise.all(others.map(({ said }) => said))).toEqual(['done', 'done']);
      await Promise.all(others.map(({ worker }) => worker.terminate()));
      expect(each.supervisor.freeLocksOf(ownerOfShard(0))).toBe(0);
    },
  );

  builtIt('never makes the main thread wait: it is told to come again', async () => {
    const each = cases()[2]!;
    const main = each.supervisor as DataTable;
    const add = (): number => main.add(1, 0, 1 << 20, Uint8Array.of(65), 0, 1, 0);
    const dead = startThread(each, ownerOfShard(0), true);
    expect(await dead.said).toBe('inside');
    const forgetting = main.forget(1);
    expect([add(), main.contents(1).next().done, add()]).toEqual([BUSY, true, BUSY]);
    await dead.worker.terminate();
    main.freeLocksOf(ownerOfShard(0));
    expect([add(), add(), [...main.contents(1)].length]).toEqual([1, 0, 1]);
    expect([[...forgetting], main.values]).toEqual([[], 0]);
  });
});

describe('threads that die again and again', () => {
  const SECTION = `
    const { parentPort, workerData: { url, memory, owner, rounds } } = require('node:worker_threads');
    import(url).then(({ WordLocks }) => {
      const words = new Int32Array(memory);
      const locks = new WordLocks(words, owner);
      for (let round = 1; round <= rounds; round++) {
        locks.lock(0);
        // A second one inside would see the first, or lose one of the two additions.
        if (words[1] !== 0) Atomics.add(words, 3, 1);
        words[1] = owner;
        words[2] = words[2] + 1;
        if (words[1] !== owner) Atomics.add(words, 3, 1);
        if (owner === 1 && round === rounds) {
          words[1] = 0;
          parentPort.postMessage('inside');
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        }
        words[1] = 0;
        locks.unlock(0);
      }
      parentPort.postMessage('done');
    });`;

  builtIt('let nobody in beside another', async () => {
    const memory = words(4);
    const start = (owner: number, rounds: number): Thread => {
      const worker = new Worker(SECTION, {
        eval: true,
        workerData: { url: builtUrl('util/word-lock.js'), memory: memory.buffer, owner, rounds },
      });
      return { worker, said: new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)) };
    };
    const lasting = [2, 3, 4].map((owner) => start(owner, 4000));
    for (let death = 0; death < 5; death++) {
      const dying = start(1, 100);
      await dying.said;
      await dying.worker.terminate();
      expect(new WordLocks(memory, MAIN_OWNER).freeLocksOf(1, 0, 1, 1)).toBe(1);
    }
    expect(await Promise.all(lasting.map(({ said }) => said))).toEqual(['done', 'done', 'done']);
    expect([...memory]).toEqual([0, 0, 3 * 4000 + 5 * 100, 0]);
  });
});
