/**
 * Shards that die or stall under load: they are replaced, what they lost is counted, the others never notice.
 * The engine runs in this process, from the build, so that a shard can be ended from outside.
 */
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.js';
import type { EngineEvents } from '../../src/engine.js';
import { SHARD_SLOTS } from '../../src/metrics/names.js';
import { FileSink } from '../../src/output/file-sink.js';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, MAIN, parseEvents, Sensor, until, type EveEvent } from '../support/sensor.js';
import { sendAll } from '../support/udp.js';

type EngineModule = typeof import('../../src/engine.js');
const { Engine } = (await import(/* @vite-ignore */ pathToFileURL(join(dirname(MAIN), 'engine.js')).href)) as EngineModule;

const folder = new Folder();
afterAll(() => folder.remove());

const RULES = [
  'alert udp any any -> any any (msg:"asked"; content:"ask"; flowbits:set,asked; noalert; sid:1;)',
  'alert udp any any -> any any (msg:"told"; content:"tell"; flowbits:isset,asked; sid:2;)',
  '',
].join('\n');

const packet = (host: number, text: string): Uint8Array => ethernet({}, ipv4({ src: `10.0.0.${host}`, dst: '10.0.1.1' }, udp({ srcPort: 1000, dstPort: 53 }, text)));
const mirrored = (host: number, text: string): Uint8Array => vxlan({ vni: 1 }, packet(host, text));
const HOSTS = Array.from({ length: 40 }, (_, i) => i + 1);

type Loss = Parameters<NonNullable<EngineEvents['onShardLost']>>;

class Bench {
  readonly losses: Loss[] = [];
  readonly sink: FileSink;
  readonly engine: InstanceType<EngineModule['Engine']>;
  ended: Promise<void> = Promise.resolve();
  private readonly file: string;

  constructor(settings: Record<string, string | number>, captures?: readonly string[]) {
    this.file = folder.at(`eve-${Math.random()}.json`);
    const { config } = loadConfig({ flags: { rules: [folder.write('test.rules', RULES)], listen: '127.0.0.1:0', workers: 2, 'ring.bytes': '4MiB', ...settings } });
    this.sink = new FileSink({ path: this.file, mode: 'truncate', bufferBytes: 1 << 20, flushMilliseconds: 1 });
    this.engine = new Engine({ config, captures, sink: this.sink, events: { onShardLost: (...loss) => this.losses.push(loss) } });
  }

  async start(): Promise<this> {
    await this.engine.start(await this.engine.load());
    this.ended = this.engine.run();
    // A test that fails closes the engine under it.
    this.ended.catch(() => undefined);
    return this;
  }

  send(datagrams: readonly Uint8Array[]): Promise<number> {
    return sendAll(this.engine.bound[0]!.port, datagrams);
  }

  /** Waits until everything received is done. */
  settled(packets: number): Promise<boolean> {
    return until(`${packets} packets received and done`, () => {
      const { received, pending } = this.engine.balance();
      return received >= packets && pending === 0;
    });
  }

  expectBalance(): void {
    const { received, inspected, dropped, pending } = this.engine.balance();
    expect(inspected + dropped + pending).toBe(received);
  }

  async stop(): Promise<EveEvent[]> {
    this.engine.stop();
    await this.ended;
    await this.sink.close();
    await this.engine.close();
    return parseEvents(folder.read(this.file.slice(folder.path.length + 1)));
  }
}

