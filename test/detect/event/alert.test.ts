/** Events: fields, forms and schema; and the record that takes them to the main thread. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../src/decode/packet.js';
import {
  Candidate,
  candidateBytes,
  CandidateView,
  CANDIDATE_HEADER_BYTES,
  encodeCandidate,
} from '../../../src/detect/event/candidate.js';
import { ipProtocolName } from '../../../src/block/ip-protocols.js';
import { ACTIONS } from '../../../src/block/terms.js';
import { eveAddress, eveTime } from '../../../src/detect/event/eve-text.js';
import type { AlertOptions } from '../../../src/detect/event/alert.js';
import { Sensor, type Alert } from '../../support/detecting.js';
import { hasEveSchema, violations } from '../../support/eve-schema.js';
import { ethernet, icmp, ip, ipv4, ipv6, tcp, udp } from '../../support/packet-builder.js';
import { content, program, type ProgramFields } from '../../support/rule-programs.js';

function alertOn(
  frame: Uint8Array,
  fields: ProgramFields = {},
  alerts: AlertOptions = {},
  change?: (packet: Packet) => void,
): Alert {
  const sensor = new Sensor([program(fields)], { detector: { alerts, generation: 4 } });
  return sensor.send(frame, change)[0];
}

const UDP = ethernet({}, ipv4({ src: '192.0.2.1', dst: '198.51.100.7' }, udp({ srcPort: 5000, dstPort: 53 }, 'hello')));

/** The mirror header's addresses, put behind the frame as a ring record has them before it. */
function fromMirror(packet: Packet, src: string, dst: string, version: 4 | 6): void {
  const bytes = new Uint8Array(packet.bytes.length + 32);
  bytes.set(packet.bytes);
  bytes.set(ip(src), packet.bytes.length);
  bytes.set(ip(dst), packet.bytes.length + 16);
  packet.tunnelOffset = packet.bytes.length;
  packet.bytes = bytes;
  packet.tunnelIpVersion = version;
  packet.tunnelSrcPort = 65500;
  packet.tunnelDstPort = 4789;
  packet.tunnelDepth = 1;
  packet.vni = 42;
}

