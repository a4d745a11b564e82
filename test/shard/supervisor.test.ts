/**
 * Shards that die or stall under load: they are replaced, what they lost is counted, the others never notice.
 * The engine runs in this process, from the build, so that a shard can be ended from outside.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { BUFFER_CODE, RULE } from '../../src/block/rule-block.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { SHARD_SLOTS } from '../../src/counters/names.js';
import { CONTROL } from '../../src/shard/task.js';
import { EngineBench } from '../support/engine-bench.js';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, Sensor, until } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const RULES = [
  'alert udp any any -> any any (msg:"asked"; content:"ask"; flowbits:set,asked; noalert; sid:1;)',
  'alert udp any any -> any any (msg:"told"; content:"tell"; flowbits:isset,asked; sid:2;)',
  '',
].join('\n');

const packet = (host: number, text: string): Uint8Array =>
  ethernet({}, ipv4({ src: `10.0.0.${host}`, dst: '10.0.1.1' }, udp({ srcPort: 1000, dstPort: 53 }, text)));
const mirrored = (host: number, text: string): Uint8Array => vxlan({ vni: 1 }, packet(host, text));
const HOSTS = Array.from({ length: 40 }, (_, i) => i + 1);

const benchWith = (settings: Record<string, string | number>, captures?: readonly string[]): EngineBench =>
  new EngineBench(folder, RULES, settings, captures);

describe('a shard that is ended from outside', () => {
  let bench: EngineBench;
  afterEach(async () => {
    await bench.engine.close();
  });

  it('is replaced under load; what it lost is counted, and the sums close at every look', async () => {
    bench = await benchWith({}).start();
    const burst = HOSTS.map((host) => mirrored(host, 'ask'));
    let sent = 0;
    const load = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round++, sent += burst.length) {
        await bench.send(burst);
        bench.expectBalance();
        await nextTurn();
      }
    };
    for (let death = 1; death <= 4; death++) {
      await load(10);
      const shard = death % 2;
      const killed = bench.engine.shards.kill(shard);
      await load(10);
      expect(await killed).toBe(true);
      await until('the shard is up again', async () => {
        await load(1);
        return bench.engine.shards.restarts[shard] === Math.ceil(death / 2) && bench.engine.shards.isUp(shard);
      });
    }
    await until('everything is done', () => bench.engine.balance().pending === 0);
    await bench.stop();
    const { received, inspected, dropped, pending, kernelDropped } = bench.engine.balance();
    expect(received + kernelDropped).toBe(sent);
    expect({ inspected: inspected + dropped, pending }).toEqual({ inspected: received, pending: 0 });
    // At most the packet that each of them was at.
    expect(dropped).toBeLessThanOrEqual(4);
    expect(bench.losses).toHaveLength(4);
    expect(bench.losses.every(([{ stalled }]) => !stalled)).toBe(true);
  });

  it('loses its flows, and only its own', async () => {
    bench = await benchWith({}).start();
    await bench.send(HOSTS.map((host) => mirrored(host, 'ask')));
    await bench.settled(HOSTS.length);
    const flows = (shard: number): number => bench.engine.figures.ofShard(shard)[SHARD_SLOTS.flowsActive]!;
    // A shard shows its gauges once it has nothing more to do.
    await until('all flows are shown', () => flows(0) + flows(1) === HOSTS.length);
    const [lost, kept] = [flows(0), flows(1)];
    expect(Math.min(lost, kept)).toBeGreaterThan(0);
    await bench.engine.shards.kill(0);
    await until('the shard is up again', () => bench.engine.shards.restarts[0] === 1 && bench.engine.shards.isUp(0));
    await bench.send(HOSTS.map((host) => mirrored(host, 'tell')));
    await bench.settled(2 * HOSTS.length);
    const events = await bench.stop();
    expect(events).toHaveLength(kept);
    expect(bench.engine.shards.restarts).toEqual([1, 0]);
    expect(bench.engine.balance()).toMatchObject({ received: 80, inspected: 80, dropped: 0, pending: 0 });
  });

  it('does not keep a capture from being read to its end', async () => {
    const frames = Array.from({ length: 20_000 }, (_, i) => ({
      bytes: packet(1 + (i % 40), 'ask'),
      timeNs: BigInt(i) * 1000n,
    }));
    bench = await benchWith({ 'ring.bytes': '1MiB' }, [folder.write('long.pcap', pcapFile(frames))]).start();
    await until('packets are inspected', () => bench.engine.balance().inspected > 0);
    expect(await bench.engine.shards.kill(1)).toBe(true);
    await bench.ended;
    const { received, inspected, dropped, pending } = bench.engine.balance();
    expect({ received, done: inspected + dropped, pending }).toEqual({ received: 20_000, done: 20_000, pending: 0 });
    expect(dropped).toBeLessThanOrEqual(1);
    expect(bench.engine.shards.restarts[1]).toBe(1);
  });
});

describe('a shard that cannot be started again', () => {
  it('ends the run with the reason after some attempts, instead of keeping a capture waiting for ever', async () => {
    // Far more than a ring holds: the dispatcher will wait for this shard.
    const frames = HOSTS.map((host) => ({ bytes: packet(host, 'ask'.padEnd(1400)) }));
    const bench = await benchWith({ 'ring.bytes': '1MiB' }, [
      folder.write('longer.pcap', pcapFile(Array.from({ length: 400 }, () => frames).flat())),
    ]).start();
    // Too small for what its successor looks for there.
    Object.assign(bench.engine.shards.memories[1]!, { doorbell: new SharedArrayBuffer(1) });
    expect(await bench.engine.shards.kill(1)).toBe(true);
    await expect(bench.ended).rejects.toThrow(RangeError);
    await until('the dispatcher waits for room', () => bench.engine.shards.ringFill(1) > 0.995);
    await bench.engine.close();
    expect(bench.engine.shards.failure).toBeInstanceOf(RangeError);
  });
});

describe('new rules', () => {
  let bench: EngineBench;
  afterEach(async () => {
    await bench.engine.close();
  });
  const generations = (): number[] => [0, 1].map((shard) => bench.engine.shards.generationOf(shard));

  it('reach a shard that is in the pause before its restart', async () => {
    bench = await benchWith({}).start();
    const rules = await bench.engine.load();
    // The second death in a row is followed by a pause.
    for (const death of [1, 2]) {
      await until('the shard is up', () => bench.engine.shards.isUp(1));
      expect(await bench.engine.shards.kill(1)).toBe(true);
      await until('it is known that it died', () => bench.engine.shards.restarts[1] === death);
    }
    expect(bench.engine.shards.isUp(1)).toBe(false);
    await bench.engine.adopt(rules);
    expect(bench.engine.generation).toBe(2);
    await until('all shards have the rules', () => bench.engine.shards.ready);
    expect(generations()).toEqual([2, 2]);
  });

  it('that a shard cannot take up change nothing, and the next ones are taken up', async () => {
    bench = await benchWith({}).start();
    const rules = await bench.engine.load();
    // No view of words can be made of this memory: a RangeError, as where there is no memory.
    const broken = { ...rules, handle: { ...rules.handle, quarantine: new SharedArrayBuffer(3) } };
    await expect(bench.engine.adopt(broken)).rejects.toThrow(/^shard \d cannot take up the rules: /);
    expect([bench.engine.generation, generations(), bench.engine.shards.ready, bench.engine.shards.restarts]).toEqual([
      1,
      [1, 1],
      true,
      [0, 0],
    ]);
    await bench.engine.adopt(await bench.engine.load());
    await until('all shards have the rules', () => bench.engine.shards.ready);
    expect(generations()).toEqual([3, 3]);
    await bench.send([mirrored(1, 'ask'), mirrored(1, 'tell')]);
    await bench.settled(2);
    expect(await bench.stop()).toHaveLength(1);
  });

  it('lie beside those in use, again and again; those that are too large are refused, with the setting to raise', async () => {
    bench = await benchWith({ 'patterns.bytes': 65_536 }).start();
    const many = Array.from(
      { length: 4000 },
      (_, n) => `alert udp any any -> any any (content:"pattern ${n} of many"; sid:${1000 + n};)`,
    );
    const { config } = loadConfig({ flags: { rules: [folder.write('many.rules', many.join('\n'))], workers: 2 } });
    await expect(bench.engine.load(config).then((rules) => bench.engine.adopt(rules))).rejects.toThrow(
      'and patterns.bytes allows 0.1 MiB: raise it',
    );
    for (let reload = 1; reload <= 3; reload++) {
      await bench.engine.adopt(await bench.engine.load());
      await until('all shards have the rules', () => bench.engine.shards.ready);
      await bench.send([mirrored(1, 'ask'), mirrored(1, 'tell')]);
      await bench.settled(2 * reload);
    }
    expect(bench.engine.shards.restarts).toEqual([0, 0]);
    expect(await bench.stop()).toHaveLength(3);
  });

  it('are not waited for once the sensor is stopping', async () => {
    bench = await benchWith({}).start();
    const rules = await bench.engine.load();
    bench.engine.stop();
    await bench.ended;
    await expect(bench.engine.adopt(rules)).rejects.toThrow('the sensor is stopping');
  });
});

const SLOW = 'alert udp any any -> any any (msg:"slow"; content:"xxxx"; pcre:"/stall/"; sid:66; rev:2;)\n';
/** Makes the rule stall a sensor's shards. */
const preload = join(import.meta.dirname, '../support/stalling-search.mjs');

