/**
 * threshold.config end to end: what it holds back, what is said of its lines, and that it is read again with the rules.
 */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { Recording } from '../support/recording.js';
import { Folder, parseEvents, periscope, Sensor } from '../support/sensor.js';
import { pcapOf } from './traffic.js';

const RULES =
  'alert udp any any -> any any (msg:"one"; content:"needle"; sid:1;)\nalert udp any any -> any any (msg:"two"; content:"needle"; sid:2;)\n';
const folder = new Folder();
afterAll(() => folder.remove());

describe('a capture', () => {
  it('has its alerts held back alike by any number of workers, and lines that cannot be read are told', async () => {
    const recording = new Recording();
    for (let i = 0; i < 60; i++) recording.udp(`10.0.0.${1 + (i % 6)}:${1000 + i}`, `10.1.0.${i % 5}:53`, 'a needle');
    const capture = folder.write('needles.pcap', pcapOf(recording));
    const rules = folder.write('needles.rules', RULES);
    const thresholds = folder.write(
      'threshold.config',
      [
        'suppress gen_id 1, sig_id 1, track by_src, ip [10.0.0.0/30,!10.0.0.2]',
        'event_filter gen_id 1, sig_id 1, type limit, \\',
        '  track by_both, count 1, seconds 60',
        'rate_filter gen_id 1, sig_id 2, track by_dst, count 4, seconds 60, new_action drop, timeout 0, apply_to 10.1.0.1',
        'supress gen_id 1, sig_id 2',
      ].join('\n'),
    );
    const read = (workers: number): ReturnType<typeof periscope> =>
      periscope(['read', capture, '--rules', rules, '--threshold-file', thresholds, '--workers', String(workers)]);
    const alone = await read(1);
    expect(alone.status).toBe(0);
    expect(alone.stderr).toContain(`${thresholds}:5:1: error: 'supress' is no kind of threshold`);
    expect(alone.stderr).toContain('did you mean suppress?');
    const events = parseEvents(alone.stdout) as (ReturnType<typeof parseEvents>[number] & {
      readonly verdict?: { readonly action: string };
    })[];
    const first = events.filter(({ alert }) => alert.signature_id === 1);
    expect([...new Set(first.map(({ src_ip }) => src_ip))].sort()).toEqual([
      '10.0.0.2',
      '10.0.0.4',
      '10.0.0.5',
      '10.0.0.6',
    ]);
    expect(first).toHaveLength(new Set(first.map(({ src_ip, dest_ip }) => `${src_ip} ${dest_ip}`)).size);
    const second = events.filter(({ alert }) => alert.signature_id === 2);
    expect(second).toHaveLength(60);
    expect(second.filter(({ verdict }) => verdict?.action === 'drop').map(({ dest_ip }) => dest_ip)).toEqual(
      Array(8).fill('10.1.0.1'),
    );
    for (const workers of [2, 4]) expect((await read(workers)).stdout, `${workers} workers`).toBe(alone.stdout);
  });
});

describe('a sensor', () => {
  let sensor: Sensor;
  afterEach(async () => {
    await sensor.stop();
  });
  const needle = (host: number): Uint8Array =>
    vxlan(
      { vni: 7 },
      ethernet({}, ipv4({ src: `10.0.0.${host}`, dst: '10.0.1.1' }, udp({ srcPort: 1000, dstPort: 53 }, 'a needle'))),
    );

  it('takes up a changed threshold.config at SIGHUP, lines that can be read at least', async () => {
    const thresholds = folder.write('live.config', 'suppress gen_id 1, sig_id 2\n');
    sensor = await Sensor.start({ rules: RULES, args: ['--threshold-file', thresholds] });
    await sensor.send([needle(1)]);
    await sensor.alerts(1);
    folder.write('live.config', 'suppress gen_id 1, sig_id 1, track by_src, ip 10.0.0.2\nsupress gen_id 1, sig_id 2\n');
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again');
    expect(sensor.logs.find(({ level }) => level === 'error')).toMatchObject({
      file: thresholds,
      line: 2,
      column: 1,
      hint: 'did you mean suppress?',
    });
    await sensor.send([needle(2), needle(3)]);
    const events = await sensor.alerts(1 + 3);
    expect(events.map(({ src_ip, alert }) => `${src_ip} ${alert.signature_id}`)).toEqual([
      '10.0.0.1 1',
      '10.0.0.2 2',
      '10.0.0.3 1',
      '10.0.0.3 2',
    ]);
    expect((await sensor.metrics()).get('alerts_suppressed_total')).toBe(2);
  });

  it('counts what a threshold holds back, whether a shard hears of it in time or not', async () => {
    const limit = 'threshold:type limit, track by_src, count 2, seconds 3600;';
    const rules = `alert udp any any -> any any (msg:"one"; content:"needle"; ${limit} sid:1;)\n`;
    sensor = await Sensor.start({ rules });
    // What comes behind the second alert may be held back in the shard, what comes with it may not.
    await sensor.send([needle(1), needle(1)]);
    await sensor.alerts(2);
    for (let i = 0; i < 5; i++) await sensor.send([needle(1), needle(1), needle(2 + i)]);
    const events = await sensor.alerts(2 + 5);
    expect(events.map(({ src_ip }) => src_ip)).toEqual([
      '10.0.0.1',
      '10.0.0.1',
      ...[2, 3, 4, 5, 6].map((i) => `10.0.0.${i}`),
    ]);
    const metrics = await sensor.metrics();
    expect(metrics.get('alert_candidates_total')).toBe(17);
    expect(metrics.get('alerts_filtered_total')).toBe(10);
    // New rules begin to count anew, the sensor's totals go on.
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again');
    await sensor.send([needle(9)]);
    await sensor.alerts(2 + 5 + 1);
    const later = await sensor.metrics();
    expect(later.get('alert_candidates_total')).toBe(18);
    expect(later.get('alerts_filtered_total')).toBe(10);
  });
});
