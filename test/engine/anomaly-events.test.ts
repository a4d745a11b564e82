/** Events of anomalies and of counters, end to end. */
import { afterAll, describe, expect, it } from 'vitest';
import { concat, ethernet, ipv4, u16, udp } from '../support/packet-builder.js';
import { Recording } from '../support/recording.js';
import { Folder, periscope, Sensor, until } from '../support/sensor.js';
import { pcapOf } from './traffic.js';

interface AnomalyEvent {
  readonly event_type: string;
  readonly timestamp: string;
  readonly flow_id?: number;
  readonly pcap_cnt: number;
  readonly src_ip: string;
  readonly anomaly: { readonly type: string; readonly event: string };
  readonly stats: Readonly<Record<string, unknown>>;
}

const folder = new Folder();
afterAll(() => folder.remove());

async function read(
  file: string,
  types: string,
  workers: number,
  more: readonly string[] = [],
): Promise<AnomalyEvent[]> {
  const { status, stdout } = await periscope([
    'read',
    file,
    '--workers',
    String(workers),
    '--set',
    `eve.types=${types}`,
    ...more,
  ]);
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AnomalyEvent);
}

/** Of 30 hosts: a FIN of no connection, a UDP length that is wrong, and a frame that ends within its IP header. */
function oddities(): Recording {
  const recording = new Recording();
  for (let host = 1; host <= 30; host++) {
    recording.segment(`10.0.0.${host}:1000`, '10.0.1.1:80', { seq: 5, ack: 0, flags: 1 });
    recording.udp(`10.0.0.${host}:1000`, '10.0.1.1:53', 'quite in order');
    recording.add(
      ethernet({}, ipv4({ src: `10.0.0.${host}`, dst: '10.0.1.1' }, udp({ srcPort: 1, dstPort: 2, length: 7 }, 'x'))),
    );
    recording.add(ethernet({}, ipv4({}, udp({}, 'x')).subarray(0, 15)));
  }
  return recording;
}

/** Of 30 hosts: questions of DNS with a bit that must be zero, which nobody answers; one with an odd answer, too. */
function oddMessages(): Recording {
  const recording = new Recording();
  const message = (flags: number): Uint8Array =>
    concat(u16(7), u16(flags), u16(1), u16(0), u16(0), u16(0), [1], 'a', [0], u16(1), u16(1));
  for (let host = 1; host <= 30; host++) recording.udp(`10.0.0.${host}:1000`, '10.0.1.1:53', message(0x0140));
  recording.udp('10.0.1.1:53', '10.0.0.1:1000', message(0xf840));
  recording.udp('10.0.0.2:1000', '10.0.1.1:53', message(0x0100));
  return recording;
}
const capture = folder.write('odd.pcap', pcapOf(oddities()));

describe('events of anomalies', () => {
  it('name what is odd in headers and segments as Suricata does, with the packet it is in', async () => {
    const events = await read(capture, 'anomaly', 1);
    expect(events.slice(0, 3)).toMatchObject([
      {
        event_type: 'anomaly',
        pcap_cnt: 1,
        src_ip: '10.0.0.1',
        src_port: 1000,
        proto: 'TCP',
        anomaly: { type: 'stream', event: 'stream.fin_but_no_session' },
      },
      {
        event_type: 'anomaly',
        pcap_cnt: 3,
        src_ip: '10.0.0.1',
        proto: 'UDP',
        anomaly: { type: 'decode', event: 'decoder.udp.hlen_invalid' },
      },
      { event_type: 'anomaly', pcap_cnt: 4, anomaly: { type: 'decode', event: 'decoder.ipv4.pkt_too_small' } },
    ]);
    expect(events).toHaveLength(90);
  });

  it('name what messages raise, with their transaction and in its direction', async () => {
    const odd = folder.write('messages.pcap', pcapOf(oddMessages()));
    const events = await read(odd, 'anomaly', 1);
    const raised = (event: string): object => ({
      app_proto: 'dns',
      type: 'applayer',
      event,
      layer: 'proto_parser',
    });
    expect(events).toHaveLength(32);
    expect(events[0]).toMatchObject({
      src_ip: '10.0.0.1',
      src_port: 1000,
      pcap_cnt: 1,
      tx_id: 0,
      app_proto: 'dns',
      anomaly: raised('z_flag_set'),
    });
    expect(events.filter(({ pcap_cnt }) => pcap_cnt === 31)).toMatchObject([
      { src_ip: '10.0.1.1', src_port: 53, tx_id: 1, anomaly: raised('z_flag_set') },
      { src_ip: '10.0.1.1', src_port: 53, tx_id: 1, anomaly: raised('invalid_opcode') },
    ]);
    expect(await read(odd, 'anomaly', 3)).toEqual(events);
    const limit = ['--set', 'eve.anomaliesPerSecond=20'];
    expect(await read(odd, 'anomaly', 1, limit)).toEqual(events.slice(0, 20));
    expect(await read(odd, 'alert', 1)).toEqual([]);
  });

  it('are the same for any number of shards, within the limit of a second, too', async () => {
    const limit = ['--set', 'eve.anomaliesPerSecond=20'];
    const alone = await read(capture, 'anomaly', 1, limit);
    expect(alone).toEqual((await read(capture, 'anomaly', 1)).slice(0, 20));
    expect(await read(capture, 'anomaly', 3, limit)).toEqual(alone);
  });
});

describe('the event of counters', () => {
  it('comes once for captures, at the time of the last frame, the same for any number of shards', async () => {
    const [alone, ...more] = await read(capture, 'stats', 1);
    expect(more).toEqual([]);
    expect(alone).toMatchObject({
      event_type: 'stats',
      timestamp: '2026-11-22T09:00:00.047600+0000',
      stats: {
        capture: { kernel_packets: 120, kernel_drops: 0 },
        decoder: { pkts: 120 },
        flow: { active: 0 },
        detect: { alert: 0 },
        periscope: { received: 120, inspected: 90, pending: 0, dropped: { 'decode.ipv4_truncated_header': 30 } },
      },
    });
    expect(await read(capture, 'stats', 3)).toEqual([alone]);
  });

  it('comes again and again from a sensor', async () => {
    const sensor = await Sensor.start({ settings: { 'eve.types': 'stats', 'eve.statsSeconds': 1 } });
    try {
      const events = await until('two events', () => {
        const lines = sensor.folder
          .read('eve.json')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as AnomalyEvent);
        return lines.length >= 2 && lines;
      });
      expect(events[0]).toMatchObject({
        event_type: 'stats',
        stats: { decoder: { pkts: 0 }, periscope: { received: 0, dropped: {} } },
      });
      expect(events[1]!.timestamp > events[0]!.timestamp).toBe(true);
      expect(events[1]!.stats.uptime).toBeTypeOf('number');
    } finally {
      await sensor.stop();
    }
  });
});