describe('a shard that is ended from outside', () => {
  let bench: Bench;
  afterEach(async () => {
    await bench.engine.close();
  });

  it('is replaced under load; what it lost is counted, and the sums close at every look', async () => {
    bench = await new Bench({}).start();
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
    bench = await new Bench({}).start();
    await bench.send(HOSTS.map((host) => mirrored(host, 'ask')));
    await bench.settled(HOSTS.length);
    const flows = (shard: number): number => bench.engine.shardCounts(shard)[SHARD_SLOTS.flowsActive]!;
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
    const frames = Array.from({ length: 20_000 }, (_, i) => ({ bytes: packet(1 + (i % 40), 'ask'), timeNs: BigInt(i) * 1000n }));
    bench = await new Bench({ 'ring.bytes': '1MiB' }, [folder.write('long.pcap', pcapFile(frames))]).start();
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
  it('ends the run with the reason, instead of keeping a capture waiting for ever', async () => {
    // Far more than a ring holds: the dispatcher will wait for this shard.
    const frames = HOSTS.map((host) => ({ bytes: packet(host, 'ask'.padEnd(1400)) }));
    const bench = await new Bench({ 'ring.bytes': '1MiB' }, [folder.write('longer.pcap', pcapFile(Array.from({ length: 400 }, () => frames).flat()))]).start();
    // Too small for what its successor looks for there.
    Object.assign(bench.engine.shards.memories[1]!, { doorbell: new SharedArrayBuffer(1) });
    expect(await bench.engine.shards.kill(1)).toBe(true);
    await expect(bench.ended).rejects.toThrow(RangeError);
    await until('the dispatcher waits for room', () => bench.engine.shards.ringFill(1) > 0.995);
    await bench.engine.close();
    expect(bench.losses).toHaveLength(1);
  });
});

describe('a rule that stalls a shard', () => {
  it('is taken out, by name; its packet is counted, the shard replaced, the other rules go on', async () => {
    // Backtracks without end: a back-reference keeps the linear engine away.
    const slow = 'alert udp any any -> any any (msg:"slow"; content:"xxxx"; pcre:"/(x+x+)+\\1y/"; sid:66; rev:2;)\n';
    const sensor = await Sensor.start({ rules: `${RULES}${slow}alert udp any any -> any any (msg:"x"; content:"xxxx"; sid:3;)\n`, settings: { 'watchdog.stallSeconds': 0.5, workers: 2 } });
    try {
      await sensor.send([mirrored(1, 'x'.repeat(64))]);
      const loss = await sensor.log('a shard stalled');
      expect(loss).toMatchObject({ level: 'error', rule: '1:66' });
      const metrics = await sensor.settled(1);
      expect(metrics.drops).toEqual({ 'shard.died': 1 });
      expect(metrics.get('rules', 'state="quarantined"')).toBe(1);
      expect(metrics.get('shard_restarts_total')).toBe(1);
      await until('the sensor is ready', async () => (await sensor.get('/readyz')).status === 200);
      await sensor.send(HOSTS.map((host) => mirrored(host, 'x'.repeat(64))));
      const after = await sensor.settled(1 + HOSTS.length);
      expect(after.balance).toEqual({ received: 41, inspected: 40, dropped: 1, pending: 0 });
      expect((await sensor.alerts(40)).every(({ alert }) => alert.signature_id === 3)).toBe(true);
      expect(after.get('shard_restarts_total')).toBe(1);
      // New rules are tried afresh.
      sensor.signal('SIGHUP');
      await sensor.log('rules are loaded again');
      expect((await sensor.metrics()).get('rules', 'state="quarantined"')).toBe(0);
    } finally {
      await sensor.stop();
    }
  });

  it('holds up the alerts of its own shard alone', async () => {
    const slow = 'alert udp any any -> any any (msg:"slow"; content:"xxxx"; pcre:"/(x+x+)+\\1y/"; sid:66;)\n';
    const sensor = await Sensor.start({ rules: `${slow}alert udp any any -> any any (msg:"plain"; content:"plain"; sid:3;)\n`, settings: { 'watchdog.stallSeconds': 600, workers: 2 } });
    try {
      await sensor.send([mirrored(1, 'x'.repeat(64))]);
      await until('the packet is in its shard', async () => (await sensor.metrics()).get('pending_packets') === 1);
      await sensor.send(HOSTS.map((host) => mirrored(host, 'plain')));
      const metrics = await until('the other shard is done', async () => {
        const now = await sensor.metrics();
        return now.balance.received === 1 + HOSTS.length && now.get('alert_candidates_total') === now.balance.inspected && now.balance.inspected > 0 && now;
      });
      const alerts = await sensor.alerts(metrics.balance.inspected);
      expect(metrics.balance.pending).toBeGreaterThan(0);
      expect(alerts.every(({ src_ip }) => src_ip !== '10.0.0.1')).toBe(true);
      expect(metrics.get('alerts_late_total')).toBe(0);
    } finally {
      await sensor.stop('SIGKILL');
    }
  });

  it('is nobody\'s concern any more once other rules are loaded: no row of theirs is taken out in its place', async () => {
    const slow = 'alert udp any any -> any any (msg:"slow"; content:"xxxx"; pcre:"/(x+x+)+\\1y/"; sid:66;)\n';
    const sensor = await Sensor.start({ rules: slow, settings: { 'watchdog.stallSeconds': 3, workers: 1 } });
    try {
      await sensor.send([mirrored(1, 'x'.repeat(64))]);
      await until('the packet is in its shard', async () => (await sensor.metrics()).get('pending_packets') === 1);
      sensor.folder.write('test.rules', 'alert udp any any -> any any (msg:"x"; content:"xxxx"; sid:3;)\n');
      sensor.signal('SIGHUP');
      await sensor.log('rules are loaded again');
      const loss = await sensor.log('a shard stalled');
      expect(loss).toMatchObject({ msg: 'a shard stalled and was replaced; its flows are lost' });
      expect(loss).not.toHaveProperty('rule');
      await sensor.settled(1);
      await sensor.send([mirrored(1, 'x'.repeat(64))]);
      expect((await sensor.alerts(1))[0]!.alert.signature_id).toBe(3);
      expect((await sensor.metrics()).get('rules', 'state="quarantined"')).toBe(0);
    } finally {
      await sensor.stop();
    }
  });
});