describe('an event', () => {
  it('says who, what, when and which flow', () => {
    const { event } = alertOn(UDP, {
      sid: 1_000_001,
      rev: 3,
      msg: 'quotes " and ümlauts',
      category: 'Misc',
      priority: 2,
      metadata: new Map([
        ['created_at', ['2024_01_01']],
        ['tag', ['a', 'b']],
      ]),
    });
    expect(event).toEqual({
      timestamp: '2023-11-14T22:13:20.000000+0000',
      flow_id: expect.any(Number) as number,
      event_type: 'alert',
      src_ip: '192.0.2.1',
      src_port: 5000,
      dest_ip: '198.51.100.7',
      dest_port: 53,
      ip_v: 4,
      proto: 'UDP',
      alert: {
        action: 'allowed',
        gid: 1,
        signature_id: 1_000_001,
        rev: 3,
        signature: 'quotes " and ümlauts',
        category: 'Misc',
        severity: 2,
        metadata: { created_at: ['2024_01_01'], tag: ['a', 'b'] },
      },
      flow: {
        pkts_toserver: 1,
        pkts_toclient: 0,
        bytes_toserver: 33,
        bytes_toclient: 0,
        start: '2023-11-14T22:13:20.000000+0000',
        src_ip: '192.0.2.1',
        dest_ip: '198.51.100.7',
        src_port: 5000,
        dest_port: 53,
      },
      direction: 'to_server',
    });
  });

  it('shows a reply from the server, the flow still as its client opened it', () => {
    const sensor = new Sensor([program({ payload: [content('answer')] })]);
    sensor.send(UDP);
    const [{ event }] = sensor.send(
      ethernet({}, ipv4({ src: '198.51.100.7', dst: '192.0.2.1' }, udp({ srcPort: 53, dstPort: 5000 }, 'answer'))),
    );
    expect(event).toMatchObject({
      src_ip: '198.51.100.7',
      src_port: 53,
      direction: 'to_client',
      flow: { src_ip: '192.0.2.1', src_port: 5000, pkts_toclient: 1 },
    });
  });

  it('has types instead of ports for ICMP, and long IPv6 addresses', () => {
    const { event } = alertOn(ethernet({}, ipv4({}, icmp({ type: 8, code: 2 }))));
    expect(event).toMatchObject({ proto: 'ICMP', icmp_type: 8, icmp_code: 2 });
    expect(event).not.toHaveProperty('src_port');
    const six = alertOn(ethernet({}, ipv6({ src: 'fd00::1', dst: 'ff02::fb' }, udp({}, 'x')))).event;
    expect(six).toMatchObject({
      src_ip: 'fd00:0000:0000:0000:0000:0000:0000:0001',
      dest_ip: 'ff02:0000:0000:0000:0000:0000:0000:00fb',
    });
  });

  it('has a verdict where the rule would have dropped', () => {
    expect(alertOn(UDP, { action: 'drop' }).event).toMatchObject({
      alert: { action: 'allowed' },
      verdict: { action: 'drop' },
    });
    expect(alertOn(UDP, { action: 'reject' }).event).toMatchObject({ verdict: { action: 'drop' } });
    expect(alertOn(UDP).event).not.toHaveProperty('verdict');
  });

  it('names source and target where the rule does', () => {
    const { alert } = alertOn(UDP, { target: 'dest_ip' }).event as { alert: unknown };
    expect(alert).toMatchObject({ source: { ip: '192.0.2.1', port: 5000 }, target: { ip: '198.51.100.7', port: 53 } });
    expect(alertOn(UDP, { target: 'src_ip' }).event).toMatchObject({
      alert: { target: { ip: '192.0.2.1', port: 5000 } },
    });
  });

  it('carries the mirror session', () => {
    const { event, candidate } = alertOn(UDP, {}, {}, (packet) => fromMirror(packet, '10.9.8.7', '10.1.1.1', 4));
    expect(event.tunnel).toEqual({
      vni: 42,
      src_ip: '10.9.8.7',
      src_port: 65500,
      dest_ip: '10.1.1.1',
      dest_port: 4789,
      depth: 1,
    });
    expect(candidate.vni).toBe(42);
    const six = alertOn(UDP, {}, {}, (packet) => fromMirror(packet, 'fd00::9', 'fd00::1', 6)).event;
    expect(six.tunnel).toMatchObject({ src_ip: 'fd00:0000:0000:0000:0000:0000:0000:0009' });
    const bare = alertOn(UDP, {}, {}, (packet) => {
      packet.vni = 7;
      packet.tunnelDepth = 1;
    }).event;
    expect(bare.tunnel).toEqual({ vni: 7, depth: 1 });
    expect(alertOn(UDP).event).not.toHaveProperty('tunnel');
  });

  it('leaves payload, frame, capture and community id out unless they are asked for', () => {
    const plain = alertOn(UDP).event;
    for (const name of ['payload', 'packet', 'pcap_filename', 'community_id']) expect(plain).not.toHaveProperty(name);
    const full = alertOn(
      UDP,
      {},
      { payloadBytes: 3, packetBytes: 14, captureName: (capture) => `c${capture}.pcap`, communityIdSeed: 0 },
    ).event;
    expect(full).toMatchObject({
      payload: Buffer.from('hel').toString('base64'),
      packet: Buffer.from(UDP.subarray(0, 14)).toString('base64'),
      pcap_filename: 'c0.pcap',
    });
    expect(full.community_id).toMatch(/^1:.{27}=$/);
  });

  it('without an IP layer has no addresses', () => {
    const { event } = alertOn(ethernet({ type: 0x88cc }, 'lldp'), { header: { protocol: 'pkthdr' } }) ?? {
      event: undefined,
    };
    if (event === undefined) return expect(event, 'frames without an IP layer have no row').toBeUndefined();
    expect(event).not.toHaveProperty('src_ip');
    expect(event).not.toHaveProperty('proto');
  });

  it('grows with its rule', () => {
    const msg = 'é'.repeat(9000);
    expect((alertOn(UDP, { msg }).event.alert as { signature: string }).signature).toBe(msg);
  });
});

