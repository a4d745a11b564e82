/** ICMP errors belong to the flows that they are about, however many shards there are (docs/decisions/0039). */
import { afterAll, describe, expect, it } from 'vitest';
import { ethernet, icmp, icmpv6, ipv4, ipv6, tcp, TCP_FLAG, udp } from '../support/packet-builder.js';

import { Recording } from '../support/recording.js';
import { Folder, periscope } from '../support/sensor.js';
import { mirrored, pcapOf } from './traffic.js';

const folder = new Folder();
afterAll(() => folder.remove());

interface Event {
  event_type: string;
  flow_id?: number;
  src_ip: string;
  proto: string;
  pcap_cnt: number;
  direction?: string;
  alert?: { signature_id: number };
  flow?: Record<string, unknown>;
}

async function read(recording: Recording, rules: readonly string[], workers = 1): Promise<Event[]> {
  const ruleFile = folder.write(
    'test.rules',
    rules.map((rule, i) => rule.replace(/\)$/, ` sid:${i + 1};)\n`)).join(''),
  );
  const capture = folder.write('errors.pcap', pcapOf(recording));
  const options = ['--rules', ruleFile, '--workers', String(workers), '--set', 'eve.types=alert,flow'];
  const { status, stdout, stderr } = await periscope(['read', capture, ...options]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
}
const sidsOf = (events: readonly Event[], packet: number): number[] =>
  events
    .flatMap(({ alert, pcap_cnt }) => (alert !== undefined && pcap_cnt === packet ? [alert.signature_id] : []))
    .sort();

const [CLIENT, SERVER, ROUTER] = ['10.0.0.1', '10.0.0.2', '172.16.0.1'];

const RULES = [
  'alert ip any any -> any any (msg:"header alone";)',
  'alert icmp any any -> any any (msg:"any"; itype:>0;)',
  'alert icmp any any -> any any (flow:established;)',
  'alert icmp any any -> any any (flow:not_established;)',
  'alert icmp any any -> any any (flow:to_client;)',
  'alert icmp any any -> any any (flow:to_server;)',
  'alert tcp any any -> any any (flags:S; flowbits:set,opened; noalert;)',
  'alert icmp any any -> any any (flowbits:isset,opened;)',
  'alert icmp any any -> any any (icode:3; flow:established;)',
];

describe('an ICMP error', () => {
  const segment = (forward: boolean, flags: number, seq: number, ack: number): Uint8Array => {
    const [src, dst, srcPort, dstPort] = forward ? [CLIENT, SERVER, 40_000, 80] : [SERVER, CLIENT, 80, 40_000];
    return ipv4({ src, dst }, tcp({ srcPort, dstPort, seq, ack, flags }));
  };
  const { syn, ack } = TCP_FLAG;
  const open = [segment(true, syn, 1, 0), segment(false, syn | ack, 9, 2), segment(true, ack, 2, 10)];
  const recordingOf = (...packets: readonly Uint8Array[]): Recording => {
    const recording = new Recording();
    for (const packet of packets) recording.add(ethernet({}, packet));
    return recording;
  };

  it('has state, marks and direction of the flow, and speaks for none of its sides', async () => {
    const events = await read(
      recordingOf(
        open[0],
        ipv4({ src: ROUTER, dst: CLIENT }, icmp({ type: 3, code: 1 }, open[0].subarray(0, 28))),
        open[1],
        open[2],
        ipv4({ src: SERVER, dst: CLIENT }, icmp({ type: 3, code: 3 }, open[2])),
        ipv4({ src: CLIENT, dst: SERVER }, icmp({ type: 3, code: 3 }, open[1])),
      ),
      RULES,
    );
    expect([1, 2, 3, 4, 5, 6].map((packet) => sidsOf(events, packet))).toEqual([
      [1],
      [2, 4, 5, 8],
      [1],
      [],
      [2, 3, 5, 8, 9],
      [2, 3, 6, 8, 9],
    ]);
    expect(new Set(events.map(({ flow_id }) => flow_id)).size).toBe(1);
    const ends = { src_ip: CLIENT, src_port: 40_000, dest_ip: SERVER, dest_port: 80 };
    for (const { flow, proto } of events)
      if (proto === 'ICMP') expect(flow).toMatchObject({ ...ends, start: '2026-11-22T09:00:00.000000+0000' });
    expect(events.find(({ event_type }) => event_type === 'flow')!.flow).toMatchObject({
      pkts_toserver: 2,
      pkts_toclient: 1,
      conn_state: 'S1',
      alerted: true,
    });
  });

  it('about a flow that is not known, or about none, is a packet by itself', async () => {
    const about = ipv4({ src: SERVER, dst: CLIENT }, icmp({ type: 3, code: 3 }, open[2]));
    const expired = ipv4({ src: ROUTER, dst: CLIENT }, icmp({ type: 11 }, open[2]));
    const events = await read(recordingOf(about, about, open[0], expired), RULES);
    expect([1, 2, 3, 4].map((packet) => sidsOf(events, packet))).toEqual([[1, 2, 6], [1, 2, 6], [1], [1, 2, 6]]);
    expect(events.filter(({ proto }) => proto === 'ICMP').map(({ flow_id }) => flow_id)).toEqual(
      Array(9).fill(undefined),
    );
    expect(events.filter(({ event_type }) => event_type === 'flow')).toHaveLength(1);
  });

  it('meets its flow in any of several shards, in the VXLAN of a mirror', async () => {
    const recording = new Recording();
    for (let n = 1; n <= 40; n++) {
      const segment = udp({ srcPort: 20_000 + n, dstPort: 53 }, 'ask');
      const ask = ipv4({ src: `10.0.0.${n}`, dst: SERVER }, segment);
      const ask6 = ipv6({ src: `fd00::${n}`, dst: 'fd00::ff' }, segment);
      recording.add(mirrored(7, ask)).add(mirrored(7, ask6));
      recording.add(mirrored(7, ipv4({ src: ROUTER, dst: `10.0.0.${n}` }, icmp({ type: 3, code: 1 }, ask))));
      recording.add(mirrored(7, ipv6({ src: 'fd01::1', dst: `fd00::${n}` }, icmpv6({ type: 1 }, ask6))));
    }
    const rules = [
      'alert udp any any -> any 53 (content:"ask"; flowbits:set,asked; noalert;)',
      'alert ip any any -> any any (ip_proto:!17; flowbits:isset,asked; flow:to_client;)',
    ];
    const byOne = await read(recording, rules);
    expect(byOne.filter(({ event_type }) => event_type === 'alert')).toHaveLength(80);
    expect(byOne.filter(({ event_type }) => event_type === 'flow')).toHaveLength(80);
    for (const workers of [2, 5]) expect(await read(recording, rules, workers)).toEqual(byOne);
  });
});