/** Starts an engine of this process; then one of its rules stalls: its first buffer is its own successor. */
async function startStalling(bench: EngineBench): Promise<void> {
  const rules = await bench.engine.load();
  await bench.start(rules);
  const ruleSet = new RuleSet(rules.handle.block);
  const row = Array.from({ length: ruleSet.ruleCount }, (_, each) => each).find(
    (each) => ruleSet.ruleInfo(each).sid === 66,
  )!;
  ruleSet.code[ruleSet.words[ruleSet.rowAt(row) + RULE.buffers]! + 1] = 0;
}

describe('a sensor that is told to stop', () => {
  it('does not go on for ever with a shard that dies of every packet: what is left is counted', async () => {
    const bench = benchWith({ 'watchdog.stallSeconds': 1000, workers: 1, rules: folder.write('slow.rules', SLOW) });
    try {
      await startStalling(bench);
      await bench.send(Array.from({ length: 30 }, () => mirrored(1, 'x'.repeat(64))));
      await until('all is received', () => bench.engine.balance().received === 30);
      bench.engine.stop();
      for (let death = 1; death <= 5; death++) {
        await until('the shard is up', () => bench.engine.shards.isUp(0));
        expect(await bench.engine.shards.kill(0)).toBe(true);
        await until('it is known that it died', () => bench.losses.length === death);
      }
      await bench.ended;
      expect(bench.engine.balance()).toMatchObject({ received: 30, inspected: 0, dropped: 30, pending: 0 });
      // Ended from outside: no fault of the rule.
      expect([bench.engine.shards.quarantined, bench.engine.shards.ruleFaults]).toEqual([0, { stalled: 0, threw: 0 }]);
    } finally {
      await bench.engine.close();
    }
  });
});