describe('community id', () => {
  it('is the published value, the same in both directions', () => {
    // From the specification's baseline: 128.232.110.120:34855 -> 66.35.250.204:80, TCP, seed 0.
    const there = ethernet(
      {},
      ipv4({ src: '128.232.110.120', dst: '66.35.250.204' }, tcp({ srcPort: 34855, dstPort: 80 }, 'x')),
    );
    const back = ethernet(
      {},
      ipv4({ src: '66.35.250.204', dst: '128.232.110.120' }, tcp({ srcPort: 80, dstPort: 34855 }, 'x')),
    );
    const id = (frame: Uint8Array): unknown => alertOn(frame, {}, { communityIdSeed: 0 }).event.community_id;
    expect(id(there)).toBe('1:LQU9qZlK+B5F3KDmev6m5PMibrg=');
    expect(id(back)).toBe(id(there));
  });

  it('takes the seed in', () => {
    const bytes = Uint8Array.from([
      0,
      1,
      ...ip('192.0.2.1'),
      ...ip('198.51.100.7'),
      17,
      0,
      5000 >>> 8,
      5000 & 255,
      0,
      53,
    ]);
    const expected = `1:${createHash('sha1').update(bytes).digest('base64')}`;
    expect(alertOn(UDP, {}, { communityIdSeed: 1 }).event.community_id).toBe(expected);
  });

  it('pairs ICMP requests with their answers', () => {
    const ping = alertOn(
      ethernet({}, ipv4({ src: '1.1.1.1', dst: '2.2.2.2' }, icmp({ type: 8 }))),
      {},
      { communityIdSeed: 0 },
    ).event;
    const pong = alertOn(
      ethernet({}, ipv4({ src: '2.2.2.2', dst: '1.1.1.1' }, icmp({ type: 0 }))),
      {},
      { communityIdSeed: 0 },
    ).event;
    expect(pong.community_id).toBe(ping.community_id);
  });
});

describe('texts', () => {
  it.each<[number, string]>([
    [0, '1970-01-01T00:00:00.000000+0000'],
    [1_700_000_000_123_456, '2023-11-14T22:13:20.123456+0000'],
    [-5, '1970-01-01T00:00:00.000000+0000'],
    [NaN, '1970-01-01T00:00:00.000000+0000'],
    [1e300, '9999-12-31T23:59:59.000000+0000'],
  ])('time %d', (time, expected) => {
    expect(eveTime(time)).toBe(expected);
  });

  it('addresses and protocols', () => {
    expect(eveAddress(Uint8Array.of(9, 255, 0, 1, 2), 1, 4)).toBe('255.0.1.2');
    const named = [1, 4, 6, 17, 41, 47, 58, 89, 99, 132, 143, 253, 8].map(ipProtocolName).join(' ');
    expect(named).toBe('ICMP IP-in-IP TCP UDP IPv6 GRE IPv6-ICMP OSPF Any SCTP Ethernet 253 EGP');
  });
});

