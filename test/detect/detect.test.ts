/**
 * Which rules fire on which packets: headers, fields, flow, order, pass, flowbits. Packets come through decode and the
 * flow table.
 */
import { describe, expect, it } from 'vitest';
import { LAYER_FLAG, LINK_TYPE } from '../../src/decode/packet.js';
import type { AddressSet } from '../../src/block/terms.js';
import type { BitEffect, BitTest, PacketTest, RuleProtocol } from '../../src/rule/program.js';
import { Sensor, sidsOn, type SensorOptions } from '../support/detecting.js';
import {
  arp,
  ethernet,
  fragmentIpv4,
  gre,
  icmp,
  icmpv6,
  ip,
  ipv4,
  ipv6,
  sctp,
  tcp,
  TCP_FLAG,
  udp,
  type Ipv4Fields,
  type Payload,
  type TcpFields,
} from '../support/packet-builder.js';
import { content, field, isdataat, pcre, program } from '../support/rule-programs.js';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';
const tcpFrame = (fields: TcpFields = {}, payload: Payload = '', addresses: Ipv4Fields = {}): Uint8Array =>
  ethernet({}, ipv4({ src: CLIENT, dst: SERVER, ...addresses }, tcp(fields, payload)));
const udpFrame = (payload: Payload = 'x', ports = {}, addresses: Ipv4Fields = {}): Uint8Array =>
  ethernet({}, ipv4(addresses, udp({ srcPort: 5000, dstPort: 53, ...ports }, payload)));
const reply = (fields: TcpFields = {}, payload: Payload = ''): Uint8Array =>
  tcpFrame({ srcPort: 80, dstPort: 40000, ...fields }, payload, { src: SERVER, dst: CLIENT });

const address4 = (text: string): number => ip(text).reduce((sum, byte) => sum * 256 + byte, 0);
const only4 = (...texts: string[]): AddressSet => ({
  ipv4: texts
    .map(address4)
    .sort((a, b) => a - b)
    .map((address) => [address, address]),
  ipv6: [],
});
const address6 = (text: string): bigint => ip(text).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

const FRAMES: Record<string, Uint8Array> = {
  tcp: tcpFrame({}, 'x'),
  udp: udpFrame(),
  icmp: ethernet({}, ipv4({}, icmp({}, 'ping'))),
  icmpv6: ethernet({}, ipv6({}, icmpv6({}, 'ping'))),
  tcp6: ethernet({}, ipv6({}, tcp({}, 'x'))),
  sctp: ethernet({}, ipv4({}, sctp({}, 'data'))),
  ospf: ethernet({}, ipv4({ protocol: 89 }, 'hello')),
  arp: ethernet({}, arp()),
};

describe('protocols', () => {
  it.each<[RuleProtocol, string[]]>([
    ['ip', ['tcp', 'udp', 'icmp', 'icmpv6', 'tcp6', 'sctp', 'ospf']],
    ['ipv4', ['tcp', 'udp', 'icmp', 'sctp', 'ospf']],
    ['ipv6', ['icmpv6', 'tcp6']],
    ['tcp', ['tcp', 'tcp6']],
    ['tcp-pkt', ['tcp', 'tcp6']],
    ['udp', ['udp']],
    ['icmp', ['icmp', 'icmpv6']],
    ['icmpv6', ['icmpv6']],
    ['sctp', ['sctp']],
    ['pkthdr', Object.keys(FRAMES)],
  ])('%s', (protocol, expected) => {
    const rule = program({ header: { protocol } });
    expect(Object.keys(FRAMES).filter((name) => sidsOn([rule], FRAMES[name]).length > 0)).toEqual(expected);
  });

  it('tcp-stream and only_stream see segments of an established flow, not a RST', () => {
    const rules = [
      program({ sid: 1, header: { protocol: 'tcp-stream' }, payload: [content('data')] }),
      program({ sid: 2, header: { protocol: 'tcp' }, flow: { source: 'only_stream' }, payload: [content('data')] }),
      program({ sid: 3, header: { protocol: 'tcp-pkt' }, payload: [content('data')] }),
    ];
    const sensor = new Sensor(rules);
    expect(sensor.sids(tcpFrame({}, 'data'))).toEqual([1, 2, 3]);
    expect(sensor.sids(tcpFrame({ flags: TCP_FLAG.rst | TCP_FLAG.ack }, 'data'))).toEqual([3]);
  });

  it('pkthdr counts a frame once, whatever it carries', () => {
    const tunnel = ethernet({}, ipv4({}, gre({}, ipv4({}, udp({}, 'x')))));
    expect(sidsOn([program({ header: { protocol: 'pkthdr' }, packetTests: [] }), program({ sid: 2 })], tunnel)).toEqual(
      [1, 2, 2],
    );
  });
});

