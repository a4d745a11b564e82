/** What threads do while rules are loaded: what they work with, that they are the ones that inspect, and its end. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { CounterRow } from '../../src/counters/counters.js';
import { SHARD_LAYOUT, SHARD_SLOTS } from '../../src/counters/names.js';
import { allocateHostBits } from '../../src/detect/state/host-bits.js';
import { loadConfig } from '../../src/config/load-config.js';
import { leaveSpareWork, SpareWork, takeSpareWork } from '../../src/shard/spare-work.js';
import { CONTROL } from '../../src/shard/task.js';
import { WARM_UP, WARM_UP_BYTES } from '../../src/warm-up/task.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { builtIt, builtUrl } from '../support/built.js';
import { EngineBench } from '../support/engine-bench.js';
import { inRoot } from '../support/root.js';
import { warmUpFile } from '../support/samples/warm-up.js';
import { Folder, MAIN, parseEvents } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());
const CAPTURE = inRoot('src/warm-up/traffic.pcap');
const RULES = inRoot('src/warm-up/warm-up.rules');
const RULE = 'alert udp any any -> any any (content:"x"; sid:1;)\n';

describe('what threads warm up with', () => {
  it('is the capture that scripts/make-samples.mjs writes', () => {
    expect(readFileSync(CAPTURE).equals(warmUpFile())).toBe(true);
  });

  builtIt('is traffic of every application, and rules of every kind that it matches', () => {
    const eve = folder.at('warm-up.json');
    const settings = ['--set', 'eve.types=alert,flow', '--set', 'cache.directory='];
    execFileSync(process.execPath, [MAIN, 'read', CAPTURE, '--rules', RULES, '--eve', eve, ...settings], {
      stdio: 'ignore',
    });
    const events = parseEvents(readFileSync(eve, 'utf8'));
    const sids = new Set(events.flatMap(({ alert }) => (alert === undefined ? [] : [alert.signature_id])));
    for (const sid of [2, 4, 5, 7, 8, 9, 10, 20, 21, 22, 23, 24, 25, 31, 32, 33, 34, 35, 36, 37, 38, 40, 42])
      expect(sids, `rule ${sid}`).toContain(sid);
    const spoken = new Set(events.map((event) => (event as { app_proto?: string }).app_proto));
    for (const { application, udp } of APPLICATION_SAMPLES)
      if (udp !== true) expect(spoken, application).toContain(application);
  });
});

describe('a shard that nobody sees', () => {
  const shared = (): SharedArrayBuffer => allocateHostBits();

  async function unseenShard() {
    const { UnseenShard } = (await import(
      builtUrl('warm-up/unseen-shard.js')
    )) as typeof import('../../src/warm-up/unseen-shard.js');
    const { shardOptions } = (await import(builtUrl('engine/tasks.js'))) as typeof import('../../src/engine/tasks.js');
    const options = shardOptions(loadConfig({}).config, undefined, {
      hostBits: shared(),
      hostTags: shared(),
      datasets: shared(),
      fileStore: undefined,
    });
    return { unseen: new UnseenShard(options), options };
  }

  builtIt('goes through the frames again and again', async () => {
    const { unseen, options } = await unseenShard();
    const first = unseen.step();
    expect(first).toBeGreaterThan(0);
    let frames = 0;
    // More batches than one round has.
    for (let step = 0; step < 75; step++) frames += unseen.step();
    expect(frames).toBeGreaterThan(60 * first);
    // Most: some are malformed.
    const inspected = new CounterRow(unseen.counters, 0, SHARD_LAYOUT.size).snapshot()[SHARD_SLOTS.inspectedPackets];
    expect(inspected).toBeGreaterThan(0.9 * frames);
    for (const memory of [options.hostBits, options.hostTags, options.datasets])
      expect(new Uint8Array(memory).every((byte) => byte === 0)).toBe(true);
  });

  builtIt('goes through them while rules are loaded, as long as it is told, and no longer than that', async () => {
    const { options } = await unseenShard();
    const { warmUp } = (await import(builtUrl('warm-up/worker.js'))) as typeof import('../../src/warm-up/worker.js');
    const task = { words: new SharedArrayBuffer(WARM_UP_BYTES), options, waitingMs: 0 };
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now++);
    try {
      expect(await warmUp({ ...task, loadingMs: 1000 })).toBeGreaterThan(0);
      expect(await warmUp({ ...task, loadingMs: 0 })).toBe(0);
      Atomics.store(new Int32Array(task.words), WARM_UP.stop, 1);
      expect(await warmUp({ ...task, loadingMs: Infinity })).toBe(0);
    } finally {
      clock.mockRestore();
    }
  });

  builtIt('is what a shard spends its time with until a frame comes', async () => {
    const { leaveSpareWork } = (await import(
      builtUrl('shard/spare-work.js')
    )) as typeof import('../../src/shard/spare-work.js');
    const { shard, dispatcher } = (await unseenShard()).unseen;
    let steps = 0;
    leaveSpareWork(() => {
      if (++steps === 3) dispatcher.end();
    }, 60_000);
    await shard.run();
    expect(steps).toBe(3);
  });
});

describe('spare work', () => {
  it('is left for one shard', () => {
    leaveSpareWork(() => undefined, 60_000);
    expect(takeSpareWork()?.goOn()).toBe(true);
    expect(takeSpareWork()).toBeUndefined();
  });

  it('ends with its time', () => {
    let steps = 0;
    expect(new SpareWork(() => steps++, 0).goOn()).toBe(false);
    expect(steps).toBe(1);
  });

  it('that fails has come to its end', () => {
    const work = (): void => {
      throw new Error('no frames');
    };
    expect(new SpareWork(work, 60_000).goOn()).toBe(false);
  });
});

describe('threads of shards', () => {
  const threadOf = ({ engine }: EngineBench): number => engine.shards.memories[0]!.words[CONTROL.threadId]!;

  /** Threads are numbered in the order of their starts. */
  async function nextThread(): Promise<number> {
    const probe = new Worker('', { eval: true });
    const { threadId } = probe;
    await probe.terminate();
    return threadId;
  }

  it('are started before the rules are there, and become the shards', async () => {
    const bench = new EngineBench(folder, RULE, { workers: 1 });
    const rules = await bench.engine.load();
    const next = await nextThread();
    await bench.engine.start(rules);
    expect(threadOf(bench)).toBeLessThan(next);
    expect(bench.engine.balance()).toMatchObject({ received: 0, inspected: 0, dropped: 0, pending: 0 });
    await bench.engine.close();
  });

  it('that warm up when the engine closes end by themselves: ended from outside they take the process with them', async () => {
    for (let time = 0; time < 5; time++) {
      const bench = new EngineBench(folder, RULE, { workers: 3 });
      const givenUp = expect(bench.engine.load()).rejects.toThrow('the load was given up');
      await bench.engine.close();
      await givenUp;
    }
  });

  it('that fail to warm up are replaced', async () => {
    const bench = new EngineBench(folder, RULE, { workers: 1 });
    bench.engine.shards.warmUp({
      filename: join(dirname(MAIN), 'nothing.js'),
      name: 'run',
      task: 0,
      stop: () => undefined,
    });
    const rules = await bench.engine.load();
    const next = await nextThread();
    await bench.engine.start(rules);
    expect(threadOf(bench)).toBeGreaterThan(next);
    await bench.engine.close();
  });
});