describe('the record of a candidate', () => {
  it('comes back as it went', () => {
    const memory = new SharedArrayBuffer(4096);
    const views = { words: new Int32Array(memory), doubles: new Float64Array(memory), bytes: new Uint8Array(memory) };
    const candidate = new Candidate();
    Object.assign(candidate, {
      seq: 2 ** 40 + 1,
      timeUs: 1.7e15,
      receivedMs: 1.5,
      flowId: 2 ** 52 + 3,
      generation: 2,
      rule: 9,
      gid: 1,
      sid: 0xfffffff0,
      ipVersion: 6,
      protocol: 17,
      srcPort: 65535,
      dstPort: 53,
      vni: -1,
      severity: 3,
      action: 2,
      capture: 4,
    });
    candidate.srcIp.set(ip('fd00::1'));
    candidate.dstIp.set(ip('fd00::2'));
    candidate.line.append('{"line":true}');
    const size = encodeCandidate(candidate, views, 64);
    expect([size, size % 8]).toEqual([candidateBytes(13), 0]);
    const view = new CandidateView(views).moveTo(64);
    for (const name of [
      'seq',
      'timeUs',
      'receivedMs',
      'flowId',
      'generation',
      'rule',
      'gid',
      'sid',
      'ipVersion',
      'protocol',
      'srcPort',
      'dstPort',
      'vni',
      'severity',
      'action',
      'capture',
    ] as const) {
      expect([name, view[name]]).toEqual([name, candidate[name]]);
    }
    expect([...view.srcIp, ...view.dstIp]).toEqual([...ip('fd00::1'), ...ip('fd00::2')]);
    expect(Buffer.from(view.line).toString()).toBe('{"line":true}');
    expect(view.size).toBe(size);
    expect(views.bytes.subarray(64 + size).every((byte) => byte === 0)).toBe(true);
    expect(CANDIDATE_HEADER_BYTES % 8).toBe(0);
  });

  it('tells the main thread what it needs', () => {
    const { candidate } = alertOn(UDP, { sid: 77, gid: 2, action: 'drop', priority: 1 });
    expect(candidate).toMatchObject({
      generation: 4,
      rule: 0,
      sid: 77,
      gid: 2,
      severity: 1,
      ipVersion: 4,
      protocol: 17,
      srcPort: 5000,
      dstPort: 53,
      vni: -1,
    });
    expect(ACTIONS[candidate.action]).toBe('drop');
    expect([...candidate.srcIp]).toEqual([...ip('192.0.2.1'), ...new Array<number>(12).fill(0)]);
  });
});

// ------------------------------------------------------------ Suricata's schema

describe.skipIf(!hasEveSchema)("events fit Suricata's schema once the VNI is taken out", () => {
  const everything: AlertOptions = {
    payloadBytes: 100,
    packetBytes: 100,
    captureName: () => 'a.pcap',
    communityIdSeed: 0,
  };
  const metadata = new Map([
    ['tag', ['x']],
    ['anything_else', ['y']],
  ]);
  it.each<[string, Uint8Array, ProgramFields]>([
    ['UDP', UDP, { metadata }],
    ['TCP, dropped', ethernet({}, ipv4({}, tcp({}, 'x'))), { action: 'drop', target: 'src_ip' }],
    ['rejected', ethernet({}, ipv6({}, tcp({}, 'x'))), { action: 'reject' }],
    ['ICMP', ethernet({}, ipv4({}, icmp())), { target: 'dest_ip' }],
    ['another protocol', ethernet({}, ipv4({ protocol: 89 }, 'x')), {}],
  ])('%s', (_, frame, fields) => {
    const sensor = new Sensor([program({ references: [{ system: 'cve', id: '2021-1' }], ...fields })], {
      detector: { alerts: everything },
      compile: { referencePrefix: (system) => `https://${system}.example/` },
    });
    const [{ event }] = sensor.send(frame, (packet) => fromMirror(packet, '10.9.8.7', '10.1.1.1', 4));
    expect(event.alert).toMatchObject({ references: ['https://cve.example/2021-1'] });
    expect(violations(event)).toEqual(['$.tunnel.vni is not known']);
  });

  it('a recorded packet', () => {
    const sensor = new Sensor([program({ tags: [{ scope: 'session', packets: 5 }], payload: [content('hello')] })], {
      detector: { alerts: everything },
    });
    for (let i = 0; i < 2; i++) sensor.send(UDP, (packet) => fromMirror(packet, '10.9.8.7', '10.1.1.1', 4));
    const [{ event }] = sensor.sink.packets;
    expect(event).toMatchObject({ event_type: 'packet', packet_info: { linktype: 1 }, tunnel: { vni: 42, depth: 1 } });
    expect(violations(event)).toEqual(['$.tunnel.vni is not known', '$.tag is not known']);
  });

  it('and the check can fail', () => {
    expect(violations({ timestamp: 'yesterday', src_port: '1', nonsense: 1 }).sort()).toEqual([
      '$.event_type is missing',
      '$.nonsense is not known',
      expect.stringContaining('$.src_port'),
      expect.stringContaining('$.timestamp'),
    ]);
  });
});
