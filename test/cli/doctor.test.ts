/** What doctor says: of made-up figures one trouble at a time, of a real sensor, and of the figures of a capture. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Figures, samplesOfMetrics, samplesOfStats } from '../../src/cli/doctor-figures.js';
import { findingsOf } from '../../src/cli/doctor-findings.js';
import { MIRROR_DEFAULTS, type MirrorThresholds } from '../../src/config/mirror-settings.js';
import { dnsQuery } from '../support/application-messages.js';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, periscope, Sensor } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());
const NOW = 1_800_000_000;
const WELL = `
periscope_received_packets_total 100000
periscope_received_bytes_total 90000000
periscope_inspected_packets_total 100000
periscope_rules{state="loaded"} 10
periscope_rules{state="waiting"} 2
periscope_reload_success 1
periscope_receive_buffer_requested_bytes{address="0.0.0.0:4789"} 100
periscope_receive_buffer_bytes{address="0.0.0.0:4789"} 100
periscope_vni_packets_total{vni="7"} 5000
periscope_vni_last_seen_timestamp_seconds{vni="7"} ${NOW - 5}
`;
/** Findings once these samples are there, too; of the same series the last counts. */
function findings(
  more = '',
  notReady: string[] = [],
  mirror: MirrorThresholds = MIRROR_DEFAULTS,
): [grade: string, says: string][] {
  const series = new Map(
    `${WELL}${more}`
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), line]),
  );
  const figures = new Figures(samplesOfMetrics(`${[...series.values()].join('\n')}\n`), notReady, NOW);
  return findingsOf(figures, mirror).map(({ grade, says }) => [grade, says]);
}

