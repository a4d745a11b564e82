/**
 * Recorded packets end to end: the same bytes for any number of shards, nothing counted as an alert, tags that outlive
 * a reload.
 */
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { sharedPath } from '../support/read-pcap.js';
import { Recording } from '../support/recording.js';
import { Folder, parseEvents, periscope, Sensor, type EveEvent } from '../support/sensor.js';
import { pcapngOf, pcapOf, traffic } from './traffic.js';

type AnyEvent = EveEvent & {
  readonly event_type: string;
  readonly packet?: string;
  readonly packet_info?: { readonly linktype: number };
  readonly tag?: { readonly length: number; readonly rules: readonly { readonly signature_id: number }[] };
};

const folder = new Folder();
afterAll(() => folder.remove());
const events = (text: string): AnyEvent[] => parseEvents(text) as AnyEvent[];
const ofType = (text: string, type: string): AnyEvent[] => events(text).filter(({ event_type }) => event_type === type);

const SESSIONS = folder.write(
  'sessions.rules',
  `
alert tcp any any -> any 80 (msg:"a page is asked for"; flow:established,to_server; content:"LOGIN"; tag:session,3,packets; sid:1;)
alert tcp any any -> any any (msg:"a connection"; flags:S; tag:session,60,seconds; tag:session,9,packets; threshold:type limit, track by_src, count 1, seconds 60; sid:2;)
alert udp any any -> any any (msg:"talk"; content:"hello"; tag:session; noalert; sid:3;)
`,
);
/** Conversations in both directions, several at a time. */
function talk(): Recording {
  const recording = new Recording();
  for (let round = 0; round < 4; round++) {
    for (let host = 1; host <= 30; host++) {
      const [client, server] = [`10.0.0.${host}:${5000 + host}`, `10.1.0.${host % 7}:53`];
      recording.udp(client, server, round === 1 && host % 2 === 0 ? 'hello' : 'hm').udp(server, client, 'well');
    }
  }
  return recording;
}
const captures = [
  folder.write('one.pcap', pcapOf(traffic(1))),
  folder.write('talk.pcapng', pcapngOf(talk())),
  folder.write('two.pcap', pcapOf(traffic(2))),
];