describe('the watchdog', () => {
  it('takes a time in which the whole process stood still for no stall', async () => {
    const bench = benchWith({ 'watchdog.stallSeconds': 1000, workers: 1, rules: folder.write('slow.rules', SLOW) });
    try {
      await startStalling(bench);
      await bench.send([mirrored(1, 'x'.repeat(64))]);
      await until(
        'the shard is at the rule',
        () => Atomics.load(bench.engine.shards.memories[0]!.words, CONTROL.rule) !== 0,
      );
      const hour = performance.now() + 3_600_000;
      for (const look of [0, 1, 2]) await bench.engine.shards.watch(hour + look * 3_600_000);
      expect(bench.losses).toEqual([]);
      for (let look = 0; look < 1000 && bench.losses.length === 0; look++)
        await bench.engine.shards.watch(hour * 10 + look * 2000);
      await until('the shard is replaced', () => bench.losses.length === 1);
      expect(bench.losses[0]).toMatchObject([{ stalled: true, quarantined: false }, { sid: 66 }]);
    } finally {
      await bench.engine.close();
    }
  });
});

describe('a rule that throws', () => {
  it('stays the first time, and is taken out the second', async () => {
    const bench = benchWith({ workers: 1 });
    try {
      const rules = await bench.engine.load();
      const ruleSet = new RuleSet(rules.handle.block);
      const row = [0, 1].find((each) => ruleSet.ruleInfo(each).sid === 1)!;
      // A step that there is not, in the first buffer of the rule.
      ruleSet.code[ruleSet.words[ruleSet.rowAt(row) + RULE.buffers]! + BUFFER_CODE.end] = 9999;
      await bench.start(rules);
      for (const isOut of [false, true]) {
        await bench.send([mirrored(1, 'ask')]);
        await until('it is told', () => bench.errors.at(-1)?.[0].isOut === isOut);
        expect(bench.errors.at(-1)).toMatchObject([{ rule: row, message: 'no such step: 9999' }, { sid: 1 }]);
      }
      await bench.send([mirrored(1, 'ask')]);
      await bench.settled(3);
      expect(bench.engine.balance()).toMatchObject({ received: 3, inspected: 3, dropped: 0, pending: 0 });
      expect([bench.engine.shards.quarantined, bench.engine.ruleFaults]).toEqual([1, { stalled: 0, threw: 2 }]);
      expect([bench.errors.length, bench.losses.length, bench.engine.shards.restarts]).toEqual([2, 0, [0]]);
    } finally {
      await bench.engine.close();
    }
  });
});

/**
 * A sensor with all descriptors in use below its limit: a thread that ends can only have those back that it gave back
 * itself.
 */