describe('addresses and ports', () => {
  const cases: [string, Parameters<typeof program>[0], Uint8Array, boolean][] = [
    ['source', { header: { source: only4(CLIENT) } }, tcpFrame(), true],
    ['source is not destination', { header: { source: only4(SERVER) } }, tcpFrame(), false],
    ['destination', { header: { destination: only4('1.1.1.1', SERVER, '9.9.9.9') } }, tcpFrame(), true],
    ['both ends swapped', { header: { source: only4(SERVER), destination: only4(CLIENT) } }, tcpFrame(), false],
    [
      'both ends swapped, <>',
      { header: { source: only4(SERVER), destination: only4(CLIENT), bidirectional: true } },
      tcpFrame(),
      true,
    ],
    [
      '<> does not mix ends',
      { header: { source: only4(SERVER), destination: only4(SERVER), bidirectional: true } },
      tcpFrame(),
      false,
    ],
    ['an IPv4 list has no IPv6', { header: { source: only4(CLIENT) } }, FRAMES.tcp6, false],
    [
      'IPv6 range',
      { header: { source: { ipv4: [], ipv6: [[address6('fd00::'), address6('fd00::ffff')]] } } },
      FRAMES.tcp6,
      true,
    ],
    [
      'IPv6 above the range',
      { header: { source: { ipv4: [], ipv6: [[0n, address6('fd00::')]] } } },
      FRAMES.tcp6,
      false,
    ],
    ['address above 127.x', { header: { source: only4('200.1.2.3') } }, tcpFrame({}, '', { src: '200.1.2.3' }), true],
    ['destination port', { header: { protocol: 'tcp', destinationPorts: [[80, 80]] } }, tcpFrame(), true],
    ['other destination port', { header: { protocol: 'tcp', destinationPorts: [[81, 90]] } }, tcpFrame(), false],
    ['port range', { header: { protocol: 'tcp', destinationPorts: [[1, 65535]] } }, tcpFrame(), true],
    ['source port', { header: { protocol: 'tcp', sourcePorts: [[40000, 40000]] } }, tcpFrame(), true],
    ['source port of a reply', { header: { protocol: 'tcp', sourcePorts: [[40000, 40000]] } }, reply(), false],
    [
      '<> with a port',
      { header: { protocol: 'tcp', destinationPorts: [[80, 80]], bidirectional: true } },
      reply(),
      true,
    ],
    [
      '<> with a source port',
      { header: { protocol: 'tcp', sourcePorts: [[80, 80]], bidirectional: true } },
      tcpFrame(),
      true,
    ],
    [
      'many ports',
      { header: { protocol: 'tcp', destinationPorts: Array.from({ length: 100 }, (_, i) => [i * 10, i * 10 + 1]) } },
      tcpFrame(),
      true,
    ],
    [
      'many ports, without this one',
      {
        header: { protocol: 'tcp', destinationPorts: Array.from({ length: 100 }, (_, i) => [i * 10 + 1, i * 10 + 3]) },
      },
      tcpFrame(),
      false,
    ],
    [
      'port 65535',
      { header: { protocol: 'tcp', destinationPorts: [[65535, 65535]] } },
      tcpFrame({ dstPort: 65535 }),
      true,
    ],
  ];
  it.each(cases)('%s', (_, fields, frame, expected) => {
    expect(sidsOn([program(fields)], frame).length > 0).toBe(expected);
    // The same behind the prefilter.
    const withContent = program({ ...fields, payload: [content('z')] });
    const carrier = new Sensor([withContent]);
    const seen = carrier.sids(frame, (packet) => {
      packet.bytes = Uint8Array.from([...frame, 0x7a]);
      packet.payloadOffset = frame.length;
      packet.payloadLength = 1;
    });
    expect(seen.length > 0).toBe(expected);
  });
});

