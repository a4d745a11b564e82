/** `read` end to end: the same bytes for any number of shards, and captures that know nothing of one another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ethernet, fragmentIpv4, gre, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { Recording } from '../support/recording.js';
import { Folder, parseEvents, periscope, type EveEvent } from '../support/sensor.js';
import { mirrored, pcapngOf, pcapOf, RULES, traffic } from './traffic.js';

const folder = new Folder();
afterAll(() => folder.remove());

const rules = folder.write('test.rules', RULES);
const captures = [
  folder.write('one.pcap', pcapOf(traffic(1))),
  folder.write('two.pcapng', pcapngOf(traffic(2))),
  folder.write('three.pcap', pcapOf(traffic(3))),
];
const packets = [1, 2, 3].reduce((sum, seed) => sum + traffic(seed).frames.length, 0);

/** Events per sid. */
function countBySid(events: readonly EveEvent[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { alert } of events) counts[alert.signature_id] = (counts[alert.signature_id] ?? 0) + 1;
  return counts;
}

async function read(files: readonly string[], workers: number, ruleFile = rules): Promise<string> {
  const { status, stdout, stderr } = await periscope([
    'read',
    ...files,
    '--rules',
    ruleFile,
    '--workers',
    String(workers),
    '--stats',
    folder.at(`stats-${workers}.json`),
  ]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

describe('the number of shards', () => {
  let alone = '';
  beforeAll(async () => {
    alone = await read(captures, 1);
  });

  it('meets rules of every kind in this traffic', () => {
    const counts = countBySid(parseEvents(alone));
    expect(Object.keys(counts).map(Number)).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16]);
    for (const [sid, count] of Object.entries(counts)) expect(count, `sid ${sid}`).toBeGreaterThan(1);
  });

  it.each([2, 5])('makes no difference: %i write the same bytes as one', async (workers) => {
    expect(await read(captures, workers)).toBe(alone);
    const { received, inspected, dropped } = JSON.parse(folder.read(`stats-${workers}.json`)) as {
      received: number;
      inspected: number;
      dropped: unknown;
    };
    expect({ received, inspected, dropped }).toEqual({ received: packets, inspected: packets, dropped: {} });
  });

  it('is one, and that is said, where rules keep marks of hosts', async () => {
    const marks = folder.write(
      'marks.rules',
      [
        'alert udp any any -> any any (msg:"first"; content:"one"; hostbits:set,seen,src; sid:1;)',
        'alert udp any any -> any any (msg:"second"; content:"two"; hostbits:isset,seen,src; sid:2;)',
      ].join('\n'),
    );
    // Two flows of each host, so that they are in different shards if there are several.
    const recording = new Recording();
    for (let host = 1; host <= 40; host++) {
      for (const [i, text] of ['one', 'two'].entries())
        recording.add(
          ethernet(
            {},
            ipv4({ src: `10.0.0.${host}`, dst: `10.9.${i}.${host}` }, udp({ srcPort: 1000 + i, dstPort: 2000 }, text)),
          ),
        );
    }
    const capture = folder.write('marks.pcap', pcapOf(recording));
    const { status, stdout, stderr } = await periscope(['read', capture, '--rules', marks, '--workers', '3']);
    expect(status).toBe(0);
    expect(countBySid(parseEvents(stdout))).toEqual({ 1: 40, 2: 40 });
    expect(stderr).toContain('one worker reads the captures');
  });

  it('does not matter to flows that go one way in one tunnel and back in another, or in none', async () => {
    const tunnels: ((packet: Uint8Array) => Uint8Array)[] = [
      (packet) => packet,
      (packet) => ipv4({ src: '172.16.0.1', dst: '172.16.0.2' }, gre({}, packet)),
      (packet) => ipv4({ src: '172.16.0.3', dst: '172.16.0.4' }, packet),
      (packet) =>
        ipv4(
          { src: '172.16.0.5', dst: '172.16.0.6' },
          udp({ srcPort: 5000, dstPort: 4789, checksum: 0 }, vxlan({ vni: 5 }, ethernet({}, packet))),
        ),
    ];
    const recording = new Recording();
    for (let n = 0; n < 48; n++) {
      const [there, back] = [tunnels[n % 4]!, tunnels[(n >> 2) % 4]!];
      const [client, server, port] = [`10.0.0.${n + 1}`, '10.9.0.1', 20_000 + n];
      recording.add(mirrored(7, there(ipv4({ src: client, dst: server }, udp({ srcPort: port, dstPort: 7 }, 'ask')))));
      recording.add(mirrored(7, back(ipv4({ src: server, dst: client }, udp({ srcPort: 7, dstPort: port }, 'tell')))));
    }
    const capture = folder.write('two-ways.pcap', pcapOf(recording));
    const ruleFile = folder.write(
      'two-ways.rules',
      [
        'alert udp any any -> any any (msg:"answered"; flow:established,to_client; content:"tell"; sid:1;)',
        'alert ip any any -> any any (msg:"every layer"; ttl:>0; sid:2;)',
      ].join('\n'),
    );
    const byOne = await read([capture], 1, ruleFile);
    expect(countBySid(parseEvents(byOne))).toEqual({ 1: 48, 2: 168 });
    for (const workers of [2, 5]) {
      expect(await read([capture], workers, ruleFile)).toBe(byOne);
      expect(JSON.parse(folder.read(`stats-${workers}.json`))).toMatchObject({
        received: 96,
        inspected: 96,
        dropped: {},
      });
    }
  });

  it('leaves events in the order of their packets', () => {
    for (const capture of captures) {
      const times = parseEvents(alone)
        .filter(({ pcap_filename }) => pcap_filename === capture)
        .map(({ timestamp }) => timestamp);
      expect(times).toEqual(times.toSorted());
    }
  });
});

