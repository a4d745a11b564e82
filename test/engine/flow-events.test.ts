/** Events of flows, end to end: what they say, and that their order is that of one shard. */
import { afterAll, describe, expect, it } from 'vitest';
import { ethernet, icmp, ipv4, ipv6, udp, vlan } from '../support/packet-builder.js';
import { hasEveSchema, violations } from '../support/eve-schema.js';
import { Recording } from '../support/recording.js';
import { Folder, periscope } from '../support/sensor.js';
import { mirrored, pcapOf, RULES, traffic } from './traffic.js';

interface FlowEvent {
  readonly event_type: string;
  readonly timestamp: string;
  readonly src_ip: string;
  readonly vlan?: readonly number[];
  readonly pcap_filename: string;
  readonly ip_v: number;
  readonly response_icmp_type?: number;
  readonly response_icmp_code?: number;
  readonly flow: {
    readonly tx_cnt?: number;
    readonly pkts_toserver: number;
    readonly pkts_toclient: number;
    readonly end: string;
    readonly reason: string;
  };
}

const folder = new Folder();
afterAll(() => folder.remove());
const rules = folder.write('test.rules', RULES);

async function read(
  files: readonly string[],
  types: string,
  workers = 2,
  more: readonly string[] = [],
): Promise<FlowEvent[]> {
  const { status, stdout, stderr } = await periscope([
    'read',
    ...files,
    '--rules',
    rules,
    '--workers',
    String(workers),
    '--set',
    `eve.types=${types}`,
    ...more,
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as FlowEvent);
}

it('has the VLAN of the flow, where its packets have one tag', async () => {
  const recording = new Recording();
  const tagged = (id: number, srcPort: number): Uint8Array =>
    ethernet({}, vlan({ id }, ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, udp({ srcPort, dstPort: 9 }, 'x'))));
  recording.add(tagged(7, 1)).add(tagged(0, 2));
  recording.add(ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, udp({ srcPort: 3, dstPort: 9 }, 'x'))));
  const events = await read([folder.write('vlans.pcap', pcapOf(recording))], 'flow', 1);
  expect(events.map(({ vlan: ids }) => ids)).toEqual([[7], undefined, undefined]);
});