describe('packet fields', () => {
  const synFrame = tcpFrame({
    flags: TCP_FLAG.syn,
    seq: 0xfffffff0,
    ack: 5,
    window: 1024,
    options: [2, 4, 5, 0xb4, 1, 3, 3, 7],
  });
  const routed = ethernet({}, ipv4({ options: [7, 4, 4, 0], ttl: 1, tos: 8, id: 77, flags: 2, protocol: 89 }, 'x'));
  const cases: [string, PacketTest, Uint8Array, boolean][] = [
    ['ttl', field('ttl', [[0, 5]]), routed, true],
    ['ttl out of range', field('ttl', [[2, 5]]), routed, false],
    ['ttl negated', field('ttl', [[2, 5]], true), routed, true],
    ['hop limit', field('ttl', [[64, 64]]), FRAMES.tcp6, true],
    ['tos', field('tos', [[8, 8]]), routed, true],
    ['traffic class', field('tos', [[0x5a, 0x5a]]), ethernet({}, ipv6({ trafficClass: 0x5a }, udp({}, 'x'))), true],
    ['id', field('ip_id', [[77, 77]]), routed, true],
    ['IPv6 has no id, negated', field('ip_id', [[77, 77]], true), FRAMES.tcp6, false],
    ['ip_proto', field('ip_proto', [[89, 89]]), routed, true],
    [
      'second range',
      field('ip_proto', [
        [1, 6],
        [80, 90],
      ]),
      routed,
      true,
    ],
    ['seq is unsigned', field('tcp_seq', [[0xfffffff0, 0xfffffff0]]), synFrame, true],
    ['ack', field('tcp_ack', [[5, 5]]), synFrame, true],
    ['window', field('tcp_window', [[1024, 1024]]), synFrame, true],
    ['mss', field('tcp_mss', [[1460, 1460]]), synFrame, true],
    ['no mss', field('tcp_mss', [[0, 65535]]), tcpFrame(), false],
    ['wscale', field('tcp_wscale', [[7, 7]]), synFrame, true],
    ['seq of UDP', field('tcp_seq', [[0, 0xffffffff]], true), FRAMES.udp, false],
    ['dsize 0', field('dsize', [[0, 0]]), synFrame, true],
    ['dsize', field('dsize', [[1, 1]]), FRAMES.udp, true],
    ['itype', field('icmp_type', [[8, 8]]), FRAMES.icmp, true],
    ['itype of ICMPv6', field('icmp_type', [[128, 128]]), FRAMES.icmpv6, true],
    ['icode', field('icmp_code', [[1, 255]]), FRAMES.icmp, false],
    ['icmp_id', field('icmp_id', [[0x4321, 0x4321]]), ethernet({}, ipv4({}, icmp({ id: 0x4321 }))), true],
    ['icmp_id of an unreachable', field('icmp_id', [[0, 65535]]), ethernet({}, ipv4({}, icmp({ type: 3 }))), false],
    ['icmp_seq', field('icmp_seq', [[9, 9]]), ethernet({}, ipv6({}, icmpv6({ seq: 9 }))), true],
    ['mtu', field('icmpv6_mtu', [[0, 1279]]), ethernet({}, ipv6({}, icmpv6({ type: 2, id: 0, seq: 1000 }))), true],
    ['mtu of an echo', field('icmpv6_mtu', [[0, 0xffffffff]]), FRAMES.icmpv6, false],
    ['no vni', field('vni', [[0, 0xffffff]]), FRAMES.udp, false],
    ['flags exact', { kind: 'tcp_flags', flags: 2, ignore: 0, mode: 'exact' }, synFrame, true],
    [
      'flags exact with more',
      { kind: 'tcp_flags', flags: 2, ignore: 0, mode: 'exact' },
      tcpFrame({ flags: 0x12 }),
      false,
    ],
    ['flags ignoring', { kind: 'tcp_flags', flags: 2, ignore: 0x10, mode: 'exact' }, tcpFrame({ flags: 0x12 }), true],
    ['flags all', { kind: 'tcp_flags', flags: 2, ignore: 0, mode: 'all' }, tcpFrame({ flags: 0x12 }), true],
    ['flags any', { kind: 'tcp_flags', flags: 3, ignore: 0, mode: 'any' }, tcpFrame({ flags: 0x12 }), true],
    ['flags not', { kind: 'tcp_flags', flags: 4, ignore: 0, mode: 'not' }, tcpFrame({ flags: 0x12 }), true],
    ['flags not, but set', { kind: 'tcp_flags', flags: 2, ignore: 0, mode: 'not' }, tcpFrame({ flags: 0x12 }), false],
    ['flags of UDP', { kind: 'tcp_flags', flags: 4, ignore: 0, mode: 'not' }, FRAMES.udp, false],
    ['fragbits exact', { kind: 'fragbits', bits: 2, mode: 'exact' }, routed, true],
    ['fragbits not', { kind: 'fragbits', bits: 1, mode: 'not' }, routed, true],
    ['ipopts', { kind: 'ipopts', option: 7, negated: false }, routed, true],
    ['another option', { kind: 'ipopts', option: 68, negated: false }, routed, false],
    ['any option', { kind: 'ipopts', option: -1, negated: false }, routed, true],
    ['any option, without', { kind: 'ipopts', option: -1, negated: false }, FRAMES.udp, false],
    ['sameip', { kind: 'sameip', negated: false }, tcpFrame({}, '', { dst: CLIENT }), true],
    ['not sameip', { kind: 'sameip', negated: false }, tcpFrame(), false],
    ['either', { kind: 'either', tests: [field('ttl', [[250, 255]]), field('tos', [[8, 8]])] }, routed, true],
    ['neither', { kind: 'either', tests: [field('ttl', [[250, 255]]), field('tos', [[9, 9]])] }, routed, false],
    ['packets of the flow', field('flow_pkts_toserver', [[1, 1]]), FRAMES.udp, true],
    ['packets of the flow backwards', field('flow_pkts_toclient', [[1, 9]]), FRAMES.udp, false],
  ];
  it.each(cases)('%s', (_, test, frame, expected) => {
    expect(sidsOn([program({ packetTests: [test] })], frame).length > 0).toBe(expected);
  });

  it('dsize is what the headers say of a packet cut by the mirror', () => {
    const cut = udpFrame('0123456789').subarray(0, 46);
    expect(sidsOn([program({ packetTests: [field('dsize', [[10, 10]])] })], cut)).toEqual([1]);
  });

  it('flags and types find their rules through the index', () => {
    const rules = [1, 2, 4, 8, 16].map((flags) =>
      program({
        sid: flags,
        header: { protocol: 'tcp' },
        packetTests: [{ kind: 'tcp_flags', flags, ignore: 0, mode: 'all' }],
      }),
    );
    expect(sidsOn(rules, tcpFrame({ flags: 0x12 }))).toEqual([2, 16]);
    expect(sidsOn(rules, tcpFrame({ flags: 0 }))).toEqual([]);
    const types = [0, 8, 13].map((type) =>
      program({ sid: type + 1, header: { protocol: 'icmp' }, packetTests: [field('icmp_type', [[type, type]])] }),
    );
    expect(sidsOn(types, FRAMES.icmp)).toEqual([9]);
  });

  it('stream_size counts what a side has sent', () => {
    const rules = [
      program({ sid: 1, flowTests: [{ kind: 'stream_size', side: 'client', ranges: [[11, 11]] }] }),
      program({ sid: 2, flowTests: [{ kind: 'stream_size', side: 'either', ranges: [[11, 11]] }] }),
      program({ sid: 3, flowTests: [{ kind: 'stream_size', side: 'both', ranges: [[11, 11]] }] }),
    ];
    const sensor = new Sensor(rules);
    sensor.send(tcpFrame({ seq: 100, flags: TCP_FLAG.syn }));
    sensor.send(reply({ seq: 500, ack: 101, flags: TCP_FLAG.syn | TCP_FLAG.ack }));
    sensor.send(tcpFrame({ seq: 101, ack: 501, flags: TCP_FLAG.ack }));
    expect(sensor.sids(tcpFrame({ seq: 101, ack: 501 }, '0123456789'))).toEqual([1, 2]);
    expect(sensor.sids(FRAMES.udp)).toEqual([]);
  });
});