describe('several captures', () => {
  it('are each what they are alone: flows, flowbits, fragments and thresholds start afresh', async () => {
    const together = await read([captures[0]!, captures[0]!, captures[2]!], 2);
    const third = await read([captures[2]!], 2);
    expect([...new Set(parseEvents(together).map(({ pcap_filename }) => pcap_filename))]).toEqual([
      captures[0],
      captures[2],
    ]);
    const alerts = (text: string): unknown[] =>
      parseEvents(text).map(({ timestamp, src_ip, src_port, dest_ip, alert, pcap_filename }) => ({
        timestamp,
        src_ip,
        src_port,
        dest_ip,
        sid: alert.signature_id,
        pcap_filename,
      }));
    const all = alerts(together);
    const ofFirst = (all.length - alerts(third).length) / 2;
    expect(all).toEqual([...all.slice(0, ofFirst), ...all.slice(0, ofFirst), ...alerts(third)]);
  });

  it('give an event the number of its packet in its capture; of fragments, that of the last', async () => {
    const recording = new Recording();
    for (let i = 1; i <= 1300; i++) recording.udp('10.0.0.1:5000', '10.0.0.2:53', i % 600 === 0 ? 'hit' : 'no');
    const whole = ipv4({ src: '10.0.0.3', dst: '10.0.0.2' }, udp({ srcPort: 1, dstPort: 2 }, `${'x'.repeat(2000)}hit`));
    for (const fragment of fragmentIpv4(whole, 1000)) recording.add(ethernet({}, fragment));
    const hits = folder.write('hits.rules', 'alert udp any any -> any any (msg:"hit"; content:"hit"; sid:1;)');
    const files = [folder.write('hits.pcapng', pcapngOf(recording)), folder.write('hits.pcap', pcapOf(recording))];
    const numbers = parseEvents(await read(files, 2, hits)).map(({ pcap_filename, pcap_cnt }) => [
      pcap_filename,
      pcap_cnt,
    ]);
    expect(numbers).toEqual(files.flatMap((file) => [600, 1200, 1303].map((number) => [file, number])));
  });

  it('do not carry a flowbit into the next one', async () => {
    const talk = (text: string, swapped: boolean): Uint8Array =>
      pcapOf(
        new Recording().udp(swapped ? '10.0.0.2:53' : '10.0.0.1:5000', swapped ? '10.0.0.1:5000' : '10.0.0.2:53', text),
      );
    const bits = folder.write(
      'bits.rules',
      [
        'alert udp any any -> any any (content:"ask"; flowbits:set,asked; noalert; sid:1;)',
        'alert udp any any -> any any (content:"tell"; flowbits:isset,asked; sid:2;)',
        'alert udp any any -> any any (content:"tell"; sid:3;)',
      ].join('\n'),
    );
    const ask = folder.write('ask.pcap', talk('ask', false));
    const tell = folder.write('tell.pcap', talk('tell', true));
    const both = folder.write(
      'both.pcap',
      pcapOf(new Recording().udp('10.0.0.1:5000', '10.0.0.2:53', 'ask').udp('10.0.0.2:53', '10.0.0.1:5000', 'tell')),
    );
    const sids = async (files: readonly string[]): Promise<number[]> =>
      parseEvents(await read(files, 2, bits)).map(({ alert }) => alert.signature_id);
    expect((await sids([both])).toSorted()).toEqual([2, 3]);
    expect(await sids([ask, tell])).toEqual([3]);
  });

  it("do not complete one another's datagrams", async () => {
    const [head, tail] = fragmentIpv4(ipv4({}, udp({}, `needle${'x'.repeat(100)}`)), 100);
    const rule = folder.write(
      'needle.rules',
      'alert udp any any -> any any (content:"needle"; content:"xx"; isdataat:90,relative; sid:1;)',
    );
    const recorded = (...frames: Uint8Array[]): Uint8Array =>
      pcapOf(frames.reduce((recording, frame) => recording.add(ethernet({}, frame)), new Recording()));
    const first = folder.write('head.pcap', recorded(head!));
    const second = folder.write('tail.pcap', recorded(tail!));
    const all = folder.write('whole.pcap', recorded(head!, tail!));
    const { status } = await periscope([
      'read',
      first,
      second,
      '--rules',
      rule,
      '--workers',
      '2',
      '--eve',
      folder.at('halves.json'),
      '--stats',
      folder.at('halves-stats.json'),
    ]);
    // Nothing could be inspected.
    expect(status).toBe(3);
    expect(folder.read('halves.json')).toBe('');
    const stats = JSON.parse(folder.read('halves-stats.json')) as {
      received: number;
      inspected: number;
      dropped: Record<string, number>;
    };
    expect(stats.received).toBe(2);
    expect(stats.inspected + Object.values(stats.dropped).reduce((sum, n) => sum + n, 0)).toBe(2);
    expect(Object.keys(stats.dropped).every((reason) => reason.startsWith('defragment.'))).toBe(true);
    expect(parseEvents(await read([all], 2, rule))).toHaveLength(1);
  });
});