it('has the version of IP, the first answer of ICMP, and how many transactions there were', async () => {
  const recording = new Recording();
  const ping = (src: string, dst: string, type: number, code: number): Uint8Array =>
    ethernet({}, ipv4({ src, dst }, icmp({ type, code, id: 7 })));
  recording.add(ping('10.0.0.1', '10.0.0.2', 8, 0)).add(ping('10.0.0.2', '10.0.0.1', 0, 3));
  recording.add(ping('10.0.0.2', '10.0.0.1', 0, 4)).add(ping('10.0.0.1', '10.0.0.3', 13, 0));
  recording
    .tcp('10.0.0.1:40000', '10.0.0.2:80')
    .open()
    .client('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
    .server('HTTP/1.1 204 No\r\n\r\n')
    .client('GET /b HTTP/1.1\r\nHost: a\r\n\r\n')
    .close();
  recording.add(ethernet({}, ipv6({ src: 'fd00::1', dst: 'fd00::2' }, udp({ srcPort: 3, dstPort: 9 }, 'x'))));
  const events = await read([folder.write('answers.pcap', pcapOf(recording))], 'flow', 1);
  const told = events.map(({ ip_v, response_icmp_type, response_icmp_code, flow: { tx_cnt } }) => [
    ip_v,
    response_icmp_type,
    response_icmp_code,
    tx_cnt,
  ]);
  const none = undefined;
  expect(told).toHaveLength(4);
  expect(told).toContainEqual([4, 0, 3, none]);
  expect(told).toContainEqual([4, none, none, none]);
  expect(told).toContainEqual([4, none, none, 2]);
  expect(told).toContainEqual([6, none, none, none]);
});

describe('the event of a flow', () => {
  const recording = new Recording();
  recording.tcp('10.0.0.1:40000', '10.0.0.2:80').open().client('LOGIN anna').server('access denied').close();
  recording.segment('10.0.0.3:1234', '10.0.0.2:81', { seq: 7, flags: 2 });
  recording.segment('10.0.0.2:81', '10.0.0.3:1234', { seq: 0, ack: 8, flags: 0x14 });
  recording
    .wait(65_000)
    .add(mirrored(42, ipv6({ src: 'fd00::1', dst: 'fd00::2' }, udp({ srcPort: 9000, dstPort: 53 }, 'ask'))));
  recording.add(mirrored(42, ipv6({ src: 'fd00::2', dst: 'fd00::1' }, udp({ srcPort: 53, dstPort: 9000 }, 'tell'))));
  recording.add(ethernet({}, ipv4({ src: '10.0.0.4', dst: '10.0.0.5' }, icmp({ type: 9, code: 16 }))));
  // The ports of the first one once more, after its timeout.
  recording.segment('10.0.0.1:40000', '10.0.0.2:80', { seq: 99, flags: 2 });
  const capture = folder.write('flows.pcap', pcapOf(recording));

  it('says what went both ways, how it began and ended, and why', async () => {
    const events = await read([capture], 'flow');
    expect(events.map(({ event_type }) => event_type)).toEqual(Array(5).fill('flow'));
    const [web, refused, dns, advertisement, again] = events;
    expect(web).toMatchObject({
      timestamp: '2026-11-22T09:00:00.003600+0000',
      src_ip: '10.0.0.1',
      src_port: 40000,
      dest_ip: '10.0.0.2',
      dest_port: 80,
      proto: 'TCP',
      pcap_filename: capture,
      flow: {
        pkts_toserver: 6,
        pkts_toclient: 4,
        start: '2026-11-22T09:00:00.000000+0000',
        end: '2026-11-22T09:00:00.003600+0000',
        age: 0,
        state: 'closed',
        reason: 'timeout',
        alerted: true,
        conn_state: 'SF',
      },
      tcp: {
        tcp_flags: '1b',
        tcp_flags_ts: '1b',
        tcp_flags_tc: '1b',
        syn: true,
        fin: true,
        psh: true,
        ack: true,
        state: 'closed',
      },
    });
    expect(web).not.toHaveProperty('tcp.rst');
    expect(refused).toMatchObject({
      src_port: 1234,
      flow: { pkts_toserver: 1, pkts_toclient: 1, state: 'closed', reason: 'timeout', conn_state: 'REJ' },
      tcp: { tcp_flags: '16', tcp_flags_ts: '02', tcp_flags_tc: '14', rst: true },
    });
    expect(dns).toMatchObject({
      src_ip: 'fd00:0000:0000:0000:0000:0000:0000:0001',
      src_port: 9000,
      proto: 'UDP',
      tunnel: { vni: 42 },
      flow: {
        pkts_toserver: 1,
        pkts_toclient: 1,
        bytes_toserver: 51,
        bytes_toclient: 52,
        state: 'established',
        alerted: false,
        conn_state: 'SF',
      },
    });
    expect(dns).not.toHaveProperty('tcp');
    expect(advertisement).toMatchObject({
      src_ip: '10.0.0.4',
      proto: 'ICMP',
      icmp_type: 9,
      icmp_code: 16,
      flow: { state: 'new', conn_state: 'OTH' },
    });
    expect(again).toMatchObject({
      src_port: 40000,
      flow: { pkts_toserver: 1, pkts_toclient: 0, reason: 'shutdown', conn_state: 'S0' },
      tcp: { state: 'syn_sent' },
    });
  });

  it('tells of a connection that ended by its timeout, which leaves its place to others', async () => {
    const hour = new Recording();
    for (let i = 1; i <= 20; i++) {
      hour.tcp(`10.1.0.${i}:4000`, '10.0.0.2:80').open().client('LOGIN eve');
      hour.wait(700_000);
    }
    const events = await read([folder.write('hour.pcap', pcapOf(hour))], 'flow', 1, ['--set', 'flow.cap=4']);
    expect(events.map(({ flow }) => flow.reason)).toEqual([...Array<string>(19).fill('timeout'), 'shutdown']);
  });

  it.runIf(hasEveSchema)('fits the schema of events, as anomalies and counters do, but for what is ours', async () => {
    const broken = new Recording().add(
      mirrored(42, ipv4({ src: '10.0.0.9', dst: '10.0.0.8', protocol: 6 }, [1, 2, 3])),
    );
    const odd = folder.write('odd.pcap', pcapOf(broken));
    const events = await read([capture, odd], 'alert,flow,anomaly,stats');
    expect([...new Set(events.map(({ event_type }) => event_type))].sort()).toEqual([
      'alert',
      'anomaly',
      'flow',
      'stats',
    ]);
    const ours = ['$.tunnel.vni', '$.flow.conn_state', '$.stats.periscope'].map((name) => `${name} is not known`);
    expect(new Set(events.flatMap(violations))).toEqual(new Set(ours));
  });

  it('comes only where it is asked for, and alerts do', async () => {
    const types = async (list: string): Promise<string[]> =>
      [...new Set((await read([capture], list)).map(({ event_type }) => event_type))].toSorted();
    expect(await types('alert')).toEqual(['alert']);
    expect(await types('flow')).toEqual(['flow']);
    expect(await types('alert,flow')).toEqual(['alert', 'flow']);
  });

  it('names the sensor and the mirror session', async () => {
    const dns = (await read([capture], 'flow', 2, ['--set', 'sensor=zone-a', '--set', 'vni.names={42: shop}']))[2];
    expect(dns).toMatchObject({ host: 'zone-a', tunnel: { vni: 42, name: 'shop' } });
    const { status, stderr } = await periscope(['read', capture, '--set', 'vni.names={shop: 42}']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('expected VNI: NAME pairs, VNIs from 0 to 16777215')]);
  });

  it('has a name that is checked', async () => {
    const { status, stderr } = await periscope(['read', capture, '--set', 'eve.types=alert,flows']);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(
        'eve.types (--set): alert,flows is not allowed (there is no flows; did you mean flow?), expected a list of alert, ',
      ),
    ]);
  });
});

describe('events of flows and alerts together', () => {
  const captures = [1, 2, 3].map((seed) => folder.write(`${seed}.pcap`, pcapOf(traffic(seed))));

  it('are the same bytes for any number of shards, with rings that are always full', async () => {
    const alone = await read(captures, 'alert,flow', 1);
    for (const workers of [2, 5])
      expect(await read(captures, 'alert,flow', workers, ['--set', 'candidates.bytes=65536'])).toEqual(alone);
    const flows = alone.filter(({ event_type }) => event_type === 'flow');
    expect(flows.length).toBeGreaterThan(300);
    // 65 536 bytes hold fewer than 100 of them.
    for (const capture of captures)
      expect(flows.filter(({ pcap_filename }) => pcap_filename === capture).length).toBeGreaterThan(100);
    const files = alone.map(({ pcap_filename }) => captures.indexOf(pcap_filename));
    expect(files).toEqual(files.toSorted());
    for (const { timestamp, flow } of flows) expect(timestamp).toBe(flow.end);
  });
});