describe('vni', () => {
  it("makes a rule one tenant's", () => {
    const rule = program({
      packetTests: [
        field('vni', [
          [5, 5],
          [70000, 80000],
        ]),
      ],
      payload: [content('x')],
    });
    const on = (vni: number): number[] =>
      new Sensor([rule]).sids(udpFrame(), (packet) => {
        packet.vni = vni;
      });
    expect([5, 6, 75000, -1].map((vni) => on(vni).length)).toEqual([1, 0, 1, 0]);
  });
});

describe('payload', () => {
  it('is inspected by content, pcre and isdataat', () => {
    const rule = program({
      payload: [content('abc', { nocase: true }), pcre('^\\d+', { relative: true }), isdataat(1, { relative: true })],
    });
    expect(sidsOn([rule], udpFrame('xxABC42y'))).toEqual([1]);
    expect(sidsOn([rule], udpFrame('xxABC42'))).toEqual([]);
  });

  it('is another one in the next packet', () => {
    const sensor = new Sensor([program({ payload: [pcre('^good$')] })]);
    expect([udpFrame('good'), udpFrame('evil'), udpFrame('good')].map((frame) => sensor.sids(frame).length)).toEqual([
      1, 0, 1,
    ]);
  });

  it('must be there, even for a negated content', () => {
    const rule = program({ payload: [content('abc', { negated: true })] });
    expect(sidsOn([rule], tcpFrame({}, 'x'))).toEqual([1]);
    expect(sidsOn([rule], tcpFrame())).toEqual([]);
  });

  it('of a packet with a wrong checksum is inspected all the same', () => {
    const rule = program({ payload: [content('abc')] });
    const wrong = new Sensor([rule]).sids(udpFrame('abc'), (packet) => {
      packet.flags |= LAYER_FLAG.malformed;
    });
    expect(wrong).toEqual([1]);
  });

  it('of a truncated packet is inspected as far as it goes', () => {
    const frame = udpFrame('abcdefgh').subarray(0, 46);
    expect(
      sidsOn([program({ sid: 1, payload: [content('abc')] }), program({ sid: 2, payload: [content('gh')] })], frame),
    ).toEqual([1]);
  });

  it('finds fast_pattern:only by the prefilter alone', () => {
    const rule = program({
      buffers: [],
      fastPattern: { buffer: 'payload', bytes: Buffer.from('evil'), nocase: true, only: true },
    });
    expect(sidsOn([rule], udpFrame('an EVIL byte'))).toEqual([1]);
    expect(sidsOn([rule], udpFrame('a good byte'))).toEqual([]);
  });

  it.each<[string, Uint8Array, Parameters<typeof content>]>([
    ['ipv4.hdr', ethernet({}, ipv4({ id: 0xbeef }, udp({}, 'x'))), [[0xbe, 0xef], { offset: 4, depth: 2 }]],
    [
      'ipv6.hdr',
      ethernet({}, ipv6({ extensions: [{ type: 60, body: [1, 4, 0xde, 0xad] }] }, udp({}, 'x'))),
      [[0xde, 0xad], { offset: 40 }],
    ],
    ['tcp.hdr', tcpFrame({ options: [0x1d, 3, 0x61] }), [[0x1d, 3, 0x61], { offset: 20, depth: 3 }]],
    ['udp.hdr', udpFrame(''), [[0, 8], { offset: 4, depth: 2 }]],
    ['icmpv4.hdr', FRAMES.icmp, [[8, 0], { startswith: true }]],
    ['icmpv6.hdr', FRAMES.icmpv6, [[128, 0], { startswith: true }]],
  ])('%s is a buffer of its own', (buffer, frame, step) => {
    const rule = program({ buffers: [{ buffer: buffer as 'ipv4.hdr', matches: [content(...step)] }] });
    expect(sidsOn([rule], frame)).toEqual([1]);
    const others = Object.values(FRAMES).filter((other) => sidsOn([rule], other).length > 0);
    expect(others.length).toBeLessThanOrEqual(1);
  });

  it('of several buffers must all match', () => {
    const rule = (id: number[]): ReturnType<typeof program> =>
      program({
        buffers: [
          { buffer: 'payload', matches: [content('x')] },
          { buffer: 'ipv4.hdr', matches: [content(id)] },
        ],
      });
    const frame = ethernet({}, ipv4({ id: 0x1234 }, udp({}, 'x')));
    expect(sidsOn([rule([0x12, 0x34])], frame)).toEqual([1]);
    expect(sidsOn([rule([0x12, 0x35])], frame)).toEqual([]);
  });
});