describe('a regular expression that backtracks without end', () => {
  it('is matched in linear time where that can be done', async () => {
    // Backtracking would try 2^60 ways.
    const ruleFile = folder.write(
      'slow.rules',
      'alert udp any any -> any any (msg:"slow"; content:"aaaa"; pcre:"/(a+)+c/"; sid:1;)\n',
    );
    const frame = ethernet({}, ipv4({}, udp({ srcPort: 1, dstPort: 2 }, 'a'.repeat(60))));
    const recording = new Recording();
    recording.add(frame);
    expect(await read([folder.write('slow.pcap', pcapOf(recording))], 1, ruleFile)).toBe('');
  });
});

describe('expressions made to hang', () => {
  it('give up on the packets made for them, are named once, and nothing else suffers', async () => {
    const hostile = folder.write(
      'hostile.rules',
      [
        String.raw`alert udp any any -> any any (msg:"one"; pcre:"/(a+)+\1b/"; sid:1;)`,
        String.raw`alert udp any any -> any any (msg:"two"; pcre:"/^(?=.*(a|aa)+b).+$/"; sid:2;)`,
        String.raw`alert udp any any -> any any (msg:"three"; pcre:"/((a+)+\2)+c/"; sid:3;)`,
        'alert udp any any -> any any (msg:"quadratic"; pcre:"/a.*b/s"; sid:4;)',
        'alert udp any any -> any any (msg:"negated"; pcre:!"/^(?:a+)+b/"; sid:5;)',
        'alert udp any any -> any any (msg:"other"; content:"aaaa"; sid:6;)',
      ].join('\n'),
    );
    const recording = new Recording();
    const fragments = fragmentIpv4(
      ipv4({ src: '10.0.0.1', dst: '10.9.0.1', id: 7 }, udp({ srcPort: 1000, dstPort: 2000 }, 'a'.repeat(60_000))),
      1400,
    );
    for (const fragment of fragments) recording.add(ethernet({}, fragment));
    for (let host = 2; host <= 10; host++)
      recording.add(
        ethernet(
          {},
          ipv4({ src: `10.0.0.${host}`, dst: '10.9.0.1' }, udp({ srcPort: 1000, dstPort: 2000 }, 'a'.repeat(1400))),
        ),
      );
    const { status, stdout, stderr } = await periscope([
      'read',
      folder.write('hostile.pcap', pcapOf(recording)),
      '--rules',
      hostile,
      '--workers',
      '1',
    ]);
    expect(status).toBe(0);
    const counts = countBySid(parseEvents(stdout));
    // Of the long one nothing is left for the second expression that the linear-time engine takes.
    expect(counts).toEqual({ 5: 9, 6: 10 });
    for (const sid of [1, 2, 3]) expect(stderr.split(`(rule 1:${sid})`), stderr).toHaveLength(2);
  });
});