describe.skipIf(process.platform !== 'linux')('a shard that is lost while the process has no descriptors left', () => {
  const limitTo = (sensor: Sensor, descriptors: number): void => {
    execFileSync('prlimit', ['--pid', String(sensor.child.pid), `--nofile=${descriptors}:`]);
  };
  const stall = (sensor: Sensor): Promise<unknown> => sensor.send([mirrored(1, 'x'.repeat(64))]);
  const settings = { 'watchdog.stallSeconds': 0.5, workers: 1 };

  it('is back once there are some, and each try in vain is logged', async () => {
    const sensor = await Sensor.start({ preload, rules: SLOW, settings });
    try {
      limitTo(sensor, 3);
      await stall(sensor);
      const tried = await sensor.log('a shard ended');
      expect(tried).toMatchObject({ level: 'error', shard: 0, err: { message: expect.stringContaining('EMFILE') } });
      limitTo(sensor, 1024);
      await until('the sensor is ready', async () => (await sensor.get('/readyz')).status === 200);
      await sensor.send([mirrored(2, 'fine')]);
      expect((await sensor.settled(2)).balance).toEqual({ received: 2, inspected: 1, dropped: 1, pending: 0 });
    } finally {
      await sensor.stop();
    }
  });

  it('ends the sensor with the reason where it stays so', async () => {
    const sensor = await Sensor.start({ preload, rules: SLOW, settings });
    limitTo(sensor, 3);
    await stall(sensor);
    const { status, stderr } = await sensor.ended;
    expect(status).not.toBe(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toContain('EMFILE');
  });
});

describe('a rule that stalls a shard', () => {
  it('stays the first time, and is taken out the second, by name; its packets are counted, the shard replaced, the other rules go on', async () => {
    const sensor = await Sensor.start({
      preload,
      rules: `${RULES}${SLOW}alert udp any any -> any any (msg:"x"; content:"xxxx"; sid:3;)\n`,
      settings: { 'watchdog.stallSeconds': 0.5, workers: 2 },
    });
    try {
      await sensor.send([mirrored(1, 'x'.repeat(64))]);
      const first = await sensor.log('a shard stalled');
      expect(first).toMatchObject({
        level: 'error',
        rule: '1:66',
        msg: expect.stringContaining('taken out should this happen again'),
      });
      const before = await sensor.settled(1);
      expect([before.get('rules', 'state="quarantined"'), before.get('rule_faults_total', 'reason="stalled"')]).toEqual(
        [0, 1],
      );
      await sensor.send([mirrored(2, 'x'.repeat(64))]);
      const second = await sensor.log('a shard stalled', 2);
      expect(second).toMatchObject({
        level: 'error',
        rule: '1:66',
        msg: expect.stringContaining('taken out until rules are loaded again'),
      });
      const metrics = await sensor.settled(2);
      expect(metrics.drops).toEqual({ 'shard.died': 2 });
      expect([
        metrics.get('rules', 'state="quarantined"'),
        metrics.get('rule_faults_total', 'reason="stalled"'),
      ]).toEqual([1, 2]);
      expect(metrics.get('shard_restarts_total')).toBe(2);
      await until('the sensor is ready', async () => (await sensor.get('/readyz')).status === 200);
      await sensor.send(HOSTS.map((host) => mirrored(host, 'x'.repeat(64))));
      const after = await sensor.settled(2 + HOSTS.length);
      expect(after.balance).toEqual({ received: 42, inspected: 40, dropped: 2, pending: 0 });
      expect((await sensor.alerts(40)).every(({ alert }) => alert.signature_id === 3)).toBe(true);
      expect(after.get('shard_restarts_total')).toBe(2);
      // New rules are tried afresh.
      sensor.signal('SIGHUP');
      await sensor.log('rules are loaded again');
      expect((await sensor.metrics()).get('rules', 'state="quarantined"')).toBe(0);
    } finally {
      await sensor.stop();
    }
  });

  it('does not keep other rules from being loaded: they are in use once the shard is replaced', async () => {
    const sensor = await Sensor.start({ preload, rules: SLOW, settings: { 'watchdog.stallSeconds': 1, workers: 1 } });
    try {
      await sensor.send([mirrored(1, 'x'.repeat(64))]);
      await until('the packet is in its shard', async () => (await sensor.metrics()).get('pending_packets') === 1);
      sensor.folder.write('test.rules', 'alert udp any any -> any any (msg:"x"; content:"xxxx"; sid:3;)\n');
      sensor.signal('SIGHUP');
      await sensor.log('rules are loaded again');
      await until('the sensor is ready', async () => (await sensor.get('/readyz')).status === 200);
      await sensor.settled(1);
      await sensor.send([mirrored(1, 'x'.repeat(64))]);
      expect((await sensor.alerts(1))[0]!.alert.signature_id).toBe(3);
      const metrics = await sensor.metrics();
      expect([
        metrics.get('rules', 'state="quarantined"'),
        metrics.get('rule_generation'),
        metrics.get('shard_rule_generation'),
      ]).toEqual([0, 2, 2]);
    } finally {
      await sensor.stop();
    }
  });
});