describe('flow', () => {
  const handshake = (sensor: Sensor): void => {
    sensor.send(tcpFrame({ seq: 100, flags: TCP_FLAG.syn }));
    sensor.send(reply({ seq: 500, ack: 101, flags: TCP_FLAG.syn | TCP_FLAG.ack }));
    sensor.send(tcpFrame({ seq: 101, ack: 501, flags: TCP_FLAG.ack }));
  };
  const request = tcpFrame({ seq: 101, ack: 501 }, 'request');
  const response = reply({ seq: 501, ack: 108 }, 'response');

  it('to_server, to_client, established', () => {
    const rules = [
      program({ sid: 1, flow: { direction: 'to_server' }, payload: [content('re')] }),
      program({ sid: 2, flow: { direction: 'to_client' }, payload: [content('re')] }),
      program({ sid: 3, flow: { established: true }, payload: [content('re')] }),
      program({ sid: 4, flow: { established: false }, payload: [content('re')] }),
      program({ sid: 5, flow: { stateless: true }, payload: [content('re')] }),
    ];
    const sensor = new Sensor(rules, { midstream: false });
    expect(sensor.sids(tcpFrame({ seq: 100, flags: TCP_FLAG.syn }, 're'))).toEqual([1, 4, 5]);
    const other = new Sensor(rules, { midstream: false });
    handshake(other);
    expect(other.sids(request)).toEqual([1, 3, 5]);
    expect(other.sids(response)).toEqual([2, 3, 5]);
  });

  it('a packet without a flow goes to the server, and has no state', () => {
    const [fragment] = fragmentIpv4(ipv4({}, udp({}, new Uint8Array(64))), 60);
    const packetTests = [field('ttl', [[0, 255]])];
    expect(
      sidsOn(
        [
          program({ sid: 1, flow: { direction: 'to_server' }, packetTests }),
          program({ sid: 2, flow: { direction: 'to_client' }, packetTests }),
          program({ sid: 3, flow: { established: true }, packetTests }),
          program({ sid: 4, flow: { established: false }, packetTests }),
        ],
        ethernet({ type: 0x800 }, fragment),
      ),
    ).toEqual([1]);
  });

  it('flow_start sees the first packet of each direction of a flow', () => {
    const rules = [
      program({ sid: 1, header: { protocol: 'tcp', hook: 'flow_start' }, packetTests: [field('dsize', [[0, 0]])] }),
      program({ sid: 2, header: { protocol: 'tcp', hook: 'flow_start' } }),
      program({ sid: 3, header: { protocol: 'tcp', hook: 'flow_start' }, flow: { direction: 'to_server' } }),
      program({ sid: 4, header: { protocol: 'udp', hook: 'flow_start' } }),
    ];
    const sensor = new Sensor(rules);
    handshake(sensor);
    sensor.send(request);
    expect(sensor.sink.alerts.map(({ sid, frame }) => [sid, frame])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [1, 1],
      [2, 1],
    ]);
  });

  it('a rule on addresses alone is inspected once per flow and direction', () => {
    const rules = [
      program({ sid: 1, header: { source: only4(CLIENT) } }),
      program({ sid: 2, header: { source: only4(SERVER) } }),
      program({ sid: 3, header: { source: only4(CLIENT) }, packetTests: [field('ttl', [[0, 255]])] }),
    ];
    const sensor = new Sensor(rules);
    handshake(sensor);
    sensor.send(response);
    expect(sensor.sink.alerts.map(({ sid, frame }) => [sid, frame])).toEqual([
      [1, 0],
      [3, 0],
      [2, 1],
      [3, 2],
    ]);
  });

  it('only_frag and no_frag tell datagrams that were put together', () => {
    const rules = [program({ sid: 1, flow: { frag: 'only_frag' } }), program({ sid: 2, flow: { frag: 'no_frag' } })];
    expect(sidsOn(rules, FRAMES.udp)).toEqual([2]);
    const whole = new Sensor(rules).sids(FRAMES.udp, (packet) => {
      packet.flags |= LAYER_FLAG.reassembled;
    });
    expect(whole).toEqual([1]);
  });
});