describe('the figures of a sensor', () => {
  it('that is well bring no finding', () => {
    expect(findings()).toEqual([]);
    // Less than one in a thousand, what the configuration leaves out, and what is no session.
    expect(
      findings(
        'periscope_dropped_packets_total{stage="ring",reason="full"} 99\n' +
          'periscope_dropped_packets_total{stage="filter",reason="port"} 50000\n' +
          'periscope_vni_packets_total{vni="8"} 3\nperiscope_vni_last_seen_timestamp_seconds{vni="8"} 1\n',
      ),
    ).toEqual([]);
  });

  it('name the outputs that lost events, and those that take none', () => {
    const lost = [
      'periscope_alerts_dropped_total{reason="output"} 1204',
      'periscope_output_events_lost_total{output="/var/log/eve.json"} 4',
      'periscope_output_events_lost_total{output="tcp://10.0.0.9:514"} 1200',
      'periscope_output_events_lost_total{output="/var/log/well.json"} 0',
      'periscope_output_up{output="/var/log/eve.json"} 1',
      'periscope_output_up{output="tcp://10.0.0.9:514"} 0',
      'periscope_output_buffer_bytes{output="tcp://10.0.0.9:514"} 8000000',
    ];
    expect(findings(`${lost.join('\n')}\n`)).toEqual([
      [
        'loses',
        '1 204 events were lost, as an output could not take them: /var/log/eve.json 4, tcp://10.0.0.9:514 1 200.',
      ],
      ['loses', 'The output tcp://10.0.0.9:514 takes no events: 8 000 000 bytes wait for it.'],
    ]);
  });

  it('are told in the singular of one', () => {
    const one = 'periscope_rules{state="failed"} 1\nperiscope_rules{state="quarantined"} 1\n';
    expect(findings(one)).toEqual([
      ['notice', '1 rule was taken out, as it broke or stalled a shard.'],
      ['notice', '1 rule failed to load.'],
    ]);
  });

  it('is judged by the thresholds of the configuration', () => {
    const twice = 'periscope_stream_overlaps_total 30000\n';
    const silent = `periscope_vni_last_seen_timestamp_seconds{vni="7"} ${NOW - 100}\n`;
    expect(findings(twice + silent, [], { ...MIRROR_DEFAULTS, twicePercent: 31 })).toEqual([]);
    expect(findings(twice + silent, [], { ...MIRROR_DEFAULTS, twicePercent: 31, silentSeconds: 60 })).toEqual([
      ['notice', 'Mirror session 7 has brought nothing for 2 minutes.'],
    ]);
  });

  it.each([
    [
      'loses',
      'Of 20.0 % of the TCP connections it sees one direction',
      'periscope_tcp_connections_ended_total 1000\nperiscope_tcp_connections_one_sided_total 200\n',
    ],
    [
      'loses',
      'Of 20.0 % of the TCP connections it sees one direction; mirror sessions that show one each, to be named in one ' +
        'group: 8 (95), 7 (90).',
      'periscope_tcp_connections_ended_total 1000\nperiscope_tcp_connections_one_sided_total 200\n' +
        'periscope_tcp_connections_halved_total{vni="7"} 90\nperiscope_tcp_connections_halved_total{vni="8"} 95\n',
    ],
    ['notice', '30.0 % of the packets bring bytes of TCP that', 'periscope_stream_overlaps_total 30000\n'],
    ['notice', '0.20 % of the packets (200) have TCP numbers further on', 'periscope_stream_jumps_total 200\n'],
    [
      'notice',
      'Rule 1:7 takes 25.0 % of the time of the shards',
      'periscope_shard_busy_seconds_total{shard="0"} 300\nperiscope_shard_busy_seconds_total{shard="1"} 100\n' +
        'periscope_rule_busy_seconds{gid="1",sid="7"} 100\nperiscope_rule_busy_seconds{gid="1",sid="8"} 39\n',
    ],
    ['notice', '2 times the clock has stepped', 'periscope_clock_steps_total 2\n'],
    ['notice', 'Mirror session 9 (shop) is not heard', 'periscope_vni_info{vni="9",name="shop"} 1\n'],
    ['blind', 'Not one packet', 'periscope_received_packets_total 0\n'],
    ['blind', 'No rule is in use', 'periscope_rules{state="waiting"} 10\n'],
    [
      'loses',
      '9.09 % of the packets (10 000) were dropped by the kernel',
      'periscope_dropped_packets_total{stage="socket",reason="kernel"} 10000\n',
    ],
    [
      'loses',
      '5.00 % of the packets (5 000) found the ring',
      'periscope_dropped_packets_total{stage="ring",reason="full"} 5000\n',
    ],
    [
      'loses',
      '5.00 % of the packets (5 000) were left out with their flows',
      'periscope_dropped_packets_total{stage="overload",reason="new_flow"} 5000\n',
    ],
    [
      'loses',
      '1.00 % of the packets (1 000) were lost with a shard',
      'periscope_dropped_packets_total{stage="shard",reason="died"} 1000\n',
    ],
    [
      'loses',
      'are no mirrored traffic',
      'periscope_dropped_packets_total{stage="decapsulate",reason="not_vxlan"} 1000\n',
    ],
    [
      'loses',
      'whose rest never came',
      'periscope_dropped_packets_total{stage="defragment",reason="fragment_timeout"} 1000\n',
    ],
    ['loses', 'could not be decoded', 'periscope_dropped_packets_total{stage="decode",reason="x"} 1000\n'],
    [
      'loses',
      '10.0 % of the bytes (10 000 000) were acknowledged',
      'periscope_stream_gap_bytes_total 10000000\nperiscope_loss_part_ratio{part="upstream"} 0.1\n',
    ],
    ['loses', '2.00 % of the packets are cut', 'periscope_truncated_packets_total 2000\n'],
    ['loses', '3 events were lost', 'periscope_alerts_dropped_total{reason="output"} 3\n'],
    ['loses', '3 alerts were lost on the way', 'periscope_alerts_dropped_total{reason="ring"} 3\n'],
    ['loses', '9 bytes of streams', 'periscope_stream_evicted_bytes_total 9\n'],
    ['loses', '9 flows gave way', 'periscope_flows_evicted_total 9\n'],
    ['notice', '2 times a shard', 'periscope_shard_restarts_total{shard="0"} 2\n'],
    ['notice', '1 rule was taken out', 'periscope_rules{state="quarantined"} 1\n'],
    ['notice', '4 rules failed', 'periscope_rules{state="failed"} 4\n'],
    ['notice', '4 alerts came late', 'periscope_alerts_late_total 4\n'],
    ['notice', '4 log lines', 'periscope_log_lines_dropped_total 4\n'],
    ['notice', '4 values', 'periscope_dataset_values_refused_total 4\n'],
    ['notice', '4 flowbits', 'periscope_flowbits_refused_total 4\n'],
    ['notice', 'The last load of its rules failed', 'periscope_reload_success 0\n'],
    ['notice', 'The last update of its rules did not bring', 'periscope_rule_update_success 0\n'],
    ['notice', 'granted 50 of 100 bytes', 'periscope_receive_buffer_bytes{address="0.0.0.0:4789"} 50\n'],
    [
      'notice',
      'Mirror session 7 has brought nothing for 60 minutes',
      `periscope_vni_last_seen_timestamp_seconds{vni="7"} ${NOW - 3600}\n`,
    ],
  ])('%s: %s', (grade, says, more) => {
    const found = findings(more);
    expect(found).toHaveLength(1);
    expect(found[0]![0]).toBe(grade);
    expect(found[0]![1]).toContain(says);
  });

  it('come with the worst first', () => {
    const found = findings(
      'periscope_rules{state="failed"} 4\n' +
        'periscope_dropped_packets_total{stage="ring",reason="full"} 1000\n' +
        'periscope_dropped_packets_total{stage="socket",reason="kernel"} 9000\n',
      ['shards are down'],
    );
    expect(found.map(([grade]) => grade)).toEqual(['blind', 'loses', 'loses', 'notice']);
    expect(found[0]![1]).toContain('shards are down');
    expect(found[1]![1]).toContain('kernel');
  });
});

