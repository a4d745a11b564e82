/**
 * Real and made captures of mirrored traffic (../shared/captures/README.md): VNIs, flows and packet counts are the
 * documented ones, read from the file and received live. One event per inspected IP layer tells what was seen.
 */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readPcap, sharedCapturesPresent, sharedPath } from '../support/read-pcap.js';
import { Folder, parseEvents, periscope, Sensor, type EveEvent } from '../support/sensor.js';

/** Every packet alerts: a rule on addresses alone would alert once a flow. */
const RULES = 'alert ip any any -> any any (msg:"a packet"; ttl:>0; sid:1;)\n';

/** Events and flows by VNI (`-` for none), tunnel depth and protocol. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'aws-mirror-session': { '5569041 1 TCP': '82 in 4', '5569041 1 UDP': '18 in 9' },
  'vxlan-overlapping-http-get': { '4711 1 TCP': '14 in 1', '4242 1 TCP': '14 in 1', '- 0 TCP': '14 in 1' },
  'vxlan-encapsulated-http': { '1 1 TCP': '12 in 1' },
  // The session's VNI is the outermost one; the tunnels within are packets of that session.
  'vxlan-triple-v2': { '1 1 UDP': '1 in 1', '1 2 UDP': '1 in 1', '1 3 UDP': '1 in 1' },
  'geneve-vxlan-dns-truncated': { '4242 2 UDP': '2 in 1' },
  'vxlan-inner-tcp-bad-checksum': { '42 1 TCP': '1 in 1' },
  'vxlan-non-zero-reserved-fields': { '11 1 TCP': '10 in 1' },
};
const NAMES = Object.keys(EXPECTED);
const path = (name: string): string => sharedPath(`captures/vxlan/${name}.pcap`);

const present = sharedCapturesPresent();
const folder = new Folder();
afterAll(() => folder.remove());

function summary(events: readonly (EveEvent & { readonly proto?: string })[]): Record<string, string> {
  const groups = new Map<string, { events: number; flows: Set<number | undefined> }>();
  for (const { tunnel, proto, flow_id } of events) {
    const key = `${tunnel?.vni ?? '-'} ${tunnel?.depth ?? 0} ${proto}`;
    const group = groups.get(key) ?? { events: 0, flows: new Set() };
    groups.set(key, { events: group.events + 1, flows: group.flows.add(flow_id) });
  }
  return Object.fromEntries([...groups].map(([key, group]) => [key, `${group.events} in ${group.flows.size}`]));
}

/** The payloads of UDP datagrams in Ethernet and IPv4 to `port`: what a mirror target's socket receives. */
function datagramsTo(port: number, name: string): Uint8Array[] {
  return readPcap(path(name)).flatMap(({ bytes }) => {
    const udp = 14 + (bytes[14]! & 15) * 4;
    const isMirror =
      bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 17 && bytes[udp + 2]! * 256 + bytes[udp + 3]! === port;
    return isMirror ? [bytes.slice(udp + 8)] : [];
  });
}

describe.skipIf(!present)('captures of mirrored traffic, from the file', () => {
  it.concurrent.each(NAMES)('%s', async (name) => {
    const { status, stdout } = await periscope([
      'read',
      path(name),
      '--rules',
      folder.write('every.rules', RULES),
      '--workers',
      '2',
      '--stats',
      folder.at(`${name}.json`),
    ]);
    expect(status).toBe(0);
    expect(summary(parseEvents(stdout))).toEqual(EXPECTED[name]);
    const { received, inspected, dropped } = JSON.parse(folder.read(`${name}.json`)) as Record<string, unknown>;
    expect({ received, inspected, dropped }).toEqual({
      received: readPcap(path(name)).length,
      inspected: received,
      dropped: {},
    });
  });
});

describe.skipIf(!present)('captures of mirrored traffic, live', () => {
  let sensor: Sensor | undefined;
  afterEach(async () => {
    await sensor?.stop();
  });

  it('bring the same VNIs, flows and packets to one sensor, one capture after the other', async () => {
    sensor = await Sensor.start({ rules: RULES, settings: { 'geneve.listen': '127.0.0.1:0' } });
    const expected: Record<string, string> = {};
    let sent = 0;
    for (const name of NAMES) {
      const [port, socket] = name.startsWith('geneve') ? [6081, 1] : [4789, 0];
      const datagrams = datagramsTo(port, name);
      await sensor.send(datagrams, socket);
      sent += datagrams.length;
      await sensor.settled(sent);
      Object.assign(expected, EXPECTED[name]);
    }
    // What was not mirrored is no datagram.
    delete expected['- 0 TCP'];
    const events = await sensor.alerts(Object.values(expected).reduce((sum, text) => sum + parseInt(text), 0));
    expect(summary(events)).toEqual(expected);
    const metrics = await sensor.metrics();
    expect(metrics.balance).toEqual({ received: sent, inspected: sent, dropped: 0, pending: 0 });
    expect(metrics.get('vni_packets_total', 'vni="5569041"')).toBe(100);
    expect(metrics.get('vni_packets_total', 'vni="4711"')).toBe(14);
    // Ten in the capture made for them, and the group policy bit in each of three nested headers.
    expect(metrics.get('vxlan_reserved_flags_total')).toBe(13);
  });

  it('are packets of the session they are mirrored by, tunnels and all', async () => {
    sensor = await Sensor.start({ rules: RULES });
    const { status, stderr } = await periscope([
      'mirror',
      path('aws-mirror-session'),
      '--to',
      `127.0.0.1:${sensor.sockets[0]!.port}`,
      '--vni',
      '99',
      '--rate',
      'max',
    ]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^sent 100 packets, \d+ bytes in [\d.]+ s/m);
    const metrics = await sensor.settled(100);
    expect(metrics.balance).toEqual({ received: 100, inspected: 100, dropped: 0, pending: 0 });
    expect(summary(await sensor.alerts(200))).toMatchObject({ '99 2 TCP': '82 in 4', '99 2 UDP': '18 in 9' });
  });
});