describe('fragments', () => {
  const [first, second] = fragmentIpv4(ipv4({}, udp({ dstPort: 53 }, 'evil'.repeat(20))), 60);
  const rules = [
    program({ sid: 1, packetTests: [{ kind: 'fragbits', bits: 1, mode: 'all' }] }),
    program({ sid: 2, header: { protocol: 'udp' } }),
    program({ sid: 3, header: { protocol: 'udp' }, packetTests: [{ kind: 'fragbits', bits: 1, mode: 'all' }] }),
    program({ sid: 4, packetTests: [field('fragoffset', [[1, 0x1fff]])] }),
    program({ sid: 5, payload: [content('evil')] }),
  ];

  it('are seen by ip rules, and by others that ask for fragments; their payload waits for the datagram', () => {
    expect(sidsOn(rules, ethernet({ type: 0x800 }, first))).toEqual([1, 3]);
    expect(sidsOn(rules, ethernet({ type: 0x800 }, second))).toContain(4);
  });

  it('offer their payload where that is asked for', () => {
    expect(sidsOn(rules, ethernet({ type: 0x800 }, second), { detector: { fragmentPayload: true } })).toContain(5);
  });
});

describe('order', () => {
  it('is pass, drop, reject, alert, log; then flowbits, priority, sid; whatever the order in the file', () => {
    const rules = [
      program({ sid: 9, action: 'log' }),
      program({ sid: 8, action: 'reject' }),
      program({ sid: 7, priority: 1, bitTests: [isset('a')] }),
      program({ sid: 6, priority: 4, effects: [set('a')] }),
      program({ sid: 5, priority: 2 }),
      program({ sid: 3, priority: 2 }),
      program({ sid: 4, priority: 1 }),
      program({ sid: 2, action: 'drop', priority: 255 }),
    ];
    const expected = [2, 8, 4, 3, 5, 6, 7, 9];
    expect(sidsOn(rules, FRAMES.udp)).toEqual(expected);
    expect(sidsOn([...rules].reverse(), FRAMES.udp)).toEqual(expected);
  });

  it('a rule fires once per packet, however often it is found', () => {
    const rule = program({
      header: { protocol: 'udp', destinationPorts: [[53, 53]], sourcePorts: undefined, bidirectional: true },
    });
    expect(sidsOn([rule], udpFrame('x', { srcPort: 53, dstPort: 53 }))).toEqual([1]);
    expect(sidsOn([program({ payload: [content('a')] })], udpFrame('aaaa'))).toEqual([1]);
  });
});

const isset = (...names: string[]): BitTest => ({ scope: 'flow', operation: 'isset', names });
const isnotset = (...names: string[]): BitTest => ({ scope: 'flow', operation: 'isnotset', names });
const set = (...names: string[]): BitEffect => ({ scope: 'flow', operation: 'set', names });