describe('periscope doctor', () => {
  let sensor: Sensor | undefined;
  afterEach(async () => {
    await sensor?.stop();
    sensor = undefined;
  });
  const packet = ethernet({}, ipv4({}, udp({ srcPort: 1000, dstPort: 53 }, 'x')));

  it('knows by name every metric that it looks at', async () => {
    sensor = await Sensor.start({
      rules: 'alert udp any any -> any any (msg:"x"; content:"x"; sid:1;)\n',
      settings: { 'vni.names': '{1: shop}', 'metrics.dearRules': 1 },
    });
    await sensor.send([vxlan({ vni: 1 }, packet)]);
    await sensor.settled(1);
    const text = await (await sensor.get('/metrics')).text();
    const asked = new Set<string>();
    class Listening extends Figures {
      override all(name: string, labels?: Record<string, string>): ReturnType<Figures['all']> {
        asked.add(name);
        return super.all(name, labels);
      }
    }
    findingsOf(new Listening(samplesOfMetrics(text), [], NOW));
    expect(asked.size).toBeGreaterThan(15);
    for (const name of asked) expect(text, name).toContain(`\nperiscope_${name}`);
  });

  it('looks at a running sensor, in words and as JSON; status 1 with findings, 3 where nobody answers', async () => {
    sensor = await Sensor.start({
      rules: 'alert udp any any -> any any (msg:"x"; content:"x"; sid:1;)\nalert bad\n',
      settings: { receiveBufferBytes: 65_536 },
    });
    const admin = `127.0.0.1:${sensor.adminPort}`;
    await sensor.send([...Array.from({ length: 9 }, () => vxlan({ vni: 1 }, packet)), new Uint8Array(3)]);
    await sensor.settled(10);
    const { status, stdout } = await periscope(['doctor', admin]);
    expect(status).toBe(1);
    expect(stdout).toContain('Of 10 packets 90.0 % were inspected. Lost in all: 10.0 %; decapsulate 10.0 %.');
    expect(stdout).toContain('10.0 % of the packets (1) are no mirrored traffic.');
    expect(stdout.indexOf('no mirrored traffic')).toBeLessThan(stdout.indexOf('1 rule failed to load'));
    const json = await periscope(['doctor', `http://${admin}/`, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      losses: { all: expect.closeTo(0.1) as number, decapsulate: 0.1, socket: 0, ring: 0 },
      findings: [{ grade: 'loses', share: 0.1 }, { grade: 'notice' }],
    });
    await sensor.stop();
    sensor = undefined;
    const gone = await periscope(['doctor', admin]);
    expect([gone.status, gone.stdout]).toEqual([3, '']);
    expect(gone.stderr).toContain(`periscope: no sensor answers at http://${admin}`);
    const absent = await periscope(['doctor', '/absent/stats.json']);
    expect([absent.status, absent.stdout]).toEqual([3, '']);
    expect(absent.stderr).toContain('there is no file /absent/stats.json, and no sensor answers at');
  });

  it('judges the figures of captures, and refuses what has none', async () => {
    const stats = folder.at('stats.json');
    const rules = folder.write('one.rules', 'alert udp any any -> any any (msg:"x"; content:"x"; sid:1;)\n');
    const asking = Array.from({ length: 5 }, (_, i) => udp({ srcPort: 1000 + i, dstPort: 53 }, dnsQuery('example')));
    const crowd = folder.write(
      'crowd.pcap',
      pcapFile(asking.map((inner) => ({ bytes: ethernet({}, ipv4({}, inner)) }))),
    );
    const capture = folder.write('one.pcap', pcapFile([{ bytes: packet }, { bytes: packet }]));
    expect((await periscope(['read', capture, '--rules', rules, '--stats', stats])).status).toBe(0);
    const { status, stdout } = await periscope(['doctor', stats]);
    expect([status, stdout]).toEqual([0, 'Of 2 packets 100.0 % were inspected. Nothing was lost.\n']);
    for (const text of ['{}', '[', 'null']) expect(() => samplesOfStats(text)).toThrow();
    const crowded = await periscope(['read', crowd, '--rules', rules, '--stats', stats, '--set', 'flow.cap=2']);
    const says = '3 flows gave way to others in a full table.';
    expect(crowded.stderr).toBe(`periscope: ${says} Raise flow.cap, or shorten the timeouts in flow.*.\n`);
    const { metrics } = JSON.parse(folder.read('stats.json')) as { metrics: Record<string, number> };
    expect(metrics).toMatchObject({
      received_packets_total: 5,
      flows_evicted_total: 3,
      'app_flows_total{protocol="dns"}': 5,
    });
    expect((await periscope(['doctor', stats])).stdout).toContain(says);
    const wrong = await periscope(['doctor', stats, '--set', 'mirror.twicePercent=x']);
    expect([wrong.status, wrong.stderr.includes('mirror.twicePercent')]).toEqual([2, true]);
    const bad = await periscope(['doctor', folder.write('bad.json', '{}')]);
    expect([bad.status, bad.stderr.includes('cannot read')]).toEqual([3, true]);
  });
});
