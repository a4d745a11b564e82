/** What rules mean where engines differ: each of these is a page in docs/decisions. */
import { afterAll, describe, expect, it } from 'vitest';
import { concat, ethernet, fragmentIpv4, ipv4, ipv6, tcp, TCP_FLAG, udp } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, parseEvents, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());
const START = 1_700_000_000n;
let cases = 0;

/** Seconds from the first packet at which each sid alerted. */
async function alerts(
  frames: readonly Uint8Array[],
  rules: readonly string[],
  ...args: readonly string[]
): Promise<Record<number, readonly number[]>> {
  const name = String(cases++);
  const capture = folder.write(
    `${name}.pcap`,
    pcapFile(frames.map((bytes, i) => ({ bytes, timeNs: (START + BigInt(i)) * 1_000_000_000n }))),
  );
  const file = folder.write(
    `${name}.rules`,
    rules.map((text, i) => `${text.replace(/\)$/, ` sid:${i + 1};)`)}\n`).join(''),
  );
  const { stdout } = await periscope(['read', capture, '--rules', file, '--workers', '1', ...args]);
  const found: Record<number, number[]> = {};
  for (const { timestamp, alert } of parseEvents(stdout))
    (found[alert!.signature_id] ??= []).push(Date.parse(timestamp) / 1000 - Number(START));
  return found;
}

describe('bytes of a flow', () => {
  it('are those of IP packets, however the frames are padded', async () => {
    const frame = ethernet({}, ipv4({}, udp({}, 'x')));
    const padded = concat(frame, new Uint8Array(60 - frame.length));
    const rules = [
      'alert udp any any -> any any (flow.bytes:toserver,=29;)',
      'alert udp any any -> any any (flow.bytes:toserver,=58;)',
    ];
    for (const each of [frame, padded]) expect(await alerts([each, each], rules)).toEqual({ 1: [0], 2: [1] });
  });
});

describe('rules for a transport and dsize', () => {
  it('are about datagrams, rules on fragments about those', async () => {
    const packet = ipv4({}, udp({ srcPort: 1, dstPort: 2000 }, 'A'.repeat(64)));
    const fragments = fragmentIpv4(packet, 60).map((each) => ethernet({ type: 0x0800 }, each));
    expect(fragments).toHaveLength(2);
    expect(
      await alerts(fragments, [
        'alert udp any any -> any any (ttl:64;)',
        'alert udp any any -> any 2000 (content:"AAAA";)',
        'alert ip any any -> any any (dsize:0;)',
        'alert udp any any -> any any (dsize:64;)',
        'alert udp any any -> any any (fragbits:M;)',
        'alert udp any any -> any any (fragoffset:>0;)',
      ]),
    ).toEqual({ 1: [1], 2: [1], 4: [1], 5: [0], 6: [1] });
  });
});

describe('tos', () => {
  it('is the type of service of IPv4 and the traffic class of IPv6', async () => {
    const frames = [
      ethernet({}, ipv4({ tos: 32 }, udp({}, 'x'))),
      ethernet({}, ipv6({ trafficClass: 32 }, udp({}, 'x'))),
      ethernet({}, ipv6({}, udp({}, 'x'))),
    ];
    expect(
      await alerts(frames, [
        'alert ip any any -> any any (tos:32;)',
        'alert ipv4 any any -> any any (tos:32;)',
        'alert ipv6 any any -> any any (tos:!32;)',
      ]),
    ).toEqual({ 1: [0, 1], 2: [0], 3: [2] });
  });
});

describe('a SYN/ACK that comes first', () => {
  const { syn, ack, psh } = TCP_FLAG;
  const client = (seq: number, flags: number, payload = ''): Uint8Array =>
    ethernet({}, ipv4({}, tcp({ srcPort: 40000, dstPort: 80, seq, ack: 501, flags }, payload)));
  const server = (seq: number, flags: number, payload = ''): Uint8Array =>
    ethernet(
      {},
      ipv4({ src: '10.0.0.2', dst: '10.0.0.1' }, tcp({ srcPort: 80, dstPort: 40000, seq, ack: 101, flags }, payload)),
    );
  const frames = [
    server(500, syn | ack),
    client(101, ack),
    client(101, ack | psh, 'GET'),
    server(501, ack | psh, 'hello'),
  ];
  const rules = [
    'alert tcp any any -> any any (flow:to_server; content:"GET";)',
    'alert tcp any any -> any any (flow:established,to_server; content:"GET";)',
    'alert tcp any any -> any any (flow:established,to_client; content:"hello";)',
  ];

  it('says who the server is, and begins a session where midstream is allowed', async () => {
    expect(await alerts(frames, rules, '--set', 'stream.midstream=true')).toEqual({ 1: [3], 2: [3], 3: [3] });
    expect(await alerts(frames, rules, '--set', 'stream.midstream=false')).toEqual({ 1: [2] });
  });
});