describe('flowbits', () => {
  it('as Suricata has them on one packet', () => {
    const get = [content('GET ')];
    const rules = [
      program({ sid: 1, effects: [set('fb1')] }),
      program({ sid: 2, effects: [set('fb2')] }),
      program({ sid: 3, bitTests: [isset('fb3', 'fb4')] }),
      program({ sid: 5, bitTests: [isset('fb1', 'fb5')] }),
      program({ sid: 6, bitTests: [isnotset('fb1', 'fb2')] }),
      program({ sid: 7, effects: [{ scope: 'flow', operation: 'unset', names: ['fb1'] }] }),
      program({ sid: 8, noalert: true, bitTests: [isnotset('fb1')], effects: [set('fb1')], payload: get }),
      program({ sid: 9, bitTests: [isset('fb1')] }),
      program({ sid: 10, noalert: true, payload: get }),
      program({ sid: 11, bitTests: [isset('fbt')], payload: get }),
      program({ sid: 12, bitTests: [isset('fb1'), isset('fb2')] }),
    ];
    expect(sidsOn(rules, tcpFrame({}, 'GET / HTTP/1.0')).sort((a, b) => a - b)).toEqual([1, 2, 5, 7, 9, 12]);
  });

  it('carry from packet to packet of a flow, not to another', () => {
    const rules = [
      program({ sid: 1, noalert: true, payload: [content('EHLO')], effects: [set('helo')] }),
      program({
        sid: 2,
        payload: [content('DATA')],
        bitTests: [isset('helo')],
        effects: [{ scope: 'flow', operation: 'unset', names: ['helo'] }],
      }),
    ];
    const sensor = new Sensor(rules);
    expect(sensor.sids(tcpFrame({ seq: 1 }, 'DATA'))).toEqual([]);
    expect(sensor.sids(tcpFrame({ seq: 5 }, 'EHLO'))).toEqual([]);
    expect(sensor.sids(tcpFrame({ srcPort: 40001 }, 'DATA'))).toEqual([]);
    expect(sensor.sids(tcpFrame({ seq: 9 }, 'DATA'))).toEqual([2]);
    expect(sensor.sids(tcpFrame({ seq: 13 }, 'DATA'))).toEqual([]);
  });

  it('toggle', () => {
    const rules = [
      program({
        sid: 1,
        noalert: true,
        effects: [{ scope: 'flow', operation: 'toggle', names: ['t'] }],
        payload: [content('x')],
      }),
      program({ sid: 2, bitTests: [isset('t')], payload: [content('x')] }),
    ];
    const sensor = new Sensor(rules);
    expect([1, 2, 3].map(() => sensor.sids(FRAMES.udp).length)).toEqual([1, 0, 1]);
  });

  it('need a flow', () => {
    const [fragment] = fragmentIpv4(ipv4({}, udp({}, new Uint8Array(64))), 60);
    expect(
      sidsOn(
        [program({ bitTests: [isnotset('x')] }), program({ sid: 2, bitTests: [isset('x')] })],
        ethernet({ type: 0x800 }, fragment),
      ),
    ).toEqual([]);
  });

  it('chains of three are in order on one packet', () => {
    const rules = [
      program({ sid: 1, bitTests: [isset('b')], payload: [content('x')] }),
      program({ sid: 2, bitTests: [isset('a')], effects: [set('b')], payload: [content('x')] }),
      program({ sid: 3, effects: [set('a')], payload: [content('x')] }),
    ];
    expect(sidsOn(rules, FRAMES.udp)).toEqual([3, 2, 1]);
  });

  it('are capped per flow, and counted', () => {
    const names = Array.from({ length: 70 }, (_, i) => `bit${i}`);
    const sensor = new Sensor([program({ effects: names.map((name) => set(name)) })]);
    sensor.send(FRAMES.udp);
    expect(sensor.detector.stats.flowBitsRefused).toBe(6);
  });
});

describe('pass', () => {
  it('ends the packet for rules behind it, flowbits included, and takes nothing back', () => {
    const rules = [
      program({ sid: 1, action: 'pass', header: { protocol: 'udp' }, payload: [content('good')] }),
      program({ sid: 2, payload: [content('o')], effects: [set('seen')] }),
      program({ sid: 3, bitTests: [isset('seen')], payload: [content('x')] }),
    ];
    const sensor = new Sensor(rules);
    expect(sensor.sids(udpFrame('good'))).toEqual([]);
    expect(sensor.sids(udpFrame('x'))).toEqual([]);
    expect(sensor.sids(udpFrame('no x'))).toEqual([2, 3]);
    expect(sensor.sids(udpFrame('good x'))).toEqual([]);
    expect(sensor.detector.stats.passed).toBe(2);
  });

  it('on addresses covers the flow', () => {
    const rules = [
      program({ sid: 1, action: 'pass', header: { destination: only4(SERVER) } }),
      program({ sid: 2, payload: [content('x')] }),
    ];
    const sensor = new Sensor(rules);
    expect(sensor.sids(FRAMES.udp)).toEqual([]);
    expect(sensor.sids(udpFrame('x', { srcPort: 53, dstPort: 5000 }, { src: SERVER, dst: CLIENT }))).toEqual([]);
    expect(sensor.sids(udpFrame('x', {}, { dst: '10.0.0.99' }))).toEqual([2]);
  });

  it('on stream data covers the flow, on a packet only that', () => {
    const alert = program({ sid: 2, payload: [content('x')] });
    const stream = new Sensor([
      program({ action: 'pass', header: { protocol: 'tcp' }, payload: [content('ok')] }),
      alert,
    ]);
    stream.send(tcpFrame({ seq: 1 }, 'ok'));
    expect(stream.sids(tcpFrame({ seq: 3 }, 'x'))).toEqual([]);
    const packet = new Sensor([
      program({ action: 'pass', header: { protocol: 'tcp-pkt' }, payload: [content('ok')] }),
      alert,
    ]);
    packet.send(tcpFrame({ seq: 1 }, 'ok'));
    expect(packet.sids(tcpFrame({ seq: 3 }, 'x'))).toEqual([2]);
  });
});

