/** The capture filter, end to end: what is left out, that it is counted, and that the sums close. */
import { afterAll, describe, expect, it } from 'vitest';
import { ethernet, fragmentIpv4, icmp, ipv4, ipv6, tcp, udp } from '../support/packet-builder.js';
import { Recording } from '../support/recording.js';
import { Folder, parseEvents, periscope } from '../support/sensor.js';
import { mirrored, pcapOf } from './traffic.js';

const folder = new Folder();
afterAll(() => folder.remove());

const rules = folder.write('all.rules', 'alert ip any any -> any any (msg:"seen"; ttl:>0; sid:1;)');
const hidden = ipv4({ src: '10.7.0.1', dst: '10.7.0.2' }, udp({ srcPort: 1, dstPort: 2 }, 'x'));
const recording = new Recording();
recording.add(ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.9.0.2' }, tcp({ srcPort: 1000, dstPort: 80 }))));
recording.add(ethernet({}, ipv4({ src: '10.9.0.2', dst: '10.0.0.1' }, tcp({ srcPort: 80, dstPort: 1000 }))));
recording.add(ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.9.1.2' }, udp({ srcPort: 1000, dstPort: 53 }, 'x'))));
recording.add(ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.9.0.2' }, icmp({ type: 8 }))));
recording.add(ethernet({}, ipv6({ src: 'fd00::1', dst: 'fd01::1' }, udp({ srcPort: 1000, dstPort: 53 }, 'x'))));
recording.add(mirrored(7, hidden)).add(mirrored(8, hidden));
// Three fragments of one datagram, whose first one has its ports.
const large = ipv4({ src: '10.3.0.1', dst: '10.3.0.2' }, udp({ srcPort: 2049, dstPort: 2049 }, 'x'.repeat(2500)));
for (const fragment of fragmentIpv4(large, 1000)) recording.add(ethernet({}, fragment));
const capture = folder.write('all.pcap', pcapOf(recording));
const FRAMES = 10;

async function read(
  ...settings: readonly string[]
): Promise<{ stats: { received: number; inspected: number; dropped: Record<string, number> }; sources: string[] }> {
  const set = settings.flatMap((setting) => ['--set', setting]);
  const { status, stdout } = await periscope([
    'read',
    capture,
    '--rules',
    rules,
    '--workers',
    '2',
    '--stats',
    folder.at('stats.json'),
    ...set,
  ]);
  expect(status).toBe(0);
  const stats = JSON.parse(folder.read('stats.json')) as {
    received: number;
    inspected: number;
    dropped: Record<string, number>;
  };
  expect(stats.received).toBe(FRAMES);
  expect(stats.inspected + Object.values(stats.dropped).reduce((sum, count) => sum + count, 0)).toBe(FRAMES);
  return { stats, sources: (parseEvents(stdout) as unknown as { src_ip: string }[]).map(({ src_ip }) => src_ip) };
}

describe('the capture filter', () => {
  it('counts what it leaves out by reason; of a datagram in fragments, each of them', async () => {
    const { stats } = await read('filter.ports=80,2049', 'filter.protocols=1');
    expect(stats.dropped).toEqual({ 'filter.port': 5, 'filter.protocol': 1 });
  });

  it('goes by the outermost layer under the mirror header, and makes no alerts', async () => {
    const { stats, sources } = await read('filter.addresses=10.7.0.0/16,192.0.2.1,10.0.0.0/8', 'filter.vnis=8');
    expect(stats.dropped).toEqual({ 'filter.address': 8, 'filter.vni': 1 });
    expect([...new Set(sources)]).toEqual(['fd00:0000:0000:0000:0000:0000:0000:0001']);
  });

  it('names each setting that it cannot be told', async () => {
    const wrong = { 'filter.ports': '65536', 'filter.addresses': 'web,10.0.0.0/33', 'filter.vnis': '-1' };
    const set = Object.entries(wrong).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const { status, stderr } = await periscope(['read', capture, ...set]);
    expect(status).toBe(2);
    for (const key of Object.keys(wrong)) expect(stderr).toMatch(new RegExp(`${key}.* is not allowed`));
  });
});