async function read(
  workers: number,
  rules = SESSIONS,
  files: readonly string[] = captures,
  ...more: string[]
): Promise<string> {
  const { status, stdout, stderr } = await periscope([
    'read',
    ...files,
    '--rules',
    rules,
    '--workers',
    String(workers),
    '--stats',
    folder.at('stats.json'),
    ...more,
  ]);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

describe('sessions', () => {
  let alone = '';
  beforeAll(async () => {
    alone = await read(1);
  });

  it('are recorded alike by 1 and 4 workers, and packets are no alerts', async () => {
    const { alerts } = JSON.parse(folder.read('stats.json')) as { alerts: number };
    const packets = ofType(alone, 'packet');
    expect(alerts).toBe(ofType(alone, 'alert').length);
    for (const sid of [1, 2, 3])
      expect(
        packets.filter(({ tag }) => tag!.rules.some(({ signature_id }) => signature_id === sid)).length,
        `sid ${sid}`,
      ).toBeGreaterThan(10);
    expect(packets.filter(({ tag }) => tag!.rules.length === 2).length).toBeGreaterThan(0);
    expect(await read(4)).toBe(alone);
  });

  it('are recorded in the order of packets, behind the alert that asked, without a byte of them', () => {
    const all = events(alone);
    for (const capture of captures) {
      const times = all.filter(({ pcap_filename }) => pcap_filename === capture).map(({ timestamp }) => timestamp);
      expect(times).toEqual(times.toSorted());
    }
    expect(all.some((event) => 'packet' in event || 'payload' in event)).toBe(false);
    const tagged = all.filter(({ tag }) => tag?.rules.some(({ signature_id }) => signature_id === 1));
    for (const { flow_id } of tagged)
      expect(all.findIndex((event) => event.flow_id === flow_id && event.event_type === 'alert')).toBeLessThan(
        all.findIndex((event) => event.flow_id === flow_id && event.tag !== undefined),
      );
  });

  it('are whole where packets are asked for, and not recorded where that is switched off', async () => {
    const whole = ofType(await read(2, SESSIONS, [captures[1]!], '--set', 'eve.packet=true'), 'packet');
    const frames = new Set(talk().frames.map(({ bytes }) => Buffer.from(bytes).toString('base64')));
    expect(whole.length).toBeGreaterThan(10);
    for (const { packet, packet_info, tag } of whole) {
      expect(frames.has(packet!)).toBe(true);
      expect(packet_info).toEqual({ linktype: 1 });
      expect(tag!.length).toBe(Buffer.from(packet!, 'base64').length);
    }
    expect(ofType(await read(2, SESSIONS, captures, '--set', 'eve.taggedPackets=false'), 'packet')).toEqual([]);
  });
});

describe('hosts', () => {
  it('are recorded across flows by one worker, and that is said; each capture starts afresh', async () => {
    const recording = new Recording();
    for (let host = 1; host <= 20; host++)
      recording.udp(`10.0.0.${host}:1`, '10.9.9.9:53', 'ask').udp(`10.8.8.8:${host}`, `10.0.0.${host}:7`, 'other');
    const capture = folder.write('hosts.pcap', pcapOf(recording));
    const quiet = folder.write('quiet.pcap', pcapOf(new Recording().udp('10.0.0.1:2', '10.8.8.8:1', 'later')));
    const rules = folder.write(
      'hosts.rules',
      'alert udp any any -> any any (content:"ask"; tag:host,9,packets,src; sid:1;)',
    );
    const { status, stdout, stderr } = await periscope(['read', capture, quiet, '--rules', rules, '--workers', '4']);
    expect(status).toBe(0);
    expect(stderr).toContain('one worker reads the captures');
    expect(ofType(stdout, 'packet').map(({ dest_ip }) => dest_ip)).toEqual(
      Array.from({ length: 20 }, (_, i) => `10.0.0.${i + 1}`),
    );
  });
});

const CASES = sharedPath('conformance/suricata-verify');
const present = existsSync(CASES);
if (!present) console.warn('skipped: the cases of suricata-verify are not beside the project (../shared/conformance)');

// What Suricata records: the connection behind its SYN; nine packets of the host, the SYN among them; all of the
// host's.
describe.skipIf(!present)("captures of Suricata's own tests", () => {
  it.each([
    ['eve-tag-02', 8],
    ['eve-tag-04', 8],
    ['eve-tag-05', 14],
  ])('%s: %i packets', async (name, count) => {
    const capture = `${CASES}/${name}/input.pcap`;
    const text = await read(1, `${CASES}/${name}/test.rules`, [capture]);
    expect([ofType(text, 'alert').length, ofType(text, 'packet').length]).toEqual([1, count]);
  });
});

describe('a sensor', () => {
  let sensor: Sensor;
  afterEach(async () => {
    await sensor.stop();
  });
  const packet = (text: string, srcPort = 1000): Uint8Array =>
    vxlan({ vni: 7 }, ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, udp({ srcPort, dstPort: 53 }, text))));
  const rule = (what: string, more: string): string => `alert udp any any -> any any (content:"${what}"; ${more})\n`;

  it('goes on recording when its rules are loaded again, and counts what it records', async () => {
    sensor = await Sensor.start({
      rules: rule('one', 'tag:session,4,packets; sid:1;') + rule('host', 'tag:host,60,seconds,src; sid:2;'),
    });
    await sensor.send([packet('one'), packet('host', 2000)]);
    await sensor.alerts(2);
    await sensor.send([packet('more')]);
    await sensor.alerts(3);
    sensor.folder.write('test.rules', rule('other', 'sid:9;'));
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again');
    await sensor.send([packet('more'), packet('more'), packet('more', 3000)]);
    await sensor.settled(6);
    const recorded = ((await sensor.alerts(6)) as AnyEvent[]).filter(({ event_type }) => event_type === 'packet');
    const sids = recorded.map(({ tag }) => tag!.rules.map(({ signature_id }) => signature_id).join());
    // The session's tag has counted four packets, the match among them; the host's is seen in all of its flows.
    expect(sids).toEqual(['1,2', '1,2', '1,2', '2']);
    const metrics = await sensor.metrics();
    expect(metrics.get('tagged_packets_total')).toBe(recorded.length);
    for (const name of ['tagged_packets_dropped_total', 'tags_refused_total', 'host_tags_evicted_total'])
      expect(metrics.get(name), name).toBe(0);
    expect(metrics.get('alerts_total')).toBe(2);
  });
});
