/** What was lost is named by place and by mirror session; what is passed over for its size is counted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Figures, samplesOfStats } from '../../src/cli/doctor-figures.js';
import { findingsOf } from '../../src/cli/doctor-findings.js';
import { ethernet, geneve, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Recording, type TimedFrame } from '../support/recording.js';
import { Folder, parseEvents, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const mirrored = (vni: number, { timeUs, bytes }: TimedFrame): TimedFrame => ({
  timeUs,
  bytes: ethernet(
    {},
    ipv4({ src: '192.0.2.1', dst: '192.0.2.9' }, udp({ srcPort: 50_000, dstPort: 4789 }, vxlan({ vni }, bytes))),
  ),
});

/** A transfer with a word at its start, and one behind each 14 000 bytes. */
function transfer(recording: Recording, client: string): void {
  const talk = recording.tcp(client, '10.0.0.2:9999').open().client('first word');
  for (let i = 0; i < 6; i++) talk.server('x'.repeat(14_000)).client(`word ${i}`);
  talk.close();
}

describe('a capture of two mirror sessions', () => {
  let figures: Figures;
  let alerts: string[];
  let flows: { bytes_toclient: number; state: string }[];
  beforeAll(async () => {
    const whole = new Recording();
    transfer(whole, '10.0.0.1:4000');
    const missing = new Recording();
    transfer(missing, '10.0.0.3:4000');
    // A segment of the first answer, of 1400 bytes.
    const lost = missing.frames.findIndex(({ bytes }) => bytes.length > 1400) + 2;
    missing.frames.splice(lost, 1);
    const frames = [
      ...whole.frames.map((frame) => mirrored(6, frame)),
      ...missing.frames.map((frame) => mirrored(5, frame)),
    ].sort((a, b) => a.timeUs - b.timeUs);
    const stats = folder.at('stats.json');
    const { stdout, status } = await periscope([
      'read',
      folder.write('two.pcap', pcapFile(frames)),
      '--rules',
      folder.write('words.rules', 'alert tcp any any -> any 9999 (content:"word"; dsize:<20; sid:1;)\n'),
      '--set',
      'flow.bypassBytes=50000',
      '--set',
      'eve.types=alert,flow',
      '--stats',
      stats,
    ]);
    expect(status).toBe(0);
    figures = new Figures(samplesOfStats(folder.read('stats.json')));
    const events = parseEvents(stdout) as unknown as {
      event_type: string;
      src_ip: string;
      dest_port: number;
      flow: { bytes_toclient: number; state: string };
    }[];
    alerts = events.filter(({ event_type }) => event_type === 'alert').map(({ src_ip }) => src_ip);
    flows = events.filter((event) => event.event_type === 'flow' && event.dest_port === 9999).map(({ flow }) => flow);
  });

  it('tells which one misses bytes, and what share of all that is', () => {
    const gaps = figures.all('vni_gap_bytes_total').map(({ labels, value }) => [labels.vni, value]);
    expect(gaps).toEqual([['5', 1400]]);
    expect(figures.sum('stream_gap_bytes_total')).toBe(1400);
    const upstream = figures.sum('loss_part_ratio', { part: 'upstream' });
    expect(upstream).toBeCloseTo(1400 / (1400 + figures.sum('received_bytes_total')), 10);
    expect(figures.sum('loss_ratio')).toBeCloseTo(upstream, 10);
    expect(findingsOf(figures).map(({ says }) => says)).toEqual([
      expect.stringMatching(/of the bytes \(1 400\) were acknowledged, .* by mirror session: 5 1 400\.$/),
    ]);
  });

  it('passes flows over from their size on; they are counted, and end as any other', () => {
    // Words before some 50 000 bytes: four of each.
    expect(alerts.filter((from) => from === '10.0.0.1')).toHaveLength(4);
    expect(figures.sum('elephant_flows_total')).toBe(2);
    expect(figures.sum('elephant_packets_total')).toBeGreaterThan(50);
    expect(figures.sum('inspected_packets_total')).toBe(figures.sum('received_packets_total'));
    expect(flows.map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(flows.every(({ bytes_toclient }) => bytes_toclient > 80_000)).toBe(true);
  });
});

describe('a capture with a GENEVE session for each direction', () => {
  const recording = new Recording();
  for (let port = 4000; port < 4100; port++) {
    const talk = recording.tcp(`10.0.0.1:${port}`, '10.0.0.2:9999').open();
    for (let i = 0; i < 4; i++) talk.client('ask').server('tell');
    talk.close();
  }
  const frames = recording.frames.map(({ timeUs, bytes }) => {
    const isFromClient = bytes[29] === 1;
    const tunnel = udp({ srcPort: 50_000, dstPort: 6081 }, geneve({ vni: isFromClient ? 11 : 12 }, bytes));
    return {
      timeNs: BigInt(timeUs) * 1000n,
      bytes: ethernet({}, ipv4({ src: '192.0.2.1', dst: '192.0.2.9' }, tunnel)),
    };
  });
  const capture = folder.write('geneve.pcap', pcapFile(frames));
  const rules = folder.write('told.rules', 'alert tcp any any -> any any (flow:established; content:"tell"; sid:1;)\n');
  const read = async (...more: readonly string[]): Promise<Figures> => {
    const stats = ['--stats', folder.at('stats.json')];
    const { status } = await periscope(['read', capture, '--rules', rules, '--workers', '2', ...stats, ...more]);
    expect(status).toBe(0);
    return new Figures(samplesOfStats(folder.read('stats.json')));
  };

  it('names both sessions as halves of connections', async () => {
    const figures = await read();
    expect(figures.all('tcp_connections_halved_total').map(({ labels, value }) => [labels.vni, value])).toEqual([
      ['11', 100],
      ['12', 100],
    ]);
    expect(findingsOf(figures).map(({ says }) => says)).toContain(
      'Of 100.0 % of the TCP connections it sees one direction; mirror sessions that show one each, to be named in one ' +
        'group: 11 (100), 12 (100).',
    );
  });

  it('has whole connections once both are of one group', async () => {
    const figures = await read('--set', 'vni.groups={pair: [11, 12]}');
    expect(figures.all('tcp_connections_halved_total')).toEqual([]);
    expect(figures.sum('tcp_connections_one_sided_total')).toBe(0);
    expect(figures.sum('tcp_connections_ended_total')).toBe(100);
  });
});