describe('pass with alert', () => {
  it('alerts, and passes all the same', () => {
    const rules = [
      program({ sid: 1, action: 'pass', alertsOnPass: true, payload: [content('good')] }),
      program({ sid: 2, payload: [content('o')] }),
    ];
    const sensor = new Sensor(rules);
    expect(sensor.sids(udpFrame('good'))).toEqual([1]);
    expect(sensor.sids(udpFrame('no'))).toEqual([2]);
    expect(sensor.detector.stats.passed).toBe(1);
  });
});

describe('the detector', () => {
  it('counts alerts that the sink has no room for', () => {
    const sensor = new Sensor([program({ payload: [content('x')] })]);
    sensor.sink.full = true;
    sensor.send(FRAMES.udp);
    expect(sensor.detector.stats).toMatchObject({ matches: 1, alerts: 0, alertsDropped: 1 });
  });

  it('leaves quarantined rules alone at once', () => {
    const quarantine = new Int32Array(new SharedArrayBuffer(4));
    const sensor = new Sensor(
      [program({ sid: 1, payload: [content('x')] }), program({ sid: 2, payload: [content('x')] })],
      { detector: { quarantine } },
    );
    expect(sensor.sids(FRAMES.udp)).toEqual([1, 2]);
    quarantine[0] = 1;
    expect(sensor.sids(FRAMES.udp)).toEqual([2]);
  });

  it('tells which rule it is at', () => {
    const progress = new Int32Array(1);
    const sensor = new Sensor(
      [program({ sid: 1, payload: [content('x')] }), program({ sid: 2, payload: [content('x')] })],
      { detector: { progress } },
    );
    const seen: number[] = [];
    const emit = sensor.sink.emit.bind(sensor.sink);
    sensor.sink.emit = (candidate) => {
      seen.push(progress[0]);
      return emit(candidate);
    };
    sensor.send(FRAMES.udp);
    expect(seen).toEqual([1, 2]);
    expect(progress[0]).toBe(0);
  });

  it('gives a rule up that takes too many steps, and goes on with the next', () => {
    const chain = [
      content('a'),
      ...Array.from({ length: 6 }, () => content('a', { within: 100 })),
      content('z', { within: 1 }),
    ];
    const options: SensorOptions = { detector: { limits: { rule: 2000, packet: 10_000 } } };
    const sensor = new Sensor(
      [program({ sid: 1, payload: chain }), program({ sid: 2, payload: [content('aab')] })],
      options,
    );
    expect(sensor.sids(udpFrame(`${'a'.repeat(300)}.aab`))).toEqual([2]);
    expect(sensor.detector.stepLimit).toBe(1);
  });

  it('does without rules', () => {
    expect(sidsOn([], FRAMES.udp)).toEqual([]);
  });

  it('inspects every IP layer', () => {
    const tunnel = ethernet({}, ipv4({ src: '1.1.1.1', dst: '2.2.2.2' }, gre({}, ipv4({}, udp({}, 'inner')))));
    const rules = [
      program({ sid: 1, header: { source: only4('1.1.1.1') } }),
      program({ sid: 2, header: { protocol: 'udp' }, payload: [content('inner')] }),
    ];
    expect(sidsOn(rules, tunnel)).toContain(1);
    expect(sidsOn(rules, tunnel)).toContain(2);
  });

  it('takes frames of every length, as they come', () => {
    const sensor = new Sensor(
      [program({ payload: [content('a')] }), program({ sid: 2, header: { protocol: 'pkthdr' } })],
      { linkType: LINK_TYPE.ethernet },
    );
    const whole = tcpFrame({ options: [2, 4, 5, 0xb4] }, 'abc');
    for (let length = 0; length <= whole.length; length++) sensor.send(whole.subarray(0, length));
    expect(sensor.sink.alerts.filter((alert) => alert.sid === 1).length).toBe(3);
  });
});
