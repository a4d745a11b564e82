/**
 * `run` on real UDP over loopback: alerts as EVE, metrics and health, sums that close at every scrape, bad input that
 * is counted and hurts nobody.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ethernet, fragmentIpv4, ipv4, tcp, TCP_FLAG, udp, vxlan } from '../support/packet-builder.js';
import { hasPromtool, promtool } from '../support/promtool.js';
import { Sensor, until, type SensorOptions } from '../support/sensor.js';
import { randomNumbers } from './traffic.js';

const RULES =
  'alert udp any any -> any any (msg:"seen"; content:"needle"; sid:1;)\nalert udp any any -> any any (msg:"late"; content:"the end"; sid:2;)\n';
const VNI = 4711;

let sensor: Sensor;
const start = async (options: SensorOptions = {}): Promise<Sensor> =>
  (sensor = await Sensor.start({ rules: RULES, ...options }));
afterEach(async () => {
  await sensor.stop();
});

const packet = (text: string, host = 1, srcPort = 40_000): Uint8Array =>
  ethernet({}, ipv4({ src: `10.0.0.${host}`, dst: '10.0.1.1' }, udp({ srcPort, dstPort: 53 }, text)));
const mirrored = (text: string, host = 1, vni = VNI): Uint8Array => vxlan({ vni }, packet(text, host));

describe('a sensor that runs', () => {
  it('turns mirrored packets into alerts with the mirror session they came by', async () => {
    await start();
    const from = await sensor.send([mirrored('a needle')]);
    const [alert] = await sensor.alerts(1);
    expect(alert).toMatchObject({
      event_type: 'alert',
      src_ip: '10.0.0.1',
      src_port: 40_000,
      dest_ip: '10.0.1.1',
      dest_port: 53,
      proto: 'UDP',
      alert: { signature_id: 1, signature: 'seen', action: 'allowed' },
      tunnel: {
        vni: VNI,
        src_ip: '127.0.0.1',
        src_port: from,
        dest_ip: '127.0.0.1',
        dest_port: sensor.sockets[0]!.port,
        depth: 1,
      },
    });
    expect([alert!.pcap_filename, alert!.pcap_cnt]).toEqual([undefined, undefined]);
    expect(Math.abs(Date.parse(alert!.timestamp) - Date.now())).toBeLessThan(60_000);
    const metrics = await sensor.metrics();
    expect(metrics.get('alerts_total')).toBe(1);
    expect(metrics.get('vni_packets_total', `vni="${VNI}"`)).toBe(1);
    expect(metrics.get('alert_latency_seconds_count')).toBe(1);
  });

  it('names the mirror session on the alert of a stream that has waited', async () => {
    await start({ rules: 'alert tcp any any -> any any (msg:"seen"; flow:only_stream; content:"needle"; sid:1;)\n' });
    const segment = (flags: number, seq: number, text = ''): Uint8Array =>
      vxlan(
        { vni: VNI },
        ethernet(
          {},
          ipv4({ src: '10.0.0.1', dst: '10.0.1.1' }, tcp({ srcPort: 40_000, dstPort: 80, flags, seq }, text)),
        ),
      );
    const from = await sensor.send([segment(TCP_FLAG.syn, 1), segment(TCP_FLAG.ack, 2, 'a needle')]);
    const [alert] = await sensor.alerts(1);
    expect(alert!.tunnel).toEqual({
      vni: VNI,
      src_ip: '127.0.0.1',
      src_port: from,
      dest_ip: '127.0.0.1',
      dest_port: sensor.sockets[0]!.port,
      depth: 1,
    });
  });

  it('has a series with 0 for each of its rules where these are asked for, and keeps it over a reload', async () => {
    await start({ settings: { 'metrics.topRules': 3 } });
    const before = await sensor.metrics();
    expect(['1', '2', 'other'].map((sid) => before.get('rule_alerts_total', `sid="${sid}"`))).toEqual([0, 0, 0]);
    sensor.folder.write('test.rules', 'alert udp any any -> any any (content:"x"; sid:3;)\n');
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again');
    const after = await sensor.metrics();
    expect(['1', '2', '3', 'other'].map((sid) => after.get('rule_alerts_total', `sid="${sid}"`))).toEqual([0, 0, 0, 0]);
  });

  it('shows the rules that take most time where that is asked for, over a reload too', async () => {
    await start({ settings: { 'metrics.dearRules': 1 } });
    const needles = Array.from({ length: 400 }, () => mirrored('a needle'));
    await sensor.send(needles);
    const before = await sensor.settled(400);
    expect(before.get('rule_busy_seconds', 'sid="1"')).toBeGreaterThan(0);
    expect(before.find('rule_busy_seconds', 'sid="2"')).toBeUndefined();
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again');
    await sensor.send(needles);
    expect((await sensor.settled(800)).get('rule_busy_seconds', 'sid="1"')).toBeGreaterThan(0);
  });

  it('shows zeros before the first packet, and is healthy and ready', async () => {
    await start();
    const metrics = await sensor.metrics();
    expect(metrics.balance).toEqual({ received: 0, inspected: 0, dropped: 0, pending: 0 });
    for (const name of [
      'received_bytes_total',
      'flows_active',
      'flows_evicted_total',
      'stream_gaps_total',
      'alerts_suppressed_total',
      'shard_restarts_total',
      'events_written_total',
      'output_errors_total',
      'alert_latency_seconds_count',
    ]) {
      expect(metrics.get(name), name).toBe(0);
    }
    for (const stage of ['socket', 'decapsulate', 'decode', 'defragment', 'ring', 'shard']) {
      expect(metrics.get('dropped_packets_total', `stage="${stage}"`), stage).toBe(0);
    }
    expect(metrics.get('alerts_total')).toBe(0);
    expect(metrics.get('alerts_dropped_total')).toBe(0);
    expect(metrics.get('rules', 'state="loaded"')).toBe(2);
    expect(metrics.get('reloads_total', 'result="success"')).toBe(1);
    expect(metrics.get('shard_up')).toBe(2);
    expect(metrics.get('ready')).toBe(1);
    expect(metrics.get('receive_buffer_bytes')).toBeGreaterThan(0);
    expect(metrics.get('build_info', 'version="')).toBe(1);
    if (hasPromtool)
      expect(promtool(['check', 'metrics'], await (await sensor.get('/metrics')).text())).toEqual({
        status: 0,
        said: '',
      });
    const [health, ready, other] = [
      await sensor.get('/healthz'),
      await sensor.get('/readyz'),
      await sensor.get('/nothing'),
    ];
    expect([health.status, await health.text()]).toEqual([200, 'ok\n']);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, reasons: [] }]);
    expect([other.status, await other.text()]).toEqual([404, 'nothing here; try /metrics, /healthz, /readyz\n']);
  });

  it('keeps received = inspected + dropped + pending at every scrape while packets come', async () => {
    await start();
    const fragments = fragmentIpv4(ipv4({ src: '10.0.2.1', id: 77 }, udp({}, `needle${'x'.repeat(3000)}`)), 600).map(
      (fragment) => vxlan({ vni: 9 }, ethernet({}, fragment)),
    );
    const mixture = [
      mirrored('a needle', 3),
      mirrored('hay', 4),
      Uint8Array.of(1, 2, 3),
      ...fragments.slice(0, -1),
      vxlan({ flags: 0 }, packet('hay')),
    ];
    let sent = 0;
    let enough = false;
    const senders = [0, 1].map(async () => {
      while (!enough) {
        await sensor.send(mixture);
        sent += mixture.length;
        // Sending to loopback never waits, and would keep the scrapes from their turn.
        await nextTurn();
      }
    });
    const balances: Awaited<ReturnType<Sensor['metrics']>>['balance'][] = [];
    while (balances.length < 12) balances.push((await sensor.metrics()).balance);
    enough = true;
    await Promise.all(senders);
    for (const { received, inspected, dropped, pending } of balances)
      expect(inspected + dropped + pending).toBe(received);
    expect(balances.at(-1)!.received).toBeGreaterThan(balances[0]!.received);
    // What waits for its last fragment is pending, and no one's loss yet.
    const metrics = await until('everything sent is accounted for', async () => {
      const now = await sensor.metrics();
      return (
        now.balance.received + now.get('dropped_packets_total', 'stage="socket"') === sent &&
        now.get('pending_packets', 'place="rings"') === 0 &&
        now
      );
    });
    const { received, inspected, dropped, pending } = metrics.balance;
    expect(inspected + dropped + pending).toBe(received);
    expect(pending).toBe(metrics.get('pending_packets', 'place="fragments"'));
  });

  it('counts bad input by its reason and goes on', async () => {
    await start();
    const random = randomNumbers(7);
    const noise = Array.from({ length: 400 }, () => Uint8Array.from({ length: random(1500) }, () => random(256)));
    const lengths = Array.from({ length: 65 }, (_, length) =>
      vxlan({ vni: 2 }, packet('hay hay hay hay hay hay').slice(0, length)),
    );
    const headers = Array.from({ length: 8 }, (_, length) => vxlan({}, '').slice(0, length));
    const withoutFlag = Array.from({ length: 5 }, () => vxlan({ flags: 0 }, packet('needle')));
    const reserved = [vxlan({ flags: 0xff, reserved1: 0xffffff, reserved2: 0xff }, packet('needle', 9))];
    await sensor.send([...lengths, ...headers, ...withoutFlag, ...reserved]);
    const counted = await sensor.settled(65 + 8 + 5 + 1);
    expect(counted.drops).toEqual({
      'decapsulate.vxlan_truncated_header': 8,
      'decapsulate.vxlan_no_i_flag': 5,
      'decode.ethernet_truncated_header': 14,
      'decode.ipv4_truncated_header': 20,
    });
    expect(counted.get('vxlan_reserved_flags_total')).toBe(1);
    expect(counted.get('truncated_packets_total')).toBeGreaterThan(0);
    await sensor.send([...noise, mirrored('the end', 5)]);
    const metrics = await until('the noise is accounted for', async () => {
      const now = await sensor.metrics();
      return now.balance.received >= 79 + 401 && now.get('pending_packets', 'place="rings"') === 0 && now;
    });
    const { received, inspected, dropped, pending } = metrics.balance;
    expect(inspected + dropped + pending).toBe(received);
    const alerts = await sensor.alerts(2);
    expect(alerts.map(({ alert, src_ip }) => [alert.signature_id, src_ip])).toEqual([
      [1, '10.0.0.9'],
      [2, '10.0.0.5'],
    ]);
    expect(metrics.get('shard_restarts_total')).toBe(0);
    expect(sensor.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('starts without rules, and says so', async () => {
    sensor = await Sensor.start();
    expect(sensor.logs.map(({ msg }) => msg)).toContain(
      'no rules are given: packets are counted, nothing is detected; name rule files with --rules PATH',
    );
    await sensor.send([mirrored('a needle')]);
    expect((await sensor.settled(1)).balance.inspected).toBe(1);
  });
});
